//! `report`: the status, if it differs, and an event where something turned.

use super::board::Said;
use super::context::Context;
use super::error::{Error, within};
use super::events::Fact;
use super::execute::FIELD_MANAGER;
use crate::api::v1alpha1::condition::{ConditionType, Reason};
use crate::api::v1alpha1::{TengineDeployment, TengineDeploymentStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use std::time::Duration;

const UNKNOWN: &str = "Unknown";

/// What became of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// It was written.
    Written,
    /// It says what was said before.
    Same,
    /// It only says how far something is, and is written after this time, unless there is something else to say by then.
    Later(Duration),
}

/// Writes the status if anything but times differs.
pub async fn report(
    context: &Context,
    object: &TengineDeployment,
    status: &TengineDeploymentStatus,
) -> Result<Reported, Error> {
    let before = object.status.clone().unwrap_or_default();
    let uid = object.uid().unwrap_or_default();
    if before == *status {
        context.board.is_told(&uid);
        return Ok(Reported::Same);
    }
    match waits(context, &uid, (&before, status)) {
        Some(wait) => Ok(Reported::Later(wait)),
        None => report_now(context, object, status).await,
    }
}

/// The same of what is nothing on its way, but in the way.
pub async fn report_now(
    context: &Context,
    object: &TengineDeployment,
    status: &TengineDeploymentStatus,
) -> Result<Reported, Error> {
    let before = object.status.clone().unwrap_or_default();
    if before == *status {
        return Ok(Reported::Same);
    }
    let uid = object.uid().unwrap_or_default();
    let namespace = object.namespace().unwrap_or_default();
    let api: Api<TengineDeployment> = Api::namespaced(context.shared.client.clone(), &namespace);
    let mut patch = json!({
        "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineDeployment",
        "metadata": { "name": object.name_any(), "uid": object.metadata.uid }, "status": status,
    });
    // Where no cache tells what is there, it is to be heard all the same.
    if !context.board.is_stuck(&uid) {
        patch["metadata"]["resourceVersion"] = json!(object.metadata.resource_version);
    }
    let params = PatchParams::apply(FIELD_MANAGER).force();
    let written =
        within("writing the status", api.patch_status(&object.name_any(), &params, &Patch::Apply(&patch))).await;
    match written {
        // Deleted meanwhile.
        Err(error) if error.code() == Some(404) => return Ok(Reported::Same),
        // Changed, or made again.
        other => other.map_err(Error::of_seen)?,
    };
    context.board.told(&uid);
    for (kind, turned) in turned(&before, status) {
        tracing::info!(condition = %kind, status = turned.status, reason = turned.reason, text = turned.message, "turned");
        publish(context, object, kind, turned).await;
    }
    Ok(Reported::Written)
}

/// How long a status can wait that says of something how far it is, and nothing else that is new.
fn waits(
    context: &Context,
    uid: &str,
    (before, status): (&TengineDeploymentStatus, &TengineDeploymentStatus),
) -> Option<Duration> {
    let ready = ready(status).filter(|ready| ready.status == UNKNOWN)?;
    // Where the ref is, is remembered by the status alone: who starts anew would go back to where it was.
    let commit = |status: &TengineDeploymentStatus| status.source.as_ref().map(|source| source.commit.clone());
    let says_more = turned(before, status).iter().any(|(kind, _)| *kind != ConditionType::Ready)
        || before.complete_generation != status.complete_generation
        || commit(before).is_some_and(|commit_before| Some(commit_before) != commit(status));
    let said = match self::ready(before) {
        None => Said::Nothing,
        Some(before) if before.status == UNKNOWN => Said::OnItsWay(&before.reason),
        Some(_) => Said::Settled,
    };
    context.board.waits_to_tell(uid, said, &ready.reason).filter(|_| !says_more)
}

fn ready(status: &TengineDeploymentStatus) -> Option<&Condition> {
    status.conditions.iter().find(|condition| condition.type_ == ConditionType::Ready.to_string())
}

/// Conditions that say something else than before, where that is worth an event: `Ready` sums all others up, but for findings
/// that are let through.
fn turned<'a>(
    before: &TengineDeploymentStatus,
    after: &'a TengineDeploymentStatus,
) -> Vec<(ConditionType, &'a Condition)> {
    let find = |kind: ConditionType| after.conditions.iter().find(|condition| condition.type_ == kind.to_string());
    let turned = |kind: ConditionType| {
        let now = find(kind)?;
        let was = before.conditions.iter().find(|condition| condition.type_ == now.type_);
        let same = was.is_some_and(|was| {
            was.status == now.status && was.reason == now.reason && subject(kind, was) == subject(kind, now)
        });
        (!same).then_some((kind, now))
    };
    let said_by_ready =
        |condition: &Condition| find(ConditionType::Ready).is_some_and(|ready| ready.reason == condition.reason);
    let definition = turned(ConditionType::DefinitionValid)
        .filter(|(_, condition)| condition.status == "False" && !said_by_ready(condition));
    // Where Ready speaks of what is newer.
    let fell_back = turned(ConditionType::HeldBack).filter(|(_, condition)| {
        condition.reason == Reason::FellBack.to_string()
            && find(ConditionType::Ready).is_some_and(|ready| ready.status != "False")
    });
    // On its way is no news.
    let ready = turned(ConditionType::Ready)
        .filter(|(_, condition)| condition.status != UNKNOWN || condition.reason != Reason::Progressing.word());
    let standby = turned(ConditionType::StandbyReady).filter(|(_, condition)| {
        condition.status == "True"
            || ![Reason::Progressing, Reason::Stopped].map(|it| it.to_string()).contains(&condition.reason)
    });
    let besides = [ConditionType::SharedBackend, ConditionType::UpstreamRevoked].map(turned);
    [ready].into_iter().chain(besides).chain([standby, definition, fell_back]).flatten().collect()
}

/// What another fact of the same status and reason differs in. What lasts through several facts, one after the other, tells each: a
/// second roll-out that was taken back, another neighbour. What `Ready` says ends in between.
fn subject(kind: ConditionType, condition: &Condition) -> &str {
    match kind {
        // Which release. How far what served before it is on its way back is said after that.
        ConditionType::HeldBack => condition.message.split(':').next().unwrap_or_default(),
        ConditionType::SharedBackend | ConditionType::UpstreamRevoked => &condition.message,
        _ => "",
    }
}

/// An event is a courtesy: a failure to publish it is logged and nothing else.
async fn publish(context: &Context, object: &TengineDeployment, kind: ConditionType, condition: &Condition) {
    let fact = Fact {
        warning: condition.status == "False"
            || matches!(kind, ConditionType::SharedBackend | ConditionType::UpstreamRevoked | ConditionType::HeldBack),
        action: kind.to_string(),
        reason: condition.reason.clone(),
        note: condition.message.clone(),
    };
    if let Err(error) = context.shared.events.publish(object, fact).await {
        tracing::warn!(error = error.chain(), "an event was not published");
    }
}

#[cfg(test)]
mod tests;
