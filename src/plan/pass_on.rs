//! Is a verified commit told to others in Git, by a branch and a tag?
//!
//! Only what serves and was verified is passed on, once, and nothing is forced. What was pushed is written into the release. A push that
//! was not written down, because the operator ended between the two, is found on the host by the next one: the tag's name follows from the
//! release alone.

use super::desired::WantedPassing;
use super::effect::{Effect, Track};
use super::observed::{Passing, Trouble};
use super::releases::{Fate, Release};
use super::rollout::Rollout;
use super::sight::Sight;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{PassedOn, TengineReleaseStatus};
use crate::domain::{CommitId, GitRef};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

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
    let Some((wanted, release)) = due(sight, target, rollout) else { return Track::found(None) };
    if let Some(done) = release.status.passed_on.as_ref().filter(|done| is_all(done, wanted)) {
        return Track::found(Some((release, Passed::Done(done.clone()))));
    }
    let tag = match name(wanted, release) {
        Ok(tag) => tag,
        Err(message) => return Track::found(Some((release, Passed::Held(never(sight, message))))),
    };
    let push = Effect::PassOn { release: release.name.clone(), tag };
    let (found, effects, due) = match sight.observed.passing.get(&release.name) {
        None => (Passed::Waiting, vec![push], None),
        Some(Passing::Done { branch, tag }) => {
            let done = PassedOn { branch: branch.clone(), tag: tag.clone(), at: Time(sight.now) };
            (Passed::Done(done), vec![], None)
        }
        Some(Passing::Running(None)) => (Passed::Waiting, vec![], None),
        Some(Passing::Running(Some(trouble))) => (Passed::Held(trouble.clone()), vec![], None),
        Some(Passing::Trouble(trouble)) => {
            let again = trouble.retry_at <= sight.now;
            (Passed::Held(trouble.clone()), again.then_some(push).into_iter().collect(), Some(trouble.retry_at))
        }
    };
    Track { found: Some((release, found)), effects, due }
}

/// What is to be passed on. One that was rejected since, or failed when it was verified again, is none.
fn due<'a>(
    sight: Sight<'a>,
    target: Option<&'a Release>,
    rollout: &Rollout,
) -> Option<(&'a WantedPassing, &'a Release)> {
    let wanted = sight.desired.passing.as_ref().filter(|_| !sight.desired.suspend)?;
    let release = target.filter(|release| matches!(release.fate, Fate::Verified { .. }) && rollout.complete)?;
    let held = super::releases::recheck::failed_at(release.status.recheck.as_ref()).is_some();
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

fn name(wanted: &WantedPassing, release: &Release) -> Result<Option<GitRef>, String> {
    let Some(template) = &wanted.tag else { return Ok(None) };
    let commit: CommitId = release.spec.commit.parse().map_err(|error| format!("{error}"))?;
    let verified = release.verified_at().ok_or("it was not verified")?;
    template.name(verified, release.spec.number, &commit).map(Some).map_err(|error| error.to_string())
}

/// What no try will bring.
fn never(sight: Sight<'_>, message: String) -> Trouble {
    let (since, at, retry_at) = (sight.now, sight.now, sight.now);
    Trouble { reason: Reason::InvalidSpec, message, definite: true, since, at, retry_at }
}
