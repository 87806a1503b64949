//! Settings as a release holds them, for the tests beside this file.

mod config;
mod golden;
mod preflight;
mod render;
mod sync;

use super::{Child, ChildKind, Surge, Workload, children};
use crate::api::v1alpha1::{Settings, StrategyType};
use crate::domain::{CommitId, Component, Platform};
use serde_json::{Value, json};
use std::sync::LazyLock;

static COMMIT: LazyLock<CommitId> = LazyLock::new(|| "4f2c1a9d8e7b6a5f4e3d2c1b0a9f8e7d6c5b4a39".parse().unwrap());

static PLATFORM: LazyLock<Platform> = LazyLock::new(|| "linux/amd64".parse().unwrap());

/// What most people write.
fn plain() -> Value {
    json!({
        "tengine": {
            "eventQueue": { "host": "rabbitmq", "vhost": "/billing", "secretRef": { "name": "queue" } },
            "database": { "hosts": ["mongo-0:27017", "mongo-1:27017"], "name": "billing", "secretRef": { "name": "database" } },
        },
        "pullSecret": "registry",
        "progressDeadlineSeconds": 600,
    })
}

/// The plain settings with `value` at `path`.
fn with(path: &str, value: Value) -> Value {
    let mut settings = plain();
    let (parent, field) = path.rsplit_once('/').unwrap();
    let mut at = &mut settings;
    for name in parent.split('/').skip(1) {
        if at.get(name).is_none() {
            at[name] = json!({});
        }
        at = at.get_mut(name).unwrap();
    }
    at[field] = value;
    settings
}

fn settings(value: Value) -> Settings {
    serde_json::from_value(value).unwrap()
}

fn workload(settings: &Settings) -> Workload<'_> {
    Workload {
        owner: super::Owner {
            namespace: "production",
            deployment: "billing",
            uid: "7d1c7a52-2f5e-4b9e-9e6c-0d9b3c3f1a11",
        },
        release: "billing-0041-4f2c1a9",
        commit: &COMMIT,
        image: "registry.example.com/ops/billing@sha256:00000000000000000000000000000000000000000000000000000000000000aa",
        platform: Some(&PLATFORM),
        settings,
        rendering: super::RENDERING,
        replicas: 2,
        strategy: StrategyType::RollingUpdate,
        surge: Surge::Quarter,
        budget: false,
        guarded: None,
        seat: super::Seat::default(),
        secrets_hash: "5ec2e7",
    }
}

fn rendered(value: Value) -> Vec<Child> {
    children(&workload(&settings(value)))
}

fn of(children: &[Child], component: Component) -> &Value {
    &children.iter().find(|child| child.kind == ChildKind::Deployment(component)).unwrap().object
}

fn container(deployment: &Value) -> &Value {
    deployment.pointer("/spec/template/spec/containers/0").unwrap()
}
