//! The conditions beside `Ready`: what each step on the way of a release came to.

use super::super::observed::{Build, Look, Step, Trouble};
use super::super::promote::{self, Stand};
use super::super::proofs::Proof;
use super::super::reading::Reading;
use super::super::releases::{Fate, Release, fate, recheck};
use super::super::upstream::{are_unread, revoked};
use super::conditions::{Conditions, Truth};
use super::words::{self, sentences};
use crate::api::v1alpha1::condition::{ConditionType, Reason};
use crate::api::v1alpha1::{DefinitionCheck, TengineReleaseStatus};

/// How the gates stand for the candidate, and whether what serves was rejected by those who let it pass.
pub(super) fn gates(conditions: &mut Conditions<'_>, reading: &Reading<'_>) {
    if let Some(message) = reading.serving().and_then(|serving| revoked(reading.sight, serving)) {
        let message = sentences(&[&message, Reason::UpstreamRejected.advice()]);
        conditions.set(ConditionType::UpstreamRevoked, Truth::Yes, Reason::UpstreamRejected, &message);
    } else if are_unread(reading.sight) {
        conditions.keep(&[ConditionType::UpstreamRevoked]);
    }
    // What was refused comes to no gate any more.
    let comes = |candidate: &&Release| reading.passages.are_gates() && candidate.rejection().is_none();
    // What has loaded and waits comes first: what is newer has yet to come to it.
    let at_gate = reading.choice.release.filter(|_| reading.rollout.at_gate);
    let Some(candidate) = at_gate.or_else(|| reading.candidate.filter(comes)) else { return };
    match reading.passages.shut(candidate) {
        Some((_, shut)) => {
            let message = sentences(&[&reading.passages.waits_for(candidate).unwrap_or_default()]);
            conditions.set(ConditionType::GatesOpen, Truth::No, shut.reason, &message);
        }
        None if reading.passages.let_pass(candidate) => {
            let message = format!("{} passed all gates", candidate.short());
            conditions.set(ConditionType::GatesOpen, Truth::Yes, Reason::Succeeded, &message);
        }
        None if candidate.fate != Fate::Pending => {}
        None => {
            let message = format!("{}: not built yet", candidate.short());
            conditions.set(ConditionType::GatesOpen, Truth::Open, Reason::Building, &message);
        }
    }
}

pub(super) fn steps(conditions: &mut Conditions<'_>, reading: &Reading<'_>) {
    target_ready(conditions, reading);
    source_ready(conditions, reading);
    if let Some(candidate) = reading.candidate {
        candidate_steps(conditions, reading, candidate);
    }
    let (desired, rollout) = (reading.sight.desired, reading.rollout);
    let enough = rollout.ready >= desired.replicas && rollout.waiting_for.is_empty();
    let words = words::pods_in_words(reading);
    match reading.choice.release {
        None => {}
        Some(_) if desired.replicas == 0 => {
            conditions.set(ConditionType::Available, Truth::No, Reason::Stopped, &words);
        }
        Some(_) if enough => conditions.set(ConditionType::Available, Truth::Yes, Reason::Succeeded, &words),
        Some(_) => conditions.set(ConditionType::Available, Truth::No, Reason::Unavailable, &words),
    }
    super::standby::ready(conditions, reading);
    if let Some(release) = reading.serving().filter(|release| release.verified_at().is_some()) {
        if let Some(message) = recheck::failure(release.status.recheck.as_ref(), reading.again) {
            let message = format!("{} was verified again: {message}", release.short());
            conditions.set(ConditionType::Verified, Truth::No, Reason::NoLongerVerified, &sentences(&[&message]));
        } else {
            let message = format!("{} was seen with all its pods ready", release.short());
            conditions.set(ConditionType::Verified, Truth::Yes, Reason::Succeeded, &message);
        }
    }
}

fn target_ready(conditions: &mut Conditions<'_>, reading: &Reading<'_>) {
    let observed = reading.sight.observed;
    let problems = &observed.references.problems;
    let troubles: Vec<&Trouble> =
        [&observed.base.trouble, &observed.push.trouble].into_iter().filter_map(Option::as_ref).collect();
    if let Some(first) =
        problems.first().map(|problem| problem.reason).or(troubles.first().map(|trouble| trouble.reason))
    {
        let all: Vec<&str> = problems
            .iter()
            .map(|problem| problem.message.as_str())
            .chain(troubles.iter().map(|trouble| trouble.message.as_str()))
            .collect();
        conditions.set(ConditionType::TargetReady, Truth::No, first, &sentences(&all));
    } else if let Some(Proof::Held(reason, message)) = reading.connection {
        conditions.set(ConditionType::TargetReady, Truth::No, *reason, &sentences(&[message, reason.advice()]));
    } else if let Some(Proof::Running(words)) = reading.connection {
        let message = format!("the connection is tested: {words}");
        conditions.set(ConditionType::TargetReady, Truth::Open, Reason::TestingConnection, &message);
    } else if reading.sight.desired.promotion().is_some() {
        conditions.set(ConditionType::TargetReady, Truth::Yes, Reason::Succeeded, "Secrets and ConfigMaps are there");
    } else if observed.base.answer.is_some() && observed.push.answer.is_some() {
        let message = "Secrets, ConfigMaps, base image and the right to push are there";
        conditions.set(ConditionType::TargetReady, Truth::Yes, Reason::Succeeded, message);
    } else {
        conditions.keep_or(ConditionType::TargetReady, Reason::Progressing, "looking at the registry");
    }
}

fn source_ready(conditions: &mut Conditions<'_>, reading: &Reading<'_>) {
    if let Some(promotion) = reading.sight.desired.promotion() {
        let kind = ConditionType::SourceReady;
        match promote::stand(reading.sight, promotion) {
            Stand::Unread => conditions.keep_or(kind, Reason::Progressing, &format!("looking at {}", promotion.from)),
            Stand::Shut((reason, message)) => conditions.set(kind, Truth::No, reason, &sentences(&[&message])),
            Stand::Proven(words) => conditions.set(kind, Truth::Yes, Reason::Succeeded, &words),
        }
        return;
    }
    match &reading.sight.observed.source {
        Look { trouble: Some(trouble), .. } => {
            conditions.set(ConditionType::SourceReady, Truth::No, trouble.reason, &sentences(&[&trouble.message]));
        }
        Look { answer: Some((seen, _)), .. } => {
            let message = format!("{} is at {}", seen.reference, seen.commit.short());
            conditions.set(ConditionType::SourceReady, Truth::Yes, Reason::Succeeded, &message);
        }
        Look { .. } => conditions.keep_or(ConditionType::SourceReady, Reason::Progressing, "looking at the Git host"),
    }
}

/// `DefinitionValid` and `ImageReady` speak of the candidate.
fn candidate_steps(conditions: &mut Conditions<'_>, reading: &Reading<'_>, candidate: &Release) {
    let commit = candidate.short();
    let build = reading.build_of(candidate);
    let status = candidate.status.clone();
    let definition = ConditionType::DefinitionValid;
    let image = ConditionType::ImageReady;
    let refused_at_build = match (build, status.state.and_then(fate::refusal)) {
        (Some(Build::Refused(refused)), _) => Some((fate::lasting(refused.reason), refused.message.clone())),
        (_, Some(reason)) if status.image.is_none() => Some((reason, status.message.clone().unwrap_or_default())),
        _ => None,
    };
    if let Some((reason, message)) = refused_at_build {
        conditions.set(definition, Truth::No, reason, &format!("{commit}: {message}"));
        return;
    }
    if let Some(reference) = &status.image {
        definition_of_built(conditions, candidate, &status);
        match reading.lost.filter(|_| reading.choice.is(candidate)) {
            Some(lost) => conditions.set(image, Truth::No, Reason::ImageGone, &sentences(&[&lost.message])),
            None => conditions.set(image, Truth::Yes, Reason::Succeeded, &format!("{commit}: {reference}")),
        }
        return;
    }
    match build.and_then(Build::trouble) {
        Some((Step::Source, trouble)) => {
            conditions.set(definition, Truth::Open, trouble.reason, &format!("{commit}: {}", trouble.message));
            conditions.set(image, Truth::Open, Reason::Building, &format!("{commit}: not built yet"));
        }
        Some((Step::Image, trouble)) => {
            conditions.set(image, Truth::No, trouble.reason, &format!("{commit}: {}", trouble.message));
        }
        None => {
            conditions.set(definition, Truth::Open, Reason::Building, &format!("{commit}: being fetched and checked"));
            conditions.set(image, Truth::Open, Reason::Building, &format!("{commit}: not built yet"));
        }
    }
}

/// `DefinitionValid` of a candidate that has an image: nothing was found, or nothing that stops it, or nobody looked.
fn definition_of_built(conditions: &mut Conditions<'_>, candidate: &Release, status: &TengineReleaseStatus) {
    let found = status.message.as_deref().filter(|_| status.rejected_at.is_none()).unwrap_or_default();
    let errors = status.content.as_ref().and_then(|content| content.errors).unwrap_or_default();
    let through =
        format!("{errors} error{} let through, as checks.definition says", if errors == 1 { "" } else { "s" });
    let (truth, reason, fact) = match candidate.spec.build.definition_check.unwrap_or_default() {
        DefinitionCheck::Off => (Truth::Open, Reason::NotChecked, "not looked at, as checks.definition says"),
        DefinitionCheck::Warning if errors > 0 => (Truth::No, Reason::DefinitionInvalid, through.as_str()),
        DefinitionCheck::Warning | DefinitionCheck::Error | DefinitionCheck::Strict => {
            (Truth::Yes, Reason::Succeeded, "the definitions are readable")
        }
    };
    let message = sentences(&[&format!("{}: {fact}", candidate.short()), found]);
    conditions.set(ConditionType::DefinitionValid, truth, reason, &message);
}
