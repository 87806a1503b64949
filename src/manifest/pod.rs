//! The pod templates of the processes, and what the pods of checks have in common with them.

use super::config::{self, DATABASE_PASSWORD, DATABASE_USERNAME, DEFINITIONS, FOLDER, QUEUE_PASSWORD, QUEUE_USERNAME};
use super::labels::{self, ARCHITECTURE_LABEL, COMMIT_LABEL, OS_LABEL, SECRETS_ANNOTATION, VERSION_LABEL};
use super::script::{self, RUN_FOLDER, SHELL};
use super::used::{pull_secrets, queue_and_database_secrets};
use super::{Workload, security, turn};
use crate::api::v1alpha1::{PodSettings, Settings};
use crate::domain::{ChildName, Component, Platform};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a starting core is looked at, in seconds. Each look is a process in the container.
const STARTUP_PERIOD: i64 = 2;
/// How long a core may finish the event in hand unless the spec says so, in seconds.
const CORE_GRACE: i64 = 300;

/// How long a core may take to end: for what it has in hand.
pub fn time_to_end(pod: Option<&PodSettings>) -> Duration {
    let seconds = pod.and_then(|pod| pod.termination_grace_period_seconds).unwrap_or(CORE_GRACE);
    Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
}
/// How long a watcher may take to end, in seconds. It has no work of its own to finish.
const WATCHER_GRACE: i64 = 30;
/// What the API server takes at most for a probe's `failureThreshold` and a Deployment's deadline.
const LONGEST: i64 = i32::MAX as i64;

/// The pods of one process.
pub(super) fn template(workload: &Workload, component: Component, config: &ChildName) -> Value {
    let pod = workload.settings.pod.clone().unwrap_or_default();
    json!({ "metadata": metadata(workload, component, &pod), "spec": spec(workload, component, config, &pod) })
}

/// The seconds a core may take from its start until it is ready. A Deployment needs more than 0.
pub(super) fn start_allowance(settings: &Settings) -> i64 {
    settings.progress_deadline_seconds.clamp(1, LONGEST)
}

/// Labels and annotations of the user's come first, so that the operator's own win.
fn metadata(workload: &Workload, component: Component, pod: &PodSettings) -> Value {
    let mut labels = texts(pod.labels.as_ref());
    labels.extend(labels::of_component(workload.owner.deployment, component));
    if workload.rendering == 1 {
        labels.insert(COMMIT_LABEL.into(), json!(workload.commit.short()));
    } else {
        labels.insert(VERSION_LABEL.into(), json!(labels::version(workload.image)));
    }
    if component == Component::Core {
        labels.extend(turn::labels(workload.seat));
    }
    let mut annotations = texts(pod.annotations.as_ref());
    annotations.insert(SECRETS_ANNOTATION.into(), json!(workload.secrets_hash));
    json!({ "labels": labels, "annotations": annotations })
}

/// Without those of the operator's own domain: they say whose turn it is, and the like.
fn texts(map: Option<&BTreeMap<String, String>>) -> Map<String, Value> {
    let others = map.into_iter().flatten().filter(|(key, _)| !key.starts_with(labels::DOMAIN));
    others.map(|(key, value)| (key.clone(), json!(value))).collect()
}

fn spec(workload: &Workload, component: Component, config: &ChildName, pod: &PodSettings) -> Value {
    let mut spec = json!({
        "terminationGracePeriodSeconds": grace(component, pod),
        "containers": [container(workload, component, pod)],
        "volumes": [
            { "name": "config", "configMap": { "name": config.as_ref() } },
            { "name": "run", "emptyDir": {} },
            { "name": "tmp", "emptyDir": {} },
        ],
    });
    if component == Component::Core {
        turn::waits(&mut spec, workload);
    }
    set(&mut spec, "topologySpreadConstraints", pod.topology_spread_constraints.as_ref());
    settle(&mut spec, workload.settings, pod, workload.platform.filter(|_| workload.rendering != 1));
    spec
}

/// What holds for every pod in a release's image: who it is, how its image is pulled, and which nodes it goes to.
pub(super) fn settle(spec: &mut Value, settings: &Settings, pod: &PodSettings, platform: Option<&Platform>) {
    let pull: Vec<_> = pull_secrets(settings).into_iter().map(|name| json!({ "name": name })).collect();
    set(spec, "automountServiceAccountToken", Some(false));
    set(spec, "enableServiceLinks", Some(false));
    set(spec, "securityContext", Some(security::pod(pod)));
    set(spec, "imagePullSecrets", (!pull.is_empty()).then_some(pull));
    set(spec, "nodeSelector", node_selector(pod, platform));
    set(spec, "tolerations", pod.tolerations.as_ref());
    set(spec, "affinity", pod.affinity.as_ref());
    set(spec, "serviceAccountName", pod.service_account_name.as_ref());
    set(spec, "priorityClassName", pod.priority_class_name.as_ref());
}

/// The user's, and the platform that the image is made for: elsewhere it cannot run. What contradicts it was refused before.
fn node_selector(pod: &PodSettings, platform: Option<&Platform>) -> Option<BTreeMap<String, String>> {
    let mut labels = pod.node_selector.clone();
    if let Some(platform) = platform {
        let of_platform = [(OS_LABEL, &platform.os), (ARCHITECTURE_LABEL, &platform.architecture)];
        labels.get_or_insert_default().extend(of_platform.map(|(label, value)| (label.to_owned(), value.clone())));
    }
    labels
}

/// How long a process may take to end, in seconds.
fn grace(component: Component, pod: &PodSettings) -> i64 {
    match component {
        Component::Core => pod.termination_grace_period_seconds.unwrap_or(CORE_GRACE),
        Component::HeartbeatWatchd | Component::Atd => WATCHER_GRACE,
    }
}

/// Leaves the field out where there is nothing to say.
pub(super) fn set(object: &mut Value, field: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        object[field] = value;
    }
}

fn container(workload: &Workload, component: Component, pod: &PodSettings) -> Value {
    let mut container = process(component, workload.image, pod);
    container["name"] = json!(container_name(component));
    container["command"] = json!([SHELL[0], SHELL[1], start_script(workload, component), program(component)]);
    container["args"] = json!(arguments(component));
    container["env"] = json!(environment(workload.settings, pod, Vec::new()));
    if component == Component::Core {
        watch_over(&mut container, workload, grace(component, pod));
    }
    container
}

/// What the containers of a process of Tengine's have in common, whatever it is told to do.
pub(super) fn process(component: Component, image: &str, pod: &PodSettings) -> Value {
    let mut container = json!({
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": resources(component, pod),
        "securityContext": security::container(pod),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [
            { "name": "config", "mountPath": FOLDER, "readOnly": true },
            { "name": "run", "mountPath": RUN_FOLDER },
            { "name": "tmp", "mountPath": "/tmp" },
        ],
    });
    set(&mut container, "envFrom", pod.env_from.as_ref());
    container
}

/// The name of a process's container. It is a DNS label, which the watchers' programs are not.
pub const fn container_name(component: Component) -> &'static str {
    match component {
        Component::Core => "tengined",
        Component::HeartbeatWatchd | Component::Atd => component.label(),
    }
}

const fn program(component: Component) -> &'static str {
    match component {
        Component::Core => "tengined",
        Component::HeartbeatWatchd => "tengine_heartbeat_watchd",
        Component::Atd => "tengine_atd",
    }
}

const fn start_script(workload: &Workload, component: Component) -> &'static str {
    match component {
        Component::Core => script::of(workload.rendering, workload.seat.turn.is_some()).start_core,
        Component::HeartbeatWatchd | Component::Atd => script::of(workload.rendering, false).start_watcher,
    }
}

/// What has to hold with a configuration file of the user's own, too. Without cached drivers, cores that share a database
/// delete and make the driver records that the others are reading.
fn arguments(component: Component) -> Vec<String> {
    let file = format!("{FOLDER}/{}", config::file(component));
    let mut arguments = vec!["-k".into(), "start".into(), "-f".into(), file];
    arguments.extend(["--process-pid-dir".into(), format!("{RUN_FOLDER}/pids")]);
    if component == Component::Core {
        arguments.extend(["-T".into(), DEFINITIONS.into(), "-c".into()]);
        arguments.extend(["--tengined-status-dir".into(), format!("{RUN_FOLDER}/status")]);
        arguments.extend(["--tengined-activation-dir".into(), format!("{RUN_FOLDER}/activations")]);
    }
    arguments
}

/// Those given and the operator's variables, then the user's, without those that would change the operator's. A name stands once: of
/// two, the later one counts, as it does for the kubelet.
pub(super) fn environment(settings: &Settings, pod: &PodSettings, mut variables: Vec<Value>) -> Vec<Value> {
    variables.extend([
        json!({ "name": "MM_SERVER_NAME", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.name" } } }),
        json!({ "name": "HOME", "value": "/tmp" }),
    ]);
    let (queue, database) = queue_and_database_secrets(settings);
    for (secret, username, password) in
        [(queue, QUEUE_USERNAME, QUEUE_PASSWORD), (database, DATABASE_USERNAME, DATABASE_PASSWORD)]
    {
        for (variable, key) in [(username, "username"), (password, "password")] {
            let from =
                |name| json!({ "name": variable, "valueFrom": { "secretKeyRef": { "name": name, "key": key } } });
            variables.extend(secret.map(from));
        }
    }
    owned_variables_first(variables, pod.env.as_deref().unwrap_or_default())
}

/// The operator's own variables, then those given, without those that would change the operator's.
pub(super) fn owned_variables_first(mut variables: Vec<Value>, given: &[impl Serialize]) -> Vec<Value> {
    let own = variables.len();
    for variable in given.iter().filter_map(|variable| serde_json::to_value(variable).ok()) {
        match variables.iter().position(|known| known["name"] == variable["name"]) {
            Some(place) if place < own => {}
            Some(place) => variables[place] = variable,
            None => variables.push(variable),
        }
    }
    variables
}

/// What the user gives is for the core; the watchers are small and always the same.
pub(super) fn resources(component: Component, pod: &PodSettings) -> Value {
    match component {
        Component::Core => {
            pod.resources.as_ref().and_then(|given| serde_json::to_value(given).ok()).unwrap_or(json!({}))
        }
        Component::HeartbeatWatchd | Component::Atd => {
            json!({ "requests": { "cpu": "10m", "memory": "64Mi" }, "limits": { "memory": "256Mi" } })
        }
    }
}

/// Probes and the hook before the end. A watcher has nothing to show but that it lives.
fn watch_over(container: &mut Value, workload: &Workload, grace: i64) {
    let scripts = script::of(workload.rendering, workload.seat.turn.is_some());
    let queue = workload.settings.tengine.event_queue.as_ref();
    let run = |script: &str| {
        let mut command = vec![SHELL[0].to_owned(), SHELL[1].to_owned(), script.to_owned()];
        if scripts.looks_at_broker {
            command.extend(script::arguments(queue, grace));
        }
        json!({ "command": command })
    };
    container["startupProbe"] = json!({
        "exec": run(scripts.is_started),
        "periodSeconds": STARTUP_PERIOD,
        "timeoutSeconds": 10,
        "failureThreshold": (start_allowance(workload.settings) + STARTUP_PERIOD - 1) / STARTUP_PERIOD,
    });
    container["readinessProbe"] =
        json!({ "exec": run(scripts.is_ready), "periodSeconds": 5, "timeoutSeconds": 10, "failureThreshold": 2 });
    container["livenessProbe"] = json!({
        "exec": run(scripts.is_alive),
        "periodSeconds": 20,
        "timeoutSeconds": 10,
        "failureThreshold": 3,
        "terminationGracePeriodSeconds": WATCHER_GRACE,
    });
    container["lifecycle"] = json!({ "preStop": { "exec": run(scripts.stop_core) } });
}
