//! What the operator measures, for Prometheus.
//!
//! Guarantees: every name begins with `tengine_operator_`; label values come from closed lists
//! (reasons and outcomes of our own), never from names of objects, hosts or users, so the number
//! of series does not grow with the cluster. `docs/runbooks/` has a page per alert made of them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::Shard;
use crate::worker::WorkerError;

/// A label value: an outcome or a reason, one CamelCase word.
pub type Word = Cow<'static, str>;

/// How one reconcile ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum ReconcileResult {
    /// Something was written to the cluster, or a task was started.
    Acted,
    /// Nothing needed to be done.
    Idle,
    /// What it was decided on had changed meanwhile: it is decided anew.
    Repeated,
    /// The reconcile itself failed and is repeated with back-off.
    Failed,
}

/// What a background task looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Look {
    /// What a Git ref points at.
    Source,
    /// Which digest the base image's tag has.
    Base,
    /// Whether the registry lets us push.
    Push,
    /// Whether an image is still in its registry.
    Image,
}

/// How one worker process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum WorkerOutcome {
    /// It gave an answer, good or bad.
    Answered,
    /// It was ended at its deadline.
    TimedOut,
    /// It died or answered nonsense.
    Crashed,
    /// It could not be started.
    NotStarted,
}

impl From<Option<&WorkerError>> for WorkerOutcome {
    fn from(error: Option<&WorkerError>) -> Self {
        match error {
            None => Self::Answered,
            Some(WorkerError::TimedOut { .. }) => Self::TimedOut,
            Some(WorkerError::Room(_) | WorkerError::Start(_)) => Self::NotStarted,
            Some(
                WorkerError::Pipe(_) | WorkerError::Died { .. } | WorkerError::Garbage | WorkerError::TooLarge { .. },
            ) => Self::Crashed,
        }
    }
}

/// Ready's status and reason, as `kubectl get td` shows them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelSet)]
pub struct ReadyState {
    /// `True`, `False` or `Unknown`.
    pub ready: Word,
    /// The reason of the condition.
    pub reason: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabel {
    result: ReconcileResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookLabels {
    what: Look,
    outcome: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WhatLabel {
    what: Look,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WorkerLabel {
    outcome: WorkerOutcome,
}

type Timings<L> = Family<L, Histogram, fn() -> Histogram>;

/// Every measurement there is. Shared behind an `Arc`; each method is cheap and never blocks long.
pub struct Metrics {
    registry: Registry,
    reconciles: Family<ResultLabel, Counter>,
    reconcile_seconds: Histogram,
    looks: Family<LookLabels, Counter>,
    look_seconds: Timings<WhatLabel>,
    looks_waiting: Gauge,
    oldest_answer: Family<WhatLabel, Gauge<f64, AtomicU64>>,
    watch_errors: Family<KindLabel, Counter>,
    watches_failing: Family<KindLabel, Gauge>,
    unreadable: Family<KindLabel, Counter>,
    builds: Family<OutcomeLabel, Counter>,
    build_seconds: Histogram,
    pushed_bytes: Counter,
    workers: Family<WorkerLabel, Counter>,
    worker_seconds: Histogram,
    deployments: Family<ReadyState, Gauge>,
    /// The states that have a series, so that one that emptied goes to zero instead of vanishing.
    seen_states: Mutex<BTreeMap<ReadyState, i64>>,
    leader: Gauge,
    lease_renewed: Gauge<f64, AtomicU64>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("tengine_operator"),
            reconciles: Family::default(),
            reconcile_seconds: fast(),
            looks: Family::default(),
            look_seconds: Family::new_with_constructor(slow),
            looks_waiting: Gauge::default(),
            oldest_answer: Family::default(),
            watch_errors: Family::default(),
            watches_failing: Family::default(),
            unreadable: Family::default(),
            builds: Family::default(),
            build_seconds: slow(),
            pushed_bytes: Counter::default(),
            workers: Family::default(),
            worker_seconds: slow(),
            deployments: Family::default(),
            seen_states: Mutex::default(),
            leader: Gauge::default(),
            lease_renewed: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

/// Buckets for work that does not leave the cluster: 1 ms to 16 s.
fn fast() -> Histogram {
    Histogram::new([0.001, 0.004, 0.016, 0.064, 0.25, 1.0, 4.0, 16.0])
}

/// Buckets for Git and registries: 50 ms to 10 min.
fn slow() -> Histogram {
    Histogram::new([0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0])
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// All at zero, with the shard that is measured, where there are several.
    pub fn of(shard: Shard) -> Self {
        let mut metrics = Self::default();
        if !shard.is_only() {
            let which = Info::new([("shard", shard.number().to_string()), ("of", shard.of().to_string())]);
            metrics.registry.register("shard", "Which of how many shards this is", which);
        }
        metrics
    }

    fn register(&mut self) {
        let r = &mut self.registry;
        r.register("reconciles", "Reconciles by result", self.reconciles.clone());
        let seconds = self.reconcile_seconds.clone();
        r.register_with_unit("reconcile_duration", "Time of one reconcile", Unit::Seconds, seconds);
        r.register("looks", "Looks at Git refs and registries by outcome", self.looks.clone());
        let seconds = self.look_seconds.clone();
        r.register_with_unit("look_duration", "Time of one look", Unit::Seconds, seconds);
        let waiting = self.looks_waiting.clone();
        r.register("looks_waiting", "Looks that wait for their turn", waiting);
        let (help, oldest) = ("Age of the oldest answer that a deployment goes by", self.oldest_answer.clone());
        r.register_with_unit("oldest_answer_age", help, Unit::Seconds, oldest);
        r.register("watch_errors", "Watches of the API server that failed, by kind", self.watch_errors.clone());
        let failing = self.watches_failing.clone();
        r.register("watches_failing", "Watches of the API server that fail now, by kind", failing);
        let help = "Events of objects that cannot be read, by kind";
        r.register("unreadable_objects", help, self.unreadable.clone());
        r.register("builds", "Image builds by outcome", self.builds.clone());
        let seconds = self.build_seconds.clone();
        r.register_with_unit("build_duration", "Time of one image build", Unit::Seconds, seconds);
        let pushed = self.pushed_bytes.clone();
        r.register_with_unit("image_pushed", "Bytes pushed to registries", Unit::Bytes, pushed);
        r.register("worker_runs", "Worker processes by how they ended", self.workers.clone());
        let seconds = self.worker_seconds.clone();
        r.register_with_unit("worker_duration", "Time of one worker", Unit::Seconds, seconds);
        let help = "TengineDeployments by Ready status and reason; counted by the leader only";
        r.register("deployments", help, self.deployments.clone());
        r.register("leader", "1 while this replica leads", self.leader.clone());
        let renewed = self.lease_renewed.clone();
        let help = "When this replica last renewed its lease, in seconds since 1970";
        r.register("lease_renewed_timestamp_seconds", help, renewed);
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        r.register("build", "What was built", version);
    }

    /// One reconcile ended.
    pub fn reconciled(&self, result: ReconcileResult, took: Duration) {
        self.reconciles.get_or_create(&ResultLabel { result }).inc();
        self.reconcile_seconds.observe(took.as_secs_f64());
    }

    /// One look at Git or a registry ended; `outcome` is `Succeeded` or the reason it gave.
    pub fn looked(&self, what: Look, outcome: impl Into<Word>, took: Duration) {
        self.looks.get_or_create(&LookLabels { what, outcome: outcome.into() }).inc();
        self.look_seconds.get_or_create(&WhatLabel { what }).observe(took.as_secs_f64());
    }

    /// So many looks wait for their turn.
    pub fn looks_waiting(&self, count: usize) {
        self.looks_waiting.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// How old the oldest answer is that a deployment goes by.
    pub fn oldest_answer(&self, what: Look, age: Duration) {
        self.oldest_answer.get_or_create(&WhatLabel { what }).set(age.as_secs_f64());
    }

    /// A watch of this kind failed; it is opened again.
    pub fn watch_failed(&self, kind: &str) {
        self.watch_errors.get_or_create(&KindLabel { kind: Word::Owned(kind.to_owned()) }).inc();
    }

    /// One more watch of this kind fails, or one less.
    pub fn watch_failing(&self, kind: &str, by: i64) {
        self.watches_failing.get_or_create(&KindLabel { kind: Word::Owned(kind.to_owned()) }).inc_by(by);
    }

    /// An object of this kind cannot be read.
    pub fn object_unreadable(&self, kind: &str) {
        self.unreadable.get_or_create(&KindLabel { kind: Word::Owned(kind.to_owned()) }).inc();
    }

    /// One build ended; `outcome` is `Succeeded` or the reason it failed.
    pub fn built(&self, outcome: impl Into<Word>, took: Duration, pushed_bytes: u64) {
        self.builds.get_or_create(&OutcomeLabel { outcome: outcome.into() }).inc();
        self.build_seconds.observe(took.as_secs_f64());
        self.pushed_bytes.inc_by(pushed_bytes);
    }

    /// One worker process ended.
    pub fn worker_ended(&self, outcome: WorkerOutcome, took: Duration) {
        self.workers.get_or_create(&WorkerLabel { outcome }).inc();
        self.worker_seconds.observe(took.as_secs_f64());
    }

    /// The states of all TengineDeployments there are, one item per object.
    pub fn deployments(&self, states: impl IntoIterator<Item = ReadyState>) {
        let mut counts = self.seen_states.lock().unwrap_or_else(PoisonError::into_inner);
        counts.values_mut().for_each(|count| *count = 0);
        for state in states {
            *counts.entry(state).or_default() += 1;
        }
        for (state, count) in counts.iter() {
            self.deployments.get_or_create(state).set(*count);
        }
    }

    /// This replica leads, and has just renewed its lease.
    pub fn leading(&self) {
        self.leader.set(1);
        self.lease_renewed.set(jiff::Timestamp::now().as_duration().as_secs_f64());
    }

    /// This replica does not lead, or no longer.
    pub fn standing_by(&self) {
        self.leader.set(0);
    }

    /// All of it as OpenMetrics text.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
