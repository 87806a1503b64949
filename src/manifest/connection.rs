//! The Job in which Tengine tests its connection to broker and database: as a preflight of a release, but for the deployment itself and
//! in the base image.

use super::job::BEGUN_ANNOTATION;
use super::preflight::{Asked, File, PreflightPod, job};
use super::script;
use super::used::pull_secrets;
use crate::domain::ChildName;
use jiff::Timestamp;
use serde_json::{Value, json};

/// What is put into the core besides what every preflight has.
const FILES: &[File] = &[("tengine.dev/connection", "connection.rb", script::connection::IN_THE_CORE)];

/// What to render for the connection test of a deployment.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionPod<'a> {
    /// As any preflight.
    pub pod: PreflightPod<'a>,
    /// The Secret that the base image is read with, besides those that the images of releases are pulled with.
    pub pull_secret: Option<&'a str>,
    /// When the first one before it was made, if there was one.
    pub begun: Option<Timestamp>,
}

/// The Job in which `tengined -k test` runs.
pub fn connection_job(test: &ConnectionPod<'_>, name: &ChildName) -> Value {
    let asked = Asked {
        pod: &test.pod,
        owner: "TengineDeployment",
        start: script::connection::START,
        // The shell that looks at what became of it.
        parent: "1",
        action: "test",
        // Without heartbeats it fails on a healthy broker.
        more: &[("-G", "1")],
        // The base image has no definitions.
        folder: "/tmp",
        files: FILES,
    };
    let mut object = job(&asked, name);
    let known = pull_secrets(test.pod.settings);
    if let Some(secret) = test.pull_secret.filter(|secret| !known.iter().any(|name| name == secret)) {
        let all = known.iter().map(String::as_str).chain([secret]).map(|name| json!({ "name": name }));
        object["spec"]["template"]["spec"]["imagePullSecrets"] = Value::Array(all.collect());
    }
    if let Some(begun) = test.begun {
        object["metadata"]["annotations"][BEGUN_ANNOTATION] = json!(begun.to_string());
    }
    object
}
