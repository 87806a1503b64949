//! How far each release got, written down.

use super::super::attempts;
use super::super::effect::{Effect, Track};
use super::super::member;
use super::super::observed::{Build, Built, Changes, Refused};
use super::super::pass_on;
use super::super::proofs::{Proof, Stage};
use super::super::reading::Reading;
use super::super::restore;
use super::super::rollout::Rollout;
use super::super::sight::Sight;
use super::super::texts;
use super::super::verify::Verdict;
use super::Release;
use super::environment;
use super::fate::{Fate, refused_state};
use super::recheck;
use super::steps;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{ReleaseState, StrategyType, TengineReleaseStatus};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// So many types of events are named.
const NAMED: usize = 5;

/// What its record says once its build succeeded. What `strategy` makes of its changes is a note, too.
pub fn built(release: &Release, built: &Built, strategy: StrategyType) -> TengineReleaseStatus {
    let overlap = built.changes.as_ref().filter(|_| strategy == StrategyType::RollingUpdate).and_then(overlap);
    let notes: Vec<&str> = built.notes.iter().map(String::as_str).chain(overlap.as_deref()).collect();
    let message = (!notes.is_empty()).then(|| notes.join(" "));
    TengineReleaseStatus {
        state: Some(ReleaseState::Built),
        live: Some("False".into()),
        message,
        subject: built.facts.subject.clone(),
        author: built.facts.author.clone(),
        committed_at: built.facts.committed_at.map(Time),
        tree: Some(built.tree.to_string()),
        image: Some(built.image.clone()),
        platform: Some(built.platform.to_string()),
        dsl_version: Some(built.dsl_version.clone()),
        content: Some(built.content.clone()),
        changes: built.changes.as_ref().map(|changes| changes.counts.clone()),
        changed: built.changes.as_ref().map(|changes| changes.names.clone()).unwrap_or_default(),
        evidence: Some(built.evidence.clone()).filter(|evidence| !evidence.is_empty()),
        build_attempts: None,
        build_begun_at: None,
        ..release.status.clone()
    }
}

/// What becomes of events that only one of two versions handles, while both run.
fn overlap(changes: &Changes) -> Option<String> {
    let some = |types: &[String], has: &str| {
        let more = types.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!types.is_empty()).then(|| format!("{has} {}{more}", types[..types.len().min(NAMED)].join(", ")))
    };
    let added = some(&changes.added_events, "it adds handlers for");
    let removed = some(&changes.removed_events, "it has none any more for");
    let both: Vec<String> = added.into_iter().chain(removed).collect();
    (!both.is_empty()).then(|| {
        format!(
            "Of events, {}: while two versions run (strategy.type RollingUpdate), the one without a handler drops such an event. \
             Recreate, HandOver and ActiveStandby never run two.",
            both.join(", and ")
        )
    })
}

/// Another deployment built and proved it: nothing is left to be done for its image. What changed, and what was found, is told
/// there against what served there.
pub fn promoted(release: &Release, theirs: &TengineReleaseStatus) -> Effect {
    let status = TengineReleaseStatus {
        state: Some(ReleaseState::Built),
        live: Some("False".into()),
        subject: theirs.subject.clone(),
        author: theirs.author.clone(),
        committed_at: theirs.committed_at.clone(),
        tree: theirs.tree.clone(),
        image: theirs.image.clone(),
        platform: theirs.platform.clone(),
        dsl_version: theirs.dsl_version.clone(),
        content: theirs.content.clone(),
        ..release.status.clone()
    };
    write(release, status)
}

/// The build showed that the content is wrong.
pub fn refused(release: &Release, refused: &Refused, now: Timestamp) -> Effect {
    let status = TengineReleaseStatus {
        state: Some(refused_state(refused.reason)),
        live: Some("False".into()),
        message: Some(refused.message.clone()),
        subject: refused.facts.subject.clone(),
        author: refused.facts.author.clone(),
        committed_at: refused.facts.committed_at.map(Time),
        rejected_at: Some(Time(now)),
        evidence: Some(refused.evidence.clone()),
        content: refused.content.clone(),
        build_attempts: None,
        build_begun_at: None,
        ..release.status.clone()
    };
    write(release, status)
}

/// What was decided on another record than the one that is there is not written: it is decided anew.
fn write(release: &Release, mut status: TengineReleaseStatus) -> Effect {
    texts::fit_release(&mut status);
    Effect::RecordRelease { release: release.name.clone(), seen: release.seen.clone(), status: Box::new(status) }
}

/// A release, and what its record should say.
pub type Told<'a> = (&'a Release, TengineReleaseStatus);

/// Brings `state` and `live` of every release up to what is seen, with verdicts, steps and times.
pub fn told<'a>(reading: &Reading<'a>) -> Vec<Told<'a>> {
    let each = |release: &'a Release| {
        let mut status = brought_up(release, reading);
        if let Some((_, passed)) = reading.passed.filter(|(of, _)| of.is(release)) {
            pass_on::note(&mut status, passed);
        }
        steps::bring_up(&mut status, release, reading);
        texts::fit_release(&mut status);
        (release, status)
    };
    reading.sight.observed.releases.iter().map(each).collect()
}

/// So long after a release was made it has no record, where that would say that its first build has begun: within two of the API server's whole
/// seconds.
const AT_FIRST: SignedDuration = SignedDuration::from_secs(2);

/// Writes down what is to be told of releases and was not yet. That a first build has begun is told once it has taken a moment: where an image is there
/// already, as with the first of a thousand deployments at one commit, what came of it is. An operator that ends by a build at once finds the
/// release older than that when it starts again.
pub fn record(reading: &Reading<'_>, told: &[Told<'_>]) -> Track<()> {
    let mut track = Track::found(());
    let mut told: Vec<_> = told.iter().filter(|(release, _)| !release.deleting).collect();
    // What is live first: who ends between two writes leaves two of which the newer one counts, and not none.
    told.sort_by_key(|(_, status)| !status.is_live());
    for (release, status) in told {
        if let Some(later) = begins(release, status).filter(|later| *later > reading.sight.now) {
            track.due = track.due.into_iter().chain([later]).min();
        } else {
            track.effects.extend(due(reading, (release, status)));
        }
    }
    track
}

/// Until when it can wait to be written down that the first build has begun. A clock that is behind the API server's says nothing.
fn begins(release: &Release, status: &TengineReleaseStatus) -> Option<Timestamp> {
    let nothing_is_known = release.status == TengineReleaseStatus::default() && !release.amended;
    let begins = nothing_is_known && status.state == Some(ReleaseState::Building) && status.build_attempts == Some(1);
    let begun = status.build_begun_at.as_ref()?.0;
    let made = release.made.filter(|made| begins && *made <= begun)?;
    made.checked_add(AT_FIRST).ok()
}

fn due(reading: &Reading<'_>, (release, status): (&Release, &TengineReleaseStatus)) -> Option<Effect> {
    let outcome = reading.sight.observed.builds.get(&release.name);
    // What came of the build of what is wanted is written first, and alone, but for an image: that is a part of all that is told.
    let is_wanted = reading.candidate.is_none_or(|candidate| candidate.is(release));
    let has_outcome =
        release.spec.promoted.is_some() && reading.candidate.is_some() || outcome.is_some_and(Build::is_finished);
    let awaits_build = is_wanted && has_outcome && release.fate == Fate::Pending;
    ((release.amended || *status != release.status) && !awaits_build).then(|| write(release, status.clone()))
}

/// What its record should say of all but its steps and what was pushed.
fn brought_up(release: &Release, reading: &Reading<'_>) -> TengineReleaseStatus {
    let mut status = so_far(release, reading);
    status.recheck = if reading.choice.is(release) {
        let asked = reading.sight.desired.checks.again.is_some();
        recheck::note(status.recheck.as_ref(), reading.again, reading.sight.now).filter(|_| asked)
    } else {
        recheck::leave(status.recheck.as_ref())
    };
    if reading.choice.is(release) {
        status.phases = reading.phases.cloned();
    } else if !knows_phases(reading.sight) {
        // Or it would be taken for what instances were told last, should there be some again.
        status.phases = None;
    }
    status.has_cores = member::has_cores(reading.sight, release, reading.choice.is(release)).then_some(true);
    let again = comes_back(release, reading);
    environment::attach(&mut status, reading.sight.desired.environment.as_deref(), again, reading.choice.is(release));
    let has_come = reading.rollout.at_gate && reading.choice.is(release);
    environment::note_gates(&mut status, reading.passages.of(release), has_come, reading.sight.now);
    status
}

/// Whether there is anybody who goes through phases: instances, wanted or on their way out, or itself as one.
fn knows_phases(sight: Sight<'_>) -> bool {
    sight.desired.fleet.is_some() || sight.desired.promotion().is_some() || sight.instances().next().is_some()
}

/// How far it got.
fn so_far(release: &Release, reading: &Reading<'_>) -> TengineReleaseStatus {
    let now = reading.sight.now;
    let mut status = release.status.clone();
    let serving = reading.serving().is_some_and(|serving| serving.is(release));
    let is_new = serving && !release.is_live() && reading.rollout.ready > 0;
    status.live = Some(if serving { "True" } else { "False" }.to_owned());
    if restore::is_restored(release, reading.sight.observed.builds.get(&release.name)) && release.fate != Fate::Pending
    {
        status.image_made_at = Some(Time(now));
    }
    if is_new {
        status.served_at = Some(Time(now));
    }
    if release.fate == Fate::Pending && reading.candidate.is_some_and(|candidate| candidate.is(release)) {
        note_attempts(&mut status, release, reading);
    }
    if reading.choice.is(release) {
        settle(&mut status, reading.rollout, reading.verdict, now);
        if *reading.verdict == Verdict::Proven && release.verified_at().is_none() && status.message.is_none() {
            status.message = unchanged_since(release, reading);
        }
        return status;
    }
    match release.fate {
        Fate::Rejected { .. } => {}
        Fate::Verified { .. } => {
            status.state = Some(if serving { ReleaseState::Verified } else { ReleaseState::Superseded });
        }
        Fate::Pending | Fate::Built => {
            // Nobody builds or rolls out what is no longer wanted.
            let waits = reading.passages.of(release).is_some();
            let tests = reading.tests.at(release);
            let candidate = reading.candidate.map(|candidate| candidate.is(release));
            let wanted = if waits || tests.is_some() { Some(true) } else { candidate };
            status.state = Some(unproven(&status, wanted));
            settle_tests(&mut status, tests, now);
        }
    }
    status
}

/// How far a release is that does not run and was not refused. It is not always known what is wanted: then what was superseded stays so. What
/// began with it and was given up for another one, a person's pin for example, says nothing any more once it is wanted again.
const fn unproven(status: &TengineReleaseStatus, wanted: Option<bool>) -> ReleaseState {
    match (wanted, status.state) {
        (Some(false), _) | (None, Some(ReleaseState::Superseded)) => ReleaseState::Superseded,
        (_, Some(state @ (ReleaseState::Preflight | ReleaseState::Testing))) => state,
        _ if status.image.is_some() => ReleaseState::Built,
        _ => ReleaseState::Building,
    }
}

/// Since when it has its word again, where it is wanted again, and serves, after a newer release of its version was rejected that took
/// the word away. Later than that whatever the clock says, which may be another one than that of who rejected it.
fn comes_back(release: &Release, reading: &Reading<'_>) -> Option<Timestamp> {
    let wanted = reading.candidate.is_some_and(|candidate| candidate.is(release)) && reading.choice.is(release);
    let serves = reading.rollout.complete && reading.rollout.ready > 0;
    let rejected = || reading.sight.observed.releases.rejected_at(release.digest()?);
    let taken_away =
        |(number, at)| release.spec.number < number && release.status.statuses.iter().all(|word| word.since.0 <= at);
    let (_, at) = rejected().filter(|rejected| taken_away(*rejected))?;
    let again = at.checked_add(SignedDuration::from_secs(1)).unwrap_or(at).max(reading.sight.now);
    (wanted && serves && matches!(release.fate, Fate::Verified { .. })).then_some(again)
}

/// A build that begins is counted, unless it goes on after trouble that it came through itself.
fn note_attempts(status: &mut TengineReleaseStatus, release: &Release, reading: &Reading<'_>) {
    let before = reading.sight.observed.builds.get(&release.name).and_then(Build::trouble);
    let survived = before.is_some_and(|(_, trouble)| trouble.reason != Reason::WorkerFailed);
    if survived && status.build_attempts.is_some_and(|attempts| attempts > 1) {
        status.build_attempts = Some(1);
    } else if !survived && attempts::begins(reading.sight, release) {
        status.build_attempts = Some(status.build_attempts.unwrap_or(0).saturating_add(1));
        status.build_begun_at = Some(Time(reading.sight.now));
    } else if release.status == TengineReleaseStatus::default() && is_under_way(reading, release) {
        // The first one began a moment ago, and that was not written down yet.
        status.build_attempts = Some(1);
        status.build_begun_at = Some(Time(release.made.unwrap_or(reading.sight.now)));
    }
}

fn is_under_way(reading: &Reading<'_>, release: &Release) -> bool {
    matches!(reading.sight.observed.builds.get(&release.name), Some(Build::Running(_)))
}

/// Says so where another release had the same image and settings: then nothing was restarted.
fn unchanged_since(release: &Release, reading: &Reading<'_>) -> Option<String> {
    let served = reading.choice.serves().filter(|served| !served.is(release))?;
    served
        .comes_out_as(release)
        .then(|| format!("The same definitions, base image and settings as {}: nothing was restarted.", served.name))
}

/// What is to be written down of its preflight and its tests.
fn settle_tests(status: &mut TengineReleaseStatus, tests: Option<(Stage, &Proof)>, now: Timestamp) {
    match tests {
        None | Some((_, Proof::Passed)) => {}
        Some((Stage::Preflight, Proof::Running(_) | Proof::Held(..))) => status.state = Some(ReleaseState::Preflight),
        Some((_, Proof::Running(_) | Proof::Held(..))) => status.state = Some(ReleaseState::Testing),
        Some((stage, Proof::Failed { message, evidence })) => {
            refuse(status, (stage.refusal(), message, evidence), now);
        }
    }
}

/// Findings that were let through stay, below what showed it.
fn refuse(status: &mut TengineReleaseStatus, why: (Reason, &str, &str), now: Timestamp) {
    let (reason, message, evidence) = why;
    status.rejected_at = Some(Time(now));
    status.state = Some(refused_state(reason));
    status.message = Some(message.to_owned());
    let findings = status.evidence.take().unwrap_or_default();
    status.evidence =
        Some([evidence, &findings].join("\n").trim_end().to_owned()).filter(|evidence| !evidence.is_empty());
}

/// What is to be written down of the release that should run.
fn settle(status: &mut TengineReleaseStatus, rollout: &Rollout, verdict: &Verdict, now: Timestamp) {
    match verdict {
        Verdict::Proven => {
            status.verified_at = status.verified_at.take().or(Some(Time(now)));
            if status.rejected_at.take().is_some() {
                (status.message, status.evidence) = (None, None);
            }
            status.state = Some(ReleaseState::Verified);
        }
        Verdict::Refused { reason, message, evidence } => {
            refuse(status, (*reason, message, evidence), now);
        }
        Verdict::Pending | Verdict::Proving(_) | Verdict::InTheWay { .. } => {
            if status.rejected_at.is_none() && status.verified_at.is_none() {
                match (rollout.complete, verdict) {
                    (false, _) => status.state = Some(ReleaseState::RollingOut),
                    (true, Verdict::Pending) => {}
                    (true, _) => status.state = Some(ReleaseState::Verifying),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
