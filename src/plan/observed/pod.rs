//! A pod, reduced to what decides.
//!
//! A pod belongs to a release by the template it was made from, never by its image: policies rewrite image names, and two
//! releases may share one image. Its process is the container that has our name: what others put into the pod stands
//! beside it.

use super::replica_set::ReplicaSet;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::Component;
use crate::manifest;
use crate::plan::evidence::Evidence;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{self, ContainerState, ContainerStateTerminated, ContainerStatus};
use kube::ResourceExt as _;

/// A core that fails at start fails within this time.
const STEADY: SignedDuration = SignedDuration::from_secs(60);

/// A pod, reduced to what decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// The node it is on.
    pub node: Option<String>,
    /// What runs in it.
    pub component: Option<Component>,
    /// What tells its template from others of the same Deployment, where its ReplicaSet is known.
    pub template: Option<String>,
    /// The release that its template was last rendered from.
    pub release: Option<String>,
    /// Whether it is ready.
    pub ready: bool,
    /// Since when.
    pub ready_since: Option<Timestamp>,
    /// When it should have ended, where it was told to.
    pub ends_by: Option<Timestamp>,
    /// Whether it ended for good: evicted, or its node went down. Another one takes its place.
    pub is_over: bool,
    /// Since when its process runs without being ready.
    pub starting_since: Option<Timestamp>,
    /// The turn in which it consumes events, where it waits for one.
    pub turn: Option<i64>,
    /// Whether it was told that its turn has come.
    pub is_told: bool,
    /// Whether its process has loaded the definitions, though it is not ready: one that waits for its turn does no more.
    pub is_loaded: bool,
    /// Since when it has been seen so, where it has a turn; nothing where nobody has noted that.
    pub loaded_since: Option<Timestamp>,
    /// Whether its process runs and has loaded the definitions, ready or not, as far as its node has said: in its turn it consumes events.
    /// A kubelet that starts anew says for a moment that nothing has; what has run for long is taken to have.
    pub is_up: bool,
    /// Whether its node does not answer, or Kubernetes told it to end for that: what runs there may go on, and nobody sees it.
    pub is_silent: bool,
    /// How often its process ended.
    pub crashes: i32,
    /// How it ended before the last time, as far as that was seen and its log was read; the latest first.
    pub before: Vec<Crash>,
    /// What is wrong with it.
    pub trouble: Option<PodTrouble>,
}

/// What is wrong with a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PodTrouble {
    /// Something keeps its process from running, or the pod from being ready; whose words.
    Obstacle(Obstacle, String),
    /// There is no `tengined` in the image.
    PackageMissing,
    /// The process ended.
    Crash(Box<Crash>),
    /// The core runs, was ready and no longer is, and nothing else is wrong: it has no connection to the broker, or hangs.
    Disconnected,
}

/// What keeps a process from running, or its pod from being ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// No node takes the pod.
    Unschedulable,
    /// The image cannot be pulled.
    Pull,
    /// What the container needs is not there: a Secret, a `ConfigMap`, a user other than root.
    ContainerConfig,
    /// The node's container runtime does not make the container, or does not start it.
    ContainerStart,
    /// There is no shell in the image.
    Shell,
    /// The image's programs are made for another kind of machine than the node's.
    Platform,
    /// A container that others put beside ours, or a condition of theirs.
    Beside,
    /// Its node does not answer: what runs there may go on.
    Silent,
}

impl Obstacle {
    /// The word for it.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Unschedulable => Reason::Unschedulable,
            Self::Pull => Reason::PullFailed,
            Self::ContainerConfig => Reason::ContainerConfigInvalid,
            Self::ContainerStart => Reason::ContainerNotStarted,
            Self::Shell => Reason::ShellMissing,
            Self::Platform => Reason::PlatformMissing,
            Self::Beside => Reason::SidecarFailed,
            Self::Silent => Reason::NodeSilent,
        }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Crash {
    /// The exit code.
    pub exit_code: i32,
    /// How it came to that.
    pub ending: Ending,
    /// The core's status at its last probe, where the probe left it behind: `starting`, `running`.
    pub last_status: Option<String>,
    /// Whether it had been ready before.
    pub was_ready: bool,
    /// How long it ran.
    pub lasted: SignedDuration,
    /// When it ended.
    pub at: Option<Timestamp>,
    /// What the log says; nothing where it could not be read.
    pub evidence: Evidence,
    /// Why the log could not be read, where that is so.
    pub unread: Option<Unread>,
}

impl Crash {
    /// Whether it had loaded the definitions: it served, or said itself that it had them.
    pub fn had_loaded(&self) -> bool {
        self.was_ready || matches!(self.last_status.as_deref(), Some("starting" | "waiting_activation"))
    }

    /// Whether it had loaded the definitions and waited for its turn.
    pub fn was_waiting(&self) -> bool {
        !self.was_ready && self.last_status.as_deref() == Some("waiting_activation")
    }

    /// Whether it ended for want of a connection to the broker, that it had lost or never got.
    pub fn had_no_broker(&self) -> bool {
        self.was_disconnected() || matches!(self.last_status.as_deref(), Some("starting" | "waiting_activation"))
    }

    /// Whether it had served, and had no connection to the broker any more.
    pub fn was_disconnected(&self) -> bool {
        self.last_status.as_deref() == Some("disconnected")
    }
}

/// A log that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// In the words of who refused.
    pub why: String,
    /// When it is asked for again.
    pub again: Timestamp,
}

/// How an end came about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ending {
    /// By itself.
    #[default]
    Own,
    /// It was over its limit of memory, or its node had none left.
    OutOfMemory,
    /// A signal from outside: a probe's, a person's, the node's.
    Signal,
}

impl Pod {
    /// Reads it. The evidence of a crash is empty, and so is what came before it: logs have to be asked for.
    pub fn read(pod: &v1::Pod, replica_sets: &[ReplicaSet], now: Timestamp) -> Self {
        let own = own_container(pod);
        let set = replica_sets.iter().find(|set| made(set, pod));
        let turn = manifest::turn_of(pod.labels());
        let told = pod.annotations().get(manifest::TOLD_ANNOTATION).and_then(|turn| turn.parse().ok());
        Self {
            name: pod.name_any(),
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            component: component(pod),
            template: set.map(|set| set.template.clone()),
            release: set.and_then(|set| set.release.clone()),
            ready: condition(pod, "Ready").is_some_and(|ready| ready.status == "True"),
            ready_since: condition(pod, "Ready")
                .filter(|ready| ready.status == "True")
                .and_then(|ready| Some(ready.last_transition_time.as_ref()?.0)),
            ends_by: pod.metadata.deletion_timestamp.as_ref().map(|at| at.0),
            is_over: matches!(phase(pod), "Failed" | "Succeeded"),
            starting_since: own.filter(|own| !own.ready).and_then(running_since),
            turn,
            is_told: turn.is_some() && told == turn,
            is_loaded: own.is_some_and(|own| own.started == Some(true) && !own.ready),
            loaded_since: None,
            is_up: own.is_some_and(|own| {
                let is_loaded = |since: Timestamp| own.started == Some(true) || now.duration_since(since) >= STEADY;
                running_since(own).is_some_and(is_loaded)
            }),
            is_silent: is_unheard(pod) || is_told_to_end_unheard(pod),
            crashes: own.map_or(0, ends),
            before: Vec::new(),
            trouble: trouble(pod, own, now),
        }
    }

    /// Whether it was told to end.
    pub fn is_deleting(&self) -> bool {
        self.ends_by.is_some()
    }
}

fn phase(pod: &v1::Pod) -> &str {
    pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or_default()
}

/// Whether this ReplicaSet made the pod.
fn made(set: &ReplicaSet, pod: &v1::Pod) -> bool {
    let owner = pod.metadata.owner_references.iter().flatten().find(|owner| owner.controller == Some(true));
    owner.is_some_and(|owner| owner.name == set.name)
}

fn component(pod: &v1::Pod) -> Option<Component> {
    let label = pod.labels().get(manifest::COMPONENT_LABEL)?;
    Component::ALL.into_iter().find(|component| component.label() == label)
}

/// The container of our process. Its status, as those of others, comes in any order.
pub fn own_container(pod: &v1::Pod) -> Option<&ContainerStatus> {
    let name = manifest::container_name(component(pod)?);
    pod.status.as_ref()?.container_statuses.iter().flatten().find(|status| status.name == name)
}

pub(super) fn condition<'a>(pod: &'a v1::Pod, kind: &str) -> Option<&'a v1::PodCondition> {
    pod.status.as_ref()?.conditions.iter().flatten().find(|condition| condition.type_ == kind)
}

fn running_since(status: &ContainerStatus) -> Option<Timestamp> {
    Some(status.state.as_ref()?.running.as_ref()?.started_at.as_ref()?.0)
}

/// How often a container ended: its restarts, and the end it was not restarted from yet, after which the kubelet shows it as ended,
/// and then as waiting, with that end for its last one.
fn ends(status: &ContainerStatus) -> i32 {
    let is = |state: Option<&ContainerState>, what: fn(&ContainerState) -> bool| state.is_some_and(what);
    let (state, last) = (status.state.as_ref(), status.last_state.as_ref());
    let ended = |state: &ContainerState| state.terminated.is_some();
    let not_again = !is(state, |state| state.running.is_some()) && (is(state, ended) || is(last, ended));
    status.restart_count + i32::from(not_again)
}

/// The first of: nobody takes it, it cannot be made, it ended, others beside it, it is no longer ready, nobody hears of it.
fn trouble(pod: &v1::Pod, own: Option<&ContainerStatus>, now: Timestamp) -> Option<PodTrouble> {
    unscheduled(pod)
        .or_else(|| own.and_then(cannot_start))
        .or_else(|| own.and_then(|own| ended(pod, own, now)))
        .or_else(|| is_unheard(pod).then(|| PodTrouble::Obstacle(Obstacle::Silent, unheard(pod))))
        .or_else(|| beside(pod, own))
        .or_else(|| own.filter(|own| is_disconnected(pod, own)).map(|_| PodTrouble::Disconnected))
}

/// Whether Kubernetes itself says that the pod is not ready, though its node said last that all that is in it is: so it does once a node does
/// not answer any more (`pkg/controller/util/node`: `MarkPodsNotReady`). It changes nothing but the word; a kubelet gives a reason for each `False`
/// (`pkg/kubelet/status/generate.go`), such as a readiness gate. No right to look at nodes is needed for it.
fn is_unheard(pod: &v1::Pod) -> bool {
    let says = |kind, status| condition(pod, kind).filter(|found| found.status == status);
    let is_unexplained = |ready: &v1::PodCondition| ready.reason.as_deref().is_none_or(str::is_empty);
    says("Ready", "False").is_some_and(is_unexplained) && says("ContainersReady", "True").is_some()
}

fn unheard(pod: &v1::Pod) -> String {
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref()).unwrap_or("its node");
    format!("{node} does not answer, so nobody knows whether it serves")
}

/// Whether it was told to end because its node has not answered for long, or keeps nothing any more
/// (`pkg/controller/tainteviction`): until it is gone, what runs there may go on.
fn is_told_to_end_unheard(pod: &v1::Pod) -> bool {
    let is_why = |found: &v1::PodCondition| found.reason.as_deref() == Some("DeletionByTaintManager");
    pod.metadata.deletion_timestamp.is_some() && condition(pod, "DisruptionTarget").is_some_and(is_why)
}

pub(super) fn unscheduled(pod: &v1::Pod) -> Option<PodTrouble> {
    let found = condition(pod, "PodScheduled").filter(|condition| condition.status == "False")?;
    let reason = found.reason.as_deref().unwrap_or_default();
    let words = found.message.clone().unwrap_or_default();
    matches!(reason, "Unschedulable" | "SchedulingGated" | "SchedulerError")
        .then(|| PodTrouble::Obstacle(Obstacle::Unschedulable, words))
}

/// What the kubelet says of a container that waits.
pub(super) fn cannot_start(own: &ContainerStatus) -> Option<PodTrouble> {
    let waiting = own.state.as_ref()?.waiting.as_ref()?;
    let words = waiting.message.clone().or_else(|| waiting.reason.clone()).unwrap_or_default();
    let obstacle = match waiting.reason.as_deref()? {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "RegistryUnavailable"
        | "ImageInspectError"
        | "SignatureValidationFailed" => Obstacle::Pull,
        "CreateContainerConfigError" => Obstacle::ContainerConfig,
        "CreateContainerError" | "RunContainerError" | "PreCreateHookError" | "PreStartHookError" => unstarted(&words),
        _ => return None,
    };
    Some(PodTrouble::Obstacle(obstacle, words))
}

/// Why the runtime does not start a container, by its words: it does not find what our commands begin with, or cannot run it.
fn unstarted(words: &str) -> Obstacle {
    if words.contains("exec format error") {
        Obstacle::Platform
    } else if words.contains("/bin/sh") && words.contains("no such file or directory") {
        Obstacle::Shell
    } else {
        Obstacle::ContainerStart
    }
}

/// How its process ended, unless it has recovered from that.
fn ended(pod: &v1::Pod, own: &ContainerStatus, now: Timestamp) -> Option<PodTrouble> {
    let end = last_end(own, now)?;
    let words = end.message.as_deref().unwrap_or_default();
    if matches!(end.reason.as_deref(), Some("StartError" | "ContainerCannotRun")) {
        return Some(PodTrouble::Obstacle(unstarted(words), words.to_owned()));
    }
    if end.exit_code == manifest::PACKAGE_MISSING_EXIT_CODE {
        return Some(PodTrouble::PackageMissing);
    }
    let started = end.started_at.as_ref().map_or(now, |at| at.0);
    let finished = end.finished_at.as_ref().map_or(started, |at| at.0);
    let last_status = last_status(end);
    let served = matches!(last_status, Some("running" | "disconnected"));
    Some(PodTrouble::Crash(Box::new(Crash {
        exit_code: end.exit_code,
        ending: ending(end),
        was_ready: served || turned_unready_after(pod, started),
        last_status: last_status.map(str::to_owned),
        lasted: finished.duration_since(started),
        at: end.finished_at.as_ref().map(|at| at.0),
        evidence: Evidence::default(),
        unread: None,
    })))
}

/// What its last probe found.
fn last_status(end: &ContainerStateTerminated) -> Option<&str> {
    end.message.as_deref()?.lines().rev().find_map(|line| line.strip_prefix("tengined is "))
}

fn ending(end: &ContainerStateTerminated) -> Ending {
    /// 128 and a number: HUP, INT, KILL, TERM.
    const SIGNALS: [i32; 4] = [129, 130, 137, 143];
    match end.reason.as_deref() {
        Some("OOMKilled") => Ending::OutOfMemory,
        _ if SIGNALS.contains(&end.exit_code) || end.signal.is_some_and(|signal| signal != 0) => Ending::Signal,
        _ => Ending::Own,
    }
}

/// A pod that was never ready turned so when it was made, before anything ran in it; one that turned unready later than
/// `started` was ready in between.
fn turned_unready_after(pod: &v1::Pod, started: Timestamp) -> bool {
    let turned = condition(pod, "Ready").filter(|ready| ready.status == "False");
    turned.and_then(|ready| ready.last_transition_time.as_ref()).is_some_and(|at| at.0 > started)
}

/// Whether a core was ready and its own probe no longer finds it so, though it has not ended: its node would say that of the pod, and
/// not of the container. One that waits for its turn never was.
fn is_disconnected(pod: &v1::Pod, own: &ContainerStatus) -> bool {
    let is_core = component(pod) == Some(Component::Core);
    let cut_off = is_core && own.started == Some(true) && !own.ready;
    cut_off && running_since(own).is_some_and(|since| turned_unready_after(pod, since))
}

/// The end that a container has not yet recovered from.
fn last_end(own: &ContainerStatus, now: Timestamp) -> Option<&ContainerStateTerminated> {
    // How it ended before says nothing any more of one that has been running for long enough.
    let steady = running_since(own).is_some_and(|since| now.duration_since(since) >= STEADY);
    let present = own.state.as_ref().and_then(|state| state.terminated.as_ref());
    let end = present.or_else(|| own.last_state.as_ref()?.terminated.as_ref())?;
    // But one that its start-up probe ended while it waited for the broker does so again until it is started.
    let waited = matches!(last_status(end), Some("starting" | "waiting_activation"));
    let recovered = own.ready || (steady && !(waited && own.started == Some(false)));
    (!recovered).then_some(end)
}

/// What others put into the pod and does not work: an init container that fails, a sidecar that is not ready.
fn beside(pod: &v1::Pod, own: Option<&ContainerStatus>) -> Option<PodTrouble> {
    let status = pod.status.as_ref()?;
    let failing = |container: &&ContainerStatus| {
        let state = container.state.clone().unwrap_or_default();
        state.terminated.is_some_and(|end| end.exit_code != 0)
            || state.waiting.is_some_and(|waiting| {
                !matches!(waiting.reason.as_deref(), Some("PodInitializing" | "ContainerCreating") | None)
            })
    };
    let init = status.init_container_statuses.iter().flatten().find(failing);
    let is_ready = own.is_some_and(|own| own.ready);
    let sidecar = || {
        let others = status.container_statuses.iter().flatten();
        others.filter(|other| Some(&other.name) != own.map(|own| &own.name)).find(|other| is_ready && !other.ready)
    };
    let words = match init.or_else(sidecar) {
        Some(container) => format!("its container {} {}", container.name, said_of(container)),
        None => format!("its readiness gate {} is not met", closed_gate(pod).filter(|_| is_ready)?),
    };
    Some(PodTrouble::Obstacle(Obstacle::Beside, words))
}

fn said_of(container: &ContainerStatus) -> String {
    let state = container.state.clone().unwrap_or_default();
    let last = container.last_state.clone().unwrap_or_default().terminated;
    match (state.waiting.and_then(|waiting| waiting.reason), state.terminated.or(last)) {
        (_, Some(end)) if end.exit_code != 0 => format!("ended with exit code {}", end.exit_code),
        (Some(reason), _) => format!("waits: {reason}"),
        _ => "is not ready".into(),
    }
}

fn closed_gate(pod: &v1::Pod) -> Option<&str> {
    let gates = pod.spec.as_ref()?.readiness_gates.iter().flatten();
    gates
        .map(|gate| gate.condition_type.as_str())
        .find(|gate| condition(pod, gate).is_none_or(|found| found.status != "True"))
}
