//! Two deployments of one repository, the second of which waits for what the first says.

use super::world::{Definition, World};
use crate::domain::DeploymentName;
use serde_json::{Value, json};

/// The deployment that production's gate asks.
pub fn staging() -> DeploymentName {
    DeploymentName { namespace: "staging".into(), name: "billing".into() }
}

/// Two deployments of one repository: what is pushed goes to both.
pub struct Stages {
    pub staging: World,
    pub production: World,
}

impl Stages {
    pub fn new(gate: &Value) -> Self {
        let quick = |spec: Value| {
            let mut spec = spec;
            spec["source"] = json!({
                "interval": "5s",
                "git": { "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" } },
            });
            World::new(&spec)
        };
        let mut staging = quick(json!({ "environment": { "name": "Staging", "grants": ["production"] } }));
        staging.object.metadata.namespace = Some("staging".into());
        let production = quick(json!({ "environment": { "name": "Production" }, "gates": [gate] }));
        Self { staging, production }
    }

    pub fn with_soak(soak: &str) -> Self {
        let from = json!({ "namespace": "staging", "name": "billing" });
        Self::new(&json!({ "name": "staging", "statuses": { "from": from, "all": ["Staging_OK"], "soak": soak } }))
    }

    /// Production takes what staging proved, and knows of no Git.
    pub fn promoting() -> Self {
        let Self { staging, .. } = Self::with_soak("0s");
        let promotion = json!({ "namespace": "staging", "name": "billing", "statuses": ["Staging_OK"] });
        let source = json!({ "promotion": promotion });
        let production = World::new(&json!({
            "source": source, "image": null, "environment": { "name": "Production" },
        }));
        Self { staging, production }
    }

    pub fn push(&mut self, digit: char, definition: Definition) {
        self.staging.push(digit, definition);
        self.production.push(digit, definition);
    }

    /// A second passes; production sees what staging wrote down.
    pub fn second(&mut self) {
        self.staging.tick();
        self.production.upstreams.insert(staging(), self.staging.seen());
        self.production.tick();
    }

    pub fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.second();
        }
    }

    /// What production says until it serves a commit.
    pub fn lines_until(&mut self, line: &str) -> Vec<String> {
        let mut seen = Vec::new();
        for _ in 0..200 {
            self.second();
            let now = self.production.line();
            if seen.last() != Some(&now) {
                seen.push(now.clone());
            }
            if now == line {
                return seen;
            }
        }
        panic!("never {line}: {seen:#?}");
    }
}
