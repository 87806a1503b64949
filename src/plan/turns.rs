//! Whose turn it is while the spec cannot be carried out, by the last one that could.
//!
//! No version takes over from another one meanwhile. But where what serves was told to end before, who waits for that begins; and with
//! `ActiveStandby`, who waits takes over from cores that die. Nothing is held for a node that is silent: an operator that starts
//! meanwhile knows no spec that could, and would never give it again.

use super::change_over;
use super::choose::Choice;
use super::desired::Desired;
use super::effect::Effect;
use super::observed::Observed;
use super::releases::Release;
use super::serve;
use super::sight::Sight;
use super::status::{nodes, running};
use super::{strategy, until_first};
use crate::api::v1alpha1::{Nodes, Running, StrategyType};
use jiff::Timestamp;
use std::time::Duration;

/// What is to be done, when to ask again, and who serves and waits.
#[derive(Debug)]
pub struct Turns {
    /// In this order.
    pub effects: Vec<Effect>,
    /// From now.
    pub next: Duration,
    /// As it is.
    pub nodes: Option<Nodes>,
    /// The release whose cores serve.
    pub current: Option<Running>,
}

/// Decides.
pub fn turns(desired: &Desired, observed: &Observed, now: Timestamp) -> Turns {
    let sight = Sight { desired, observed, now };
    let (mut effects, mut due) = (Vec::new(), Vec::new());
    let taking_over = change_over::committed(sight).or_else(|| left_waiting(sight));
    if let Some(release) = taking_over.or_else(|| serving(sight)) {
        let choice = Choice::handed_over(release);
        let lineup = strategy::line_up(sight, &choice, taking_over.is_none()).into_plan(&mut effects, &mut due);
        serve::serve(sight, &lineup).into_plan(&mut effects, &mut due);
    }
    effects.retain(Effect::gives_turns);
    let is_there = sight.ready_in(Some(sight.turn())).next().is_some();
    let serves = serving(sight).filter(|_| is_there);
    let current = serves.and_then(|release| running(release, observed.status.current.as_ref(), now));
    Turns { effects, next: until_first(&due, now), nodes: nodes(sight), current }
}

/// The release of those that wait, where it is the one that serves, and somebody removed the Deployment of the others.
fn left_waiting(sight: Sight<'_>) -> Option<&Release> {
    let waits = sight.posts().find(|post| post.turn > Some(sight.turn()))?;
    let release = sight.observed.releases.named(waits.workload.release.as_deref()?)?;
    let stands_by = sight.desired.strategy == StrategyType::ActiveStandby && serving(sight).is_none();
    (stands_by && release.is_live()).then_some(release)
}

/// The release of the cores whose turn has come.
fn serving(sight: Sight<'_>) -> Option<&Release> {
    let serves = sight.posts().find(|post| post.turn == Some(sight.turn()))?;
    sight.observed.releases.named(serves.workload.release.as_deref()?)
}
