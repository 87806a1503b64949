//! The background push of what was verified: a branch, and a tag.

use super::board::{Failure, Party, Passed, Subject, Urgency};
use super::context::{Context, Shared};
use super::look::{remote, source_failure};
use super::observe::{CredentialHashes, Questions};
use crate::api::v1alpha1::{TengineReleaseSpec, condition::Reason};
use crate::domain::GitRef;
use crate::plan::Desired;
use crate::plan::desired::{FromGit, WantedPassing, WantedSource};
use crate::source::{self, Limits, PassError, PassFault, PassOn, Seen};
use std::sync::Arc;

/// The field that names the Secret of who pushes.
const FIELD: &str = "spec.promotion.onVerified.secretRef";

/// Starts the push for a release, unless it is under way; `tag` is what the tag on its commit is called.
pub fn start(
    (context, desired, questions): (&Context, &Desired, &Questions),
    subject: &Subject,
    release: &str,
    tag: Option<&GitRef>,
) {
    let Some(found) = context.stores.releases.get(&desired.namespace, release) else { return };
    let (Some(git), Some(wanted)) = (desired.git().cloned(), desired.passing.clone()) else { return };
    let shared = Arc::clone(&context.shared);
    let (desired, tag) = (desired.clone(), tag.cloned());
    // Who fetches and who pushes are two.
    let credentials = CredentialHashes { source: questions.credentials.passing.clone(), ..CredentialHashes::default() };
    let work = async move {
        let passed = push(&shared, (&desired, &git, &wanted), &credentials, (&found.spec, tag)).await;
        let outcome = passed.as_ref().map_or_else(|failure| failure.reason.word(), |_| "Succeeded");
        let (namespace, name, commit) = (&desired.namespace, &desired.name, &found.spec.commit);
        tracing::info!(namespace, name, commit, outcome, "passed on");
        passed
    };
    context.board.pass_on(subject, release, &questions.passing, work);
}

async fn push(
    shared: &Shared,
    (desired, git, wanted): (&Desired, &FromGit, &WantedPassing),
    credentials: &CredentialHashes,
    (release, tag): (&TengineReleaseSpec, Option<GitRef>),
) -> Result<Passed, Failure> {
    let bot = WantedSource { secret: Some(wanted.secret.clone()), ..git.source.clone() };
    let remote = remote(shared, (&desired.namespace, &bot), (FIELD, credentials)).await?;
    let commit = release.commit.parse().map_err(|error| by_hand(&error))?;
    let order = PassOn {
        seen: Seen::new(release.reference.clone(), commit),
        branch: wanted.branch.clone(),
        tag: tag.zip(wanted.tag.clone()),
    };
    let limits = Limits::from(&shared.settings.worker);
    let party = Party { host: bot.url.authority().to_owned(), namespace: desired.namespace.clone() };
    let turn = shared.children.take(party, Urgency::Repeat).await;
    let passed = source::pass_on(&shared.worker, &remote, &order, &limits, desired.timeout).await;
    let timed_out = |error: &PassError| matches!(error, PassError::Fault(PassFault::Source(error)) if error.reason() == Reason::TimedOut.word());
    turn.host_hangs(passed.as_ref().is_err_and(timed_out));
    let passed = passed.map_err(|error| failure(&error, &bot))?;
    Ok((passed.branch.map(|branch| branch.to_string()), passed.tag))
}

/// Trouble with the push, in the words of conditions.
fn failure(error: &PassError, bot: &WantedSource) -> Failure {
    let (reason, definite) = match error {
        PassError::Fault(PassFault::Source(error)) => return source_failure(error, bot),
        PassError::Fault(PassFault::Diverged { .. }) => (Reason::BranchDiverged, true),
        PassError::Fault(PassFault::TagTaken { .. }) => (Reason::TagTaken, true),
        PassError::Fault(PassFault::Refused { .. }) => (Reason::PromotionRefused, true),
        PassError::Fault(PassFault::TooLarge { .. }) => (Reason::TooLarge, true),
        PassError::Fault(PassFault::Raced) => (Reason::PassingOn, false),
        PassError::Worker(error) => (Reason::from_word(error.reason()).unwrap_or(Reason::WorkerFailed), false),
    };
    Failure { reason, message: error.to_string(), definite, retry_after: None }
}

fn by_hand(malformed: &crate::domain::Malformed) -> Failure {
    Failure {
        reason: Reason::InvalidSpec,
        message: format!("the release was changed by hand: {malformed}"),
        definite: true,
        retry_after: None,
    }
}
