//! The kinds of questions, and a deployment's place in each.

use super::Subject;
use super::call::Call;
use super::inquiry::{Inquiries, Outcome, Part, Ticket};
use crate::api::v1alpha1::TengineDeployment;
use crate::domain::Digest;
use crate::plan::observed::{Look, Presence, SourceSeen};
use crate::plan::spread;
use crate::source::Reference;
use futures::channel::mpsc::UnboundedSender;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

/// A kind of question.
pub trait Kind {
    /// What each asks for in particular.
    type Aspect: Ord + Clone + Debug + Send + 'static;
    /// What is answered.
    type Answer: Clone + PartialEq + Debug + Send + 'static;
    /// A deployment's place in it.
    fn slot(looks: &mut Looks) -> &mut Slot<Self::Aspect, Self::Answer>;
    /// Everybody's.
    fn inquiries(desk: &Desk) -> &Inquiries<Self::Aspect, Self::Answer>;
}

/// A question of this kind, as one deployment asks it.
#[derive(Debug, Clone)]
pub struct Question<K: Kind> {
    /// Stands for address and credentials: equal keys share the answer.
    pub key: String,
    /// What is asked for.
    pub aspect: K::Aspect,
    /// How often.
    pub interval: Duration,
    /// Whether an answer from before this process is remembered.
    pub remembers: bool,
}

macro_rules! kinds {
    ($($(#[$doc:meta])+ $name:ident, $field:ident: $aspect:ty => $answer:ty;)+) => {
        /// What one deployment asks.
        #[derive(Debug, Default)]
        pub struct Looks { $($field: Slot<$aspect, $answer>,)+ }

        /// All questions that are being asked, by anybody.
        #[derive(Debug, Default)]
        pub struct Desk { $($field: Inquiries<$aspect, $answer>,)+ }

        $(
            $(#[$doc])+
            #[derive(Debug, Clone, Copy)]
            pub enum $name {}

            impl Kind for $name {
                type Aspect = $aspect;
                type Answer = $answer;
                fn slot(looks: &mut Looks) -> &mut Slot<$aspect, $answer> { &mut looks.$field }
                fn inquiries(desk: &Desk) -> &Inquiries<$aspect, $answer> { &desk.$field }
            }
        )+
    };
}

kinds! {
    /// What a Git ref points at.
    AtSource, source: Reference => SourceSeen;
    /// What a base image's tag points at.
    AtBase, base: () => Digest;
    /// Whether the registry lets us push.
    AtPush, push: () => ();
    /// Which images of a repository are still there.
    AtImage, image: Digest => Presence;
}

impl Looks {
    /// How old the answers of the Git host and of the base image's registry are.
    pub(super) fn ages(&self, now: Timestamp) -> (Duration, Duration) {
        (self.source.age(now), self.base.age(now))
    }
}

/// A deployment's place in a kind of question.
#[derive(Debug)]
pub struct Slot<A: Ord + Clone, T: Clone> {
    part: Option<(String, A, Ticket<A, T>)>,
    not_before: Option<Timestamp>,
}

impl<A: Ord + Clone, T: Clone> Default for Slot<A, T> {
    fn default() -> Self {
        Self { part: None, not_before: None }
    }
}

impl<A, T> Slot<A, T>
where
    A: Ord + Clone + Send + 'static,
    T: Clone + PartialEq + Send + 'static,
{
    /// Takes part in this question, and in no other; what is known of it.
    pub(super) fn turn_to<K: Kind<Aspect = A, Answer = T>>(
        &mut self,
        question: &Question<K>,
        subject: &Subject,
        inquiries: &Inquiries<A, T>,
        wake: &UnboundedSender<ObjectRef<TengineDeployment>>,
    ) -> Look<T> {
        let other = |(key, aspect, _): &(String, A, _)| *key != question.key || *aspect != question.aspect;
        if self.part.as_ref().is_none_or(other) {
            // Only the first question of this process may be one that was answered before.
            let repeats = question.remembers && self.part.is_none();
            self.not_before = repeats.then(|| first_time(&subject.uid, question.interval)).flatten();
            let part = Part {
                uid: subject.uid.clone(),
                object: subject.object.clone(),
                aspect: question.aspect.clone(),
                interval: question.interval,
                remembers: repeats,
            };
            // The old part first: in the same inquiry, it is known by the same UID. What is known there is not forgotten in between.
            let _before = self.part.take().map(|(_, _, ticket)| ticket.give_up());
            let ticket = inquiries.join(&question.key, &part, wake.clone());
            self.part = Some((question.key.clone(), question.aspect.clone(), ticket));
        }
        let Some((_, _, ticket)) = &self.part else { return Look::default() };
        ticket.every(question.interval);
        Look { not_before: self.not_before, ..ticket.look() }
    }

    /// How old the answer is; nothing where there is none.
    fn age(&self, now: Timestamp) -> Duration {
        let answered = self.part.as_ref().and_then(|(_, _, ticket)| ticket.look().answer).map(|(_, at)| at);
        answered.and_then(|at| Duration::try_from(now.duration_since(at)).ok()).unwrap_or_default()
    }

    /// Asks, unless an answer is under way.
    pub(super) fn ask<F>(&self, serves: Option<String>, ask: impl FnOnce(BTreeSet<A>, Call) -> F + Send + 'static)
    where
        F: Future<Output = Outcome<A, T>> + Send + 'static,
    {
        if let Some((_, _, ticket)) = &self.part {
            ticket.ask(serves, ask);
        }
    }
}

/// Somewhere in the interval that begins now, always at the same place for one deployment.
fn first_time(uid: &str, interval: Duration) -> Option<Timestamp> {
    Timestamp::now().checked_add(interval.mul_f64(spread(uid))).ok()
}
