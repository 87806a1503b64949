//! `StartPhase`: the instances begin with the phase that `pauseBefore` keeps from them.
//!
//! The answer names the passage of the release: the same version, when it comes again, waits again.

use super::verbs::{Answer, Said, Scene};
use crate::api::v1alpha1::{PhaseName, TengineAction};
use crate::plan::fleet;
use crate::plan::releases::Release;

impl Scene<'_> {
    /// When a phase begins that a person began.
    fn begins(&self, release: &Release, phase: PhaseName) -> &'static str {
        let desired = self.sight.desired;
        let is_gated = phase == PhaseName::SwitchOver && self.passages.shut(release).is_some();
        match (desired.suspend, desired.replicas) {
            (true, _) => "begins once spec.suspend is false",
            (false, 0) => "begins once spec.replicas is more than 0",
            (false, _) if is_gated => "begins once the gates before it are open",
            (false, _) => "begins",
        }
    }

    /// Says which phase, of which passage.
    pub(super) fn start_phase(&self, action: &TengineAction, named: Option<&Release>) -> Answer {
        let phase = action.spec.phase.ok_or("spec.phase: name the phase that is to begin")?;
        if self.sight.desired.fleet.is_none() {
            return Err("only with strategy.activeStandby.instances there are phases".to_owned());
        }
        let release = self.chosen.ok_or("nothing goes through the phases yet")?;
        if named.is_some_and(|named| !named.is(release)) {
            return Err(format!("spec.release: what goes through the phases is {}", release.name));
        }
        let name = &release.name;
        if self.rejected(release).is_some() {
            return Err(format!("{name} was rejected"));
        }
        if let Some(pin) = self.words.pin.as_ref().filter(|pin| pin.release != *name) {
            return Err(format!("{} is brought back in its place", pin.release));
        }
        let phases = fleet::phases_told(self.sight, release);
        let phases = phases.ok_or_else(|| format!("the instances were not told of {name} yet"))?;
        match fleet::paused(self.sight, &self.words, release, phases) {
            Some(next) if next == phase && fleet::is_stuck(self.sight, release, phases) => Err(format!(
                "{name}: too many instances failed: put them right, as the message of Ready says, and ask again"
            )),
            Some(next) if next == phase => {
                let message =
                    format!("{name}: phase {} ({}) {}", phase.number(), phase.word(), self.begins(release, phase));
                Ok(Said { release: name.clone(), passage: Some(phases.passage), message, ..Said::default() })
            }
            Some(next) => Err(format!("{name} waits for phase {} ({})", next.number(), next.word())),
            None if self.words.is_started(name, phases.passage, phase) => {
                Err(format!("{name}: phase {} ({}) was started already", phase.number(), phase.word()))
            }
            None => {
                let (begun, last) = (phases.begun, phases.last);
                let stands = if phases.done == begun { "is over" } else { "is under way" };
                Err(format!("{name} does not wait for a person: phase {begun} of {last} {stands}"))
            }
        }
    }
}
