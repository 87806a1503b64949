//! The verification of what serves, made again by `checks.schedule`.
//!
//! That one begins is written down before anything is started, so that it is brought to its end under the time that asked for it, by
//! whichever operator. It changes nothing of what runs.

use super::attempt::gone;
use super::identity::{identity, job_name};
use super::proof::{Proof, Round, Stage};
use super::{checks, look};
use crate::domain::ChildName;
use crate::plan::effect::{Effect, Track};
use crate::plan::releases::Release;
use crate::plan::rollout::Rollout;
use crate::plan::sight::Sight;
use jiff::Timestamp;

/// How it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The time of the schedule.
    pub scheduled: Timestamp,
    /// What the checks say so far.
    pub proof: Proof,
}

/// What the checks say that are under way, or that they begin; `None` while it is not time, and where nothing serves as it should.
pub fn again(sight: Sight<'_>, target: Option<&Release>, rollout: &Rollout) -> Track<Option<Again>> {
    let nothing = Track::found(None);
    let Some(times) = &sight.desired.checks.again else { return nothing };
    let serves = rollout.complete && rollout.ready > 0 && !sight.desired.suspend;
    let verified = target.filter(|target| serves && target.rejection().is_none());
    let Some((release, verified_at)) = verified.and_then(|target| Some((target, target.verified_at()?))) else {
        return nothing;
    };
    if let Some(scheduled) = under_way(release) {
        let track = look(sight, release, Round { scheduled: Some(scheduled), ..Stage::Verification.into() });
        let found = Some(Again { scheduled, proof: track.found });
        return Track { found, effects: track.effects, due: track.due };
    }
    let last = release.status.recheck.as_ref().and_then(|recheck| recheck.scheduled_at.as_ref());
    // A time further away than the next one was written by a clock that was ahead.
    let last = last.filter(|last| times.next(sight.now).is_none_or(|next| last.0 <= next));
    let verified_at = verified_at.min(sight.now);
    let after = last.map_or(verified_at, |last| last.0.max(verified_at));
    match times.last(after, sight.now) {
        Some(scheduled) => Track::found(Some(Again { scheduled, proof: Proof::Running("begins".into()) })),
        None => Track { due: times.next(after.max(sight.now)), ..nothing },
    }
}

/// The time of the schedule whose checks began.
fn under_way(release: &Release) -> Option<Timestamp> {
    Some(release.status.recheck.as_ref()?.under_way.as_ref()?.0)
}

/// The Jobs of the checks that are under way.
pub fn names<'a>(sight: Sight<'a>, release: &'a Release) -> impl Iterator<Item = ChildName> {
    let scheduled = under_way(release).filter(|_| sight.desired.checks.again.is_some());
    let checks = scheduled.map(|_| checks(sight, Stage::Verification)).unwrap_or_default();
    checks.iter().map(move |check| job_name(sight, &identity(release, (Stage::Verification, scheduled), check)))
}

/// Jobs of earlier times, which nobody looks at any more: the last one's stay, for their logs.
pub fn outlived(sight: Sight<'_>) -> impl Iterator<Item = Effect> {
    let rechecks = || sight.observed.releases.iter().filter_map(|release| release.status.recheck.as_ref());
    let is_kept = move |at: Timestamp| {
        rechecks().flat_map(|recheck| recheck.under_way.iter().chain(&recheck.scheduled_at)).any(|kept| kept.0 == at)
    };
    let over = sight.observed.jobs.iter().filter(|job| !job.deleting && job.state.is_over());
    over.filter(move |job| job.scheduled.is_some_and(|at| !is_kept(at))).map(gone)
}
