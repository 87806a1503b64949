# shellcheck shell=bash
# The PATH of everything the harness runs: Debian's essential programs, those of the packages that this command has asked for by
# `packages_ensure` (and of what they depend on), the tools that are built, Go and Rust. What else a machine happens to have is not
# found, so that a program nobody declared fails on every machine and not on fresh ones alone.
#
# It is closed when this file is read, in every command anew: a command that starts another lends it nothing.

PATHS=$CACHE/path
export TENGINE_MACHINE_PATH=${TENGINE_MACHINE_PATH:-$PATH}
PATH_STANDARD=/usr/sbin:/usr/bin:/sbin:/bin

# apt and an awk are on every Debian, though not marked as essential.
path_close() {
  PATH=$PATH_STANDARD
  command -v dpkg-query apt-cache >/dev/null || die "this needs Debian, or a system made from it"
  local essential
  mapfile -t essential < <(dpkg-query -W -f '${Essential} ${Package}\n' | sed -n 's/^yes //p')
  PATH=$(path_of_packages "${essential[@]}" apt mawk)
}

# path_open_to NAME...: packages that are installed.
path_open_to() { PATH=$(PATH=$PATH_STANDARD path_of_packages "$@"):$PATH; }

# path_of_packages NAME...: prints a folder with a link to each program of these packages and of all that they depend on.
path_of_packages() {
  local folder
  folder=$PATHS/packages-$({ declare -f path_programs; stat -c %Y.%s /var/lib/dpkg/status; echo "$@"; } | cache_key)
  path_fill "$folder" path_programs "$@"
  echo "$folder"
}

# path_fill FOLDER COMMAND...: makes the folder once, of the programs that the command names. Commands that run at the same time may
# both make it; one of them wins.
path_fill() {
  local folder=$1 filling
  shift
  [[ ! -d $folder ]] || return 0
  mkdir -p "$PATHS"
  filling=$(mktemp -d "$PATHS/filling.XXXXXX")
  "$@" | xargs -r ln -s -t "$filling"
  chmod 755 "$filling"
  mv -T "$filling" "$folder" 2>/dev/null || rm -rf "$filling"
}

# A name that Debian's alternatives decide is taken where they have decided for one of these packages.
path_programs() {
  local closure
  mapfile -t closure < <(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-enhances --no-conflicts --no-breaks \
    --no-replaces "$@" | grep '^[a-z0-9]')
  {
    dpkg-query -L "${closure[@]}" "$@" 2>/dev/null | sed -nE 's#^(/usr)?(/s?bin/[^/]+)$#/usr\2#p'
    find /usr/bin /usr/sbin -type l -lname '/etc/alternatives/*' -printf '%p %l\n' | while read -r name link; do
      echo "$name $(readlink -f "$link")"
    done
  } | awk 'NF == 1 && !seen[$1]++ { print } NF == 2 && seen[$2] { print $1 }' | awk -F / '!seen[$NF]++'
}

# path_open_to_program PROGRAM: one that the machine has, in the PATH that this command was started with.
path_open_to_program() {
  local program
  program=$(PATH=$TENGINE_MACHINE_PATH type -P "$1") || return 0
  path_open_to_files "$program"
}

# path_open_to_files FILE...
path_open_to_files() {
  local folder
  folder=$PATHS/files-$(echo "$@" | cache_key)
  path_fill "$folder" printf '%s\n' "$@"
  PATH=$folder:$PATH
}

path_close
