//! One reconcile: validate, observe, plan, execute, report.

use super::context::Context;
use super::error::{Cause, Error, FORBIDDEN};
use super::observe::Questions;
use super::packed::Packed;
use super::report::Reported;
use super::{actions, backoff, execute, free, instances, invalid, observe, report};
use crate::api::v1alpha1::{TengineDeployment, TengineDeploymentStatus, condition::Reason};
use crate::metrics::ReconcileResult;
use crate::plan::{self, desired::RECONCILE_AT};
use jiff::Timestamp;
use kube::runtime::controller::Action;
use kube::{Resource, ResourceExt as _};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument as _;

/// So many failures in a row are more than two writers meeting.
const FAILURES_THAT_SHOW: u32 = 3;

/// What changed meanwhile comes with the next event of its watch, and that is looked at at once. This is for where none comes.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Brings one deployment one step further.
///
/// 1. *validate*: the spec as values that cannot be wrong, or a status that names every wrong field.
/// 2. *observe*: the cluster from caches, the outside from the board.
/// 3. *plan*: what to do, and the status that follows from what was seen; pure.
/// 4. *execute*: one call per action; Git and registry work goes to the board.
/// 5. *report*: the status, if it differs, and an event where something turned.
///
/// # Errors
/// When the API server fails; never because something is not there yet.
pub async fn reconcile(object: Arc<TengineDeployment>, context: Arc<Context>) -> Result<Action, Error> {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    // Deployments of other shards are watched too, for what they say of each other, and woken by it.
    if !context.shared.owns(&namespace, &name) {
        return Ok(Action::await_change());
    }
    let commit = object.status.as_ref().and_then(|status| status.source.as_ref()).map(|source| source.commit.clone());
    let span = tracing::info_span!("reconcile", namespace, name, commit);
    async move {
        if !context.shared.leadership.holds() {
            return Ok(Action::await_change());
        }
        if object.metadata.deletion_timestamp.is_some() {
            // Somebody's finalizer may keep it for as long as they like.
            actions::refuse(&context, &object, "while the TengineDeployment is being deleted").await?;
            return Ok(Action::await_change());
        }
        if let Some(wait) = waits_for_others(&object, &context) {
            return Ok(Action::requeue(wait));
        }
        // What is not in a cache yet may be there all the same.
        context.stores.filled().await;
        // Never closed.
        let _place = context.shared.reconciles.acquire().await;
        let started = Instant::now();
        let outcome = steps(&object, &context).await;
        forget_if_gone(&context, object.as_ref());
        if matches!(&outcome, Err(error) if matches!(error.source, Cause::NotLeading)) {
            return Ok(Action::await_change());
        }
        context.shared.metrics.reconciled(result_of(&outcome), started.elapsed());
        outcome.map(|(next, _)| {
            context.board.succeeded(&object.uid().unwrap_or_default());
            Action::requeue(next)
        })
    }
    .instrument(span)
    .await
}

/// The same of one as its cache holds it. Those of other shards are not opened.
///
/// # Errors
/// As for [`reconcile`].
pub async fn of_cache(object: Arc<Packed<TengineDeployment>>, context: Arc<Context>) -> Result<Action, Error> {
    if !context.shared.owns(&object.namespace().unwrap_or_default(), &object.name_any()) {
        return Ok(Action::await_change());
    }
    reconcile(Arc::new(object.open()?), context).await
}

/// How long one that nothing was said of and nothing done for yet waits for those that come after it. Whom a person asks about does not.
fn waits_for_others(object: &TengineDeployment, context: &Context) -> Option<Duration> {
    // The API server gives every object a status; it says that nothing was observed.
    let is_said = |status: &TengineDeploymentStatus| !status.conditions.is_empty();
    let is_asked = object.annotations().contains_key(RECONCILE_AT);
    let uid = object.uid().filter(|_| !is_asked && !object.status.as_ref().is_some_and(is_said))?;
    if !context.stores.releases.of(&uid).is_empty() {
        return None;
    }
    let now = tokio::time::Instant::now();
    context.shared.burst.wait(&object.namespace().unwrap_or_default(), context.board.came(&uid, now), now)
}

/// Who went while it was reconciled is told of no more, and leaves nothing on the board.
fn forget_if_gone<K: Resource>(context: &Context, object: &K) {
    let there = context.stores.deployments.get(&object.namespace().unwrap_or_default(), &object.name_any());
    if there.is_none_or(|there| there.uid() != object.uid()) {
        context.board.forget(&object.uid().unwrap_or_default());
    }
}

fn result_of(outcome: &Result<(Duration, bool), Error>) -> ReconcileResult {
    match outcome {
        Ok((_, true)) => ReconcileResult::Acted,
        Ok((_, false)) => ReconcileResult::Idle,
        Err(error) if error.is_stale() => ReconcileResult::Repeated,
        Err(_) => ReconcileResult::Failed,
    }
}

/// When to plan again, and whether anything was done.
pub(super) async fn steps(object: &TengineDeployment, context: &Context) -> Result<(Duration, bool), Error> {
    let now = Timestamp::now();
    let persists = context.board.failures(&object.uid().unwrap_or_default()) >= FAILURES_THAT_SHOW;
    let resolved = match instances::resolved(context, object).await {
        Ok(resolved) => resolved,
        Err(error) => return unread(context, object, error, persists, now).await,
    };
    let object = &match resolved {
        Ok(object) => object,
        Err(problems) => return invalid::refuse(context, object, &problems, now).await,
    };
    let desired = match plan::validate(object).and_then(|desired| desired.on(&context.shared.settings.platform)) {
        Ok(desired) => desired,
        Err(problems) => return invalid::refuse(context, object, &problems, now).await,
    };
    invalid::remember(context, object, &desired);
    let seen = async {
        let questions = Questions::of(context, object, &desired).await?;
        observe::observe(context, object, &desired, &questions).await.map(|observed| (questions, observed))
    };
    let (questions, observed) = match seen.await {
        Ok(seen) => seen,
        Err(error) => return unread(context, object, error, persists, now).await,
    };
    let plan = plan::plan(&desired, &observed, now);
    let executed = match free::are_free(context, &desired, &plan.effects).await {
        Ok(()) => execute::execute(context, &desired, &questions, &plan.effects).await,
        Err(error) if error.is_stale() || error.reason() == Reason::NameTaken => Err(error),
        Err(error) => return unread(context, object, error, persists, now).await,
    };
    // So is what would be said of it: two writers met, and nothing is wrong, unless that never ends.
    if executed.as_ref().is_err_and(Error::is_stale) && !context.board.is_stuck(&desired.uid) {
        return executed.map(|()| (plan.next, false));
    }
    let status = match &executed {
        Err(error) => after(error, plan.status, persists, now),
        Ok(()) => plan.status,
    };
    context.shared.leads("writing the status")?;
    let reported = match &executed {
        Ok(()) => report::report(context, object, &status).await?,
        Err(_) => report::report_now(context, object, &status).await?,
    };
    executed?;
    let next = match reported {
        Reported::Later(wait) => plan.next.min(wait),
        Reported::Written | Reported::Same => plan.next,
    };
    Ok((next, reported == Reported::Written || !plan.effects.is_empty()))
}

/// What there is cannot be read: that is told where it lasts.
async fn unread(
    context: &Context,
    object: &TengineDeployment,
    error: Error,
    persists: bool,
    now: Timestamp,
) -> Result<(Duration, bool), Error> {
    context.board.not_selected(&object.uid().unwrap_or_default());
    if persists {
        tell_unread(context, object, &error, now).await?;
    }
    Err(error)
}

/// The API server does not let the operator see what there is, again and again.
async fn tell_unread(
    context: &Context,
    object: &TengineDeployment,
    error: &Error,
    now: Timestamp,
) -> Result<(), Error> {
    let seen = object.status.clone().unwrap_or_default();
    let status = plan::blocked(seen, Reason::ReadRefused, &error.chain(), now);
    let wrote = report::report_now(context, object, &status).await;
    // An API server that is out of order comes back; a right that is missing is given by somebody.
    if error.code() == Some(FORBIDDEN) {
        let why = format!(
            "while this operator may not read what it needs; give it the right and ask again. {}",
            error.chain()
        );
        actions::refuse(context, object, &why).await?;
    }
    wrote.map(drop)
}

/// The status where something could not be carried out.
fn after(error: &Error, status: TengineDeploymentStatus, persists: bool, now: Timestamp) -> TengineDeploymentStatus {
    if error.is_stale() {
        let message = format!("{}, again and again: what this operator sees of it is not what is there", error.chain());
        return plan::blocked(status, Reason::WriteRefused, &message, now);
    }
    // A name that is taken is nothing that two writers meeting could be.
    if persists || error.reason() == Reason::NameTaken {
        return plan::blocked(status, error.reason(), &error.chain(), now);
    }
    status
}

/// After a failure: exponentially later, per object. What was decided on what is no longer so is none.
#[expect(clippy::needless_pass_by_value, reason = "the signature is given by the controller runtime")]
pub fn on_error<K: Resource>(object: Arc<K>, error: &Error, context: Arc<Context>) -> Action {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    if error.is_stale() {
        context.board.repeated(&object.uid().unwrap_or_default());
        forget_if_gone(&context, object.as_ref());
        tracing::info!(namespace, name, error = error.chain(), "looked at anew");
        return Action::requeue(LOOK_AGAIN);
    }
    let failures = context.board.failed(&object.uid().unwrap_or_default());
    forget_if_gone(&context, object.as_ref());
    let wait = backoff::wait(failures, 0.0);
    tracing::warn!(namespace, name, error = error.chain(), failures, ?wait, "reconcile failed");
    Action::requeue(wait)
}
