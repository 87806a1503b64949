//! What is said of passing a verified commit on.

use super::super::observed::Trouble;
use super::super::pass_on::Passed;
use super::super::reading::Reading;
use super::super::releases::Release;
use super::answer::{Answer, Motion};
use super::conditions::{Conditions, Truth};
use super::words::sentences;
use crate::api::v1alpha1::PassedOn;
use crate::api::v1alpha1::condition::{ConditionType, Reason};

pub(super) fn condition(conditions: &mut Conditions<'_>, reading: &Reading<'_>) {
    let Some((release, passed)) = reading.passed else { return };
    let (truth, reason, message) = match passed {
        Passed::Waiting => (Truth::Open, Reason::PassingOn, format!("{} is being pushed", release.short())),
        Passed::Done(done) => (Truth::Yes, Reason::Succeeded, pushed(release, done)),
        Passed::Held(trouble) => (Truth::No, trouble.reason, held(release, trouble)),
    };
    conditions.set(ConditionType::PassedOn, truth, reason, &message);
}

fn pushed(release: &Release, done: &PassedOn) -> String {
    let branch = done.branch.as_ref().map(|branch| format!("branch {branch} has it"));
    let tag = done.tag.as_ref().map(|tag| format!("tag {tag} is on it"));
    let both: Vec<String> = branch.into_iter().chain(tag).collect();
    format!("{}: {}", release.short(), both.join(", "))
}

fn held(release: &Release, trouble: &Trouble) -> String {
    sentences(&[&format!("{} is not passed on: {}", release.short(), trouble.message), trouble.reason.advice()])
}

/// What serves is well; a person has to do something so that others hear of it. What passes by itself is in the condition only.
pub(super) fn refused(reading: &Reading<'_>) -> Option<Answer> {
    let (release, Passed::Held(trouble)) = reading.passed? else { return None };
    let motion = Motion::Stalled;
    let fact = format!("{} is live and is not passed on: {}", release.short(), trouble.message);
    trouble.definite.then(|| {
        let message = sentences(&[&fact, trouble.reason.advice()]);
        Answer { message, ..Answer::new(Truth::No, trouble.reason, motion, &fact, reading) }
    })
}
