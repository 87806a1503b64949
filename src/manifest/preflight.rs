//! The Job in which Tengine itself is asked: a pod as the cores' are, with their settings and credentials, and a database, a queue and
//! an exchange of its own.
//!
//! Its configuration comes with it, as annotations of its pod: the `ConfigMap` of a release is made when its cores are.

use super::config::{self, DEFINITIONS, FOLDER};
use super::job::{CHECK_CONTAINER, Frame, START, frame};
use super::pod::{environment, process, settle};
use super::script::{self, RUN_FOLDER, SHELL};
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{PodSettings, Settings};
use crate::domain::{ChildName, Component, KeyHasher, Platform};
use serde_json::{Value, json};
use std::time::Duration;

/// What the names of scratch databases, queues and exchanges begin with.
const SCRATCH: &str = "tengine_preflight_";
/// How long a pod that is told to end may take to remove its scratch database, in seconds.
const GRACE: i64 = 30;
/// How long its process may take besides its own time, to remove what it made, in seconds.
const CLEARING: u64 = 30;

/// The database, the queue and the exchange of all preflights of a deployment: rights are granted by name, so it is one name.
pub fn scratch(namespace: &str, deployment: &str) -> String {
    let hash = KeyHasher::default().part("namespace", namespace).part("deployment", deployment).digits();
    format!("{SCRATCH}{hash}")
}

/// A preflight, whatever Tengine is asked in it.
#[derive(Debug, Clone, Copy)]
pub struct PreflightPod<'a> {
    /// Where it goes.
    pub namespace: &'a str,
    /// The name of the `TengineDeployment`.
    pub deployment: &'a str,
    /// The name and the UID of who owns it: of a load the release, of a connection test the deployment.
    pub owner: (&'a str, &'a str),
    /// The image, by digest.
    pub image: &'a str,
    /// What it runs on, where that is known.
    pub platform: Option<&'a Platform>,
    /// The settings of the cores.
    pub settings: &'a Settings,
    /// How long it may take.
    pub timeout: Duration,
    /// What kept the one before it from having its say, if there was one.
    pub after: Option<(Reason, &'a str)>,
}

/// The Job in which `tengined -k load` runs.
pub fn load_job(pod: &PreflightPod<'_>, name: &ChildName) -> Value {
    let asked = Asked {
        pod,
        owner: "TengineRelease",
        start: script::preflight::START,
        // In a container the core always is the first process.
        parent: "0",
        action: "load",
        more: &[("-T", DEFINITIONS)],
        folder: DEFINITIONS,
        files: &[],
    };
    job(&asked, name)
}

/// What Tengine is asked, and how its process is started.
pub(super) struct Asked<'a> {
    /// Where, and with what.
    pub pod: &'a PreflightPod<'a>,
    /// The kind of who owns it.
    pub owner: &'a str,
    /// The shell that starts it.
    pub start: &'a str,
    /// The number of the process that starts it: what is put into the core by Ruby is for that core alone.
    pub parent: &'a str,
    /// What it is asked.
    pub action: &'a str,
    /// More options.
    pub more: &'a [(&'a str, &'a str)],
    /// Where it runs.
    pub folder: &'a str,
    /// Files besides those of every preflight: an annotation, the file's name, and its content.
    pub files: &'a [File],
}

/// An annotation of the pod that is a file: the annotation, the file's name, and its content.
pub(super) type File = (&'static str, &'static str, &'static str);

/// The Job in which Tengine is asked.
pub(super) fn job(asked: &Asked<'_>, name: &ChildName) -> Value {
    let PreflightPod { namespace, deployment, owner: (owner, uid), settings, after, .. } = *asked.pod;
    let scratch = scratch(namespace, deployment);
    let timeout = asked.pod.timeout.as_secs().max(1).saturating_add(CLEARING);
    let core = settings.config.clone().unwrap_or_else(|| config::generated(&settings.tengine));
    let files = files(asked).chain([(CORE.0, CORE.1, core.as_str())]);
    let files: serde_json::Map<_, _> = files.map(|(key, _, text)| (key.to_owned(), json!(text))).collect();
    let mut object = frame(
        &Frame { namespace, deployment, owner: (asked.owner, owner, uid), timeout, after },
        name,
        &spec(asked, &scratch, timeout),
    );
    object["spec"]["template"]["metadata"]["annotations"] = Value::Object(files);
    object["metadata"]["annotations"][super::job::SCRATCH_ANNOTATION] = json!(scratch);
    object
}

/// The configuration of the cores: the annotation, and the file's name.
const CORE: (&str, &str) = ("tengine.dev/configuration", "tengined.yml.erb");

/// The files besides that.
fn files<'a>(asked: &Asked<'a>) -> impl Iterator<Item = (&'static str, &'static str, &'a str)> {
    let all: [File; 2] = [
        ("tengine.dev/preflight-configuration", "preflight.yml.erb", script::preflight::CONFIGURATION),
        ("tengine.dev/preflight", "preflight.rb", script::preflight::IN_THE_CORE),
    ];
    all.into_iter().chain(asked.files.iter().copied())
}

fn spec(asked: &Asked<'_>, scratch: &str, timeout: u64) -> Value {
    let pod = asked.pod.settings.pod.clone().unwrap_or_default();
    let from = |key: &str| json!({ "apiVersion": "v1", "fieldPath": format!("metadata.annotations['{key}']") });
    let names = std::iter::once(CORE).chain(files(asked).map(|(key, file, _)| (key, file)));
    let items: Vec<Value> = names.map(|(key, file)| json!({ "path": file, "fieldRef": from(key) })).collect();
    let mut spec = json!({
        "restartPolicy": "Never",
        "activeDeadlineSeconds": timeout.saturating_add(START),
        "terminationGracePeriodSeconds": GRACE,
        "containers": [container(asked, &pod, scratch)],
        "volumes": [
            { "name": "config", "downwardAPI": { "items": items } },
            { "name": "run", "emptyDir": {} },
            { "name": "tmp", "emptyDir": {} },
        ],
    });
    settle(&mut spec, asked.pod.settings, &pod, asked.pod.platform);
    spec
}

fn container(asked: &Asked<'_>, pod: &PodSettings, scratch: &str) -> Value {
    let own = [
        ("TENGINE_SCRATCH", scratch.to_owned()),
        ("TENGINE_PREFLIGHT_SECONDS", asked.pod.timeout.as_secs().to_string()),
        ("TENGINE_PREFLIGHT_PARENT", asked.parent.to_owned()),
    ];
    let own = own.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let mut container = process(Component::Core, asked.pod.image, pod);
    container["name"] = json!(CHECK_CONTAINER);
    container["command"] = json!([SHELL[0], SHELL[1], asked.start, "tengined"]);
    container["args"] = json!(arguments(asked));
    container["workingDir"] = json!(asked.folder);
    container["env"] = json!(environment(asked.pod.settings, pod, own));
    container
}

fn arguments(asked: &Asked<'_>) -> Vec<String> {
    let folder = |what: &str| format!("{RUN_FOLDER}/{what}");
    let (file, pids) = (format!("{FOLDER}/preflight.yml.erb"), folder("pids"));
    let (status, activations) = (folder("status"), folder("activations"));
    let first = [("-k", asked.action), ("-f", file.as_str())];
    let folders = [
        ("--process-pid-dir", pids.as_str()),
        ("--tengined-status-dir", status.as_str()),
        ("--tengined-activation-dir", activations.as_str()),
    ];
    let pairs = first.into_iter().chain(asked.more.iter().copied()).chain(folders);
    pairs.flat_map(|(option, value)| [option.to_owned(), value.to_owned()]).collect()
}
