//! The Job of a check: one pod in a release's image, started once.
//!
//! It satisfies Pod Security `restricted` as the cores do, and gets none of their credentials.

use super::config::DEFINITIONS;
use super::labels::{self, COMPONENT_LABEL};
use super::pod::{owned_variables_first, settle};
use super::security;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{CheckResources, CheckVariable, Settings};
use crate::domain::{ChildName, Platform};
use jiff::Timestamp;
use k8s_openapi::api::batch::v1::Job;
use serde_json::{Value, json};
use std::time::Duration;

/// The value of the component label of Jobs and their pods: it is no process of Tengine's, so nothing selects it.
pub const CHECK_COMPONENT: &str = "check";
/// The container of a check.
pub const CHECK_CONTAINER: &str = "check";
/// How long a pod that is told to end may take, in seconds.
const GRACE: i64 = 5;

/// The seconds that the process of a check is given.
const TIMEOUT_ANNOTATION: &str = "tengine.dev/timeout-seconds";

/// How long a pod may take until its process runs, besides the timeout, which counts from there: pulling an image takes its time.
pub(super) const START: u64 = 120;

/// The timeout of a rendered Job, in seconds. One that an older operator rendered has it for its pod's deadline.
pub fn check_timeout(job: &Job) -> i64 {
    let written = job.metadata.annotations.as_ref().and_then(|all| all.get(TIMEOUT_ANNOTATION)?.parse().ok());
    let deadline = || job.spec.as_ref()?.template.spec.as_ref()?.active_deadline_seconds;
    written.or_else(deadline).unwrap_or_default()
}

/// What kept the Job before from having its say: a word, and a sentence.
const AFTER_ANNOTATION: &str = "tengine.dev/after";

/// What a rendered Job says of the one before it.
pub fn check_after(job: &Job) -> Option<(Reason, String)> {
    let (word, words) = job.metadata.annotations.as_ref()?.get(AFTER_ANNOTATION)?.split_once(": ")?;
    Some((Reason::from_word(word)?, words.to_owned()))
}

/// The time of `checks.schedule` that asked for it.
const SCHEDULED_ANNOTATION: &str = "tengine.dev/scheduled";

/// The time of the schedule that a rendered Job was made for, where it was made for one.
pub fn check_scheduled(job: &Job) -> Option<Timestamp> {
    job.metadata.annotations.as_ref()?.get(SCHEDULED_ANNOTATION)?.parse().ok()
}

/// When the first of the Jobs before it was made.
pub(super) const BEGUN_ANNOTATION: &str = "tengine.dev/begun";

/// When the first of the Jobs before a rendered Job was made, if there was one.
pub fn check_begun(job: &Job) -> Option<Timestamp> {
    job.metadata.annotations.as_ref()?.get(BEGUN_ANNOTATION)?.parse().ok()
}

/// The scratch database that a Job uses, where it uses one: two at a time would file each other's drivers.
pub(super) const SCRATCH_ANNOTATION: &str = "tengine.dev/scratch";

/// The scratch database that a rendered Job uses.
pub fn check_scratch(job: &Job) -> Option<String> {
    job.metadata.annotations.as_ref()?.get(SCRATCH_ANNOTATION).cloned()
}

/// What to render for a check.
#[derive(Debug, Clone, Copy)]
pub struct CheckPod<'a> {
    /// Where it goes.
    pub namespace: &'a str,
    /// The name of the `TengineDeployment`.
    pub deployment: &'a str,
    /// The release, which owns it.
    pub release: &'a str,
    /// The release's UID.
    pub release_uid: &'a str,
    /// The whole commit.
    pub commit: &'a str,
    /// The image, by digest.
    pub image: &'a str,
    /// What it runs on, where that was written down.
    pub platform: Option<&'a Platform>,
    /// What Tengine calls this version.
    pub version: &'a str,
    /// The release's snapshot: where pods go, and how images are pulled.
    pub settings: &'a Settings,
    /// Program and arguments.
    pub command: &'a [String],
    /// More variables.
    pub env: &'a [CheckVariable],
    /// Requests and limits.
    pub resources: Option<&'a CheckResources>,
    /// How long it may take.
    pub timeout: Duration,
    /// What kept the one before it from having its say, if there was one.
    pub after: Option<(Reason, &'a str)>,
    /// The time of the schedule that asks for it, where one does.
    pub scheduled: Option<Timestamp>,
}

/// The Job.
pub fn check_job(check: &CheckPod<'_>, name: &ChildName) -> Value {
    let owner = ("TengineRelease", check.release, check.release_uid);
    let (namespace, deployment) = (check.namespace, check.deployment);
    let frame = Frame { namespace, deployment, owner, timeout: timeout(check), after: check.after };
    let mut object = self::frame(&frame, name, &spec(check));
    if let Some(scheduled) = check.scheduled {
        object["metadata"]["annotations"][SCHEDULED_ANNOTATION] = json!(scheduled);
    }
    object
}

/// What the Jobs of all kinds of checks have in common.
pub(super) struct Frame<'a> {
    /// Where it goes.
    pub namespace: &'a str,
    /// The name of the `TengineDeployment`.
    pub deployment: &'a str,
    /// The kind, the name and the UID of who owns it.
    pub owner: (&'a str, &'a str, &'a str),
    /// The seconds that its process is given.
    pub timeout: u64,
    /// What kept the one before it from having its say, if there was one.
    pub after: Option<(Reason, &'a str)>,
}

/// A Job whose pods have this spec. A pod that is evicted, or whose node goes, counts for nothing: another one takes its place.
pub(super) fn frame(frame: &Frame<'_>, name: &ChildName, spec: &Value) -> Value {
    let (kind, owner, uid) = frame.owner;
    let mut labels = labels::common(frame.deployment);
    labels.insert(COMPONENT_LABEL.into(), json!(CHECK_COMPONENT));
    let mut object = json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name.as_ref(),
            "namespace": frame.namespace,
            "labels": labels,
            "annotations": { TIMEOUT_ANNOTATION: frame.timeout.to_string() },
            "ownerReferences": [{
                "apiVersion": "tengine.dev/v1alpha1",
                "kind": kind,
                "name": owner,
                "uid": uid,
                "controller": true,
            }],
        },
        "spec": {
            "backoffLimit": 0,
            "completions": 1,
            "parallelism": 1,
            "podFailurePolicy": {
                "rules": [{ "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget", "status": "True" }] }],
            },
            "template": { "metadata": { "labels": labels }, "spec": spec },
        },
    });
    if kind == "TengineRelease" {
        object["metadata"]["annotations"][labels::RELEASE_ANNOTATION] = json!(owner);
    }
    if let Some((reason, words)) = frame.after {
        object["metadata"]["annotations"][AFTER_ANNOTATION] = json!(format!("{reason}: {words}"));
    }
    object
}

fn timeout(check: &CheckPod<'_>) -> u64 {
    check.timeout.as_secs().max(1)
}

fn spec(check: &CheckPod<'_>) -> Value {
    let pod = check.settings.pod.clone().unwrap_or_default();
    let mut spec = json!({
        "restartPolicy": "Never",
        "activeDeadlineSeconds": timeout(check).saturating_add(START),
        "terminationGracePeriodSeconds": GRACE,
        "containers": [container(check)],
        "volumes": [{ "name": "tmp", "emptyDir": {} }],
    });
    settle(&mut spec, check.settings, &pod, check.platform);
    spec
}

fn container(check: &CheckPod<'_>) -> Value {
    let pod = check.settings.pod.clone().unwrap_or_default();
    let own = [
        ("HOME", "/tmp"),
        ("TENGINE_DEPLOYMENT", check.deployment),
        ("TENGINE_RELEASE", check.release),
        ("TENGINE_COMMIT", check.commit),
        ("TENGINE_IMAGE", check.image),
        ("TENGINE_VERSION", check.version),
    ];
    let own = own.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let resources = check.resources.and_then(|given| serde_json::to_value(given).ok());
    let usual = || json!({ "requests": { "cpu": "10m", "memory": "64Mi" }, "limits": { "memory": "512Mi" } });
    json!({
        "name": CHECK_CONTAINER,
        "image": check.image,
        "imagePullPolicy": "IfNotPresent",
        "command": check.command,
        "workingDir": DEFINITIONS,
        "env": owned_variables_first(own, check.env),
        "resources": resources.unwrap_or_else(usual),
        "securityContext": security::container(&pod),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{ "name": "tmp", "mountPath": "/tmp" }],
    })
}
