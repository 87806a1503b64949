//! Pods, with what their logs say where a process ended.

use super::context::Context;
use super::error::{Error, within};
use super::references;
use crate::api::v1alpha1::Settings;
use crate::manifest;
use crate::plan::evidence::Evidence;
use crate::plan::observed::{self, PodTrouble, ReplicaSet};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::api::LogParams;
use kube::{Api, ResourceExt as _};
use std::sync::Arc;

/// How much of a log is read.
const LOG_LINES: i64 = 200;
const LOG_BYTES: i64 = 64 * 1024;

/// Reads every pod of a deployment; `settings` names the Secrets whose values must not show.
pub async fn observe(
    context: &Context,
    uid: &str,
    pods: &[Arc<Pod>],
    replica_sets: &[ReplicaSet],
    settings: Option<&Settings>,
) -> Result<Vec<observed::Pod>, Error> {
    let mut seen = Vec::new();
    for pod in pods {
        let mut read = observed::Pod::read(pod, replica_sets, Timestamp::now());
        if let Some(PodTrouble::Crash(crash)) = &mut read.trouble
            && read.ends_by.is_none()
            && !read.is_over
        {
            crash.evidence = evidence(context, uid, pod, read.crashes, settings).await?;
        }
        seen.push(read);
    }
    seen.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(seen)
}

/// What the log says of the end of this number; each is asked for once.
async fn evidence(
    context: &Context,
    uid: &str,
    pod: &Pod,
    ends: i32,
    settings: Option<&Settings>,
) -> Result<Evidence, Error> {
    let name = pod.uid().unwrap_or_default();
    if let Some(known) = context.board.evidence(uid, &name, ends) {
        return Ok(known);
    }
    let Some(own) = observed::own_container(pod) else { return Ok(Evidence::default()) };
    let evidence = read(context, pod, own, settings).await?;
    context.board.keep_evidence(uid, &name, ends, evidence.clone());
    Ok(evidence)
}

/// The end of the log of a container that ran once; where it cannot be had, what the kubelet kept of it.
pub async fn last_words_of(context: &Context, pod: &Pod, container: &str, secrets: &[String]) -> Evidence {
    let statuses = pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten());
    let status = statuses.into_iter().find(|status| status.name == container).cloned().unwrap_or_default();
    Evidence::read(&log(context, pod, container, &status).await, secrets)
}

/// The log of the container that ended; where it is gone, the termination message.
async fn read(
    context: &Context,
    pod: &Pod,
    status: &ContainerStatus,
    settings: Option<&Settings>,
) -> Result<Evidence, Error> {
    let namespace = pod.namespace().unwrap_or_default();
    let log = log(context, pod, &status.name, status).await;
    let deployment = pod.labels().get(manifest::DEPLOYMENT_LABEL).map_or("", String::as_str);
    let secrets = match settings {
        Some(settings) => references::secret_values(context, (&namespace, deployment), settings).await?,
        None => Vec::new(),
    };
    Ok(Evidence::read(&log, &secrets))
}

async fn log(context: &Context, pod: &Pod, container: &str, status: &ContainerStatus) -> String {
    let namespace = pod.namespace().unwrap_or_default();
    let api: Api<Pod> = Api::namespaced(context.shared.client.clone(), &namespace);
    let previous = status.state.as_ref().is_none_or(|state| state.terminated.is_none());
    let params = LogParams {
        container: Some(container.to_owned()),
        previous,
        tail_lines: Some(LOG_LINES),
        limit_bytes: Some(LOG_BYTES),
        ..LogParams::default()
    };
    let name = pod.name_any();
    let log = within(format!("reading the log of pod {name}"), api.logs(&name, &params)).await;
    log.unwrap_or_else(|_| last_words(status))
}

/// What the kubelet kept of the end.
fn last_words(status: &ContainerStatus) -> String {
    let both = [status.state.as_ref(), status.last_state.as_ref()];
    let ended = both.into_iter().flatten().find_map(|state| state.terminated.as_ref());
    ended.and_then(|ended| ended.message.clone()).unwrap_or_default()
}
