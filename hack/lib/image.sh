# shellcheck shell=bash
# Images for the cluster, built without a daemon: a tar is a layer, crane puts it into the registry.
#
# Every image carries the key of the content it was made from as a label; a tag whose label is right is left alone.
# Layers have no times, owners or order of their own, so that the same content is the same digest.

IMAGE_KEY_LABEL=dev.tengine.hack/key
IMAGE_PLATFORM=linux/$(dpkg --print-architecture)

# image_is_made REFERENCE KEY
image_is_made() {
  [[ $(crane config "$1" 2>/dev/null | jq -r --arg name "$IMAGE_KEY_LABEL" '.config.Labels[$name]') == "$2" ]]
}

# image_layer FOLDER FILE: the folder as a layer.
image_layer() { tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$1" -cf "$2" .; }

# image_append BASE LAYER REFERENCE KEY [CRANE MUTATE OPTIONS]: BASE is `scratch` or a reference.
image_append() {
  local base=$1 layer=$2 reference=$3 key=$4 log
  shift 4
  local from=(-b "$base")
  [[ $base != scratch ]] || from=(--oci-empty-base)
  if ! log=$(crane append "${from[@]}" --platform "$IMAGE_PLATFORM" -f "$layer" -t "$reference" 2>&1 &&
    crane mutate --set-platform "$IMAGE_PLATFORM" --label "$IMAGE_KEY_LABEL=$key" "$@" -t "$reference" "$reference" 2>&1); then
    echo "$log" >&2
    die "$reference cannot be made"
  fi
}

# What every pod's sandbox runs: one static program that sleeps.
image_pause_ensure() {
  local key folder
  key=$(cache_key /bin/busybox <<<"1")
  image_is_made "$PAUSE_IMAGE" "$key" && return
  folder=$(mktemp -d)
  install -D /bin/busybox "$folder/root/bin/busybox"
  image_layer "$folder/root" "$folder/layer.tar"
  image_append scratch "$folder/layer.tar" "$PAUSE_IMAGE" "$key" --entrypoint /bin/busybox,sleep,2147483647 --user 65535:65535
  rm -rf "$folder"
}

# image_debian_ensure REFERENCE PACKAGE...: a small Debian with these packages. Its layer is made once and kept in the cache.
image_debian_ensure() {
  local reference=$1 key folder
  shift
  key=$(declare -f image_debian_fill | cat - <(echo "$DEBIAN_SUITE $*") | cache_key)
  image_is_made "$reference" "$key" && return
  folder=$CACHE/images/debian-$key
  mkdir -p "$CACHE/images"
  [[ -d $folder ]] || say_step "built a Debian with $*" cache_fill "$folder" image_debian_fill "$@"
  say_step "pushed $reference" image_append scratch "$folder/layer.tar.gz" "$reference" "$key" \
    --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd /bin/sh
}

# image_debian_fill PACKAGE... FOLDER
image_debian_fill() {
  local folder=${*: -1} packages
  packages=$(printf '%s,' "${@:1:$#-1}")
  # shellcheck disable=SC2016 # the hook has its own $1
  if ! mmdebstrap --variant=essential --include="${packages%,}" --skip=output/dev \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/ri/*' \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/etc/hostname "$1"/etc/resolv.conf' \
    "$DEBIAN_SUITE" "$folder/layer.tar" >"$CACHE/images/mmdebstrap.log" 2>&1; then
    tail -n 20 "$CACHE/images/mmdebstrap.log" >&2
    die "mmdebstrap failed"
  fi
  gzip -n -3 "$folder/layer.tar"
}

# What the operator's program needs and nothing else; not even a shell. Nothing of the packages is run. (zlib, because a machine with its
# headers links it; the Dockerfile builds it in.)
image_runtime_ensure() {
  local key folder
  key=$(declare -f image_runtime_fill | cat - <(echo "$DEBIAN_SUITE") | cache_key)
  image_is_made "$RUNTIME_IMAGE" "$key" && return
  folder=$CACHE/images/runtime-$key
  mkdir -p "$CACHE/images"
  [[ -d $folder ]] || say_step "built a base for the operator" cache_fill "$folder" image_runtime_fill
  image_append scratch "$folder/layer.tar.gz" "$RUNTIME_IMAGE" "$key" --user 65532:65532 \
    --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
}

image_runtime_fill() {
  # shellcheck disable=SC2016 # the hook has its own $1
  if ! mmdebstrap --variant=extract --include=base-files,libc6,libgcc-s1,libssl3,zlib1g,ca-certificates --skip=output/dev \
    --extract-hook='cat "$1"/usr/share/ca-certificates/mozilla/*.crt >"$1/etc/ssl/certs/ca-certificates.crt"' \
    --extract-hook='cd "$1" && rm -rf usr/share/doc usr/share/man usr/share/locale var/cache' \
    "$DEBIAN_SUITE" "$1/layer.tar" >"$CACHE/images/mmdebstrap.log" 2>&1; then
    tail -n 20 "$CACHE/images/mmdebstrap.log" >&2
    die "mmdebstrap failed"
  fi
  gzip -n -3 "$1/layer.tar"
}

# The operator, from the repository's Dockerfile, with the program that cargo builds (TENGINE_PROFILE: dev, or
# release), or with one that is there already (TENGINE_PROGRAM).
image_operator_ensure() {
  local key context
  image_runtime_ensure
  RUST_PROGRAM=${TENGINE_PROGRAM:-}
  if [[ -z $RUST_PROGRAM ]]; then
    rust_ensure
    say_step "compiled the operator" rust_build "${TENGINE_PROFILE:-dev}"
  fi
  key=$({ declare -f image_operator_build; crane digest "$RUNTIME_IMAGE"; sha256sum <"$RUST_PROGRAM"; } |
    cache_key "$ROOT/Dockerfile" "$ROOT/LICENSE" "$ROOT/NOTICE")
  image_is_made "$OPERATOR_IMAGE" "$key" && return
  context=$(mktemp -d)
  strip -o "$context/tengine-operator" "$RUST_PROGRAM"
  cp "$ROOT/LICENSE" "$ROOT/NOTICE" "$context/"
  say_step "built and pushed $OPERATOR_IMAGE" image_operator_build "$context" "$key"
  rm -rf "$context"
}

# image_operator_build CONTEXT KEY: no command runs in these stages, so nothing needs isolating.
image_operator_build() {
  local buildah=(buildah --root "$CACHE/buildah" --runroot "$CACHE/buildah-run" --storage-driver vfs) log
  if ! log=$("${buildah[@]}" build --isolation chroot --tls-verify=false --timestamp 0 --format oci --layers=false --target prebuilt \
    --build-arg BINARY=tengine-operator --build-arg RUNTIME_BASE="$RUNTIME_IMAGE" \
    --label "$IMAGE_KEY_LABEL=$2" -f "$ROOT/Dockerfile" -t "$OPERATOR_IMAGE" "$1" 2>&1 &&
    "${buildah[@]}" push --tls-verify=false "$OPERATOR_IMAGE" 2>&1 && "${buildah[@]}" rmi --all --force 2>&1); then
    echo "$log" >&2
    die "$OPERATOR_IMAGE cannot be built"
  fi
  # The one file that it does not let anyone place elsewhere; nobody else uses it where there is no storage beside it.
  [[ -d /var/lib/containers/storage ]] || rm -f /var/lib/containers/cache/blob-info-cache-v1.boltdb
  rmdir --ignore-fail-on-non-empty -p /var/lib/containers/cache 2>/dev/null || true
}

image_ruby_ensure() { image_debian_ensure "$RUBY_IMAGE" ruby ruby-bunny ruby-pg ca-certificates; }

# The stand-in core on Ruby, and the same without its main program: a base image that somebody forgot to put Tengine into.
image_core_ensure() {
  local source=$HACK/tengine-core key folder program
  image_ruby_ensure
  # shellcheck disable=SC2046 # the paths have no spaces
  key=$({ declare -f image_core_ensure; crane digest "$RUBY_IMAGE"; } |
    cache_key $(cd "$source" && find "$PWD/bin" "$PWD/lib" -type f | sort))
  image_is_made "$CORE_IMAGE" "$key" && image_is_made "$BROKEN_CORE_IMAGE" "$key" && return
  folder=$(mktemp -d)
  mkdir -p "$folder/core/usr/local/bin" "$folder/core/usr/lib/tengine" "$folder/without/usr/local/bin"
  cp -r "$source/bin" "$source/lib" "$folder/core/usr/lib/tengine/"
  chmod -R go=u-w,a+rX "$folder/core"
  chmod 755 "$folder"/core/usr/lib/tengine/bin/*
  for program in "$source"/bin/*; do
    ln -s "/usr/lib/tengine/bin/${program##*/}" "$folder/core/usr/local/bin/"
  done
  touch "$folder/without/usr/local/bin/.wh.tengined"
  image_layer "$folder/core" "$folder/core.tar"
  image_layer "$folder/without" "$folder/without.tar"
  image_append "$RUBY_IMAGE" "$folder/core.tar" "$CORE_IMAGE" "$key" --user 1000:1000 --workdir /tmp \
    --entrypoint '' --cmd tengined
  image_append "$CORE_IMAGE" "$folder/without.tar" "$BROKEN_CORE_IMAGE" "$key"
  rm -rf "$folder"
  say "pushed $CORE_IMAGE"
}
