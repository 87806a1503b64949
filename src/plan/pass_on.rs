//! Is a verified commit told to others in Git, by a branch and a tag?
//!
//! Only what serves and was verified is passed on, once, and nothing is forced. What was pushed is written into the release. A push that
//! was not written down, because the operator ended between the two, is found on the host by the next one: the tag's name follows from the
//! release alone.

use super::desired::WantedPassing;
use super::effect::{Effect, Track};
use super::observed::{Look, Trouble};
use super::releases::{Fate, Release, recheck};
use super::rollout::Rollout;
use super::sight::Sight;
use crate::api::v1alpha1::{PassedOn, TengineReleaseStatus};

/// How far what serves was passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// It is to be, or is under way.
    Waiting,
    /// The host has all that is asked for.
    Done(PassedOn),
    /// Something is in the way.
    Held(Trouble),
}

/// Passes on what serves, where that is asked for; `None` where it is not, or nothing verified serves.
pub fn pass_on<'a>(
    sight: Sight<'a>,
    target: Option<&'a Release>,
    rollout: &Rollout,
) -> Track<Option<(&'a Release, Passed)>> {
    let Some((wanted, release)) = asked(sight, target, rollout) else { return Track::found(None) };
    let Look { answer, trouble, running, .. } = sight.observed.passing.get(&release.name).cloned().unwrap_or_default();
    let recorded = release.status.passed_on.clone().filter(|done| is_all(done, wanted));
    if let Some(done) = recorded.or_else(|| answer.map(|(done, _)| done)) {
        return Track::found(Some((release, Passed::Done(done))));
    }
    let due = trouble.as_ref().filter(|_| !running).map(|trouble| trouble.retry_at);
    let begins = !running && due.is_none_or(|at| at <= sight.now);
    let push = begins.then(|| Effect::PassOn { release: release.name.clone() });
    let found = trouble.map_or(Passed::Waiting, Passed::Held);
    Track { found: Some((release, found)), effects: push.into_iter().collect(), due }
}

/// What is to be passed on. One that was rejected since, or failed when it was verified again, is none.
fn asked<'a>(
    sight: Sight<'a>,
    target: Option<&'a Release>,
    rollout: &Rollout,
) -> Option<(&'a WantedPassing, &'a Release)> {
    let wanted = sight.desired.passing.as_ref().filter(|_| !sight.desired.suspend)?;
    let release = target.filter(|release| matches!(release.fate, Fate::Verified { .. }) && rollout.complete)?;
    let held = recheck::failed_at(release.status.recheck.as_ref()).is_some();
    (!held && !release.amended && !release.deleting).then_some((wanted, release))
}

/// Writes down what the host has.
pub fn note(status: &mut TengineReleaseStatus, passed: &Passed) {
    if let Passed::Done(done) = passed {
        status.passed_on = Some(done.clone());
    }
}

fn is_all(done: &PassedOn, wanted: &WantedPassing) -> bool {
    let branch = wanted.branch.as_ref().is_none_or(|branch| done.branch.as_deref() == Some(branch.as_ref()));
    let tag = wanted.tag.as_ref().is_none_or(|tag| done.tag.as_deref().is_some_and(|done| tag.is_of(done)));
    branch && tag
}
