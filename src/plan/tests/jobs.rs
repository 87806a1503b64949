//! The Jobs of checks in the world: the Job controller, the kubelet and what runs. It speaks in the real objects.

use super::cluster::objects::{Writes, is_seen};
use super::world::Definition;
use crate::manifest;
use crate::plan::observed::{CheckJob, Seen};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the environment does to the pods of Jobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fate {
    #[default]
    Runs,
    Unschedulable,
    Unpullable,
    /// The runtime cannot start the command.
    NoCommand,
    /// A quota, or Pod Security: no pod is made.
    Refused,
    /// The process is killed from outside.
    Killed,
    /// It never gets through.
    Hangs,
    /// It gets to run shortly before the deadline of its pod.
    SlowPull,
    /// A preflight does not reach the database.
    DatabaseAway,
    /// A preflight may not make its database.
    DatabaseRefused,
    /// The broker refuses the credentials; only a connection test asks it.
    BrokerRefused,
}

/// Whether it is the deployment's own, and no release's.
fn is_connection(object: &Value) -> bool {
    object["metadata"]["ownerReferences"][0]["kind"] == "TengineDeployment"
}

/// What a core says that loads such definitions; nothing of those that it loads.
fn load(definition: Definition) -> Option<&'static str> {
    match definition {
        Definition::Raises => Some(
            "/var/lib/tengine/dsl/a.rb:3:in `<top (required)>': undefined local variable or method `hoge' for main:Object (NameError)\n\
             \tfrom /usr/lib/tengine/lib/tengine/core/definition.rb:30:in `load'\n",
        ),
        Definition::Hangs => Some(
            "/usr/lib/ruby/3.1.0/a.rb:1:in `sleep': it did not end within 120 s (Timeout::Error)\n\tfrom /var/lib/tengine/dsl/a.rb:9:in `<main>'\n",
        ),
        Definition::Misreads => {
            Some("/usr/lib/ruby/psych.rb:1:in `parse': (<unknown>): did not find expected node (Psych::SyntaxError)\n")
        }
        Definition::Good | Definition::Wrong | Definition::FailsChecks | Definition::Breaks => None,
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    name: String,
    /// With what the API server gave it.
    object: Value,
    at: Timestamp,
    since: Option<Timestamp>,
    /// When it ended, and how: `Complete`, or the state of its container.
    end: Option<(Timestamp, Value)>,
    /// What it said then.
    said: &'static str,
}

/// All Jobs there are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jobs {
    pub fate: Fate,
    made: Vec<Made>,
    writes: Writes,
    /// What the operator still sees of them, where its watch is late.
    pub cached: Option<Vec<Made>>,
    /// How often each was started, by name.
    pub started: BTreeMap<String, u32>,
    /// What fails says so.
    pub log: &'static str,
}

impl Jobs {
    pub fn start(&mut self, name: &str, object: &Value, now: Timestamp) {
        if self.made.iter().any(|job| job.name == name) {
            return;
        }
        *self.started.entry(name.to_owned()).or_default() += 1;
        let object = self.writes.keep(None, object.clone());
        self.made.push(Made { name: name.to_owned(), object, at: now, since: None, end: None, said: "" });
    }

    /// Whether it is gone: another one of the name stays.
    pub fn delete(&mut self, name: &str, seen: &Seen) -> bool {
        if self.made.iter().any(|job| job.name == name && !is_seen(&job.object, seen)) {
            return false;
        }
        self.made.retain(|job| job.name != name);
        true
    }

    /// From now on the operator's cache shows what there is now.
    pub fn keep_showing(&mut self) {
        self.cached = Some(self.made.clone());
    }

    /// How many Jobs are under way.
    pub fn running(&self) -> usize {
        self.made.iter().filter(|job| job.end.is_none()).count()
    }

    /// How many were ever started.
    pub fn starts(&self) -> u32 {
        self.started.values().sum()
    }

    /// The objects, to look at what was rendered.
    pub fn objects(&self) -> impl Iterator<Item = &Value> {
        self.made.iter().map(|job| &job.object)
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each fate")]
    pub fn second(&mut self, images: &BTreeMap<String, Definition>, now: Timestamp) {
        let fate = self.fate;
        for job in self.made.iter_mut().filter(|job| job.end.is_none()) {
            let before = (job.since, job.end.is_some());
            let image = job.object["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap();
            let definition = images.get(image).copied().unwrap_or(Definition::Good);
            let of_the_core = job.object["metadata"]["annotations"]["tengine.dev/scratch"].is_string();
            let tests_connection = is_connection(&job.object);
            let said = if of_the_core && !tests_connection { load(definition) } else { None };
            let fails = said.is_some() || (definition == Definition::FailsChecks && !of_the_core);
            job.said = said.unwrap_or(self.log);
            let limit = job.object["spec"]["template"]["spec"]["activeDeadlineSeconds"].as_i64().unwrap();
            let since = job.since;
            let ended = |code: i64, reason: &str| {
                Some((now, json!({ "exitCode": code, "reason": reason, "startedAt": since, "finishedAt": now })))
            };
            match (fate, job.since) {
                (Fate::Unschedulable | Fate::Unpullable | Fate::Refused, None) => {}
                (Fate::NoCommand, None) => job.end = ended(128, "StartError"),
                (_, None) => job.since = Some(now),
                (Fate::Killed, Some(_)) => job.end = ended(137, "Error"),
                // Its deadline comes: much of the time went by before.
                (Fate::SlowPull, Some(since)) if now.duration_since(since) >= SignedDuration::from_secs(10) => {
                    job.end = ended(137, "DeadlineExceeded");
                }
                (Fate::Hangs, Some(since)) if now.duration_since(since) >= SignedDuration::from_secs(limit) => {
                    job.end = ended(137, "DeadlineExceeded");
                }
                (Fate::Hangs | Fate::SlowPull, Some(_)) => {}
                (_, Some(since)) if now.duration_since(since) < SignedDuration::from_secs(3) => {}
                (Fate::BrokerRefused, Some(_)) if tests_connection => {
                    job.said = "Connection test failure: [Broker::Refused] 403 ACCESS_REFUSED - Login was refused\n";
                    job.end = ended(1, "Error");
                }
                (Fate::DatabaseAway, Some(_)) if tests_connection => {
                    job.said = "E -- : Connection test failure: [Moped::Errors::ConnectionFailure] Could not connect\n";
                    job.end = ended(1, "Error");
                }
                (Fate::DatabaseRefused, Some(_)) if tests_connection => {
                    job.said =
                        "Connection test failure: [PG::InsufficientPrivilege] permission denied to create database\n";
                    job.end = ended(1, "Error");
                }
                (Fate::DatabaseAway, Some(_)) if of_the_core => {
                    job.said = "/usr/lib/ruby/pg.rb:1:in `connect': connection refused (PG::ConnectionBad)\n\
                                the scratch database x was not removed: [PG::ConnectionBad] connection refused\n";
                    job.end = ended(1, "Error");
                }
                (Fate::DatabaseRefused, Some(_)) if of_the_core => {
                    job.said = "/usr/lib/ruby/pg.rb:1:in `connect': FATAL:  database \"tengine_preflight_x\" does not exist (PG::ConnectionBad)\n\
                                \tfrom /var/lib/tengine/dsl/a.rb:1:in `driver'\n";
                    job.end = ended(1, "Error");
                }
                (_, Some(_)) if fails => job.end = ended(1, "Error"),
                (_, Some(_)) => job.end = ended(0, "Completed"),
            }
            if before != (job.since, job.end.is_some()) {
                self.writes.note(&mut job.object);
            }
        }
    }

    /// Those of releases.
    pub fn observed(&self, now: Timestamp) -> Vec<CheckJob> {
        self.seen(now, false)
    }

    /// The deployment's own.
    pub fn connections(&self, now: Timestamp) -> Vec<CheckJob> {
        self.seen(now, true)
    }

    fn seen(&self, now: Timestamp, connections: bool) -> Vec<CheckJob> {
        let mut seen = Vec::new();
        let all = self.cached.as_ref().unwrap_or(&self.made).iter();
        for made in all.filter(|made| is_connection(&made.object) == connections) {
            let pod = self.pod(made);
            let pods: Vec<&Pod> = pod.iter().collect();
            let mut read = CheckJob::read(&Self::job(made), &pods, now);
            if let crate::plan::observed::JobState::Failed { log, .. } = &mut read.state {
                made.said.clone_into(log);
            }
            seen.push(read);
        }
        seen
    }

    fn job(made: &Made) -> Job {
        let mut object = made.object.clone();
        object["metadata"]["creationTimestamp"] = json!(made.at);
        if let Some((at, end)) = &made.end {
            let kind = if end["exitCode"] == 0 { "Complete" } else { "Failed" };
            object["status"]["conditions"] = json!([{ "type": kind, "status": "True", "lastTransitionTime": at }]);
        }
        serde_json::from_value(object).unwrap()
    }

    fn pod(&self, made: &Made) -> Option<Pod> {
        if self.fate == Fate::Refused && made.since.is_none() {
            return None;
        }
        let container = |state: Value| json!([{ "name": manifest::CHECK_CONTAINER, "image": "x", "imageID": "x", "ready": false, "restartCount": 0, "state": state }]);
        let status = match (&made.end, made.since) {
            (Some((_, end)), _) => json!({
                "phase": "Failed", "reason": if end["reason"] == "DeadlineExceeded" { "DeadlineExceeded" } else { "" },
                "containerStatuses": container(json!({ "terminated": end })),
            }),
            (None, Some(since)) => {
                json!({ "phase": "Running", "containerStatuses": container(json!({ "running": { "startedAt": since } })) })
            }
            (None, None) if self.fate == Fate::Unschedulable => json!({ "phase": "Pending", "conditions": [
                { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available" },
            ] }),
            (None, None) if self.fate == Fate::Unpullable => {
                json!({ "phase": "Pending", "containerStatuses": container(
                json!({ "waiting": { "reason": "ImagePullBackOff", "message": "no such host" } })
            ) })
            }
            (None, None) => json!({ "phase": "Pending" }),
        };
        let pod = json!({
            "metadata": {
                "name": format!("{}-x", made.name), "creationTimestamp": made.at,
                "ownerReferences": [{ "apiVersion": "batch/v1", "kind": "Job", "name": made.name, "uid": made.object["metadata"]["uid"], "controller": true }],
            },
            "status": status,
        });
        Some(serde_json::from_value(pod).unwrap())
    }
}
