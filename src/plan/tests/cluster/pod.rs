//! A pod: what its containers do in a second, and what the API server shows of it.

use super::{Broker, CUT_OFF, DEADLINE, Ended, Environment, Running, Template};
use crate::domain::Component;
use crate::manifest;
use crate::plan::evidence::Evidence;
use crate::plan::observed::{Ends, Pod, PodTrouble, ReplicaSet, Unread};
use crate::plan::tests::world::Definition;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a pod may take to end, in seconds.
const GRACE: i64 = 30;

const BUNNY: &str = "bunny.rb:1:in `x': refused (Bunny::TCPConnectionFailed)";

const RAISES: &str = "dsl.rb:9:in `x': boom (NameError)\n\tfrom /var/lib/tengine/dsl/a.rb:3:in `y'";

const CONFIGURATION: &str =
    "psych.rb:1:in `parse': (<unknown>): did not find expected node content (Psych::SyntaxError)";

const POISON: &str = "/var/lib/tengine/dsl/a.rb:3: warning: unused\nevent.rb:1:in `parse': no method (NoMethodError)";

const RACE: &str = "driveable.rb:1:in `x': uninitialized constant Tengine::Core::Driveable::Mongo (NameError)\n\tfrom /var/lib/tengine/dsl/a.rb:1:in `y'";

impl Running {
    pub(super) fn new(number: usize, component: Component, template: Arc<str>, image: String, now: Timestamp) -> Self {
        Self {
            number,
            component,
            owner: String::new(),
            turn: None,
            begun: false,
            told: false,
            loaded: None,
            lost: None,
            hash: Template::hash(component, &template),
            template,
            image,
            since: None,
            core_ready: false,
            ready: false,
            turned: now,
            ends: 0,
            last: None,
            ends_by: None,
            evicted: false,
            silent: None,
        }
    }

    pub(super) fn name(&self) -> String {
        format!("pod-{:03}", self.number)
    }

    /// Whether a Deployment counts it among its pods.
    pub(super) fn counts(&self) -> bool {
        self.ends_by.is_none() && !self.evicted
    }

    pub(super) fn end(&mut self, now: Timestamp) {
        self.ends_by = self.ends_by.or(Some(now + SignedDuration::from_secs(GRACE)));
    }

    /// Whether it was told to end, and did: with the event in hand, where it served, or killed before.
    pub(super) fn has_ended(&self, in_hand: i64, now: Timestamp) -> bool {
        let in_hand = if self.core_ready { in_hand } else { 0 };
        self.ends_by.is_some_and(|by| now.duration_since(by).as_secs() + GRACE >= in_hand.min(GRACE))
    }

    pub(super) fn second(&mut self, definition: Definition, environment: Environment, now: Timestamp) {
        if self.silent.is_some() {
            return;
        }
        let held = environment.unschedulable
            || environment.unpullable
            || environment.unstarted.is_some()
            || environment.init_fails;
        match self.since {
            None if self.ends == 0 && held => {}
            None => self.since = Some(now),
            Some(since) if self.component == Component::Core => self.core(since, definition, environment, now),
            Some(_) => self.core_ready = true,
        }
        let ready = self.core_ready && !environment.sidecar_fails;
        if ready != self.ready {
            (self.ready, self.turned) = (ready, now);
        }
    }

    #[expect(clippy::match_same_arms, reason = "in this order each line is one thing that happens")]
    fn core(&mut self, since: Timestamp, definition: Definition, environment: Environment, now: Timestamp) {
        let over = now.duration_since(since).as_secs() >= DEADLINE;
        let ended = |code, reason, status, log| Some(Ended { started: since, at: now, code, reason, status, log });
        let cut_off = self.lost.map(|lost| now.duration_since(lost).as_secs() >= CUT_OFF);
        let end = match (self.core_ready, environment.broker, definition) {
            (false, _, _) if cut_off == Some(true) => ended(0, "Completed", "disconnected", ""),
            (false, _, _) if cut_off == Some(false) => None,
            (true, Broker::Closes, _) if now.duration_since(self.turned).as_secs() >= CUT_OFF => {
                (self.core_ready, self.lost) = (false, Some(now));
                None
            }
            (true, Broker::Poisoned | Broker::PoisonedAtOnce, _) => ended(1, "Error", "running", POISON),
            (true, _, Definition::Breaks) if now.duration_since(since).as_secs() >= 30 => {
                ended(1, "Error", "running", RAISES)
            }
            (true, _, _) => None,
            (false, _, _) if environment.foreign || (environment.mixed && self.number.is_multiple_of(2)) => {
                ended(255, "Error", "none", "exec /bin/sh: exec format error\n")
            }
            (false, _, _) if environment.hungry && self.template.contains("\"memory\":\"64Mi\"") => {
                ended(137, "OOMKilled", "none", "")
            }
            (false, _, Definition::Raises) => ended(1, "Error", "none", RAISES),
            (false, _, _) if environment.mute => ended(1, "Error", "none", ""),
            (false, _, Definition::Misreads) => ended(1, "Error", "none", CONFIGURATION),
            (false, _, Definition::Hangs) if over => ended(0, "Completed", "none", ""),
            (false, _, Definition::Hangs) => None,
            (false, _, _) if environment.races => ended(1, "Error", "none", RACE),
            (false, _, _) if !self.begun => {
                self.loaded.get_or_insert(now);
                None
            }
            (false, Broker::PoisonedAtOnce, _) => ended(1, "Error", "starting", POISON),
            (false, Broker::Refuses, _) => ended(1, "Error", "starting", BUNNY),
            (false, Broker::Silent, _) if over && self.loaded.is_some() => {
                ended(0, "Completed", "waiting_activation", "")
            }
            (false, Broker::Silent, _) if over => ended(0, "Completed", "starting", ""),
            (false, Broker::Silent, _) => None,
            (false, Broker::Up | Broker::Poisoned | Broker::Closes, _) => {
                self.core_ready = true;
                None
            }
        };
        if let Some(end) = end {
            (self.last, self.since, self.core_ready, self.loaded) = (Some(end), None, false, None);
            self.lost = None;
            self.ends += 1;
        }
    }

    /// As the operator reads it, which may have read its `known` ends before, and may not be able to read the last.
    pub(super) fn read(
        &self,
        sets: &[ReplicaSet],
        environment: &Environment,
        known: Option<&Ends>,
        unread: Option<&Unread>,
        now: Timestamp,
    ) -> Pod {
        let object: v1::Pod = serde_json::from_value(self.object(environment)).unwrap();
        let mut pod = Pod::read(&object, sets, now);
        if let (Some(PodTrouble::Crash(crash)), Some(last)) = (&mut pod.trouble, &self.last) {
            match unread {
                Some(unread) if known.is_none_or(|known| known.of(pod.crashes).is_none()) => {
                    crash.unread = Some(unread.clone());
                }
                _ => crash.evidence = Evidence::read(last.log, &[]),
            }
        }
        pod.loaded_since = self.loaded.filter(|_| pod.turn.is_some() && pod.is_loaded);
        pod.before = known.map(|known| known.before(pod.crashes)).unwrap_or_default();
        pod
    }

    fn object(&self, environment: &Environment) -> Value {
        let owner = &self.owner;
        let hash = &self.hash;
        let image =
            if environment.rewrites { format!("mirror.example.com/{}", self.image) } else { self.image.clone() };
        let own = manifest::container_name(self.component);
        let unscheduled = environment.unschedulable && self.since.is_none() && self.ends == 0;
        let mut pod = json!({
            "metadata": {
                "name": self.name(),
                "labels": {
                    manifest::COMPONENT_LABEL: self.component.label(), "pod-template-hash": hash,
                    manifest::TURN_LABEL: self.turn.map(|turn| turn.to_string()).unwrap_or_default(),
                },
                "annotations": self.turn.filter(|_| self.told).map(|turn| json!({ manifest::TOLD_ANNOTATION: turn.to_string() })),
                "deletionTimestamp": self.ends_by,
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{owner}-{hash}"), "uid": hash,
                    "controller": true,
                }],
            },
            "spec": {
                "nodeName": if unscheduled { None } else { Some("node-1") },
                "containers": [{ "name": "a-sidecar", "image": "sidecar" }, { "name": own, "image": image }],
            },
            "status": {
                "phase": if self.evicted { "Failed" } else { "Running" },
                "conditions": self.conditions(environment),
                "initContainerStatuses": [init(environment)],
                "containerStatuses": [sidecar(environment), self.status(environment)],
            },
        });
        if unscheduled {
            let none =
                json!({ "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node" });
            pod["status"] = json!({ "phase": "Pending", "conditions": [none] });
        }
        pod
    }

    /// Of one whose node does not answer, Kubernetes itself says that it is not ready, and why it was told to end.
    fn conditions(&self, environment: &Environment) -> Value {
        let is = |yes: bool| if yes { "True" } else { "False" };
        let ready = json!({ "type": "Ready", "status": is(self.ready), "lastTransitionTime": self.turned });
        let containers = self.core_ready && !environment.sidecar_fails;
        let containers =
            json!({ "type": "ContainersReady", "status": is(containers), "lastTransitionTime": self.turned });
        let tainted = self.silent.is_some() && self.ends_by.is_some();
        let why = json!({ "type": "DisruptionTarget", "status": "True", "reason": "DeletionByTaintManager" });
        [ready, containers].into_iter().chain(tainted.then_some(why)).collect()
    }

    fn status(&self, environment: &Environment) -> Value {
        let last = self.last.as_ref().map(|last| {
            let word = if manifest::RENDERING > 1 { format!("tengined is {}", last.status) } else { String::new() };
            json!({ "terminated": {
                "exitCode": last.code, "reason": last.reason, "startedAt": last.started, "finishedAt": last.at, "message": word,
            } })
        });
        let state = match self.since {
            Some(since) => json!({ "running": { "startedAt": environment.told(since) } }),
            None if self.ends > 0 => json!({ "waiting": { "reason": "CrashLoopBackOff" } }),
            None if environment.unpullable => {
                json!({ "waiting": { "reason": "ImagePullBackOff", "message": "no such host" } })
            }
            None if environment.unstarted.is_some() => {
                let (reason, message) = environment.unstarted.unwrap();
                json!({ "waiting": { "reason": reason, "message": message } })
            }
            None => json!({ "waiting": { "reason": "PodInitializing" } }),
        };
        let own = manifest::container_name(self.component);
        // As long as it waits to be started again, it was not.
        let restarts = if self.since.is_some() { self.ends } else { (self.ends - 1).max(0) };
        let mut status = status(own, self.core_ready, restarts, &state, last.as_ref());
        status["started"] = json!(self.core_ready || self.loaded.is_some() || self.lost.is_some());
        status
    }
}

fn init(environment: &Environment) -> Value {
    let failed = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
    let done = json!({ "terminated": { "exitCode": 0 } });
    status("inject", !environment.init_fails, 0, if environment.init_fails { &failed } else { &done }, None)
}

fn sidecar(environment: &Environment) -> Value {
    let running = json!({ "running": {} });
    let failed = json!({ "terminated": { "exitCode": 7, "reason": "Error" } });
    status("a-sidecar", !environment.sidecar_fails, 0, if environment.sidecar_fails { &failed } else { &running }, None)
}

fn status(name: &str, ready: bool, restarts: i32, state: &Value, last: Option<&Value>) -> Value {
    json!({
        "name": name, "image": "x", "imageID": "x", "ready": ready, "restartCount": restarts, "state": state,
        "lastState": last,
    })
}
