//! Sentences of the status.

use super::super::choose::Because;
use super::super::observed::Pod;
use super::super::reading::Reading;
use super::super::releases::Release;
use super::super::rollout::Rollout;
use super::super::verify::Verdict;
use crate::api::v1alpha1::condition::Reason;

/// `1 of 2 cores ready, heartbeat-watchd not ready`.
pub(super) fn pods_in_words(reading: &Reading<'_>) -> String {
    let rollout = reading.rollout;
    let cores = format!("{} of {} cores ready", rollout.ready, reading.sight.desired.replicas);
    let besides = rollout.waiting_for.iter().map(|component| format!("{} not ready", component.label()));
    std::iter::once(cores).chain(besides).collect::<Vec<_>>().join(", ")
}

/// What still serves, where that is worth a word.
pub(super) fn serving(reading: &Reading<'_>, reason: Reason) -> String {
    let quiet = matches!(reason, Reason::UpToDate | Reason::Stopped | Reason::Unavailable | Reason::Pinned);
    match reading.choice.serves() {
        Some(_) if reading.choice.because == Because::Held => String::new(),
        // It had gone already.
        Some(current) if matches!(reason, Reason::VerificationFailed | Reason::Unhealthy) => {
            brought_back(reading, current)
        }
        Some(current) if !quiet => at_work(reading, current),
        _ => String::new(),
    }
}

/// How far what served before is on its way back.
pub(super) fn brought_back(reading: &Reading<'_>, current: &Release) -> String {
    let is_refused = matches!(reading.verdict, Verdict::Refused { .. });
    if !reading.choice.is(current) || is_refused {
        return at_work(reading, current);
    }
    if reading.rollout.complete {
        return format!("{} serves again", current.short());
    }
    let back = match reading.verdict {
        Verdict::InTheWay { message, .. } => format!("{} is brought back: {message}", current.short()),
        _ => format!("{} is brought back", current.short()),
    };
    sentences(&[&at_work(reading, current), &back])
}

/// Whose cores are ready: those of what served before, if any; else of what takes its place, though not all of it is there.
/// Of a release that nobody knows any more, nothing can be said.
fn at_work(reading: &Reading<'_>, current: &Release) -> String {
    let Rollout { pods, others, ready, .. } = reading.rollout;
    if *ready == 0 {
        return String::new();
    }
    let target = reading.choice.release;
    let new = pods.iter().filter(|pod| pod.ready).filter_map(|_| target);
    // A pod that no ReplicaSet of ours made is nobody's version.
    let known = |pod: &Pod| match pod.release.as_deref() {
        Some(name) => reading.sight.observed.releases.named(name),
        None => pod.template.as_ref().map(|_| current),
    };
    let old = others.iter().filter(|pod| pod.ready).filter_map(known);
    let ready: Vec<&Release> = old.chain(new).collect();
    let Some(serves) = ready.iter().find(|release| release.is(current)).or(ready.first()).copied() else {
        return String::new();
    };
    if serves.is(current) || target.is_none_or(|target| !target.is(serves)) {
        return format!("{} keeps serving", serves.short());
    }
    let cores = ready.iter().filter(|release| release.is(serves)).count();
    format!("{} serves, with {cores} of {} cores", serves.short(), reading.sight.desired.replicas)
}

/// Puts sentences together: each ends with one full stop, empty ones are left out.
pub(super) fn sentences(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| part.trim().trim_end_matches('.')).filter(|part| !part.is_empty());
    parts.map(|part| format!("{part}.")).collect::<Vec<_>>().join(" ")
}
