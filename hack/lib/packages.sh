# shellcheck shell=bash
# Debian packages: installed when missing, without prompts, and without their services: neither now nor at the next boot.

packages_missing() {
  local name
  for name in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || echo "$name"
  done
}

# packages_ensure NAME...: installed, and their programs on the PATH.
packages_ensure() {
  packages_need "$@"
  path_open_to "$@"
}

# packages_use NAME...: the programs of those that are installed, and nothing is installed.
packages_use() {
  local name installed=() missing
  packages_are_declared "$@"
  missing=" $(packages_missing "$@" | tr '\n' ' ')"
  for name in "$@"; do [[ $missing == *" $name "* ]] || installed+=("$name"); done
  ((${#installed[@]} == 0)) || path_open_to "${installed[@]}"
}

packages_need() {
  local missing
  packages_are_declared "$@"
  mapfile -t missing < <(packages_missing "$@")
  ((${#missing[@]})) || return 0
  [[ -r /etc/debian_version ]] || die "this needs Debian; please install: ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  if ! packages_without_services packages_install "${missing[@]}" >"$CACHE/packages.log" 2>&1; then
    tail -n 20 "$CACHE/packages.log" >&2
    die "Debian packages cannot be installed; see $CACHE/packages.log"
  fi
  packages_disable_services "${missing[@]}"
}

packages_are_declared() {
  local list name declared=' '
  for list in "${!PACKAGES_@}"; do
    local -n names=$list
    declared+="${names[*]} "
  done
  for name in "$@"; do [[ $declared == *" $name "* ]] || die "the package $name is not declared in hack/lib/pins.sh"; done
}

# An old list of packages names versions that the mirror may no longer have: then it is fetched anew, once. What packages do when
# they are installed is their own affair, with all of the system's programs.
packages_install() {
  local PATH=$PATH_STANDARD
  local apt=(apt-get -o DPkg::Lock::Timeout=300 -y -q)
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" install --no-install-recommends "$@" && return
  "${apt[@]}" update
  "${apt[@]}" install --no-install-recommends "$@"
}

# Runs a command while Debian's hook for it forbids every service to start.
packages_without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
  local result=0
  "$@" || result=$?
  rm -f $policy
  return $result
}

# Services of packages that this harness brought are its own affair: off at boot, and no database of theirs.
packages_disable_services() {
  local name
  for name in "$@"; do
    case $name in
      containerd | docker-registry | nginx | prometheus | rabbitmq-server)
        if [[ -x /usr/bin/systemctl ]]; then /usr/bin/systemctl disable "$name.service" >/dev/null 2>&1 || true; fi
        ;;
      fcgiwrap)
        if [[ -x /usr/bin/systemctl ]]; then /usr/bin/systemctl disable fcgiwrap.service fcgiwrap.socket >/dev/null 2>&1 || true; fi
        ;;
      postgresql-*)
        /usr/bin/pg_dropcluster "${name#postgresql-}" main >/dev/null 2>&1 || true
        if [[ -x /usr/bin/systemctl ]]; then /usr/bin/systemctl disable postgresql.service >/dev/null 2>&1 || true; fi
        ;;
    esac
  done
}
