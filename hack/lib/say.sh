# shellcheck shell=bash
# What the harness says: one line a step, with the seconds since the command began.

SAY_BEGAN=${SAY_BEGAN:-$EPOCHREALTIME}

# Milliseconds between the time $1 (as in EPOCHREALTIME) and now.
say_elapsed() {
  local now=$EPOCHREALTIME
  echo $(((${now/[.,]/} - ${1/[.,]/}) / 1000))
}

# Prints milliseconds as seconds with one decimal.
say_seconds() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }

say() { printf '[%6ss] %s\n' "$(say_seconds "$(say_elapsed "$SAY_BEGAN")")" "$*" >&2; }

die() {
  say "error: $*"
  exit 1
}

# Runs a command and says how long it took: say_step "starting etcd" etcd_start
say_step() {
  local what=$1 began=$EPOCHREALTIME
  shift
  "$@"
  say "$what: $(say_seconds "$(say_elapsed "$began")") s"
}
