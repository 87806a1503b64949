//! Jobs of checks, with what their logs say where one failed.

use super::context::Context;
use super::error::{Error, within};
use super::{pods, references};
use crate::api::v1alpha1::{Settings, TengineRelease};
use crate::manifest;
use crate::plan::Desired;
use crate::plan::observed::{CheckJob, JobState, is_controlled};
use jiff::Timestamp;
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use kube::api::PostParams;
use kube::{Api, ResourceExt as _};
use serde_json::Value;

/// What the API server answers where an object of the name is there.
const CONFLICT: u16 = 409;

/// Those of checks of releases, and those of the deployment itself.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Controlled by one of the releases.
    pub of_releases: Vec<CheckJob>,
    /// Controlled by the deployment.
    pub connections: Vec<CheckJob>,
}

/// Reads the Jobs that these releases and the deployment itself control.
pub async fn observe(
    context: &Context,
    desired: &Desired,
    releases: &[TengineRelease],
    pods: &[Pod],
) -> Result<Jobs, Error> {
    let own = super::index::owner_key(&desired.namespace, &desired.name);
    let owners: Vec<String> = releases.iter().filter_map(kube::ResourceExt::uid).collect();
    let pods: Vec<&Pod> = pods.iter().collect();
    let mut seen = Jobs::default();
    for job in context.stores.jobs.opened(&own)? {
        let is_connection = is_controlled(&job, &desired.uid);
        if !is_connection && !owners.iter().any(|uid| is_controlled(&job, uid)) {
            continue;
        }
        let mut read = CheckJob::read(&job, &pods, Timestamp::now());
        if let JobState::Failed { pod, log, .. } = &mut read.state {
            let found = pods.iter().find(|found| found.name_any() == *pod);
            if let Some(found) = found {
                *log = said(context, desired, found).await?;
            }
        }
        if is_connection { &mut seen.connections } else { &mut seen.of_releases }.push(read);
    }
    for all in [&mut seen.of_releases, &mut seen.connections] {
        all.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Ok(seen)
}

/// The end of the log of a check, with Secrets masked: those that the cores read, and those of the check's own variables.
async fn said(context: &Context, desired: &Desired, pod: &Pod) -> Result<String, Error> {
    let uid = pod.uid().unwrap_or_default();
    if let Some(known) = context.board.check_log(&desired.uid, &uid) {
        return Ok(known);
    }
    let settings: Settings = desired.settings(None);
    let mut secrets = references::secret_values(context, (&desired.namespace, &desired.name), &settings).await?;
    secrets.extend(references::values_of(context, &desired.namespace, read_by(pod)).await?);
    let text = pods::last_words_of(context, pod, manifest::CHECK_CONTAINER, &secrets).await.text;
    context.board.keep_check_log(&desired.uid, &uid, text.clone());
    Ok(text)
}

/// The Secrets that a pod's variables come from.
fn read_by(pod: &Pod) -> Vec<String> {
    let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
    let variables = containers.flat_map(|container| container.env.iter().flatten());
    variables.filter_map(|variable| Some(variable.value_from.as_ref()?.secret_key_ref.as_ref()?.name.clone())).collect()
}

/// Starts a Job, unless there is one of the name; `owner` is the UID of the object whose it has to be then.
pub async fn start(context: &Context, namespace: &str, owner: &str, object: &Value) -> Result<(), Error> {
    let jobs: Api<Job> = Api::namespaced(context.shared.client.clone(), namespace);
    // Such as a variable that is no object's: the door lets none in.
    let job: Job = serde_json::from_value(object.clone())
        .map_err(|error| Error::unreadable("rendering the Job of a check", error))?;
    let name = job.name_any();
    let params = PostParams { field_manager: Some(manifest::MANAGER.into()), ..PostParams::default() };
    match within(format!("creating Job {name}"), jobs.create(&params, &job)).await {
        Err(error) if error.code() == Some(CONFLICT) => {
            let found = within(format!("looking at Job {name}"), jobs.get_metadata_opt(&name)).await?;
            match found {
                Some(found) if !is_controlled(&found, owner) => Err(Error::taken(format!("Job {name}"))),
                Some(_) | None => Ok(()),
            }
        }
        made => made.map(|_| tracing::info!(job = name, "started")),
    }
}
