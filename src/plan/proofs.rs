//! What was asked of a release besides starting it: preflight and tests before its roll-out, verification after it.
//!
//! Each check has an identity that follows from the release, the check and the last Retry, and its Job has a name that follows
//! from that: however often it is planned, by however many operators, it runs once. Only a process that ran, or a number that came,
//! speaks about the release; everything else is environment: it is said, and tried again.

mod again;
mod attempt;
mod connection;
mod identity;
mod job;
mod load;
mod proof;
mod query;

pub use again::{Again, again};
pub use connection::{is_content_untested, of_connection};
pub use proof::{Proof, Stage};

use super::desired::{Probe, WantedCheck};
use super::effect::{Effect, Track};
use super::gates::Passages;
use super::observed::JobState;
use super::releases::{Fate, Release};
use super::sight::Sight;
use super::succession;
use crate::domain::ChildName;
use identity::{identity, job_name};
use jiff::{SignedDuration, Timestamp};
use proof::Round;

/// What is asked of a release before its roll-out, in this order.
const BEFORE: [Stage; 2] = [Stage::Preflight, Stage::Tests];

/// What preflight and tests say of those whose turn it is: the newest, and one of those before it.
#[derive(Debug, Default)]
pub struct Tests<'a>(Vec<(&'a Release, Stage, Proof)>);

impl<'a> Tests<'a> {
    /// Which of them a release is at, and what that says; `None` where it is not its turn.
    pub fn at(&self, release: &Release) -> Option<(Stage, &Proof)> {
        self.0.iter().find(|(tested, ..)| tested.is(release)).map(|(_, stage, proof)| (*stage, proof))
    }

    /// What that says.
    pub fn of(&self, release: &Release) -> Option<&Proof> {
        self.at(release).map(|(_, proof)| proof)
    }

    /// Those whose turn it is.
    pub fn releases(&self) -> impl Iterator<Item = &'a Release> {
        self.0.iter().map(|(release, ..)| *release)
    }
}

/// Whether the spec asks for it.
pub fn is_asked(sight: Sight<'_>, stage: Stage) -> bool {
    let checks = &sight.desired.checks;
    match stage {
        Stage::Preflight => checks.preflight.load,
        Stage::Tests => !checks.tests.is_empty(),
        Stage::Verification => !checks.asks_for_no_verification(),
    }
}

/// Whether anything is asked before a roll-out.
pub fn are_asked(sight: Sight<'_>) -> bool {
    BEFORE.into_iter().any(|stage| is_asked(sight, stage))
}

/// What is asked of it and has not passed: what they said is written down before anything is done about it.
fn open<'a>(sight: Sight<'a>, release: &'a Release) -> impl Iterator<Item = Stage> {
    BEFORE.into_iter().filter(move |stage| is_asked(sight, *stage) && !release.has_done(stage.step()))
}

/// The preflight and the tests of the release that policy wants, and of the one before it whose turn it is.
pub fn tests<'a>(sight: Sight<'a>, candidate: Option<&'a Release>, passages: &Passages<'_>) -> Track<Tests<'a>> {
    let mut whole = Track::found(Tests::default());
    let is_connected = connection::let_pass(sight);
    let newest = candidate.filter(|release| is_to_be_tested(sight, release));
    for release in newest.into_iter().chain(earlier(sight, candidate, passages)) {
        let Some(stage) = open(sight, release).next() else { continue };
        // What began is brought to its end.
        if !is_connected && !has_begun(sight, release) {
            continue;
        }
        let track = match stage {
            Stage::Preflight => load::of_load(sight, release),
            Stage::Tests | Stage::Verification => look(sight, release, stage.into()),
        };
        whole.effects.extend(track.effects);
        whole.due = whole.due.into_iter().chain(track.due).min();
        whole.found.0.push((release, stage, track.found));
    }
    whole
}

/// Tests that began are brought to their end, the first ones first: else commits that come faster than tests end would end each
/// before it said anything. Where gates keep the newest, the newest that they let pass is tested, too.
fn earlier<'a>(sight: Sight<'a>, candidate: Option<&'a Release>, passages: &Passages<'_>) -> Option<&'a Release> {
    let before: Vec<&Release> = succession::before(sight, candidate);
    let untested = || before.iter().copied().filter(|release| is_to_be_tested(sight, release));
    let opened = |release: &&Release| passages.are_gates() && passages.let_pass(release);
    let kept = candidate.is_some_and(|candidate| !passages.let_pass(candidate));
    untested().rfind(|release| has_begun(sight, release)).or_else(|| untested().find(opened).filter(|_| kept))
}

/// Whether one of its tests is under way or ended, and nothing is in its way.
fn has_begun(sight: Sight<'_>, release: &Release) -> bool {
    let names: Vec<ChildName> = BEFORE.into_iter().flat_map(|stage| names(sight, release, stage)).collect();
    let mut mine = sight.observed.jobs.iter().filter(|job| names.iter().any(|name| name.as_ref() == job.name));
    mine.any(|job| !job.deleting && !matches!(job.state, JobState::Held(..) | JobState::Lost { .. }))
}

/// The Jobs of a step's checks.
fn names<'a>(sight: Sight<'a>, release: &'a Release, stage: Stage) -> impl Iterator<Item = ChildName> {
    let load = (stage == Stage::Preflight && is_asked(sight, stage)).then(|| load::job_name(sight, release));
    let checks = checks(sight, stage).iter();
    load.into_iter().chain(checks.map(move |check| job_name(sight, &identity(release, (stage, None), check))))
}

/// Whether it may take the place of another as far as preflights and tests go.
pub fn let_pass(sight: Sight<'_>, release: &Release) -> bool {
    release.fate != Fate::Built || (connection::let_pass(sight) && open(sight, release).next().is_none())
}

fn is_to_be_tested(sight: Sight<'_>, release: &Release) -> bool {
    release.fate == Fate::Built && !let_pass(sight, release) && sight.told() != Some(&release.name)
}

/// The verification of a release whose pods are all ready, since then.
pub fn verification(sight: Sight<'_>, release: &Release, ready_since: Option<Timestamp>) -> Track<Proof> {
    if release.verified_at().is_some() {
        return Track::found(Proof::Passed);
    }
    let steady = ready_since.and_then(|since| {
        let wait = SignedDuration::try_from(sight.desired.checks.min_ready).unwrap_or(SignedDuration::MAX);
        since.checked_add(wait).ok()
    });
    if let Some(at) = steady.filter(|at| *at > sight.now) {
        let words = format!("all pods have to be ready for {} s", sight.desired.checks.min_ready.as_secs());
        return Track { due: Some(at), ..Track::found(Proof::Running(words)) };
    }
    look(sight, release, Round { since: ready_since, ..Stage::Verification.into() })
}

/// Jobs that nobody waits for any more: of releases that were refused, superseded or are done, and of checks that were changed.
/// What is over stays with its release, for its log.
pub fn abandoned<'a>(
    sight: Sight<'a>,
    candidate: Option<&'a Release>,
    under_way: impl Iterator<Item = &'a Release>,
) -> Vec<Effect> {
    if candidate.is_none() {
        // Nobody can say just now what is wanted: what began goes on.
        return Vec::new();
    }
    let (open, verified): (Vec<&Release>, Vec<&Release>) =
        under_way.filter(|release| release.rejection().is_none()).partition(|release| release.verified_at().is_none());
    let again = verified.into_iter().flat_map(|release| again::names(sight, release));
    let wanted: Vec<ChildName> = open
        .into_iter()
        .flat_map(|release| [Stage::Preflight, Stage::Tests, Stage::Verification].map(|stage| (release, stage)))
        .flat_map(|(release, stage)| names(sight, release, stage))
        .chain(again)
        .collect();
    let jobs = sight.observed.jobs.iter().filter(|job| !job.deleting && !job.state.is_over());
    let unwanted = jobs.filter(|job| !wanted.iter().any(|name| name.as_ref() == job.name)).map(attempt::gone);
    unwanted.chain(again::outlived(sight)).collect()
}

fn checks(sight: Sight<'_>, stage: Stage) -> &[WantedCheck] {
    match stage {
        Stage::Preflight => &[],
        Stage::Tests => &sight.desired.checks.tests,
        Stage::Verification => &sight.desired.checks.verification,
    }
}

/// All checks of a step, begun together. The first that failed decides; else the first in whose way something is.
fn look(sight: Sight<'_>, release: &Release, round: Round) -> Track<Proof> {
    let each = checks(sight, round.stage).iter().map(|check| (check, one(sight, release, round, check)));
    let mut whole = Track::found(Proof::Passed);
    let mut running = Vec::new();
    for (check, track) in each {
        whole.effects.extend(track.effects);
        whole.due = whole.due.into_iter().chain(track.due).min();
        match (&whole.found, track.found) {
            (Proof::Failed { .. }, _) | (_, Proof::Passed) => {}
            (_, failed @ Proof::Failed { .. }) => whole.found = failed,
            (Proof::Held(..), _) => {}
            (_, held @ Proof::Held(..)) => whole.found = held,
            (_, Proof::Running(_)) => running.push(check.name.as_str()),
        }
    }
    if whole.found == Proof::Passed && !running.is_empty() {
        whole.found = Proof::Running(format!("{} under way", running.join(", ")));
    }
    if matches!(whole.found, Proof::Failed { .. }) {
        // Nothing is begun any more.
        (whole.effects, whole.due) = (Vec::new(), None);
    }
    whole
}

fn one(sight: Sight<'_>, release: &Release, round: Round, check: &WantedCheck) -> Track<Proof> {
    match &check.probe {
        Probe::Job(wanted) => job::of_job(sight, release, (check, wanted), round),
        Probe::Query(wanted) => {
            let identity = identity(release, (round.stage, round.scheduled), check);
            query::of_query(sight, (check, wanted), identity, round.since)
        }
    }
}
