//! Two deployments of one repository, the second of which waits for what the first says.

use super::world::{Definition, World};
use crate::api::v1alpha1::ReleaseState;
use crate::domain::DeploymentName;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

/// The deployment that production's gate asks.
pub fn staging() -> DeploymentName {
    DeploymentName { namespace: "staging".into(), name: "billing".into() }
}

/// Of what was made one after the other in ten minutes, what went live: never back, all the time, and not far behind.
pub fn goes_forward(live: &[String], made: &[String]) {
    let place = |id: &String| made.iter().position(|made| made == id);
    let places: Vec<_> = live.iter().map(place).collect();
    assert!(places.is_sorted(), "never back: {places:?}");
    assert!(live.len() >= 20, "only {} versions went live in ten minutes: {places:?}", live.len());
    assert!(place(live.last().unwrap()).unwrap() > 100, "it does not fall behind: {places:?}");
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

    /// The same from now on.
    pub fn production_takes_over(&mut self) {
        let spec = Self::promoting().production.object.spec;
        self.production.edit(|now| {
            (now.source, now.image) = (spec.source, spec.image);
            now.gates.clear();
        });
    }

    /// Staging finds out that a version is bad that it had verified.
    pub fn staging_rejects(&mut self, number: i64) {
        let now = self.staging.now;
        self.staging.record(number, |status| {
            status.rejected_at = Some(Time(now));
            status.state = Some(ReleaseState::CoreFailed);
        });
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
