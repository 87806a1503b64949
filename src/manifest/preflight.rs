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

/// The annotations of the pod that are its files, with the names of those.
const FILES: [(&str, &str); 3] = [
    ("tengine.dev/configuration", "tengined.yml.erb"),
    ("tengine.dev/preflight-configuration", "preflight.yml.erb"),
    ("tengine.dev/preflight", "preflight.rb"),
];

/// The database, the queue and the exchange of all preflights of a deployment: rights are granted by name, so it is one name.
pub fn scratch(namespace: &str, deployment: &str) -> String {
    let hash = KeyHasher::default().part("namespace", namespace).part("deployment", deployment).digits();
    format!("{SCRATCH}{hash}")
}

/// What to render for the load of a release's definitions.
#[derive(Debug, Clone, Copy)]
pub struct LoadPod<'a> {
    /// Where it goes.
    pub namespace: &'a str,
    /// The name of the `TengineDeployment`.
    pub deployment: &'a str,
    /// The release, which owns it.
    pub release: &'a str,
    /// The release's UID.
    pub release_uid: &'a str,
    /// The image, by digest.
    pub image: &'a str,
    /// What it runs on, where that was written down.
    pub platform: Option<&'a Platform>,
    /// The release's snapshot.
    pub settings: &'a Settings,
    /// How long it may take.
    pub timeout: Duration,
    /// What kept the one before it from having its say, if there was one.
    pub after: Option<(Reason, &'a str)>,
}

/// The Job in which `tengined -k load` runs.
pub fn load_job(load: &LoadPod<'_>, name: &ChildName) -> Value {
    let scratch = scratch(load.namespace, load.deployment);
    let timeout = load.timeout.as_secs().max(1).saturating_add(CLEARING);
    let core = load.settings.config.clone().unwrap_or_else(|| config::generated(&load.settings.tengine));
    let texts = [core.as_str(), script::preflight::CONFIGURATION, script::preflight::IN_THE_CORE];
    let files: serde_json::Map<_, _> =
        FILES.iter().zip(texts).map(|((key, _), text)| ((*key).to_owned(), json!(text))).collect();
    let owner = ("TengineRelease", load.release, load.release_uid);
    let mut object = frame(
        &Frame { namespace: load.namespace, deployment: load.deployment, owner, timeout, after: load.after },
        name,
        &spec(load, &scratch, timeout),
    );
    object["spec"]["template"]["metadata"]["annotations"] = Value::Object(files);
    object["metadata"]["annotations"][super::job::SCRATCH_ANNOTATION] = json!(scratch);
    object
}

fn spec(load: &LoadPod<'_>, scratch: &str, timeout: u64) -> Value {
    let pod = load.settings.pod.clone().unwrap_or_default();
    let from = |key: &str| json!({ "apiVersion": "v1", "fieldPath": format!("metadata.annotations['{key}']") });
    let items: Vec<Value> = FILES.iter().map(|(key, file)| json!({ "path": file, "fieldRef": from(key) })).collect();
    let mut spec = json!({
        "restartPolicy": "Never",
        "activeDeadlineSeconds": timeout.saturating_add(START),
        "terminationGracePeriodSeconds": GRACE,
        "containers": [container(load, &pod, scratch)],
        "volumes": [
            { "name": "config", "downwardAPI": { "items": items } },
            { "name": "run", "emptyDir": {} },
            { "name": "tmp", "emptyDir": {} },
        ],
    });
    settle(&mut spec, load.settings, &pod, load.platform);
    spec
}

fn container(load: &LoadPod<'_>, pod: &PodSettings, scratch: &str) -> Value {
    let own = [
        ("TENGINE_SCRATCH", scratch.to_owned()),
        ("TENGINE_PREFLIGHT_SECONDS", load.timeout.as_secs().to_string()),
        // In a container the core always is.
        ("TENGINE_PREFLIGHT_PID", "1".to_owned()),
    ];
    let own = own.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let mut container = process(Component::Core, load.image, pod);
    container["name"] = json!(CHECK_CONTAINER);
    container["command"] = json!([SHELL[0], SHELL[1], script::preflight::START, "tengined"]);
    container["args"] = json!(arguments());
    container["workingDir"] = json!(DEFINITIONS);
    container["env"] = json!(environment(load.settings, pod, own));
    container
}

fn arguments() -> Vec<String> {
    let folder = |what: &str| format!("{RUN_FOLDER}/{what}");
    let pairs = [
        ("-k", "load".to_owned()),
        ("-f", format!("{FOLDER}/preflight.yml.erb")),
        ("-T", DEFINITIONS.to_owned()),
        ("--process-pid-dir", folder("pids")),
        ("--tengined-status-dir", folder("status")),
        ("--tengined-activation-dir", folder("activations")),
    ];
    pairs.into_iter().flat_map(|(option, value)| [option.to_owned(), value]).collect()
}
