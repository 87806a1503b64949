//! One deployment of those that share a question.

use super::Ask;
use crate::api::v1alpha1::TengineDeployment;
use crate::controller::board::slot::{Failure, Record};
use futures::channel::mpsc::UnboundedSender;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use std::time::Duration;

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

/// A deployment that asks.
pub(super) struct Member<A, T> {
    pub(super) part: Part<A>,
    pub(super) wake: UnboundedSender<ObjectRef<TengineDeployment>>,
    pub(super) awaits: Option<Wait<A, T>>,
    /// What the last round that it waited for served.
    pub(super) served: Option<String>,
    /// Trouble that is nobody else's, since the last answer.
    pub(super) own: Record<T>,
}

/// What a member waits for.
pub(super) struct Wait<A, T> {
    pub(super) round: u64,
    /// The value of `reconcile-at` that this serves.
    pub(super) serves: Option<String>,
    /// How it asks itself, unless it began a round already: with its own Secret, where that of another could not be read.
    pub(super) ask: Option<Ask<A, T>>,
}

impl<A, T> Member<A, T> {
    pub(super) fn new(part: Part<A>, wake: UnboundedSender<ObjectRef<TengineDeployment>>) -> Self {
        Self { part, wake, awaits: None, served: None, own: Record::default() }
    }

    pub(super) fn namespace(&self) -> &str {
        self.part.object.namespace.as_deref().unwrap_or_default()
    }

    /// Whether it waits for this round or an earlier one.
    pub(super) fn waits_for(&self, round: u64) -> bool {
        self.awaits.as_ref().is_some_and(|wait| wait.round <= round)
    }

    /// Whether somebody asks by hand, for what no round has served yet.
    pub(super) fn is_by_hand(&self, serves: Option<&str>) -> bool {
        serves.is_some() && serves != self.served.as_deref()
    }

    /// Whether it waits because somebody asks by hand.
    pub(super) fn waits_by_hand(&self) -> bool {
        self.awaits.as_ref().is_some_and(|wait| self.is_by_hand(wait.serves.as_deref()))
    }

    /// It waits no more if that was for this round or an earlier one; whether it did.
    pub(super) fn is_served(&mut self, round: u64) -> bool {
        let Some(wait) = self.awaits.take_if(|wait| wait.round <= round) else { return false };
        self.served = wait.serves.or_else(|| self.served.take());
        true
    }

    /// It waits for the next round if it did for this one.
    pub(super) fn waits_on(&mut self, round: u64) {
        if let Some(wait) = self.awaits.as_mut().filter(|wait| wait.round <= round) {
            wait.round = round + 1;
        }
    }

    /// Trouble that is nobody else's.
    pub(super) fn is_told(&mut self, failure: Failure, now: Timestamp)
    where
        T: PartialEq,
    {
        self.own.finish(Err(failure), self.part.interval, now);
    }

    pub(super) fn wake(&self) {
        // The receiver only goes when the whole controller ends.
        let _ = self.wake.unbounded_send(self.part.object.clone());
    }
}
