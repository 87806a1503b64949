//! The scripts of rendering 2: as the processes of Tengine 1.2.2 were seen to behave.
//!
//! - A core heeds HUP only once it is `running`, and idle it then sleeps for up to half a minute, unless a second one comes: so
//!   there are two, half a second apart. One with a handler in hand ends after the handler, whatever comes.
//! - TERM ends it in every state, but a handler in hand is aborted. So only a core that can have none gets it: one that has never
//!   served, and one whose connection to the broker has been lost for longer than a handler may take (the grace period).
//! - `running` says nothing of the connection, and a HUP without one hangs. The kernel's tables tell whether there is one.
//! - A core that was only cut off connects again within a second once the broker is there; one that the broker has closed never does.
//!   So it is restarted only while the broker can be reached.
//! - The watchers end at INT, except while they wait for a broker that refused them; TERM always ends them.

/// Starts `$0 $@` in the place of this shell. What is on its stdout is seen at once, and not at its end.
pub(super) const START_CORE: &str = r#"set -eu
(cd /var/run/tengine && rm -rf pids status activations probe && mkdir pids status activations probe)
command -v "$0" >/dev/null || { echo "$0: not found" >&2; exit 127; }
export RUBYOPT="${RUBYOPT:-} -r/etc/tengine/stdout.rb"
exec "$0" "$@"
"#;

/// Runs `$0 $@` and ends with it. HUP, TERM and INT become INT, and TERM after that.
pub(super) const START_WATCHER: &str = r#"child= told=
tell() { kill -INT "$child" 2>/dev/null; sleep 3; while kill -TERM "$child" 2>/dev/null; do sleep 5; done; }
stop() { [ -n "$told" ] || [ -z "$child" ] || tell & told=1; }
trap stop HUP TERM INT
rm -rf /var/run/tengine/pids
mkdir -p /var/run/tengine/pids || exit 1
command -v "$0" >/dev/null || { echo "$0: not found" >&2; exit 127; }
export RUBYOPT="${RUBYOPT:-} -r/etc/tengine/stdout.rb"
"$0" "$@" &
child=$!
[ -z "$told" ] || tell &
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || exit "$status"
done
"#;

/// Finds out how the core is: `$word` is its status, or `none` as long as it loads, or `disconnected` for one that has served
/// and has no connection to the broker. `$1` is the broker's port as the kernel writes it; where it is not known, every core
/// counts as connected. As long as PID 1 is the shell of [`START_CORE`], what stands in the folder may be of a container before.
///
/// A core that never had a connection *that is seen* lost none: what goes between it and the broker may give it another port (the
/// load balancing of sockets), and the tables may not be readable.
///
/// `$unless` are lines by which a rendering knows that what is seen is no connection of the core's.
macro_rules! look {
    ($unless:literal) => {
        concat!(
            r#"port=$1 grace=$2 host=$3 number=$4
probe=/var/run/tengine/probe
connected() {
  [ -n "$port" ] || return 0
"#,
            $unless,
            r#"  for table in /proc/net/tcp /proc/net/tcp6; do
    [ -r "$table" ] || continue
    while read -r _ _ remote state _; do
      case $remote:$state in *:"$port":01) return 0 ;; esac
    done <"$table"
  done
  return 1
}
mark() { [ -e "$probe/$1" ] || echo >"$probe/$1"; } 2>/dev/null # where there is room
look() {
  word=none
  read -r name </proc/1/comm
  [ "$name" = sh ] || read -r word 2>/dev/null </var/run/tengine/status/tengined_1.status
  case $word in
  running) mark ran ;;
  shutting_down) ;;
  *) return 0 ;;
  esac
  if connected; then
    mark served
  elif [ -e "$probe/served" ]; then
    word=disconnected
  fi
}
say() { # to the events of a failed probe, and to what stays when the container has ended
  echo "tengined is $word"
  { echo "tengined is $word" >/dev/termination-log; } 2>/dev/null || :
}
lost() { # SECONDS more, of those that the connection has been lost for
  seconds=0
  read -r seconds 2>/dev/null <"$probe/lost"
  seconds=$((${seconds:-0} + $1))
  { echo "$seconds" >"$probe/lost"; } 2>/dev/null
  [ "$seconds" -ge "$grace" ]
}
"#
        )
    };
}

/// No where the broker can be reached, and yes where it cannot, or nobody can ask: there is no Ruby, or the broker is not known.
macro_rules! no_broker {
    () => {
        r#"  ! RUBYOPT= ruby -rsocket -rtimeout -e 'Timeout.timeout(3) { TCPSocket.new(*ARGV).close }' "$host" "$number" 2>/dev/null"#
    };
}

/// The end of a `case $word`: no of a core that is cut off for too long, though the broker is there. `$asks` and `$asked` are what a
/// rendering does before the broker is asked, and after it.
macro_rules! or_is_cut_off {
    ($asks:literal, $asked:literal) => {
        concat!(
            "disconnected)\n  lost 20 || exit 0\n",
            $asks,
            no_broker!(),
            "\n",
            $asked,
            r#"  ;;
*) rm -f "$probe/lost" ;;
esac
"#
        )
    };
}

/// The probes of a core. `$started` is what counts as started besides `running`, `$waits` what they make of other words; then what a
/// rendering has of its own: of [`look`], before the liveness probe looks, and of [`or_is_cut_off`].
macro_rules! probes {
    ($started:literal, $waits:expr; $unless:literal, $first:literal, $asks:literal, $asked:literal) => {
        /// Says yes once the core has its subscription, or what else counts as started.
        pub(in crate::manifest::script) const IS_STARTED: &str =
            concat!(look!($unless), "look\nsay\n[ \"$word\" = running ]", $started, "\n");

        /// Says no once the core has ended its work without ending its process, and of a core that has lost the broker for longer
        /// than a handler may take, though the broker is there. It is called every 20 seconds.
        pub(in crate::manifest::script) const IS_NOT_DEAD: &str = concat!(
            look!($unless),
            $first,
            "look\nsay\ncase $word in\nterminated) exit 1 ;;\n",
            $waits,
            or_is_cut_off!($asks, $asked)
        );
    };
}

/// Those of this rendering.
macro_rules! second {
    ($started:literal, $waits:expr) => {
        probes!($started, $waits; "", "", "", "");
    };
}

pub(super) use {look, no_broker, or_is_cut_off, probes, second};

second!("", "");

/// Before the kubelet sends HUP, which is what a core with a handler in hand is left to. One that was `running` at any time may have
/// one, whatever its file says meanwhile: it is empty for a moment whenever it is written, and for longer where processor time is
/// rationed.
pub(super) const STOP_CORE: &str = concat!(
    look!(""),
    r#"told=0 tries=0
end() {
  if [ "$tries" -lt 10 ]; then kill -TERM 1; else kill -SEGV 1; fi
  tries=$((tries + 1))
  sleep 1
}
finish() {
  kill -HUP 1
  told=$((told + 1))
  [ "$told" -lt 2 ] || exit 0
  sleep 0.5 2>/dev/null || sleep 1
}
settled() {
  looks=0
  look
  while [ -z "$word" ] && [ "$looks" -lt 10 ]; do
    looks=$((looks + 1))
    sleep 0.2 2>/dev/null || sleep 1
    look
  done
}
may_work() {
  [ "$name" != sh ] || return 1
  [ -e "$probe/ran" ] || { [ "$word" = shutting_down ] && connected; }
}
while :; do
  settled
  case $word in
  running) finish ;;
  terminated) end ;;
  disconnected)
    [ "$told" -gt 0 ] || kill -HUP 1
    told=1
    if lost 1; then end; else sleep 1; fi
    ;;
  *) if may_work; then finish; else end; fi ;;
  esac
  say >/dev/null
done
"#
);
