//! Every rendered object, as a file to read: `tests/golden/manifest`. After a change on purpose (see "Versions of
//! rendering"), `UPDATE_GOLDEN=1 cargo test golden` writes them anew, those of the newest rules only.

use super::{plain, settings, workload};
use crate::api::v1alpha1::StrategyType;
use crate::domain::Place;
use crate::manifest::{RENDERING, Seat, Workload, children};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn golden_plain() {
    check("plain", plain(), |workload| workload);
}

#[test]
fn golden_with_a_budget() {
    check("budget", plain(), |workload| Workload { budget: true, ..workload });
}

#[test]
fn golden_recreate() {
    let mut wanted = plain();
    wanted["tengine"]["heartbeat"] = json!({ "interval": "5m" });
    wanted["tengine"]["logLevel"] = json!("debug");
    wanted["tengine"]["heartbeatWatchd"] = json!({ "enabled": false });
    wanted["tengine"]["atd"] = json!({ "enabled": false });
    check("recreate", wanted, |workload| Workload { strategy: StrategyType::Recreate, ..workload });
}

#[test]
fn golden_in_turn() {
    let seat = Seat { place: Place::Second, turn: Some(8), waits: true };
    check("in-turn", plain(), |workload| Workload { strategy: StrategyType::HandOver, seat, ..workload });
}

#[test]
fn golden_stopped_without_secrets() {
    let mut wanted = plain();
    for block in ["eventQueue", "database"] {
        wanted["tengine"][block].as_object_mut().unwrap().remove("secretRef");
    }
    wanted.as_object_mut().unwrap().remove("pullSecret");
    check("stopped", wanted, |workload| Workload { replicas: 0, ..workload });
}

#[test]
fn golden_own_configuration() {
    let mut wanted = plain();
    wanted["tengine"] = json!({ "configRef": { "name": "tengined-yml" } });
    wanted["config"] = json!("event_queue:\n  connection: { host: <%= ENV['HOST'] %> }\n");
    check("own-configuration", wanted, |workload| workload);
}

#[test]
fn golden_everything_in_the_pod() {
    let mut wanted = plain();
    wanted["pod"] = json!({
        "resources": { "requests": { "cpu": "1000m", "memory": "0.5Gi" }, "limits": { "memory": "1Gi" } },
        "nodeSelector": { "disk": "ssd" },
        "tolerations": [{ "key": "batch", "operator": "Exists", "effect": "NoSchedule" }],
        "affinity": { "podAntiAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [{
            "weight": 100,
            "podAffinityTerm": {
                "topologyKey": "kubernetes.io/hostname",
                "labelSelector": { "matchLabels": { "tengine.dev/deployment": "billing" } },
            },
        }] } },
        "topologySpreadConstraints": [{ "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway" }],
        "env": [
            { "name": "TZ", "value": "Asia/Tokyo" },
            { "name": "TENGINE_MQ_PASSWORD", "value": "not this one" },
            { "name": "KEY", "valueFrom": { "secretKeyRef": { "name": "keys", "key": "ssh" } } },
        ],
        "envFrom": [{ "secretRef": { "name": "more" } }],
        "labels": { "team": "ops", "tengine.dev/deployment": "not this one" },
        "annotations": { "prometheus.io/scrape": "true" },
        "serviceAccountName": "batch",
        "imagePullSecrets": [{ "name": "pull" }],
        "priorityClassName": "high",
        "securityContext": { "runAsUser": 1000, "fsGroup": 1000 },
        "containerSecurityContext": { "readOnlyRootFilesystem": false },
        "terminationGracePeriodSeconds": 3600,
    });
    check("everything", wanted, |workload| workload);
}

/// By each of the rules there are: those before the newest never change.
fn check(name: &str, value: Value, change: impl Fn(Workload) -> Workload) {
    let settings = settings(value);
    for rendering in 1..=RENDERING {
        let children = children(&change(Workload { rendering, ..workload(&settings) }));
        let documents: Vec<_> = children.iter().map(|child| serde_saphyr::to_string(&child.object).unwrap()).collect();
        let text = format!("---\n{}", documents.join("---\n"));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/manifest/{rendering}/{name}.yaml"));
        if rendering == RENDERING && std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &text).unwrap();
        }
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(known == text, "{} is not what is rendered:\n{text}", file.display());
    }
}
