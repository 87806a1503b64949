//! The background push of what was verified: a branch, and a tag.

use super::board::{Failure, Party, Subject, Urgency};
use super::build::parse;
use super::context::{Context, Shared};
use super::look::{Named, remote_of, source_failure};
use super::observe::Questions;
use super::own_secret::{Role, named};
use crate::api::v1alpha1::{PassedOn, TengineRelease, condition::Reason};
use crate::plan::Desired;
use crate::plan::desired::{WantedPassing, WantedSource};
use crate::source::{self, Limits, PassError, PassFault, PassOn, Seen};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::sync::Arc;

/// Starts the push for a release, unless it is under way.
pub fn start((context, desired, questions): (&Context, &Desired, &Questions), subject: &Subject, release: &str) {
    let Some(found) = context.stores.releases.open(&desired.namespace, release) else { return };
    let (Some(git), Some(wanted)) = (desired.git(), desired.passing.clone()) else { return };
    let bot = WantedSource { secret: Some(wanted.secret.clone()), ..git.source.clone() };
    let (shared, desired) = (Arc::clone(&context.shared), desired.clone());
    let hash = questions.credentials.passing.clone();
    let work = async move {
        let passed = push(&shared, &desired, (&wanted, &bot, &hash), &found).await;
        let in_own_words = |failure: Failure| Failure { message: named(&desired, &failure.message), ..failure };
        let passed = passed.map_err(in_own_words);
        let outcome = passed.as_ref().map_or_else(|failure| failure.reason.word(), |_| "Succeeded");
        let (namespace, name, commit) = (&desired.namespace, &desired.name, &found.spec.commit);
        tracing::info!(namespace, name, commit, outcome, "passed on");
        passed
    };
    context.board.pass_on(subject, release, &questions.passing, work);
}

async fn push(
    shared: &Shared,
    desired: &Desired,
    (wanted, bot, hash): (&WantedPassing, &WantedSource, &str),
    release: &TengineRelease,
) -> Result<PassedOn, Failure> {
    let secret = Named { role: Role::Passing, namespace: &desired.namespace, name: bot.secret.as_deref(), hash };
    let remote = remote_of(shared, &bot.url, ("spec.promotion.onVerified.secretRef", secret)).await?;
    let order = order(wanted, release)?;
    let limits = Limits::from(&shared.settings.worker);
    let party = Party::new([bot.url.authority()], &desired.namespace);
    let question = format!("{} {} pushed", desired.namespace, bot.url);
    let turn = shared.children.take(party, &question, Urgency::Repeat).await;
    let passed = source::pass_on(&shared.worker, &remote, &order, &limits, desired.timeout).await;
    let passed = passed.map_err(|error| failure(&error, bot));
    turn.is_late(matches!(&passed, Err(failure) if failure.reason == Reason::TimedOut));
    let passed = passed?;
    let at = Time(Timestamp::now());
    Ok(PassedOn { branch: passed.branch.map(|branch| branch.to_string()), tag: passed.tag, at })
}

/// What the tag is called follows from the release alone.
fn order(wanted: &WantedPassing, release: &TengineRelease) -> Result<PassOn, Failure> {
    let commit = parse(&release.spec.commit)?;
    let verified = release.status.as_ref().and_then(|status| status.verified_at.as_ref());
    let tag = wanted.tag.clone().zip(verified).map(|(template, at)| {
        let name = template.name(at.0, release.spec.number, &commit);
        let name = name.map_err(|malformed| Failure::new(Reason::InvalidSpec, malformed.to_string(), true))?;
        Ok((name, template))
    });
    let tag = tag.transpose()?;
    let seen = Seen::new(release.spec.reference.clone(), commit);
    Ok(PassOn { seen, branch: wanted.branch.clone(), tag })
}

/// Trouble with the push, in the words of conditions.
fn failure(error: &PassError, bot: &WantedSource) -> Failure {
    let (reason, definite) = match error {
        PassError::Fault(PassFault::Source(error)) => return source_failure(error, bot, Role::Passing),
        PassError::Fault(PassFault::Diverged { .. }) => (Reason::BranchDiverged, true),
        PassError::Fault(PassFault::TagTaken { .. }) => (Reason::TagTaken, true),
        PassError::Fault(PassFault::Refused { .. }) => (Reason::PromotionRefused, true),
        PassError::Fault(PassFault::TooLarge { .. }) => (Reason::TooLarge, true),
        PassError::Fault(PassFault::Raced) => (Reason::PassingOn, false),
        PassError::Worker(error) => (Reason::from_word(error.reason()).unwrap_or(Reason::WorkerFailed), false),
    };
    Failure::new(reason, error.to_string(), definite)
}
