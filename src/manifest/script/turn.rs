//! The scripts of cores that wait for their turn (`strategy.type: HandOver`): they load the definitions and consume nothing
//! until it has come.
//!
//! Whose turn it is stands in two files that the kubelet keeps: `serves`, of a `ConfigMap`, which a core that is started later
//! finds there though nobody tells it; and `told`, an annotation of the pod, which gets into a running container within a
//! fraction of a second. A core's own turn is in `TENGINE_TURN`, and no two versions ever have the same.

use super::second::{look, or_is_cut_off};
use super::third::with_its_own;

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

/// The probes, with what a rendering has of its own, as `core_scripts` has it.
macro_rules! scripts_in_turn {
    ($unless:literal, $first:literal, $asks:literal, $asked:literal) => {
        /// Says yes once the core has loaded the definitions, and waits or has its subscription.
        pub(in crate::manifest::script) const IS_STARTED: &str =
            concat!(look!($unless), "look\nsay\n[ \"$word\" = running ] || [ \"$word\" = waiting_activation ]\n");

        /// As of any core; and no of one that was told to begin and has got no answer from the broker for as long as a handler may
        /// take.
        pub(in crate::manifest::script) const IS_NOT_DEAD: &str = concat!(
            look!($unless),
            $first,
            r#"look
say
case $word in
terminated) exit 1 ;;
waiting_activation)
  [ -e /var/run/tengine/probe/told ] || exit 0
  ! lost 20
  ;;
"#,
            or_is_cut_off!($asks, $asked)
        );
    };
}

pub(super) mod second {
    use super::{look, or_is_cut_off};
    scripts_in_turn!("", "", "", "");
}

pub(super) mod third {
    use super::{look, or_is_cut_off, with_its_own};
    with_its_own!(scripts_in_turn);
}
