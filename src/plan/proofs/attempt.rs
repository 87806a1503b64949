//! A Job that is started once, and again ever more seldom as long as it does not have its say.

use super::proof::Proof;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::ChildName;
use crate::plan::effect::{Effect, Track};
use crate::plan::observed::{CheckJob, JobState};
use crate::plan::releases::Release;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// The shortest time after a Job that did not have its say until another one is started, and the longest.
const SHORTEST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(15);

/// How much of what a process said is passed on, in characters.
const LONGEST_LINE: usize = 300;

/// Starts it; what kept the one before it from having its say goes with it.
type Start<'a> = &'a dyn Fn(Option<(Reason, &str)>) -> Option<Effect>;

/// The Job, and what is made of it.
pub struct Attempt<'a> {
    /// What it is, for those whom something is in the way of.
    pub what: &'a str,
    /// The same, while it is under way.
    pub running: &'a str,
    /// Its name.
    pub name: &'a ChildName,
    /// What was made before says nothing.
    pub since: Option<Timestamp>,
    /// Since when it is tried.
    pub begun: Option<Timestamp>,
    /// Whether it is started at all; what is there has its say all the same.
    pub starts: bool,
    /// Whether what the one before said stands until this one has passed, and not just until its process runs.
    pub lasts: bool,
    /// Starts it.
    pub start: Start<'a>,
    /// What its process says by another end than 0: the end in words, and its log. What is in the way there is tried again.
    pub failed: &'a dyn Fn(&str, &str) -> Proof,
}

/// What it says, or its start.
pub fn judge(jobs: &[CheckJob], now: Timestamp, attempt: &Attempt<'_>) -> Track<Proof> {
    let running = || Proof::Running(attempt.running.to_owned());
    let Some(job) = jobs.iter().find(|job| job.name == attempt.name.as_ref()) else {
        let effects = attempt.starts.then(|| (attempt.start)(None)).flatten().into_iter().collect();
        return Track { effects, ..Track::found(running()) };
    };
    if job.made < attempt.since && !job.deleting {
        let effects = vec![gone(job)];
        return Track { effects, ..Track::found(running()) };
    }
    let said = said(attempt, job);
    let ended = match &job.state {
        JobState::Failed { at, .. } | JobState::Lost { at, .. } => Some(*at),
        JobState::Waiting | JobState::Running | JobState::Passed | JobState::Held(..) => None,
    };
    match (said, ended) {
        (said, _) if job.deleting => Track::found(said.filter(|_| attempt.lasts).unwrap_or_else(running)),
        (Some(Proof::Held(reason, words)), Some(at)) => again(now, attempt, job, (reason, words), at),
        (said, _) => Track { due: job.due, ..Track::found(said.unwrap_or_else(running)) },
    }
}

/// What a Job says, by what became of it; nothing where it is under way, and no other was before it.
fn said(attempt: &Attempt<'_>, job: &CheckJob) -> Option<Proof> {
    let held = |words: &str| format!("{}: Job {}: {words}", attempt.what, attempt.name);
    let before = || job.after.clone().map(|(reason, words)| Proof::Held(reason, words));
    match &job.state {
        // Until its process runs it got no further than the one before it.
        JobState::Waiting => before(),
        JobState::Running => before().filter(|_| attempt.lasts),
        JobState::Passed => Some(Proof::Passed),
        JobState::Failed { message, log, .. } => Some((attempt.failed)(message, log)),
        JobState::Held(reason, words) => Some(Proof::Held(*reason, held(words))),
        JobState::Lost { reason, message, .. } => Some(Proof::Held(*reason, held(message))),
    }
}

/// Another one takes its place, under its name, once it is time, and tells what came of the one before until it gets further.
fn again(
    now: Timestamp,
    attempt: &Attempt<'_>,
    job: &CheckJob,
    (reason, words): (Reason, String),
    at: Timestamp,
) -> Track<Proof> {
    let due = at.checked_add(pause(attempt, job)).unwrap_or(now);
    let restart = || [Some(gone(job)), (attempt.start)(Some((reason, &words)))].into_iter().flatten().collect();
    let effects = if due > now || !attempt.starts { Vec::new() } else { restart() };
    Track { effects, due: Some(due).filter(|due| *due > now && attempt.starts), found: Proof::Held(reason, words) }
}

/// Its start.
pub fn started(release: &Release, name: &ChildName, object: Value) -> Effect {
    Effect::StartJob { name: name.to_string(), owner: release.seen.uid.clone(), object: Box::new(object) }
}

/// What its process said last, for a sentence.
pub fn last_line(log: &str) -> Option<String> {
    let last = log.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(last.chars().take(LONGEST_LINE).collect())
}

/// Its removal.
pub fn gone(job: &CheckJob) -> Effect {
    Effect::DeleteJob { name: job.name.clone(), seen: job.seen.clone() }
}

/// How long after a Job that did not have its say another one is started: as long as it had been tried for when it was made, so that
/// each pause is about double the one before.
fn pause(attempt: &Attempt<'_>, job: &CheckJob) -> SignedDuration {
    let tried = job.made.zip(attempt.begun).map_or(SignedDuration::ZERO, |(made, begun)| made.duration_since(begun));
    tried.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
}
