//! The scripts of rendering 3: those of rendering 2, of which none takes for the core's connection the one that the liveness probe of a
//! core that is cut off makes to see whether the broker is there. Without that such a core counted as ready for a moment, again and again.
//! The hook before the end does: it may be that a core has its connection again while a probe still asks, and what is taken for connected
//! finishes its handler.

use super::second::{core_scripts, look, or_is_cut_off};

/// Hands what is rendering 3's own to a macro that makes scripts. What a probe that was ended left behind, the next one takes away.
macro_rules! with_its_own {
    ($scripts:ident) => {
        $scripts!(
            "  [ ! -e \"$probe/asking\" ] || return 1\n",
            "rm -f \"$probe/asking\"\n",
            "  { echo >\"$probe/asking\"; } 2>/dev/null\n",
            "  dead=$?\n  rm -f \"$probe/asking\"\n  exit \"$dead\"\n"
        );
    };
}

pub(super) use with_its_own;

with_its_own!(core_scripts);
