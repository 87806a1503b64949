# shellcheck shell=bash
# The Go tools: one module each below hack/tools (their dependency trees do not agree with each other), built into the cache under
# a name made from go.mod, go.sum, the flags and the compiler.

# A machine that has no Go, or too old a one, gets this one; where it is there, it was needed.
TOOLS_GO_FOLDER=$CACHE/go-$GO
path_open_to_program go
[[ ! -d $TOOLS_GO_FOLDER ]] || PATH=$TOOLS_GO_FOLDER/bin:$PATH
TOOLS_GO=$(go env GOVERSION 2>/dev/null || true) # asked once; whether it will do, tools_need_go says
TOOLS=(kubernetes helm crane kubeconform gitea) # source-controller besides, where `hack/bench-scale` wants it

tools_version() { # of a module in a tool's go.mod: tools_version kubernetes k8s.io/kubernetes
  awk -v module="$2" '$1 == module && $2 ~ /^v/ {print $2; exit}  $1 == "require" && $2 == module {print $3; exit}' \
    "$HACK/tools/$1/go.mod"
}

tools_flags() {
  local stamp=k8s.io/component-base/version helm=helm.sh/helm/v3 version part
  version=$(tools_version kubernetes k8s.io/kubernetes)
  case $1 in
    kubernetes)
      echo "-ldflags=-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$(cut -d. -f2 <<<"$version")"
      ;;
    helm) # it also wants to be told which Kubernetes to render charts for when it asks none
      echo -n "-ldflags=-s -w -X $helm/internal/version.version=$(tools_version helm "$helm")"
      for part in pkg/chartutil pkg/lint/rules; do
        echo -n " -X $helm/$part.k8sVersionMajor=1 -X $helm/$part.k8sVersionMinor=$(cut -d. -f2 <<<"$version")"
      done
      echo
      ;;
    gitea)
      echo "-ldflags=-s -w -X main.Version=$(tools_version gitea code.gitea.io/gitea | tr -d v)"
      echo "-tags=sqlite,sqlite_unlock_notify"
      ;;
    *) echo "-ldflags=-s -w" ;;
  esac
}

tools_folder() {
  local module=$HACK/tools/$1
  echo "$CACHE/tools/$1-$( (tools_flags "$1"; echo "$TOOLS_GO") | cat - "$module/go.mod" "$module/go.sum" | cache_key)"
}

tools_need_go() {
  ! tools_go_fits || return 0
  mkdir -p "$CACHE/tools"
  say_step "installed Go $GO" cache_fill "$TOOLS_GO_FOLDER" tools_install_go
  PATH=$TOOLS_GO_FOLDER/bin:$PATH
  TOOLS_GO=$(go env GOVERSION)
  tools_go_fits || die "the tools in hack/tools want a newer Go than $GO, which is pinned in hack/lib/pins.sh"
}

tools_go_fits() {
  local wanted found=${TOOLS_GO#go}
  [[ -n $found ]] || return 1
  wanted=$(awk '$1 == "go" {print $2}' "$HACK"/tools/*/go.mod | sort -V | tail -n 1)
  [[ $(printf '%s\n' "$wanted" "${found%%-*}" | sort -V | head -n 1) != "$wanted" ]] || return 0
  # Where Go may fetch a newer compiler by itself (GOTOOLCHAIN=auto, its default), 1.21 is enough.
  [[ $(go env GOTOOLCHAIN) == auto && $found != 1.[0-9] && $found != 1.1[0-9]* ]]
}

# tools_install_go FOLDER: newer Go is a module like any other to an old one, Debian's here, which also checks its digest.
tools_install_go() {
  local module found log=$CACHE/tools/go.log
  module=golang.org/toolchain@v0.0.1-go$GO.linux-$(dpkg --print-architecture)
  packages_ensure "${PACKAGES_GO[@]}"
  found=$(cd "$1" && GOFLAGS=-modcacherw GOMODCACHE=$1/modules /usr/lib/go/bin/go mod download -json "$module" 2>"$log" |
    sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  [[ -n $found ]] || die "Go $GO cannot be had: $(<"$log")"
  mv "$found"/* "$1/"
  rm -r "$1/modules"
  # A module keeps no modes.
  chmod -R +x "$1/bin" "$1/pkg/tool"
}

# Builds every tool of a module into FOLDER/bin.
tools_build() {
  local name=$1 folder=$2 flags
  mapfile -t flags < <(tools_flags "$name")
  mkdir -p "$folder/bin"
  say "building $name (once)"
  if ! (cd "$HACK/tools/$name" && tools_compile "$name" "$folder" "${flags[@]}") >"$CACHE/tools/$name.log" 2>&1; then
    tail -n 20 "$CACHE/tools/$name.log" >&2
    die "$name does not build"
  fi
}

# tools_compile NAME FOLDER FLAGS...: in the tool's module.
tools_compile() {
  local name=$1 folder=$2
  shift 2
  export GOFLAGS="-buildvcs=false -mod=readonly" GOWORK=off
  case $name in
    kubernetes) # etcd's program would be called "server"
      go build "$@" -o "$folder/bin/etcd" go.etcd.io/etcd/server/v3 &&
        go list -f '{{.ImportPath}}' tool | grep ^k8s.io/ | xargs go build "$@" -o "$folder/bin/"
      ;;
    gitea) go build "$@" -o "$folder/bin/" tool && tools_copy_gitea_files "$folder/static" ;;
    source-controller) # static, as in its own image
      CGO_ENABLED=0 go build "$@" -o "$folder/bin/" tool && tools_copy_crds github.com/fluxcd/source-controller "$folder/crds"
      ;;
    *) go build "$@" -o "$folder/bin/" tool ;;
  esac
}

# Gitea reads its templates and texts from its module's folder; the module cache may be emptied, so they are copied.
tools_copy_gitea_files() {
  local module
  module=$(go list -m -f '{{.Dir}}' code.gitea.io/gitea)
  mkdir -p "$1"
  cp -r "$module/templates" "$module/options" "$module/public" "$1/"
  chmod -R u+w,go+rX "$1"
}

# tools_copy_crds MODULE FOLDER
tools_copy_crds() {
  mkdir -p "$2"
  cp "$(go list -m -f '{{.Dir}}' "$1")"/config/crd/bases/*.yaml "$2/"
  chmod u+w "$2"/*
}

# Builds what is missing, all of it or the tools named; puts them on the PATH.
tools_ensure() {
  tools_need_go
  mkdir -p "$CACHE/tools"
  local name folder
  for name in "${@:-${TOOLS[@]}}"; do
    folder=$(tools_folder "$name")
    [[ -d $folder ]] || say_step "built $name" cache_fill "$folder" tools_build "$name"
    cache_forget_others "$CACHE/tools/$name-" "$folder"
  done
  PATH=$(tools_path):$PATH
}

tools_path() {
  local name path=
  for name in "${TOOLS[@]}"; do path+=$(tools_folder "$name")/bin:; done
  echo "${path%:}"
}

# A folder with a JSON schema for each kind of the pinned Kubernetes, for kubeconform: made from the API description in its module.
tools_schemas() {
  local version folder
  version=$(tools_version kubernetes k8s.io/kubernetes)
  folder=$CACHE/schemas-$(echo "$version" | cache_key "$HACK/lib/schemas.jq")
  cache_fill "$folder" tools_fill_schemas "$version"
  echo "$folder"
}

tools_fill_schemas() {
  local module name schema
  module=$(cd "$HACK/tools/kubernetes" && GOWORK=off go mod download -json "k8s.io/kubernetes@$1" | jq -r .Dir)
  jq -r -f "$HACK/lib/schemas.jq" "$module/api/openapi-spec/swagger.json" |
    while IFS=$'\t' read -r name schema; do printf '%s\n' "$schema" >"$2/$name.json"; done
}
