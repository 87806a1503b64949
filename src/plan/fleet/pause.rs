//! Phases that a person begins (`strategy.activeStandby.pauseBefore`).

use super::super::change_over;
use super::super::people::Words;
use super::super::releases::Release;
use super::super::sight::Sight;
use crate::api::v1alpha1::{PhaseName, Phases};

/// The phase that a version waits for a person to begin: the one before it is over. What is brought back by a person, or fallen back to, waits
/// for nobody, as at gates; a version that never served is not brought back, whoever asks for it by name.
pub fn paused(sight: Sight<'_>, words: &Words, release: &Release, phases: &Phases) -> Option<PhaseName> {
    let fleet = sight.desired.fleet.as_ref().filter(|_| phases.begun == phases.done)?;
    let next = fleet.pause_before.iter().copied().find(|phase| phase.number() == phases.begun + 1)?;
    let served = release.has_served() || release.verified_at().is_some();
    let is_there = next.number() <= phases.last && !(served && change_over::is_brought_back(sight, release));
    (is_there && !words.is_started(&release.name, phases.passage, next)).then_some(next)
}
