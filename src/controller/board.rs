//! The board: work in the background and what came of it, per deployment.
//!
//! Nothing here must survive a restart: everything can be asked again. An answer belongs to a question
//! (its fingerprint); another question drops the answer and ends the work. Whoever finishes work wakes the
//! deployment's reconcile.

use super::backoff;
use crate::api::v1alpha1::TengineDeployment;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::Digest;
use crate::plan::evidence::Evidence;
use crate::plan::observed::{Acknowledged, Build, Built, Look, Refused, SourceSeen, Step, Trouble};
use futures::channel::mpsc::UnboundedSender;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::AbortHandle;

/// What is asked of Git host and registry again and again.
#[derive(Debug, Default)]
pub struct Looks {
    pub source: Slot<SourceSeen>,
    pub base: Slot<Digest>,
    pub push: Slot<()>,
}

/// Trouble as a task sees it; the board adds the times.
#[derive(Debug, Clone)]
pub struct Failure {
    pub reason: Reason,
    pub message: String,
    pub definite: bool,
    /// How long the other side asked us to wait, if it did.
    pub retry_after: Option<Duration>,
}

/// How a build ended.
#[derive(Debug)]
pub enum BuildOutcome {
    Built(Box<Built>),
    Refused(Box<Refused>),
    Failed(Step, Failure),
}

/// One question, its answer, and the work on it.
#[derive(Debug)]
pub struct Slot<T> {
    question: String,
    answer: Option<(T, Timestamp)>,
    trouble: Option<Trouble>,
    failures: u32,
    served: Option<String>,
    work: Option<Work>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { question: String::new(), answer: None, trouble: None, failures: 0, served: None, work: None }
    }
}

/// Work that ends when it is dropped.
#[derive(Debug)]
struct Work(AbortHandle);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Clone> Slot<T> {
    fn turn_to(&mut self, question: &str) {
        if self.question != question {
            *self = Self { question: question.to_owned(), ..Self::default() };
        }
    }

    fn look(&self) -> Look<T> {
        Look {
            answer: self.answer.clone(),
            trouble: self.trouble.clone(),
            running: self.work.is_some(),
            served: self.served.clone(),
        }
    }

    fn finish(&mut self, outcome: Result<T, Failure>, served: Option<String>, longest: Duration, now: Timestamp) {
        self.work = None;
        self.served = served;
        match outcome {
            Ok(answer) => {
                self.answer = Some((answer, now));
                self.trouble = None;
                self.failures = 0;
            }
            Err(failure) => {
                self.failures = self.failures.saturating_add(1);
                let since = self.trouble.as_ref().map_or(now, |trouble| trouble.since);
                self.trouble = Some(failure.into_trouble(self.failures, longest, since, now));
            }
        }
    }
}

impl Failure {
    fn into_trouble(self, failures: u32, longest: Duration, since: Timestamp, now: Timestamp) -> Trouble {
        let wait = backoff::wait(failures, jitter()).min(longest).max(self.retry_after.unwrap_or_default());
        let retry_at = now.checked_add(wait).unwrap_or(now);
        Trouble { reason: self.reason, message: self.message, definite: self.definite, since, retry_at }
    }
}

/// From 0 to 1. The hasher's keys are random enough to spread tries.
fn jitter() -> f64 {
    use std::hash::{BuildHasher as _, RandomState};
    let bits = RandomState::new().hash_one(0) >> 32;
    f64::from(u32::try_from(bits).unwrap_or_default()) / f64::from(u32::MAX)
}

/// One release's build.
#[derive(Debug)]
struct BuildSlot {
    question: String,
    state: Build,
    failures: u32,
    work: Option<Work>,
}

/// Everything about one deployment.
#[derive(Debug, Default)]
struct Entry {
    looks: Looks,
    builds: BTreeMap<String, BuildSlot>,
    evidence: HashMap<(String, i32), Evidence>,
    acknowledged: HashMap<String, Acknowledged>,
    failures: u32,
}

/// All deployments, by UID.
#[derive(Debug)]
pub struct Board {
    entries: Mutex<HashMap<String, Entry>>,
    wake: UnboundedSender<ObjectRef<TengineDeployment>>,
}

/// Which deployment work is for.
#[derive(Debug, Clone)]
pub struct Subject {
    pub uid: String,
    pub object: ObjectRef<TengineDeployment>,
}

impl Board {
    /// An empty board that wakes reconciles through `wake`.
    pub fn new(wake: UnboundedSender<ObjectRef<TengineDeployment>>) -> Arc<Self> {
        Arc::new(Self { entries: Mutex::default(), wake })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all work for deployments that are gone.
    pub fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    /// What is known of a question; another question than before starts with nothing.
    pub fn look<T: Clone>(&self, uid: &str, slot: fn(&mut Looks) -> &mut Slot<T>, question: &str) -> Look<T> {
        let mut entries = self.lock();
        let slot = slot(&mut entries.entry(uid.to_owned()).or_default().looks);
        slot.turn_to(question);
        slot.look()
    }

    /// Starts to ask a question, unless that is under way. After a failure it is asked again after `longest` at the
    /// latest: a question that is asked at that interval anyway costs no more while it fails.
    pub fn ask<T: Clone + Send + 'static>(
        self: &Arc<Self>,
        subject: &Subject,
        slot: fn(&mut Looks) -> &mut Slot<T>,
        (served, longest): (Option<String>, Duration),
        work: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) {
        let mut entries = self.lock();
        let mine = slot(&mut entries.entry(subject.uid.clone()).or_default().looks);
        if mine.work.is_some() {
            return;
        }
        let (board, who, question) = (Arc::clone(self), subject.clone(), mine.question.clone());
        let task = tokio::spawn(async move {
            let outcome = work.await;
            let mut entries = board.lock();
            if let Some(entry) = entries.get_mut(&who.uid) {
                let slot = slot(&mut entry.looks);
                if slot.question == question {
                    slot.finish(outcome, served, longest, Timestamp::now());
                }
            }
            drop(entries);
            board.wake(&who);
        });
        mine.work = Some(Work(task.abort_handle()));
    }

    /// The builds of a deployment. Trouble that belongs to other inputs than `question` is forgotten.
    pub fn builds(&self, uid: &str, question: &str) -> BTreeMap<String, Build> {
        let mut entries = self.lock();
        let entry = entries.entry(uid.to_owned()).or_default();
        entry.builds.retain(|_, slot| !matches!(slot.state, Build::Trouble(..)) || slot.question == question);
        entry.builds.iter().map(|(name, slot)| (name.clone(), slot.state.clone())).collect()
    }

    /// Starts to build a release, unless that is under way.
    pub fn build(
        self: &Arc<Self>,
        subject: &Subject,
        release: &str,
        question: &str,
        work: impl Future<Output = BuildOutcome> + Send + 'static,
    ) {
        let mut entries = self.lock();
        let builds = &mut entries.entry(subject.uid.clone()).or_default().builds;
        if builds.get(release).is_some_and(|slot| slot.work.is_some()) {
            return;
        }
        // Only the newest candidate is worth the work.
        builds.retain(|name, _| name == release);
        let before = builds.remove(release);
        let failures = before.as_ref().map_or(0, |slot| slot.failures);
        let since = before.and_then(|slot| match slot.state {
            Build::Trouble(_, trouble) => Some(trouble.since),
            Build::Running | Build::Built(_) | Build::Refused(_) => None,
        });
        let (board, who, name) = (Arc::clone(self), subject.clone(), release.to_owned());
        let task = tokio::spawn(async move {
            let outcome = work.await;
            board.built(&who.uid, &name, outcome, since);
            board.wake(&who);
        });
        let work = Some(Work(task.abort_handle()));
        let slot = BuildSlot { question: question.to_owned(), state: Build::Running, failures, work };
        builds.insert(release.to_owned(), slot);
    }

    fn built(&self, uid: &str, release: &str, outcome: BuildOutcome, since: Option<Timestamp>) {
        let mut entries = self.lock();
        let Some(slot) = entries.get_mut(uid).and_then(|entry| entry.builds.get_mut(release)) else { return };
        slot.work = None;
        let now = Timestamp::now();
        slot.state = match outcome {
            BuildOutcome::Built(built) => Build::Built(built),
            BuildOutcome::Refused(refused) => Build::Refused(refused),
            BuildOutcome::Failed(step, failure) => {
                slot.failures = slot.failures.saturating_add(1);
                Build::Trouble(step, failure.into_trouble(slot.failures, Duration::MAX, since.unwrap_or(now), now))
            }
        };
    }

    /// A build's outcome is written down in the cluster: the board need not keep it.
    pub fn recorded(&self, uid: &str, release: &str) {
        let mut entries = self.lock();
        let Some(builds) = entries.get_mut(uid).map(|entry| &mut entry.builds) else { return };
        if builds.get(release).is_some_and(|slot| slot.work.is_none()) {
            builds.remove(release);
        }
    }

    /// What the log of a container said when it ended for the `n`th time, if it was read already.
    pub fn evidence(&self, uid: &str, pod: &str, ends: i32) -> Option<Evidence> {
        self.lock().get(uid)?.evidence.get(&(pod.to_owned(), ends)).cloned()
    }

    /// Keeps what a log said; what older ends of the same pod said goes.
    pub fn keep_evidence(&self, uid: &str, pod: &str, ends: i32, evidence: Evidence) {
        let mut entries = self.lock();
        let kept = &mut entries.entry(uid.to_owned()).or_default().evidence;
        kept.retain(|(name, _), _| name != pod);
        if kept.len() > 100 {
            kept.clear();
        }
        kept.insert((pod.to_owned(), ends), evidence);
    }

    /// What the API server last acknowledged of a child.
    pub fn acknowledged(&self, uid: &str, child: &str) -> Option<Acknowledged> {
        self.lock().get(uid)?.acknowledged.get(child).cloned()
    }

    /// The API server acknowledged a child.
    pub fn acknowledge(&self, uid: &str, child: &str, acknowledged: Acknowledged) {
        self.lock().entry(uid.to_owned()).or_default().acknowledged.insert(child.to_owned(), acknowledged);
    }

    /// Counts a reconcile that failed; the number of failures in a row.
    pub fn failed(&self, uid: &str) -> u32 {
        let mut entries = self.lock();
        let entry = entries.entry(uid.to_owned()).or_default();
        entry.failures = entry.failures.saturating_add(1);
        entry.failures
    }

    /// How many reconciles failed in a row.
    pub fn failures(&self, uid: &str) -> u32 {
        self.lock().get(uid).map_or(0, |entry| entry.failures)
    }

    /// A reconcile succeeded.
    pub fn succeeded(&self, uid: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.failures = 0;
        }
    }

    fn wake(&self, subject: &Subject) {
        // The receiver only goes when the whole controller ends.
        let _ = self.wake.unbounded_send(subject.object.clone());
    }
}
