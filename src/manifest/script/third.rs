//! The scripts of rendering 3: those of rendering 2, of which none takes for the core's connection the one that the liveness probe of a
//! core that is cut off makes to see whether the broker is there. Without that such a core counted as ready for a moment, again and again.
//! The hook before the end does: it may be that a core has its connection again while a probe still asks, and what is taken for connected
//! finishes its handler.

use super::second::{look, no_broker, or_is_cut_off, probes};

/// The probes of this rendering. What one of them that was ended left behind, the next one takes away.
macro_rules! third {
    ($started:literal, $waits:expr) => {
        probes!(
            $started, $waits;
            "  [ ! -e \"$probe/asking\" ] || return 1\n",
            "rm -f \"$probe/asking\"\n",
            "  { echo >\"$probe/asking\"; } 2>/dev/null\n",
            "  dead=$?\n  rm -f \"$probe/asking\"\n  exit \"$dead\"\n"
        );
    };
}

pub(super) use third;

third!("", "");
