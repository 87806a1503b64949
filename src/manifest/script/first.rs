//! The scripts of rendering 1, kept as they are for releases that have it.
//!
//! What was found by trial, with Ruby 3.1 and 1.9's rules in mind:
//! - The core is PID 1 (`exec`): HUP reaches it from the kubelet without a go-between, and its status file has a name that
//!   is known beforehand.
//! - TERM ends a Ruby that is PID 1, though the kernel keeps signals without a handler from PID 1: Ruby has a handler for
//!   it, which raises in the main thread. A definition that rescues everything swallows it, so it is sent again each
//!   second; KILL from inside a container never reaches PID 1, but SEGV does, because Ruby handles it too (it writes its
//!   crash report and aborts).
//! - A core that is told to stop by HUP before it is `running` goes on loading and then serves until it is killed.
//! - The watchers heed INT alone, and the image has one `StopSignal` (HUP). So they have a shell for PID 1 that turns HUP and
//!   TERM into INT. A child that a shell starts in the background ignores INT until Ruby puts its own handler there, so
//!   the signal is sent again until the child is gone.

/// Starts `$0 $@` in the place of this shell.
///
/// In a container the core always is PID 1, so a file that a container before left behind would be taken for this one's.
pub(super) const START_CORE: &str = r#"set -eu
rm -rf /var/run/tengine/pids /var/run/tengine/status /var/run/tengine/activations
mkdir -p /var/run/tengine/pids /var/run/tengine/status /var/run/tengine/activations
command -v "$0" >/dev/null || { echo "$0: not found" >&2; exit 127; }
exec "$0" "$@"
"#;

/// Runs `$0 $@` and ends with it; HUP and TERM become INT.
pub(super) const START_WATCHER: &str = r#"child= told=
tell() { while kill -INT "$child" 2>/dev/null; do sleep 5; done; }
stop() { [ -n "$told" ] || [ -z "$child" ] || tell & told=1; }
trap stop HUP TERM INT
rm -rf /var/run/tengine/pids
mkdir -p /var/run/tengine/pids || exit 1
command -v "$0" >/dev/null || { echo "$0: not found" >&2; exit 127; }
"$0" "$@" &
child=$!
[ -z "$told" ] || tell &
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || exit "$status"
done
"#;

/// Puts the core's status into `$status`. As long as PID 1 is the shell of [`START_CORE`], what stands in the folder may be
/// of a container before. The file has one word, with or without an end of line.
macro_rules! read_status {
    () => {
        r#"status=none
read -r name </proc/1/comm
[ "$name" = sh ] || read -r status 2>/dev/null </var/run/tengine/status/tengined_1.status
"#
    };
}

/// Says yes once the core has its subscription and consumes events. What it prints is in the event of a failed probe.
pub(super) const IS_RUNNING: &str =
    concat!(read_status!(), "echo \"tengined is $status\"\n[ \"$status\" = running ]\n");

/// Says no once the core has ended its work without ending its process.
pub(super) const IS_NOT_DEAD: &str =
    concat!(read_status!(), "echo \"tengined is $status\"\n[ \"$status\" != terminated ]\n");

/// Before the kubelet sends HUP: ends a core that would not heed it. One that is running, or that finishes its events, is
/// left alone. The status is read twice, since the file is empty for a moment whenever it is written.
pub(super) const STOP_CORE: &str = concat!(
    "look() {\n",
    read_status!(),
    r#"case $status in running | shutting_down) exit 0 ;; esac
}
look
sleep 0.1
tries=0
while look; do
  if [ "$tries" -lt 10 ]; then kill -TERM 1; else kill -SEGV 1; fi
  tries=$((tries + 1))
  sleep 1
done
"#
);
