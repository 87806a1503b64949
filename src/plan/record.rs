//! How far each release got, written down.

use super::observed::{Build, Built, Refused};
use super::release::{deleting, refused_state};
use super::{Action, Observed, rollout::Rollout, target::Target, verify::Verdict};
use crate::api::v1alpha1::{ReleaseState, TengineRelease, TengineReleaseStatus};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;

/// The build succeeded.
pub(super) fn built(release: String, status: TengineReleaseStatus, built: &Built) -> Action {
    let message = (!built.notes.is_empty()).then(|| built.notes.join(" "));
    let status = TengineReleaseStatus {
        state: Some(ReleaseState::Built),
        live: Some("False".into()),
        message,
        subject: built.facts.subject.clone(),
        author: built.facts.author.clone(),
        committed_at: built.facts.committed_at.map(Time),
        tree: Some(built.tree.to_string()),
        image: Some(built.image.clone()),
        dsl_version: Some(built.dsl_version.clone()),
        content: Some(built.content.clone()),
        changes: built.changes.as_ref().map(|changes| changes.counts.clone()),
        changed: built.changes.as_ref().map(|changes| changes.names.clone()).unwrap_or_default(),
        evidence: Some(cut(&built.evidence)).filter(|evidence| !evidence.is_empty()),
        ..status
    };
    Action::RecordRelease { release, status: Box::new(status) }
}

/// The build showed that the content is wrong.
pub(super) fn refused(release: String, status: TengineReleaseStatus, refused: &Refused, now: Timestamp) -> Action {
    let status = TengineReleaseStatus {
        state: Some(refused_state(refused.reason)),
        live: Some("False".into()),
        message: Some(refused.message.clone()),
        subject: refused.facts.subject.clone(),
        author: refused.facts.author.clone(),
        committed_at: refused.facts.committed_at.map(Time),
        rejected_at: Some(Time(now)),
        evidence: Some(cut(&refused.evidence)),
        content: refused.content.clone(),
        ..status
    };
    Action::RecordRelease { release, status: Box::new(status) }
}

/// The schema takes 64 KiB.
fn cut(text: &str) -> String {
    text[..text.floor_char_boundary(60 * 1024)].to_owned()
}

/// Brings `state` and `live` of every release up to what is seen, and writes verdicts down.
pub(super) fn record(
    observed: &Observed,
    candidate: Option<&TengineRelease>,
    target: &Target<'_>,
    rollout: &Rollout,
    verdict: &Verdict,
    now: Timestamp,
) -> Vec<Action> {
    let of_target =
        |release: &TengineRelease| target.release.is_some_and(|target| target.name_any() == release.name_any());
    observed
        .releases
        .iter()
        .filter(|release| !deleting(release))
        .filter_map(|release| {
            let before = release.status.clone().unwrap_or_default();
            let mut status = before.clone();
            let serving = target.current_after(rollout, release);
            status.live = Some(if serving { "True" } else { "False" }.to_owned());
            if of_target(release) {
                settle(&mut status, rollout, verdict, now);
            } else if before.verified_at.is_some() && before.rejected_at.is_none() {
                status.state = Some(if serving { ReleaseState::Verified } else { ReleaseState::Superseded });
            } else if before.rejected_at.is_none() {
                // Nobody builds or rolls out what is no longer wanted.
                let wanted = candidate.is_none_or(|candidate| candidate.name_any() == release.name_any());
                let so_far = before.state.unwrap_or(ReleaseState::Building);
                status.state = Some(if wanted { so_far } else { ReleaseState::Superseded });
            }
            let awaits_build = observed.builds.get(&release.name_any()).is_some_and(Build::is_finished)
                && before.image.is_none()
                && before.rejected_at.is_none();
            (status != before && !awaits_build)
                .then(|| Action::RecordRelease { release: release.name_any(), status: Box::new(status) })
        })
        .collect()
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
            status.rejected_at = Some(Time(now));
            status.state = Some(refused_state(*reason));
            status.message = Some(message.clone());
            // Findings that were let through stay, below the core's own words.
            let findings = status.evidence.take().unwrap_or_default();
            status.evidence = Some(cut([evidence.as_str(), &findings].join("\n").trim_end()));
        }
        Verdict::Pending | Verdict::InTheWay { .. } => {
            if status.rejected_at.is_none() && !rollout.complete && status.verified_at.is_none() {
                status.state = Some(ReleaseState::RollingOut);
            }
        }
    }
}

impl Build {
    fn is_finished(&self) -> bool {
        matches!(self, Self::Built(_) | Self::Refused(_))
    }
}

#[cfg(test)]
mod tests;
