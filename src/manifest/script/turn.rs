//! The scripts of cores that wait for their turn (`strategy.type: HandOver`, `ActiveStandby`): they load the definitions and consume nothing
//! until it has come.
//!
//! Whose turn it is stands in two files that the kubelet keeps: `serves`, of a `ConfigMap`, which a core that is started later
//! finds there though nobody tells it; and `told`, an annotation of the pod, which gets into a running container within a
//! fraction of a second. A core's own turn is in `TENGINE_TURN`, and no two versions ever have the same.

/// Starts `$0 $@` in the place of this shell; it waits unless its turn has come. Tengine looks for the activation file each
/// second and removes it.
pub(super) const START_CORE: &str = r#"set -eu
(cd /var/run/tengine && rm -rf pids status activations probe && mkdir pids status activations probe)
command -v "$0" >/dev/null || { echo "$0: not found" >&2; exit 127; }
[ ! -e /etc/tengine/stdout.rb ] || export RUBYOPT="${RUBYOPT:-} -r/etc/tengine/stdout.rb"
told() {
  for file in told serves; do
    turn=
    read -r turn 2>/dev/null <"/etc/tengine-turn/$file" || :
    [ "$turn" != "$TENGINE_TURN" ] || return 0
  done
  return 1
}
! told || exec "$0" "$@"
{
  until told; do sleep 0.2 2>/dev/null || sleep 1; done
  : >/var/run/tengine/probe/told
  : >/var/run/tengine/activations/tengined_1.activation
} &
exec "$0" "$@" --tengined-wait-activation --tengined-activation-timeout 999999999
"#;

/// The probes, by a macro of a rendering. Started is who has loaded the definitions, too, and waits; and it is no of one that was told to
/// begin and has not for as long as a handler may take, or, by `$or`, what a rendering knows besides.
macro_rules! in_turn {
    ($rendering:ident, $or:expr) => {
        $rendering!(
            " || [ \"$word\" = waiting_activation ]",
            concat!(
                "waiting_activation)\n  [ -e /var/run/tengine/probe/told ] || exit 0\n  ! lost 20",
                $or,
                "\n  ;;\n"
            )
        );
    };
}

pub(super) mod second {
    use super::super::second::{look, no_broker, or_is_cut_off, probes, second};
    in_turn!(second, "");
}

pub(super) mod third {
    use super::super::second::{look, no_broker, or_is_cut_off, probes};
    use super::super::third::third;
    in_turn!(third, "");
}

/// Those of rendering 4: a core whose connection came to nothing as it began, such as in the seconds in which a broker moves, never gets one. It
/// has handled nothing, so it is not waited for as long as a handler may take, but started again once the broker is there.
pub(super) mod fourth {
    use super::super::second::{look, no_broker, or_is_cut_off, probes};
    use super::super::third::third;
    in_turn!(third, concat!(" || exit 1\n", no_broker!()));
}
