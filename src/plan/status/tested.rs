//! `Ready` while something is tested before it may serve: a candidate, its connection, or a Secret that changed.

use super::super::proofs::{Proof, Stage};
use super::super::reading::Reading;
use super::super::releases::Release;
use super::super::render;
use super::answer::{Answer, Motion};
use super::conditions::Truth;
use crate::api::v1alpha1::condition::Reason;

/// What serves is all there, and keeps the content that it has: a Secret or ConfigMap of it changed.
pub fn keeps_content(reading: &Reading<'_>) -> Option<Answer> {
    let target = reading.choice.release.filter(|target| render::holds_content_back(reading.sight, target))?;
    connection(reading, &format!("{}: a Secret or ConfigMap that changed", target.short()))
}

/// Its image is there, and the connection is tested.
pub fn waits_for_connection(reading: &Reading<'_>, candidate: &Release) -> Option<Answer> {
    candidate.image()?;
    connection(reading, &format!("{}:", candidate.short()))
}

/// That who is named waits for a connection test that is under way.
fn connection(reading: &Reading<'_>, who: &str) -> Option<Answer> {
    let Some(Proof::Running(words)) = reading.connection else { return None };
    let fact = format!("{who} waits for the connection test: {words}");
    Some(Answer::new(Truth::Open, Reason::TestingConnection, Motion::Reconciling, &fact, reading))
}

/// Its preflight or its tests are under way, or passed just now.
pub fn under_test(reading: &Reading<'_>, candidate: &Release, (stage, proof): (Stage, &Proof)) -> Option<Answer> {
    let words = match proof {
        Proof::Running(words) => words.as_str(),
        Proof::Passed => "passed",
        Proof::Held(..) | Proof::Failed { .. } => return None,
    };
    let (reason, what) = match stage {
        Stage::Preflight => (Reason::Preflight, "preflight"),
        Stage::Tests | Stage::Verification => (Reason::Testing, "tests"),
    };
    let fact = format!("{}: {what}: {words}", candidate.short());
    Some(Answer::new(Truth::Open, reason, Motion::Reconciling, &fact, reading))
}
