//! What is known of a shared question, by whom it is asked, and the round under way.

use super::member::{Member, Part};
use super::{Ask, Outcome};
use crate::api::v1alpha1::TengineDeployment;
use crate::controller::board::call::Call;
use crate::controller::board::slot::{Failure, Record, Work};
use crate::controller::board::turns::Urgency;
use crate::plan::observed::Look;
use futures::channel::mpsc::UnboundedSender;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// So many whose Secrets could not be read, one after the other, show that nobody's can be.
const NOBODYS: usize = 3;

pub(super) struct State<A, T> {
    records: BTreeMap<A, Record<T>>,
    /// The trouble of the question as a whole, if the last round had any: it is that of every aspect, also of one that nobody has asked for
    /// yet. Or each that comes would have refused credentials tried again, and a host asked that wants to be left alone.
    whole: Record<T>,
    /// By UID.
    pub(super) members: HashMap<String, Member<A, T>>,
    pub(super) running: Option<Round<A>>,
    /// The number of the round under way, or of the last one.
    pub(super) round: u64,
    /// To be asked when the round under way ends, because that one came too early for somebody: whose UID this is.
    pub(super) next: Option<(String, Ask<A, T>)>,
    /// Who began the last rounds, by UID, as far as their Secrets could not be read.
    unread: BTreeSet<String>,
}

/// A round: what it asks for, and the UID of who began it.
pub(super) struct Round<A> {
    pub(super) aspects: BTreeSet<A>,
    pub(super) asker: String,
    pub(super) call: Call,
    pub(super) work: Work,
}

impl<A, T> Default for State<A, T> {
    fn default() -> Self {
        Self {
            records: BTreeMap::new(),
            whole: Record::default(),
            members: HashMap::new(),
            running: None,
            round: 0,
            next: None,
            unread: BTreeSet::new(),
        }
    }
}

impl<A: Ord + Clone, T: Clone> State<A, T> {
    pub(super) fn enter(&mut self, part: &Part<A>, wake: UnboundedSender<ObjectRef<TengineDeployment>>) {
        self.members.insert(part.uid.clone(), Member::new(part.clone(), wake));
    }

    pub(super) fn leave(&mut self, uid: &str) {
        let Some(left) = self.members.remove(uid) else { return };
        if !self.members.values().any(|member| member.part.aspect == left.part.aspect) {
            self.records.remove(&left.part.aspect);
        }
    }

    /// What is known, as far as this member is concerned.
    pub(super) fn look(&self, uid: &str) -> Look<T> {
        let Some(member) = self.members.get(uid) else { return Look::default() };
        let record = self.records.get(&member.part.aspect).unwrap_or(&self.whole);
        Look {
            answer: record.answer.clone(),
            trouble: member.own.trouble().map_or_else(|| record.trouble(), |own| Some(record.dated(own))),
            running: member.awaits.is_some(),
            serving: member.awaits.as_ref().and_then(|wait| wait.serves.clone()),
            served: member.served.clone(),
            not_before: None,
        }
    }

    /// What there is to be asked for.
    pub(super) fn aspects(&self) -> BTreeSet<A> {
        self.members.values().map(|member| member.part.aspect.clone()).collect()
    }

    /// First, as long as somebody waits who knows nothing or has asked for this round by hand.
    pub(super) fn urgency(&self) -> Urgency {
        let knows = |member: &Member<A, T>| member.part.remembers || self.records.contains_key(&member.part.aspect);
        let mut waiting = self.members.values().filter(|member| member.awaits.is_some());
        if waiting.any(|member| member.waits_by_hand() || !knows(member)) { Urgency::First } else { Urgency::Repeat }
    }

    /// The round ended: everybody's record is brought up to date, and who waited or sees something new is woken.
    pub(super) fn finish(&mut self, outcome: &Outcome<A, T>, now: Timestamp)
    where
        T: PartialEq,
    {
        let Some(Round { aspects, asker, work, .. }) = self.running.take() else { return };
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
        let turned = self.note(aspects, outcome, now);
        for member in self.members.values_mut() {
            let had_its_own = std::mem::take(&mut member.own).trouble().is_some();
            let waited = member.is_served(self.round);
            // It would be told the same, and others would have to hear it again.
            let is_spared = outcome.is_err() && !member.waits_by_hand() && member.awaits.take().is_some();
            if waited || is_spared || had_its_own || turned.contains(&member.part.aspect) {
                member.wake();
            }
        }
        if self.members.values().all(|member| member.awaits.is_none()) {
            self.next = None;
        }
    }

    /// Brings the records up to date; the aspects of which there is news.
    fn note(&mut self, aspects: BTreeSet<A>, outcome: &Outcome<A, T>, now: Timestamp) -> BTreeSet<A>
    where
        T: PartialEq,
    {
        let shortest = self.shortest_intervals();
        let mut turned = BTreeSet::new();
        let before = std::mem::take(&mut self.whole);
        let (is_news, unknown) = match outcome {
            Ok(_) => (before.trouble().is_some(), Record::default()),
            Err(failure) => {
                self.whole = before.clone();
                let longest = shortest.values().min().copied().unwrap_or_default();
                (self.whole.finish(Err(failure.clone()), longest, now), before)
            }
        };
        if is_news {
            turned.extend(shortest.keys().filter(|aspect| !self.records.contains_key(aspect)).cloned());
        }
        for aspect in aspects {
            let Some(longest) = shortest.get(&aspect) else { continue };
            let told = match outcome {
                Ok(answers) => answers.get(&aspect).cloned(),
                Err(failure) => Some(Err(failure.clone())),
            };
            let Some(told) = told else { continue };
            // One that is asked for first goes on where the question as a whole is: it is not tried sooner than the others.
            let record = self.records.entry(aspect.clone()).or_insert_with(|| unknown.clone());
            if record.finish(told, *longest, now) {
                turned.insert(aspect);
            }
        }
        turned
    }

    /// How often each aspect is asked for by who asks most often.
    fn shortest_intervals(&self) -> BTreeMap<A, Duration> {
        let mut shortest = BTreeMap::new();
        for Part { aspect, interval, .. } in self.members.values().map(|member| &member.part) {
            let known = shortest.entry(aspect.clone()).or_insert(*interval);
            *known = (*known).min(*interval);
        }
        shortest
    }

    /// The round ended before anybody was asked: who began it is told why, and those who waited for it ask for themselves.
    fn is_of_its_own(&mut self, asker: &str, failure: &Failure, now: Timestamp)
    where
        T: PartialEq,
    {
        for (uid, member) in &mut self.members {
            if uid == asker {
                member.is_told(failure.clone(), now);
                member.is_served(self.round);
            } else if member.awaits.take_if(|wait| wait.round <= self.round).is_none() {
                continue;
            }
            member.wake();
        }
    }
}
