//! The board: work in the background and what came of it, per deployment.
//!
//! Nothing here must survive a restart: everything can be asked again. An answer belongs to a question
//! (its fingerprint); another question drops the answer and ends the work. Whoever finishes work wakes the
//! deployment's reconcile.

mod builds;
mod call;
mod common;
mod ends;
mod inquiry;
mod passing;
mod question;
mod slot;
mod telling;
#[cfg(test)]
mod tests;
mod turns;

pub use builds::BuildOutcome;
pub use call::Call;
pub use common::{Common, Worth};
pub use inquiry::Outcome;
pub use question::{AtBase, AtImage, AtPush, AtSource, Desk, Kind, Question};
pub use slot::{About, Failure};
pub use telling::Said;
pub use turns::{InTheWay, Party, Places, SOON, Shelf, Turn, Turns, Urgency};

use crate::api::v1alpha1::{TengineDeployment, TengineDeploymentSpec};
use crate::plan::Desired;
use crate::plan::observed::{Acknowledged, Crash, Ends, Look, QuerySeen, Unread};
use builds::BuildSlot;
use ends::SeenEnds;
use futures::channel::mpsc::UnboundedSender;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use question::Looks;
use slot::{Work, attempt};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use telling::Telling;
use tokio::time::Instant;

/// The longest wait between two tries of a build, or of a push.
const LONGEST_TRY: Duration = Duration::from_mins(15);

/// So many reconciles in a row that end at what was changed meanwhile show that no cache tells what is there.
pub const REPEATS_THAT_SHOW: u32 = 24;

/// So many answers of Prometheus are kept for one deployment.
const MOST_QUERIES: usize = 64;

/// Everything about one deployment.
#[derive(Debug, Default)]
struct Entry {
    looks: Looks,
    builds: BTreeMap<String, BuildSlot>,
    passing: Option<passing::PassingSlot>,
    ends: SeenEnds,
    /// Since when cores that have loaded have been seen to wait, by the UID of their pods.
    loaded: BTreeMap<String, Instant>,
    /// The ends of the logs of checks that failed, by the UID of their pods.
    check_logs: HashMap<String, String>,
    /// Names of Deployments under which something stands that no cache shows.
    met: BTreeSet<String>,
    acknowledged: HashMap<String, Acknowledged>,
    queries: BTreeMap<String, (QuerySeen, Option<Work>)>,
    /// The release that was made last.
    made: Option<String>,
    /// The instances that ConfigMaps speak of, and since when they are these.
    selected: Option<(BTreeSet<String>, Timestamp)>,
    /// The last spec that could be carried out, of those that take turns, with its generation.
    could: Option<(Option<i64>, Arc<TengineDeploymentSpec>)>,
    telling: Telling,
    /// When it was seen first, without a status.
    came: Option<Instant>,
    failures: u32,
    repeats: u32,
}

/// All deployments, by UID.
#[derive(Debug)]
pub struct Board {
    entries: Mutex<HashMap<String, Entry>>,
    desk: Arc<Desk>,
    wake: UnboundedSender<ObjectRef<TengineDeployment>>,
}

/// Which deployment work is for.
#[derive(Debug, Clone)]
pub struct Subject {
    pub uid: String,
    pub object: ObjectRef<TengineDeployment>,
}

impl Subject {
    /// The deployment that wants this.
    pub fn of(desired: &Desired) -> Self {
        Self { uid: desired.uid.clone(), object: ObjectRef::new(&desired.name).within(&desired.namespace) }
    }
}

impl Board {
    /// An empty board that wakes reconciles through `wake`.
    pub fn new(desk: Arc<Desk>, wake: UnboundedSender<ObjectRef<TengineDeployment>>) -> Arc<Self> {
        Arc::new(Self { entries: Mutex::default(), desk, wake })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends all work for deployments that are gone.
    pub fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    /// Whether anything is kept of a deployment.
    #[cfg(test)]
    pub fn knows(&self, uid: &str) -> bool {
        self.lock().contains_key(uid)
    }

    /// Ends all work for deployments that are not among these: some may have gone while no watch was open.
    pub fn keep_only(&self, uids: &HashSet<String>) {
        self.lock().retain(|uid, _| uids.contains(uid));
    }

    /// What is known of a question; another question than before starts with what others were told to it.
    pub fn look<K: Kind>(&self, subject: &Subject, question: &Question<K>) -> Look<K::Answer> {
        let mut entries = self.lock();
        let entry = entries.entry(subject.uid.clone()).or_default();
        K::slot(&mut entry.looks).turn_to(question, subject, K::inquiries(&self.desk), &self.wake)
    }

    /// Asks a question that was looked at before, unless an answer to it is under way.
    pub fn ask<K: Kind, F>(
        &self,
        subject: &Subject,
        serves: Option<String>,
        ask: impl FnOnce(BTreeSet<K::Aspect>, Call) -> F + Send + 'static,
    ) where
        F: Future<Output = Outcome<K::Aspect, K::Answer>> + Send + 'static,
    {
        let mut entries = self.lock();
        let entry = entries.entry(subject.uid.clone()).or_default();
        K::slot(&mut entry.looks).ask(serves, ask);
    }

    /// Since when the ConfigMaps that speak of a deployment's instances are these, as far as that was seen all the while.
    pub fn selected(&self, uid: &str, ids: BTreeSet<String>, now: Timestamp) -> Timestamp {
        let mut entries = self.lock();
        let known = &mut entries.entry(uid.to_owned()).or_default().selected;
        match known {
            Some((before, since)) if *before == ids => *since,
            _ => known.insert((ids, now)).1,
        }
    }

    /// Nobody could look which ConfigMaps those are: there may have been others meanwhile.
    pub fn not_selected(&self, uid: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.selected = None;
        }
    }

    /// A release of this name was made.
    pub fn make(&self, uid: &str, release: String) {
        self.lock().entry(uid.to_owned()).or_default().made = Some(release);
    }

    /// The release that this process made last.
    pub fn made(&self, uid: &str) -> Option<String> {
        self.lock().get(uid)?.made.clone()
    }

    /// When this process saw the deployment first, which has no status yet: now, where it did not before.
    pub fn came(&self, uid: &str, now: Instant) -> Instant {
        *self.lock().entry(uid.to_owned()).or_default().came.get_or_insert(now)
    }

    /// The last spec that could be carried out is that of this object.
    pub fn could(&self, uid: &str, object: &TengineDeployment) {
        let mut entries = self.lock();
        let known = &mut entries.entry(uid.to_owned()).or_default().could;
        let generation = object.metadata.generation;
        if known.as_ref().is_none_or(|(of, _)| *of != generation) {
            *known = Some((generation, Arc::new(object.spec.clone())));
        }
    }

    /// Nothing is to be remembered.
    pub fn could_not(&self, uid: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.could = None;
        }
    }

    /// That one.
    pub fn last_that_could(&self, uid: &str) -> Option<Arc<TengineDeploymentSpec>> {
        self.lock().get(uid)?.could.as_ref().map(|(_, spec)| Arc::clone(spec))
    }

    /// The status was written.
    pub fn told(&self, uid: &str) {
        self.lock().entry(uid.to_owned()).or_default().telling.wrote(Instant::now());
    }

    /// The status says what there is to say.
    pub fn is_told(&self, uid: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.telling.is_said();
        }
    }

    /// How long a status still waits that only says how far something is, with this reason of `Ready`.
    pub fn waits_to_tell(&self, uid: &str, said: Said<'_>, reason: &str) -> Option<Duration> {
        let mut entries = self.lock();
        let crowd = entries.values().filter(|entry| entry.telling.is_unsaid()).count();
        entries.entry(uid.to_owned()).or_default().telling.waits(said, reason, crowd, Instant::now())
    }

    /// What was read of the ends of a pod.
    pub fn ends(&self, uid: &str, pod: &str) -> Ends {
        self.lock().get(uid).map(|entry| entry.ends.read(pod)).unwrap_or_default()
    }

    /// For how long a core that waits has been seen to have loaded, whatever clocks say: not at all, where it was not seen before. Nothing of one
    /// that does not wait.
    pub fn loaded_for(&self, uid: &str, pod: &str, waits: bool) -> Option<Duration> {
        let mut entries = self.lock();
        if !waits {
            entries.get_mut(uid)?.loaded.remove(pod);
            return None;
        }
        let seen = &mut entries.entry(uid.to_owned()).or_default().loaded;
        Some(seen.entry(pod.to_owned()).or_insert_with(Instant::now).elapsed())
    }

    /// Keeps the end of a pod of this number, with what its log said.
    pub fn keep_end(&self, uid: &str, pod: &str, number: i32, crash: Crash) {
        self.lock().entry(uid.to_owned()).or_default().ends.keep(pod, number, crash);
    }

    /// Why the log of an end could not be read, if it was asked for.
    pub fn unread(&self, uid: &str, pod: &str, number: i32) -> Option<Unread> {
        self.lock().get(uid)?.ends.unread(pod, number)
    }

    /// The log of an end cannot be read; when it is asked for again.
    pub fn cannot_read(&self, uid: &str, (pod, number): (&str, i32), why: String, now: Timestamp) -> Unread {
        self.lock().entry(uid.to_owned()).or_default().ends.cannot_read(pod, number, why, now)
    }

    /// The log of a check's pod, if it was read already.
    pub fn check_log(&self, uid: &str, pod: &str) -> Option<String> {
        self.lock().get(uid)?.check_logs.get(pod).cloned()
    }

    /// Keeps the log of a check's pod.
    pub fn keep_check_log(&self, uid: &str, pod: &str, log: String) {
        self.lock().entry(uid.to_owned()).or_default().check_logs.insert(pod.to_owned(), log);
    }

    /// What was kept of pods that are gone goes with them.
    pub fn forget_pod(&self, uid: &str, pod: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.ends.forget(pod);
            entry.check_logs.remove(pod);
        }
    }

    /// What was kept of pods, their ends and the logs of checks, goes with those that are not there any more.
    pub fn keep_pods(&self, uid: &str, is_there: impl Fn(&str) -> bool) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.check_logs.retain(|pod, _| is_there(pod));
            entry.loaded.retain(|pod, _| is_there(pod));
            entry.ends.keep_only(is_there);
        }
    }

    /// What was acknowledged of a child goes with it.
    pub fn forget_child(&self, uid: &str, child: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.acknowledged.remove(child);
        }
    }

    /// How old the oldest answers of a Git host and of a base image's registry are.
    pub fn oldest_answers(&self, now: Timestamp) -> (Duration, Duration) {
        let entries = self.lock();
        let looks = entries.values().map(|entry| &entry.looks);
        looks.fold((Duration::ZERO, Duration::ZERO), |(source, base), looks| {
            let (of_source, of_base) = looks.ages(now);
            (source.max(of_source), base.max(of_base))
        })
    }

    /// What Prometheus answered to the queries of a deployment's checks.
    pub fn queries(&self, uid: &str) -> BTreeMap<String, QuerySeen> {
        let entries = self.lock();
        let queries = entries.get(uid).into_iter().flat_map(|entry| &entry.queries);
        queries.map(|(identity, (seen, _))| (identity.clone(), seen.clone())).collect()
    }

    /// Asks Prometheus in the background; what it answers wakes the deployment.
    pub fn ask_prometheus(
        self: &Arc<Self>,
        subject: &Subject,
        identity: &str,
        asked: impl Future<Output = Result<f64, String>> + Send + 'static,
    ) {
        let mut entries = self.lock();
        let queries = &mut entries.entry(subject.uid.clone()).or_default().queries;
        // Those of releases long ago.
        if queries.len() >= MOST_QUERIES {
            queries.retain(|_, (seen, _)| seen.running);
        }
        let (seen, work) = queries.entry(identity.to_owned()).or_default();
        if seen.running {
            return;
        }
        seen.running = true;
        let (board, subject, identity) = (Arc::clone(self), subject.clone(), identity.to_owned());
        *work = Some(Work::start(async move {
            let answer = attempt(asked).await.unwrap_or_else(|failure| Err(failure.message));
            if let Some(entry) = board.lock().get_mut(&subject.uid) {
                let seen = QuerySeen { answer: Some((answer, Timestamp::now())), running: false };
                entry.queries.insert(identity, (seen, None));
            }
            board.wake(&subject);
        }));
    }

    /// What the API server last acknowledged of a child.
    pub fn acknowledged(&self, uid: &str, child: &str) -> Option<Acknowledged> {
        self.lock().get(uid)?.acknowledged.get(child).cloned()
    }

    /// The API server acknowledged a child.
    pub fn acknowledge(&self, uid: &str, child: &str, acknowledged: Acknowledged) {
        self.lock().entry(uid.to_owned()).or_default().acknowledged.insert(child.to_owned(), acknowledged);
    }

    /// Something stands under the name of a Deployment, and no cache shows it: it is to be asked for as long as it is there.
    pub fn meet(&self, uid: &str, deployment: &str) {
        self.lock().entry(uid.to_owned()).or_default().met.insert(deployment.to_owned());
    }

    /// Whether it does.
    pub fn has_met(&self, uid: &str, deployment: &str) -> bool {
        self.lock().get(uid).is_some_and(|entry| entry.met.contains(deployment))
    }

    /// Nothing stands there any more.
    pub fn misses(&self, uid: &str, deployment: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            entry.met.remove(deployment);
        }
    }

    /// Counts a reconcile that failed; the number of failures in a row.
    pub fn failed(&self, uid: &str) -> u32 {
        let mut entries = self.lock();
        let entry = entries.entry(uid.to_owned()).or_default();
        entry.failures = entry.failures.saturating_add(1);
        entry.failures
    }

    /// Counts a reconcile that ended at what somebody else had changed.
    pub fn repeated(&self, uid: &str) {
        let mut entries = self.lock();
        let entry = entries.entry(uid.to_owned()).or_default();
        entry.repeats = entry.repeats.saturating_add(1);
    }

    /// Whether so many reconciles ended so in a row that it is no meeting of two writers: what is seen here is not what is there.
    pub fn is_stuck(&self, uid: &str) -> bool {
        self.lock().get(uid).is_some_and(|entry| entry.repeats >= REPEATS_THAT_SHOW)
    }

    /// How many reconciles failed in a row.
    pub fn failures(&self, uid: &str) -> u32 {
        self.lock().get(uid).map_or(0, |entry| entry.failures)
    }

    /// A reconcile succeeded.
    pub fn succeeded(&self, uid: &str) {
        if let Some(entry) = self.lock().get_mut(uid) {
            (entry.failures, entry.repeats) = (0, 0);
        }
    }

    fn wake(&self, subject: &Subject) {
        // The receiver only goes when the whole controller ends.
        let _ = self.wake.unbounded_send(subject.object.clone());
    }
}
