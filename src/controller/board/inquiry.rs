//! A question to the outside that many deployments share: asked once for all of them, answered to all of them.
//!
//! Its key stands for address and credentials, so nobody ever hears what other credentials were told. What each asks for in
//! particular (a ref) is its *aspect*: one round asks for the aspects of all. Everybody who waits for a round is woken by it;
//! the others only where something turned. A round that did not get as far as the other side, because the Secret of who began it could not
//! be read, is its trouble alone, and those who waited ask for themselves.

use super::call::Call;
use super::slot::{Failure, Record, Work, attempt};
use super::turns::Urgency;
use crate::api::v1alpha1::TengineDeployment;
use crate::plan::observed::Look;
use futures::FutureExt as _;
use futures::channel::mpsc::UnboundedSender;
use futures::future::BoxFuture;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// What came of a round: about the other side as a whole, or about each aspect.
pub type Outcome<A, T> = Result<BTreeMap<A, Result<T, Failure>>, Failure>;

/// The questions of one kind that are being asked, by key.
#[derive(Debug)]
pub struct Inquiries<A, T>(Mutex<HashMap<String, Weak<Inquiry<A, T>>>>);

impl<A, T> Default for Inquiries<A, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// So many whose Secrets could not be read, one after the other, show that nobody's can be.
const NOBODYS: usize = 3;

/// One shared question.
pub struct Inquiry<A, T> {
    key: Arc<str>,
    state: Mutex<State<A, T>>,
}

struct State<A, T> {
    records: BTreeMap<A, Record<T>>,
    /// By UID.
    members: HashMap<String, Member<A, T>>,
    /// The round under way.
    running: Option<Round<A>>,
    /// The number of the round under way, or of the last one.
    round: u64,
    /// To be asked when the round under way ends, because that one came too early for somebody: whose UID this is.
    next: Option<(String, Ask<A, T>)>,
    /// Who began the last rounds, by UID, as far as their Secrets could not be read.
    unread: BTreeSet<String>,
}

/// A round: what it asks for, and the UID of who began it.
struct Round<A> {
    aspects: BTreeSet<A>,
    asker: String,
    work: Work,
}

/// A deployment that asks.
struct Member<A, T> {
    aspect: A,
    interval: Duration,
    remembers: bool,
    wake: UnboundedSender<ObjectRef<TengineDeployment>>,
    object: ObjectRef<TengineDeployment>,
    /// The round it waits for, and the value of `reconcile-at` that this serves.
    awaits: Option<(u64, Option<String>)>,
    /// What the last round that it waited for served.
    served: Option<String>,
    /// Trouble that is nobody else's, since the last answer.
    own: Record<T>,
}

/// How to ask.
type Ask<A, T> = Box<dyn FnOnce(BTreeSet<A>, Call) -> BoxFuture<'static, Outcome<A, T>> + Send>;

/// Who takes part, and with what.
#[derive(Debug, Clone)]
pub struct Part<A> {
    pub uid: String,
    pub object: ObjectRef<TengineDeployment>,
    pub aspect: A,
    pub interval: Duration,
    /// Whether it remembers an answer from before this process.
    pub remembers: bool,
}

/// A deployment's part in a shared question. The question is given up with its last part.
pub struct Ticket<A: Ord + Clone, T: Clone> {
    inquiry: Arc<Inquiry<A, T>>,
    uid: String,
}

impl<A, T> fmt::Debug for Inquiry<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inquiry")
    }
}

impl<A: Ord + Clone, T: Clone> fmt::Debug for Ticket<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("uid", &self.uid).finish_non_exhaustive()
    }
}

impl<A: Ord + Clone, T: Clone> Drop for Ticket<A, T> {
    fn drop(&mut self) {
        self.inquiry.lock().leave(&self.uid);
    }
}

impl<A, T> Inquiries<A, T>
where
    A: Ord + Clone + Send + 'static,
    T: Clone + PartialEq + Send + 'static,
{
    /// Takes part in the question of this key.
    pub fn join(&self, key: &str, part: &Part<A>, wake: UnboundedSender<ObjectRef<TengineDeployment>>) -> Ticket<A, T> {
        let mut inquiries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = inquiries.get(key).and_then(Weak::upgrade);
        let inquiry = known.unwrap_or_else(|| {
            inquiries.retain(|_, inquiry| inquiry.strong_count() > 0);
            let fresh = Arc::new(Inquiry { key: key.into(), state: Mutex::default() });
            inquiries.insert(key.to_owned(), Arc::downgrade(&fresh));
            fresh
        });
        inquiry.lock().enter(part, wake);
        Ticket { inquiry, uid: part.uid.clone() }
    }
}

impl<A: Ord + Clone + Send + 'static, T: Clone + PartialEq + Send + 'static> Ticket<A, T> {
    /// What is known, as far as this deployment is concerned.
    pub fn look(&self) -> Look<T> {
        let state = self.inquiry.lock();
        let Some(member) = state.members.get(&self.uid) else { return Look::default() };
        let record = state.records.get(&member.aspect);
        Look {
            answer: record.and_then(|record| record.answer.clone()),
            trouble: member.own.trouble().map_or_else(
                || record.and_then(Record::trouble),
                |own| Some(record.map_or(own.clone(), |record| record.dated(own))),
            ),
            running: member.awaits.is_some(),
            served: member.served.clone(),
            not_before: None,
        }
    }

    /// The interval may change without the question being another.
    pub fn every(&self, interval: Duration) {
        if let Some(member) = self.inquiry.lock().members.get_mut(&self.uid) {
            member.interval = interval;
        }
    }

    /// Asks, or waits with the others where the round under way serves: it asks for our aspect, and began after what
    /// `serves` stands for.
    pub fn ask<F>(&self, serves: Option<String>, ask: impl FnOnce(BTreeSet<A>, Call) -> F + Send + 'static)
    where
        F: Future<Output = Outcome<A, T>> + Send + 'static,
    {
        let ask: Ask<A, T> = Box::new(move |aspects, call| ask(aspects, call).boxed());
        let mut state = self.inquiry.lock();
        let round = state.round;
        let running = state.running.as_ref().map(|round| round.aspects.clone());
        let Some(member) = state.members.get_mut(&self.uid) else { return };
        let anew = serves.is_some() && serves != member.served;
        match running {
            Some(aspects) if aspects.contains(&member.aspect) && !anew => member.awaits = Some((round, serves)),
            Some(_) => {
                member.awaits = Some((round + 1, serves));
                state.next = Some((self.uid.clone(), ask));
            }
            None => {
                member.awaits = Some((round + 1, serves));
                self.inquiry.start(&mut state, (self.uid.clone(), ask));
            }
        }
    }
}

impl<A, T> Inquiry<A, T> {
    fn lock(&self) -> MutexGuard<'_, State<A, T>> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A, T> Inquiry<A, T>
where
    A: Ord + Clone + Send + 'static,
    T: Clone + PartialEq + Send + 'static,
{
    fn start(self: &Arc<Self>, state: &mut State<A, T>, (asker, ask): (String, Ask<A, T>)) {
        let aspects: BTreeSet<A> = state.members.values().map(|member| member.aspect.clone()).collect();
        let call = Call::new(Arc::clone(&self.key), state.urgency());
        state.round += 1;
        // Weak: the round ends with the last who wants to know.
        let inquiry = Arc::downgrade(self);
        let all = aspects.clone();
        let work = Work::start(async move {
            let outcome = attempt(async { ask(all, call).await }).await.and_then(|outcome| outcome);
            let Some(inquiry) = inquiry.upgrade() else { return };
            let mut state = inquiry.lock();
            state.finish(&outcome, Timestamp::now());
            if let Some(next) = state.next.take() {
                inquiry.start(&mut state, next);
            }
        });
        state.running = Some(Round { aspects, asker, work });
    }
}

impl<A, T> Default for State<A, T> {
    fn default() -> Self {
        Self {
            records: BTreeMap::new(),
            members: HashMap::new(),
            running: None,
            round: 0,
            next: None,
            unread: BTreeSet::new(),
        }
    }
}

impl<A: Ord + Clone, T: Clone> State<A, T> {
    fn enter(&mut self, part: &Part<A>, wake: UnboundedSender<ObjectRef<TengineDeployment>>) {
        let member = Member {
            aspect: part.aspect.clone(),
            interval: part.interval,
            remembers: part.remembers,
            wake,
            object: part.object.clone(),
            awaits: None,
            served: None,
            own: Record::default(),
        };
        self.members.insert(part.uid.clone(), member);
    }

    fn leave(&mut self, uid: &str) {
        let Some(left) = self.members.remove(uid) else { return };
        if !self.members.values().any(|member| member.aspect == left.aspect) {
            self.records.remove(&left.aspect);
        }
    }

    /// First, as long as somebody waits who knows nothing or has asked for this round by hand.
    fn urgency(&self) -> Urgency {
        let urgent = self.members.values().any(|member| {
            let Some((_, serves)) = &member.awaits else { return false };
            let by_hand = serves.is_some() && *serves != member.served;
            by_hand || !(member.remembers || self.records.contains_key(&member.aspect))
        });
        if urgent { Urgency::First } else { Urgency::Repeat }
    }

    /// The round ended: everybody's record is brought up to date, and who waited or sees something new is woken.
    fn finish(&mut self, outcome: &Outcome<A, T>, now: Timestamp)
    where
        T: PartialEq,
    {
        let Some(Round { aspects, asker, work }) = self.running.take() else { return };
        // This very task, which awaits nothing from here on.
        drop(work);
        let everybodys = match outcome {
            Err(failure) if failure.own => {
                self.unread.insert(asker.clone());
                if self.unread.len() <= NOBODYS {
                    return self.is_of_its_own(&asker, failure, now);
                }
                // Not in the words of one of them.
                let message = "its Secret cannot be read now, nor can those of others that ask the same";
                Some(Err(Failure::new(failure.reason, message, failure.definite)))
            }
            Ok(_) | Err(_) => None,
        };
        let outcome = everybodys.as_ref().unwrap_or(outcome);
        self.unread.clear();
        let mut shortest: BTreeMap<A, Duration> = BTreeMap::new();
        for member in self.members.values() {
            let interval = shortest.entry(member.aspect.clone()).or_insert(member.interval);
            *interval = member.interval.min(*interval);
        }
        let mut turned = BTreeSet::new();
        for aspect in aspects {
            let Some(longest) = shortest.get(&aspect) else { continue };
            let told = match outcome {
                Ok(answers) => answers.get(&aspect).cloned(),
                Err(failure) => Some(Err(failure.clone())),
            };
            let Some(told) = told else { continue };
            if self.records.entry(aspect.clone()).or_default().finish(told, *longest, now) {
                turned.insert(aspect);
            }
        }
        for member in self.members.values_mut() {
            let had_its_own = std::mem::take(&mut member.own).trouble().is_some();
            let waited = member.awaits.take_if(|(round, _)| *round <= self.round);
            let wakes = waited.is_some() || had_its_own || turned.contains(&member.aspect);
            if let Some((_, served)) = waited {
                member.served = served;
            }
            if wakes {
                // The receiver only goes when the whole controller ends.
                let _ = member.wake.unbounded_send(member.object.clone());
            }
        }
    }

    /// The round ended before anybody was asked: who began it is told why, and those who waited for it ask for themselves.
    fn is_of_its_own(&mut self, asker: &str, failure: &Failure, now: Timestamp)
    where
        T: PartialEq,
    {
        for (uid, member) in &mut self.members {
            let waited = member.awaits.take_if(|(round, _)| *round <= self.round);
            if uid == asker {
                member.own.finish(Err(failure.clone()), member.interval, now);
                member.served = waited.and_then(|(_, served)| served);
            } else if waited.is_none() {
                continue;
            }
            let _ = member.wake.unbounded_send(member.object.clone());
        }
    }
}
