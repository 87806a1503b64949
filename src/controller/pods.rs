//! Pods, reduced to what decides; with what the log says where a process ended.

use super::context::Context;
use super::error::{Error, within};
use super::references;
use crate::api::v1alpha1::Settings;
use crate::domain::Component;
use crate::manifest;
use crate::plan::evidence::Evidence;
use crate::plan::observed::{self, Crash, PodTrouble};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};
use kube::api::LogParams;
use kube::{Api, ResourceExt as _};
use std::sync::Arc;

/// A core that fails at start fails within this time.
const STEADY: SignedDuration = SignedDuration::from_secs(60);

/// How much of a log is read.
const LOG_LINES: i64 = 200;
const LOG_BYTES: i64 = 64 * 1024;

/// Reads every pod of a deployment; `settings` names the Secrets whose values must not show.
pub async fn observe(
    context: &Context,
    uid: &str,
    pods: &[Arc<Pod>],
    settings: Option<&Settings>,
) -> Result<Vec<observed::Pod>, Error> {
    let mut seen = Vec::new();
    for pod in pods {
        let trouble = match trouble_without_log(pod) {
            Some(trouble) => Some(trouble),
            None => crash(context, uid, pod, settings).await?,
        };
        seen.push(observed::Pod {
            name: pod.name_any(),
            component: component(pod),
            image: pod.spec.as_ref().and_then(|spec| spec.containers.first()?.image.clone()).unwrap_or_default(),
            ready: is_ready(pod),
            deleting: pod.metadata.deletion_timestamp.is_some(),
            crashes: container(pod).map_or(0, ends),
            trouble,
        });
    }
    seen.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(seen)
}

fn component(pod: &Pod) -> Option<Component> {
    let label = pod.labels().get(manifest::COMPONENT_LABEL)?;
    Component::ALL.into_iter().find(|component| component.label() == label)
}

fn container(pod: &Pod) -> Option<&ContainerStatus> {
    pod.status.as_ref()?.container_statuses.as_ref()?.first()
}

fn is_ready(pod: &Pod) -> bool {
    let conditions = pod.status.as_ref().and_then(|status| status.conditions.as_ref());
    conditions.into_iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// How often the container ended: its restarts, and the end it was not restarted from yet.
fn ends(status: &ContainerStatus) -> i32 {
    let ended_now = status.state.as_ref().is_some_and(|state| state.terminated.is_some());
    status.restart_count + i32::from(ended_now)
}

/// What the scheduler and the kubelet say.
fn trouble_without_log(pod: &Pod) -> Option<PodTrouble> {
    let status = pod.status.as_ref()?;
    let unscheduled = status.conditions.iter().flatten().find(|condition| {
        condition.type_ == "PodScheduled"
            && condition.status == "False"
            && condition.reason.as_deref() == Some("Unschedulable")
    });
    if let Some(condition) = unscheduled {
        return Some(PodTrouble::Unschedulable(condition.message.clone().unwrap_or_default()));
    }
    let container = container(pod)?;
    let waiting = container.state.as_ref().and_then(|state| state.waiting.as_ref());
    if let Some(waiting) = waiting {
        let words = waiting.message.clone().or_else(|| waiting.reason.clone()).unwrap_or_default();
        match waiting.reason.as_deref().unwrap_or_default() {
            "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "RegistryUnavailable"
            | "ImageInspectError" => return Some(PodTrouble::Pull(words)),
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
                return Some(PodTrouble::Container(words));
            }
            _ => {}
        }
    }
    let ended = last_end(container)?;
    (ended.exit_code == manifest::PACKAGE_MISSING_EXIT_CODE).then_some(PodTrouble::PackageMissing)
}

/// Whether it has been running for long enough that how it ended before says nothing of it any more.
fn runs_steadily(container: &ContainerStatus) -> bool {
    let running = container.state.as_ref().and_then(|state| state.running.as_ref());
    let since = running.and_then(|running| running.started_at.as_ref());
    since.is_some_and(|since| Timestamp::now().duration_since(since.0) >= STEADY)
}

/// The end that a container has not yet recovered from.
fn last_end(container: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    if container.ready || runs_steadily(container) {
        return None;
    }
    let now = container.state.as_ref().and_then(|state| state.terminated.as_ref());
    now.or_else(|| container.last_state.as_ref()?.terminated.as_ref())
}

async fn crash(
    context: &Context,
    uid: &str,
    pod: &Pod,
    settings: Option<&Settings>,
) -> Result<Option<PodTrouble>, Error> {
    let Some((status, ended)) = container(pod).and_then(|status| Some((status, last_end(status)?))) else {
        return Ok(None);
    };
    if pod.metadata.deletion_timestamp.is_some() {
        return Ok(None);
    }
    let (name, count) = (pod.uid().unwrap_or_default(), ends(status));
    let evidence = if let Some(known) = context.board.evidence(uid, &name, count) {
        known
    } else {
        let evidence = read(context, pod, status, ended, settings).await?;
        context.board.keep_evidence(uid, &name, count, evidence.clone());
        evidence
    };
    let runtime_reason = ended.reason.clone().filter(|reason| reason != "Error" && reason != "Completed");
    Ok(Some(PodTrouble::Crash(Crash { exit_code: ended.exit_code, runtime_reason, evidence })))
}

/// The log of the container that ended; where it is gone, the termination message.
async fn read(
    context: &Context,
    pod: &Pod,
    status: &ContainerStatus,
    ended: &ContainerStateTerminated,
    settings: Option<&Settings>,
) -> Result<Evidence, Error> {
    let namespace = pod.namespace().unwrap_or_default();
    let api: Api<Pod> = Api::namespaced(context.shared.client.clone(), &namespace);
    let previous = status.state.as_ref().is_none_or(|state| state.terminated.is_none());
    let params = LogParams {
        container: Some(status.name.clone()),
        previous,
        tail_lines: Some(LOG_LINES),
        limit_bytes: Some(LOG_BYTES),
        ..LogParams::default()
    };
    let name = pod.name_any();
    let log = within(format!("reading the log of pod {name}"), api.logs(&name, &params)).await;
    let log = log.unwrap_or_else(|_| ended.message.clone().unwrap_or_default());
    let deployment = pod.labels().get(manifest::DEPLOYMENT_LABEL).map_or("", String::as_str);
    let secrets = match settings {
        Some(settings) => references::secret_values(context, (&namespace, deployment), settings).await?,
        None => Vec::new(),
    };
    Ok(Evidence::read(&log, &secrets))
}
