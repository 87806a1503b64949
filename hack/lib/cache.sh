# shellcheck shell=bash
# Where things are kept, and names made from content.
#
# CACHE is what survives `hack/cluster down`: built tools, images, compiled code. STATE is what belongs to the running
# cluster and is removed by it; it is outside CACHE because services that run as ordinary users must reach it.

CACHE=${TENGINE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tengine-operator}
# shellcheck disable=SC2034 # used by the others
STATE=/var/lib/tengine-operator-cluster

mkdir -p "$CACHE"

# 16 hex digits that change with the content of the given files (names as given, in order) and the text on standard input.
cache_key() {
  { cat; (($# == 0)) || sha256sum -- "$@"; } | sha256sum | cut -c1-16
}

# cache_fill FOLDER COMMAND...: makes the folder once. The command is called with a folder to fill; only a whole one is kept.
cache_fill() {
  local folder=$1 filling=$1.filling
  shift
  [[ -d $folder ]] && return
  rm -rf "$filling"
  mkdir -p "$filling"
  "$@" "$filling"
  mv "$filling" "$folder"
}

# cache_forget_others PREFIX KEEP: removes entries of the same kind that a newer key has replaced (and two days have passed over).
cache_forget_others() {
  local entry
  for entry in "$1"*; do
    [[ -e $entry && $entry != "$2" && -n $(find "$entry" -maxdepth 0 -mtime +2) ]] && rm -rf "$entry"
  done
  return 0
}

# cache_download URL SHA256 FILE: what has another digest is no better than nothing.
cache_download() {
  packages_ensure "${PACKAGES_DOWNLOAD[@]}"
  curl -fsSL --retry 3 --proto '=https' -o "$3" "$1" || die "$1 cannot be fetched"
  sha256sum --check --status <<<"$2  $3" || die "$1 is not the file whose digest is pinned in hack/lib/pins.sh"
}
