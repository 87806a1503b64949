//! Actions that no plan answers: about a TengineDeployment that is not there, or whose spec cannot be used.

use super::context::{Context, Shared};
use super::error::{Error, within};
use super::index::owner_key;
use crate::api::v1alpha1::{Outcome, TengineAction, TengineActionStatus, TengineDeployment};
use crate::manifest;
use crate::plan::people;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Patch, PatchParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How often the cache of actions is gone through: they are few, and nothing is asked where all are answered.
const INTERVAL: Duration = Duration::from_secs(1);

/// Answers such actions for as long as it is polled. Never ends.
pub async fn answer_unheard(shared: &Shared, contexts: &[Arc<Context>]) {
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        interval.tick().await;
        if !shared.leadership.holds() {
            continue;
        }
        for context in contexts {
            for action in context.stores.actions.store().state() {
                if let Err(error) = look_at(context, &action).await {
                    tracing::warn!(action = action.name_any(), error = error.chain(), "an action was not answered");
                }
            }
        }
    }
}

pub(super) async fn look_at(context: &Context, action: &TengineAction) -> Result<(), Error> {
    let namespace = action.namespace().unwrap_or_default();
    let name = &action.spec.deployment;
    let is_heard = || context.stores.deployments.get(&namespace, name).is_some();
    if !context.shared.owns(&namespace, name) || people::is_answered(action) || is_heard() {
        return Ok(());
    }
    // A cache may lag behind one that was made together with the action.
    let deployments: Api<TengineDeployment> = Api::namespaced(context.shared.client.clone(), &namespace);
    if within(format!("looking for TengineDeployment {name}"), deployments.get_metadata_opt(name)).await?.is_some() {
        return Ok(());
    }
    let status = refusal(format!("spec.deployment: there is no TengineDeployment {name} in {namespace}"));
    answer(&context.shared.client, &namespace, &action.name_any(), &status).await
}

/// Answers what was asked of a deployment for which nothing is planned, because of what has to be put right first: what was asked
/// for now is not to be done once somebody did. An answer that cannot be written holds up none after it; the first error is told.
pub async fn refuse(context: &Context, object: &TengineDeployment, why: &str) -> Result<(), Error> {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let mut first_error = Ok(());
    for action in context.stores.actions.of(&owner_key(&namespace, &name)) {
        if people::is_answered(&action) {
            continue;
        }
        let status = refusal(format!("nothing can be done {why}"));
        let outcome = answer(&context.shared.client, &namespace, &action.name_any(), &status).await;
        if first_error.is_ok() {
            first_error = outcome;
        }
    }
    first_error
}

/// An answer that says no, and why.
fn refusal(why: String) -> TengineActionStatus {
    let mut status = TengineActionStatus {
        outcome: Some(Outcome::Refused),
        message: Some(why),
        at: Some(MicroTime(Timestamp::now())),
        ..TengineActionStatus::default()
    };
    people::fit_answer(&mut status);
    status
}

/// Writes an answer down. The API server takes the first one only: where there is one already, that one holds.
pub async fn answer(
    client: &kube::Client,
    namespace: &str,
    action: &str,
    status: &TengineActionStatus,
) -> Result<(), Error> {
    let actions: Api<TengineAction> = Api::namespaced(client.clone(), namespace);
    let params = PatchParams { field_manager: Some(manifest::MANAGER.into()), ..PatchParams::default() };
    let patch = Patch::Merge(json!({ "status": status }));
    match within(format!("answering action {action}"), actions.patch_status(action, &params, &patch)).await {
        Err(error) if matches!(error.code(), Some(404 | 409)) => Ok(()),
        // Answered by another leader, or an answer that cannot be written.
        Err(error) if error.code() == Some(422) => {
            let found = within(format!("looking at action {action}"), actions.get_opt(action)).await?;
            if found.is_some_and(|found| !people::is_answered(&found)) { Err(error) } else { Ok(()) }
        }
        Err(error) => Err(error),
        Ok(_) => {
            tracing::info!(action, outcome = ?status.outcome, "answered");
            Ok(())
        }
    }
}
