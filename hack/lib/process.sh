# shellcheck shell=bash
# Background processes, known by pid files.
#
# Guarantees: a process has its pid file before it runs (the child writes it and then becomes the program), so a harness
# killed at any moment leaves none unknown; the file holds the start time too, so that a pid used again by
# something else is never taken for ours; nothing is ever stopped by name.

process_pid_file() { echo "$STATE/run/$1.pid"; }
process_log() { echo "$STATE/log/$1.log"; }

# The time a pid started at, in ticks since boot; empty when there is no such process (or only its corpse).
process_started_at() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
  stat=${stat##*) }
  # shellcheck disable=SC2086 # the fields are wanted as words
  set -- $stat
  [[ $1 == Z ]] || echo "${20}"
}

# The pid of a named process, when it runs.
process_pid() {
  local pid started
  { read -r pid started <"$(process_pid_file "$1")"; } 2>/dev/null || return 1
  [[ -n $started && $(process_started_at "$pid") == "$started" ]] && echo "$pid"
}

process_is_running() { process_pid "$1" >/dev/null; }

# process_start NAME USER COMMAND...: nothing when it already runs.
process_start() {
  local name=$1 user=$2
  shift 2
  process_is_running "$name" && return
  local as=() file
  file=$(process_pid_file "$name")
  rm -f "$file"
  [[ $user == root ]] || as=(setpriv --reuid "$user" --regid "$(id -gn "$user")" --init-groups --)
  (
    local self=$BASHPID # another one inside $( )
    echo "$self $(process_started_at "$self")" >"$file"
    cd /
    # A shell without job control lets its background processes ignore INT and QUIT: pods would inherit that.
    exec setsid env --default-signal "${as[@]}" "$@" </dev/null >>"$(process_log "$name")" 2>&1 {LOCK_FD}>&-
  ) &
  until [[ -s $file ]]; do sleep 0.01; done
}

# process_stop NAME [SIGNAL [SECONDS]]: waits until it has ended; by force once the seconds are over.
process_stop() {
  local name=$1 signal=${2:-TERM} seconds=${3:-10} began=$EPOCHREALTIME pid
  if pid=$(process_pid "$name"); then
    kill -s "$signal" "$pid" 2>/dev/null || true
    if ! process_await_end "$name" "$seconds"; then
      say "$name did not end within $seconds s of SIG$signal; killing it"
      kill -s KILL "$pid" 2>/dev/null || true
      process_await_end "$name" 5 || die "$name (pid $pid) cannot be killed"
    fi
    say "$name ended: $(say_seconds "$(say_elapsed "$began")") s"
  fi
  rm -f "$(process_pid_file "$name")"
}

process_await_end() {
  local deadline=$((SECONDS + $2 + 1))
  while process_is_running "$1"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# process_await NAME SECONDS PROBE...: until the probe succeeds. Fails with the log's end when the process dies or the time is over.
process_await() {
  local name=$1 seconds=$2 deadline=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ! process_is_running "$name"; then
      process_tail "$name"
      die "$name ended"
    elif ((SECONDS >= deadline)); then
      process_tail "$name"
      die "$name is not ready after $seconds s"
    fi
    sleep 0.1
  done
}

process_tail() { tail -n 15 "$(process_log "$1")" >&2 || true; }
