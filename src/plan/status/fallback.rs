//! A roll-out that was taken back stays worth a word though a newer commit is on its way or waits at a gate: nobody would hear of
//! it else.

use super::super::choose::Because;
use super::super::reading::Reading;
use super::super::releases::Release;
use super::super::verify::Verdict;
use crate::api::v1alpha1::condition::Reason;

/// What was refused though it had been rolled out.
pub(super) struct Fallen {
    pub reason: Reason,
    /// Which, and why.
    pub fact: String,
    /// Whether something older serves instead.
    pub held_back: bool,
}

/// The newest roll-out that was taken back, or that a person has to take back, where another release is wanted by now.
pub(super) fn fallen(reading: &Reading<'_>) -> Option<Fallen> {
    let candidate = reading.candidate?;
    let serves = reading.choice.serves()?;
    let held = reading.choice.because == Because::Held;
    let refused = |release: &&Release| {
        release.spec.number > serves.spec.number
            && !release.is(candidate)
            && release.rejection().is_some_and(is_of_a_roll_out)
    };
    let is_live = reading.rollout.complete && reading.choice.is(candidate);
    if is_live || candidate.is(serves) || candidate.spec.number < serves.spec.number {
        return None;
    }
    let told = |reason, release: &Release, message: &str| {
        let mut fact = format!("{}: {message}", release.short());
        if held {
            fact.push_str(". It serves on, as rollback.mode says; RollBack brings the release before it back");
        }
        Some(Fallen { reason, fact, held_back: !held })
    };
    if let (Verdict::Refused { reason, message, .. }, Some(target)) = (reading.verdict, reading.choice.release)
        && !target.is(candidate)
    {
        return told(*reason, target, message);
    }
    let newest = reading.sight.observed.releases.iter().filter(refused).max_by_key(|release| release.spec.number)?;
    told(newest.rejection()?, newest, newest.status.message.as_deref().unwrap_or_default())
}

/// Whether a release was refused for it after its pods were started.
pub(super) const fn is_of_a_roll_out(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::CoreFailed
            | Reason::ProgressDeadlineExceeded
            | Reason::PackageMissing
            | Reason::VerificationFailed
            | Reason::Unhealthy
            | Reason::OutOfMemory
            | Reason::ConfigurationInvalid
    )
}
