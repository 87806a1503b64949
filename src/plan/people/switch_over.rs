//! `SwitchOver`: those that wait take over from those that serve, because a person says so.
//!
//! The answer names their turn, and nothing is done before it is written: by that turn, which comes once, it is carried out once.

use super::verbs::{Answer, Said, Scene};
use crate::plan::standby;

impl Scene<'_> {
    /// Names the turn that is to come.
    pub(super) fn switch_over(&self) -> Answer {
        let (release, turn) = standby::who_may_take_over(self.sight, self.chosen)?;
        if self.words.switches_to.is_some_and(|asked| asked >= turn) {
            return Err("that they take over was asked for already".to_owned());
        }
        let message = format!(
            "those that wait with {} take over (turn {turn}); what served waits once it has loaded again",
            release.short()
        );
        Ok(Said { release: release.name.clone(), turn: Some(turn), message, ..Said::default() })
    }
}
