//! Did the target prove itself, or show that its content is wrong?
//!
//! Only what the content of a commit caused condemns it. What the environment caused waits.

use super::observed::{Crash, Observed, Pod, PodTrouble};
use super::rollout::Rollout;
use crate::api::v1alpha1::{TengineRelease, condition::Reason};

/// So many ends in a row, without a place in the definitions in the log, are no accident.
const CRASHES_THAT_CONVINCE: i32 = 3;

/// What is to be thought of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is too early to say.
    Pending,
    /// All its pods were ready.
    Proven,
    /// Its content is wrong.
    Refused {
        /// In a word.
        reason: Reason,
        /// In a sentence.
        message: String,
        /// What showed it.
        evidence: String,
    },
    /// Something that is not its fault is in the way.
    InTheWay {
        /// In a word.
        reason: Reason,
        /// In a sentence.
        message: String,
    },
}

/// Judges the target by its pods.
pub(super) fn judge(observed: &Observed, target: Option<&TengineRelease>, rollout: &Rollout) -> Verdict {
    let Some(status) = target.and_then(|release| release.status.as_ref()) else { return Verdict::Pending };
    if rollout.complete {
        // With no pods at all nothing was proven.
        return if rollout.ready > 0 { Verdict::Proven } else { Verdict::Pending };
    }
    let proven_before = status.verified_at.is_some();
    let troubles = || rollout.pods.iter().filter_map(|pod| Some((pod, pod.trouble.as_ref()?)));
    let verdicts: Vec<Verdict> =
        troubles().filter_map(|(pod, trouble)| of_pod(pod, trouble, &rollout.others)).collect();
    let in_the_way = verdicts.iter().find(|verdict| matches!(verdict, Verdict::InTheWay { .. }));
    if let Some(verdict) = in_the_way {
        return verdict.clone();
    }
    if let Some(message) = &rollout.refused {
        return Verdict::InTheWay { reason: Reason::PodsRefused, message: message.clone() };
    }
    let already_refused = status.rejected_at.is_some();
    if proven_before || already_refused || !observed.references.problems.is_empty() {
        return Verdict::Pending;
    }
    if let Some(verdict) = verdicts.into_iter().next() {
        return verdict;
    }
    if rollout.overdue {
        let message = "the core did not get ready within strategy.progressDeadline".to_owned();
        let evidence = troubles().find_map(|(_, trouble)| text(trouble)).unwrap_or_default();
        return Verdict::Refused { reason: Reason::ProgressDeadlineExceeded, message, evidence };
    }
    Verdict::Pending
}

/// What one pod's trouble says of its release.
fn of_pod(pod: &Pod, trouble: &PodTrouble, others: &[Pod]) -> Option<Verdict> {
    let in_the_way = |reason, message: String| Some(Verdict::InTheWay { reason, message });
    match trouble {
        PodTrouble::Unschedulable(words) => in_the_way(Reason::Unschedulable, format!("pod {}: {words}", pod.name)),
        PodTrouble::Pull(words) => in_the_way(Reason::PullFailed, format!("pod {}: {words}", pod.name)),
        PodTrouble::Container(words) => in_the_way(Reason::SecretInvalid, format!("pod {}: {words}", pod.name)),
        PodTrouble::PackageMissing => Some(Verdict::Refused {
            reason: Reason::PackageMissing,
            message: "the base image has no tengined".into(),
            evidence: String::new(),
        }),
        PodTrouble::Crash(crash) => of_crash(pod, crash, others),
    }
}

fn of_crash(pod: &Pod, crash: &Crash, others: &[Pod]) -> Option<Verdict> {
    let message = describe(crash);
    if let Some(reason) = crash.evidence.environment() {
        return Some(Verdict::InTheWay { reason, message });
    }
    let same_elsewhere = others.iter().any(|other| match &other.trouble {
        Some(PodTrouble::Crash(theirs)) => theirs.evidence.class == crash.evidence.class,
        _ => false,
    });
    if same_elsewhere {
        let message = format!("{message} (the release before fails the same way)");
        return Some(Verdict::InTheWay { reason: Reason::Unavailable, message });
    }
    let convincing = crash.evidence.place.is_some() || pod.crashes >= CRASHES_THAT_CONVINCE;
    convincing.then(|| Verdict::Refused { reason: Reason::CoreFailed, message, evidence: crash.evidence.text.clone() })
}

/// How a process ended, in a sentence.
pub(super) fn describe(crash: &Crash) -> String {
    match (crash.runtime_reason.as_deref(), crash.evidence.sentence()) {
        (Some("OOMKilled"), _) => "the core was killed at its memory limit (pod.resources.limits.memory)".into(),
        (_, Some(sentence)) => sentence,
        (_, None) => format!("the core ended with exit code {}", crash.exit_code),
    }
}

fn text(trouble: &PodTrouble) -> Option<String> {
    match trouble {
        PodTrouble::Crash(crash) => Some(crash.evidence.text.clone()),
        _ => None,
    }
}
