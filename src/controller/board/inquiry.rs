//! A question to the outside that many deployments share: asked once for all of them, answered to all of them.
//!
//! Its key stands for address and credentials, so nobody ever hears what other credentials were told. What each asks for in
//! particular (a ref) is its *aspect*: one round asks for the aspects of all. Everybody who waits for a round is woken by it;
//! the others only where something turned. Trouble of a round as a whole (credentials that were refused, a host that wants to be left alone)
//! is also that of whoever comes later, so that nothing but a person who asks by hand has it asked again before its time. A round that did not get as far as the other side,
//! because the Secret of who began it could not be read, is its trouble alone, and those who waited ask with theirs, one after the other: nobody
//! is told what the Secrets of another namespace are like. So it is with one for which the namespace of who began it had no place left, for all of that
//! namespace.

mod member;
mod state;

pub use member::Part;

use super::call::Call;
use super::slot::{Failure, Work, attempt};
use crate::api::v1alpha1::TengineDeployment;
use crate::plan::observed::Look;
use futures::FutureExt as _;
use futures::channel::mpsc::UnboundedSender;
use futures::future::BoxFuture;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use state::State;
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

/// One shared question.
pub struct Inquiry<A, T> {
    key: Arc<str>,
    state: Mutex<State<A, T>>,
}

/// How to ask.
type Ask<A, T> = Box<dyn FnOnce(BTreeSet<A>, Call) -> BoxFuture<'static, Outcome<A, T>> + Send>;

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
        self.inquiry.lock().look(&self.uid)
    }

    /// Takes part no more. The question is given up with what this returns, unless others take part.
    pub fn give_up(self) -> Arc<Inquiry<A, T>> {
        Arc::clone(&self.inquiry)
    }

    /// The interval may change without the question being another.
    pub fn every(&self, interval: Duration) {
        if let Some(member) = self.inquiry.lock().members.get_mut(&self.uid) {
            member.part.interval = interval;
        }
    }

    /// Asks, or waits with the others where the round under way serves: it asks for our aspect, and began after what
    /// `serves` stands for. A repeat that has no turn yet gives way to a round for somebody who knows nothing or asks by hand.
    pub fn ask<F>(&self, serves: Option<String>, ask: impl FnOnce(BTreeSet<A>, Call) -> F + Send + 'static)
    where
        F: Future<Output = Outcome<A, T>> + Send + 'static,
    {
        let ask: Ask<A, T> = Box::new(move |aspects, call| ask(aspects, call).boxed());
        let mut state = self.inquiry.lock();
        if state.wait(&self.uid, serves, ask) {
            self.inquiry.start(&mut state, &self.uid);
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
    /// Begins a round, as one that waits asks; what is under way gives way to it.
    fn start(self: &Arc<Self>, state: &mut State<A, T>, asker: &str) {
        let call = Call::new(Arc::clone(&self.key), state.urgency()).by_hand(state.is_by_hand());
        let Some((round, ask)) = state.begin(asker, call.clone()) else { return };
        // Weak: the round ends with the last who wants to know.
        let inquiry = Arc::downgrade(self);
        let aspects = round.aspects.clone();
        let number = state.round;
        let work = Work::start(async move {
            let outcome = attempt(async { ask(aspects, call).await }).await.and_then(|outcome| outcome);
            let Some(inquiry) = inquiry.upgrade() else { return };
            let mut state = inquiry.lock();
            if state.round != number {
                // It gave way just now.
                return;
            }
            state.finish(&outcome, Timestamp::now());
            if let Some(next) = state.next() {
                inquiry.start(&mut state, &next);
            }
        });
        state.running = Some((round, work));
    }
}
