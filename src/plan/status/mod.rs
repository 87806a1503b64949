//! The status: conditions and facts, computed from what was seen and from nothing else.

mod answer;
mod at_gate;
mod conditions;
mod fallback;
mod nodes;
mod outside;
mod passed;
mod progress;
mod ready;
mod standby;
mod steps;
mod tags;
mod tested;
mod verified;
mod words;

use super::desired::{Desired, Problem};
use super::fleet::Fleet;
use super::observed::{Look, Observed};
use super::reading::Reading;
use super::releases::Release;
use super::releases::record::Told;
use super::sight::Sight;
use super::texts;
use super::verify::Verdict;
use super::want::Wanted;
use crate::api::v1alpha1::condition::{ConditionType, Reason};
use crate::api::v1alpha1::{Next, Phases, Running, SourceStatus, TengineDeploymentStatus};
use crate::domain::Component;
use crate::manifest;
use answer::{Answer, Motion};
use conditions::{Conditions, Truth};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use words::sentences;

pub use nodes::nodes;

/// The status that follows from what was seen; `told` is what the records of its releases say.
pub fn report(reading: &Reading<'_>, told: &[Told<'_>]) -> TengineDeploymentStatus {
    let (desired, observed) = (reading.sight.desired, reading.sight.observed);
    let answer = ready::answer(reading);
    let mut conditions = Conditions::new(&observed.status.conditions, desired.generation, reading.sight.now);
    overall(&mut conditions, &answer);
    if let Some(fallen) = fallback::fallen(reading).filter(|fallen| fallen.held_back && answer.held_back.is_none()) {
        let serves = reading.choice.serves().map(|serves| words::brought_back(reading, serves));
        let message = sentences(&[&fallen.fact, &serves.unwrap_or_default()]);
        conditions.set(ConditionType::HeldBack, Truth::Yes, Reason::FellBack, &message);
    }
    if let Some(neighbour) = observed.neighbours.first() {
        let all: Vec<&str> = observed.neighbours.iter().map(|problem| problem.message.as_str()).collect();
        conditions.set(ConditionType::SharedBackend, Truth::Yes, neighbour.reason, &sentences(&all));
    }
    steps::gates(&mut conditions, reading);
    steps::steps(&mut conditions, reading);
    passed::condition(&mut conditions, reading);
    let current = current(reading);
    TengineDeploymentStatus {
        observed_generation: Some(desired.generation),
        conditions: conditions.finish(),
        source: source(reading),
        next: next(reading, current.as_ref(), &answer),
        progress: progress::progress(reading, told),
        last_verified: last_verified(reading),
        current,
        instances: reading.fleet.map(Fleet::lines).unwrap_or_default(),
        phase: reading.phases.map(phase),
        nodes: nodes(reading.sight),
        complete_generation: complete_generation(reading),
        replicas: Some(reading.rollout.replicas),
        ready_replicas: Some(reading.rollout.ready),
        selector: Some(selector(reading.sight)),
        last_handled_reconcile_at: handled(desired, observed),
    }
}

/// The phase that is under way, or the last one that is over.
fn phase(phases: &Phases) -> String {
    let Phases { begun, done, last, .. } = phases;
    let over = if done == begun { " done" } else { "" };
    format!("{begun}/{last}{over}")
}

/// Which pods are counted: not those that wait beside the ones that serve.
fn selector(sight: Sight<'_>) -> String {
    let all = manifest::selector(&sight.desired.name);
    sight.active_turn().map_or_else(|| all.clone(), |turn| format!("{all},{}={turn}", manifest::TURN_LABEL))
}

/// The status of a spec that cannot be read: nothing is touched, and the facts of before stay.
pub fn invalid(
    problems: &[Problem],
    generation: i64,
    before: &TengineDeploymentStatus,
    now: Timestamp,
) -> TengineDeploymentStatus {
    let all: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    let message = sentences(&[&all.join("; "), "What runs is left alone"]);
    let answer = Answer {
        truth: Truth::No,
        reason: problems.first().map_or(Reason::InvalidSpec, |problem| problem.reason),
        message,
        motion: Motion::Stalled,
        held_back: None,
    };
    let mut conditions = Conditions::new(&before.conditions, generation, now);
    overall(&mut conditions, &answer);
    conditions.keep(&[ConditionType::Available, ConditionType::Verified]);
    // What went on is not known to go on.
    TengineDeploymentStatus {
        observed_generation: Some(generation),
        conditions: conditions.finish(),
        progress: None,
        ..before.clone()
    }
}

/// The status where the cluster could not be read, or what was decided could not be written: what was seen stays as it is, and
/// `Ready` says that nobody knows whether it will come; or that it will not, where a name is taken.
pub fn blocked(seen: TengineDeploymentStatus, reason: Reason, why: &str, now: Timestamp) -> TengineDeploymentStatus {
    let message = sentences(&[why, reason.advice()]);
    let (truth, motion) = if reason == Reason::NameTaken {
        (Truth::No, ConditionType::Stalled)
    } else {
        (Truth::Open, ConditionType::Reconciling)
    };
    let before = seen.conditions.clone();
    let mut conditions = Conditions::new(&before, seen.observed_generation.unwrap_or_default(), now);
    conditions.set(ConditionType::Ready, truth, reason, &message);
    conditions.set(motion, Truth::Yes, reason, &message);
    let said_anew = [ConditionType::Ready, ConditionType::Reconciling, ConditionType::Stalled];
    conditions.keep(&ConditionType::ALL.iter().copied().filter(|kind| !said_anew.contains(kind)).collect::<Vec<_>>());
    TengineDeploymentStatus { conditions: conditions.finish(), ..seen }
}

fn overall(conditions: &mut Conditions<'_>, answer: &Answer) {
    conditions.set(ConditionType::Ready, answer.truth, answer.reason, &answer.message);
    match answer.motion {
        Motion::Settled => {}
        Motion::Reconciling => conditions.set(ConditionType::Reconciling, Truth::Yes, answer.reason, &answer.message),
        Motion::Stalled => conditions.set(ConditionType::Stalled, Truth::Yes, answer.reason, &answer.message),
    }
    if let Some(reason) = answer.held_back {
        conditions.set(ConditionType::HeldBack, Truth::Yes, reason, &answer.message);
    }
}

/// What the ref points at; what was known before a restart stays until the first look.
fn source(reading: &Reading<'_>) -> Option<SourceStatus> {
    if reading.sight.desired.promotion().is_some() {
        return promoted(reading);
    }
    let before = reading.sight.observed.status.source.clone();
    let Some((seen, _)) = &reading.sight.observed.source.answer else {
        // Of another spec it says nothing.
        let same_spec = reading.sight.observed.status.observed_generation == Some(reading.sight.desired.generation);
        let before = before.filter(|_| same_spec);
        return before.map(|before| SourceStatus { refused_since: refused_since(reading), ..before });
    };
    let of_commit = reading
        .sight
        .observed
        .releases
        .iter()
        .filter(|release| release.spec.commit == seen.commit.as_ref())
        .map(|release| release.status.clone())
        .find(|status| status.subject.is_some());
    let facts = of_commit.unwrap_or_default();
    Some(SourceStatus {
        reference: seen.reference.clone(),
        commit: seen.commit.to_string(),
        subject: facts.subject,
        author: facts.author,
        committed_at: facts.committed_at,
        passed_over: seen.passed_over.as_ref().map(tags::passed_over),
        refused_since: refused_since(reading),
    })
}

/// Where the definitions of the version that is wanted came from.
fn promoted(reading: &Reading<'_>) -> Option<SourceStatus> {
    let Wanted::Known(inputs) = reading.wanted else { return reading.sight.observed.status.source.clone() };
    let theirs = inputs.version.as_ref()?.theirs.clone();
    Some(SourceStatus {
        reference: inputs.source.reference.clone(),
        commit: inputs.source.commit.to_string(),
        subject: theirs.subject,
        author: theirs.author,
        committed_at: theirs.committed_at,
        passed_over: None,
        refused_since: None,
    })
}

/// Since when the host says no. Only its answer ends that: neither the next no, nor an outage after it, nor a start of this process.
fn refused_since(reading: &Reading<'_>) -> Option<Time> {
    let Sight { observed, now, .. } = reading.sight;
    let before = observed.status.source.as_ref().and_then(|source| source.refused_since.clone());
    match &observed.source {
        Look { trouble: Some(trouble), .. } if trouble.definite => before.or(Some(Time(now))),
        Look { trouble: None, answer: Some(_), .. } => None,
        Look { .. } => before,
    }
}

/// The generation of the core's Deployment at which nothing was missing.
fn complete_generation(reading: &Reading<'_>) -> Option<i64> {
    let now = reading.sight.deployment(Component::Core).map(|core| core.generation);
    now.filter(|_| reading.rollout.complete).or(reading.sight.observed.status.complete_generation)
}

pub fn running(release: &Release, before: Option<&Running>, now: Timestamp) -> Option<Running> {
    let since = before.filter(|before| before.release == release.name).map_or(Time(now), |before| before.since.clone());
    Some(Running {
        release: release.name.clone(),
        revision: release.spec.revision.clone(),
        commit: release.spec.commit.clone(),
        image: release.image()?.to_owned(),
        since,
    })
}

/// The target once its roll-out is complete; until then what was complete before.
fn current(reading: &Reading<'_>) -> Option<Running> {
    let before = reading.sight.observed.status.current.as_ref();
    // Whose record was removed serves on, and no other.
    if reading.sight.is_told_lost() {
        return before.cloned();
    }
    let rollout = reading.rollout;
    let serving = if rollout.complete && (rollout.ready > 0 || before.is_none()) {
        reading.choice.release.filter(|_| rollout.ready > 0)
    } else {
        reading.choice.serves()
    };
    serving.and_then(|release| running(release, before, reading.sight.now)).or_else(|| before.cloned())
}

fn next(reading: &Reading<'_>, current: Option<&Running>, answer: &Answer) -> Option<Next> {
    let candidate = reading.candidate.or(reading.choice.release)?;
    if current.is_some_and(|current| current.release == candidate.name) {
        return None;
    }
    let held = reading.standing.pin.map(|pin| format!("Resume: {} pinned {}", pin.by, pin.release));
    let waiting_for = held
        .or_else(|| reading.passages.waits_for(candidate).map(|words| texts::message(&words)))
        .or_else(|| (answer.truth != Truth::Yes).then(|| texts::message(&answer.message)));
    Some(Next {
        release: candidate.name.clone(),
        revision: candidate.spec.revision.clone(),
        commit: candidate.spec.commit.clone(),
        waiting_for,
    })
}

fn last_verified(reading: &Reading<'_>) -> Option<Running> {
    let before = reading.sight.observed.status.last_verified.as_ref();
    let proven = matches!(reading.verdict, Verdict::Proven);
    match reading.choice.release.filter(|_| proven) {
        Some(release) => running(release, before, reading.sight.now),
        None => before.cloned(),
    }
}

/// The `reconcile-at` value that all finished looks have served.
fn handled(desired: &Desired, observed: &Observed) -> Option<String> {
    let asked = desired.reconcile_at.clone()?;
    let served = [&observed.source.served, &observed.base.served, &observed.push.served];
    // Nobody outside is asked for what another deployment proved.
    if desired.promotion().is_some() || served.iter().all(|served| served.as_ref() == Some(&asked)) {
        return Some(asked);
    }
    observed.status.last_handled_reconcile_at.clone()
}
