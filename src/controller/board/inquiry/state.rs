//! What is known of a shared question, by whom it is asked, and the round under way.

use super::member::{Member, Part, Wait};
use super::{Ask, Outcome};
use crate::api::v1alpha1::TengineDeployment;
use crate::controller::board::call::Call;
use crate::controller::board::slot::{About, Failure, Record, Work};
use crate::controller::board::turns::Urgency;
use crate::plan::observed::Look;
use futures::channel::mpsc::UnboundedSender;
use jiff::Timestamp;
use kube::runtime::reflector::ObjectRef;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// So many of a namespace whose Secrets could not be read, and no answer since, show that nobody's of that namespace can be.
const NOBODYS: usize = 3;

pub(super) struct State<A, T> {
    records: BTreeMap<A, Record<T>>,
    /// The trouble of the question as a whole, if the last round had any: it is that of every aspect, also of one that nobody has asked for
    /// yet. Or each that comes would have refused credentials tried again, and a host asked that wants to be left alone.
    whole: Record<T>,
    /// By UID.
    pub(super) members: HashMap<String, Member<A, T>>,
    pub(super) running: Option<(Round<A>, Work)>,
    /// The number of the round under way, or of the last one.
    pub(super) round: u64,
    /// Who began rounds since the last one that got as far as the other side, and could not read their Secrets: UIDs, by namespace.
    unread: BTreeMap<String, BTreeSet<String>>,
    /// The namespaces that had no place left for a round since then.
    full: BTreeSet<String>,
}

/// A round: what it asks for, and the UID and the namespace of who began it.
pub(super) struct Round<A> {
    pub(super) aspects: BTreeSet<A>,
    asker: String,
    namespace: String,
    call: Call,
}

impl<A, T> Default for State<A, T> {
    fn default() -> Self {
        Self {
            records: BTreeMap::new(),
            whole: Record::default(),
            members: HashMap::new(),
            running: None,
            round: 0,
            unread: BTreeMap::new(),
            full: BTreeSet::new(),
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
        let trouble = member.own.trouble().map_or_else(|| record.trouble(), |own| Some(record.dated(own)));
        // Nothing is wrong with it: many ask, and it waits for its turn once more.
        let is_put_off = member.own.is_unasked_at_most()
            && record.is_unasked_at_most()
            && record.is_fresh(member.part.interval, Timestamp::now());
        let (trouble, put_off) = if is_put_off { (None, trouble) } else { (trouble, None) };
        Look {
            answer: record.answer.clone(),
            trouble,
            running: member.awaits.is_some(),
            serving: member.awaits.as_ref().and_then(|wait| wait.serves.clone()),
            served: member.served.clone(),
            not_before: None,
            put_off: put_off.map(|trouble| trouble.retry_at),
        }
    }

    /// A member waits for an answer; whether a round begins with it.
    pub(super) fn wait(&mut self, uid: &str, serves: Option<String>, ask: Ask<A, T>) -> bool {
        let Some(member) = self.members.get_mut(uid) else { return false };
        let running = self.running.as_ref().map(|(round, _)| round);
        let is_asked_for = running.is_some_and(|round| round.aspects.contains(&member.part.aspect));
        let joins = is_asked_for && !member.is_by_hand(serves.as_deref());
        let round = if joins { self.round } else { self.round + 1 };
        member.awaits = Some(Wait { round, serves, ask: Some(ask) });
        let Some(call) = running.map(|round| &round.call) else { return true };
        // Not of all that wait: each was asked this when it came, and they may be many.
        self.members.get(uid).is_some_and(|member| call.gives_way_to(self.urgency_of(member)))
    }

    /// The next round, which asks for everything that anybody wants to know, and how the one who begins it asks.
    pub(super) fn begin(&mut self, asker: &str, call: Call) -> Option<(Round<A>, Ask<A, T>)> {
        let aspects = self.members.values().map(|member| member.part.aspect.clone()).collect();
        let member = self.members.get_mut(asker)?;
        let ask = member.awaits.as_mut()?.ask.take()?;
        self.round += 1;
        Some((Round { aspects, asker: asker.to_owned(), namespace: member.namespace().to_owned(), call }, ask))
    }

    /// Who begins the round that is waited for: rather not one of a namespace in which Secrets could not be read, or that had no place left.
    pub(super) fn next(&mut self) -> Option<String> {
        let able = |member: &Member<A, T>| member.awaits.as_ref().is_some_and(|wait| wait.ask.is_some());
        let able = self.members.iter().filter(|(_, member)| able(member));
        let has_failed = |namespace: &str| self.unread.contains_key(namespace) || self.full.contains(namespace);
        let next = able.min_by_key(|&(uid, member)| (has_failed(member.namespace()), uid));
        if let Some((uid, _)) = next {
            return Some(uid.clone());
        }
        // Who began a round that gave way: it comes again.
        for member in self.members.values_mut() {
            if member.awaits.take().is_some() {
                member.wake();
            }
        }
        None
    }

    /// First, as long as somebody waits for whom it is.
    pub(super) fn urgency(&self) -> Urgency {
        let waiting = self.members.values().filter(|member| member.awaits.is_some());
        waiting.map(|member| self.urgency_of(member)).min().unwrap_or(Urgency::Repeat)
    }

    /// Whether somebody waits who asks by hand.
    pub(super) fn is_by_hand(&self) -> bool {
        self.members.values().any(Member::waits_by_hand)
    }

    /// First for one that knows nothing, or asks by hand.
    fn urgency_of(&self, member: &Member<A, T>) -> Urgency {
        let knows = member.part.remembers || self.records.contains_key(&member.part.aspect);
        if member.waits_by_hand() || !knows { Urgency::First } else { Urgency::Repeat }
    }

    /// The round ended: everybody's record is brought up to date, and who waited or sees something new is woken.
    pub(super) fn finish(&mut self, outcome: &Outcome<A, T>, now: Timestamp)
    where
        T: PartialEq,
    {
        // The work is this very task, which awaits nothing from here on.
        let Some((Round { aspects, asker, namespace, .. }, _)) = self.running.take() else { return };
        match outcome {
            Err(failure) if failure.about == About::Asker => {
                return self.is_of_its_own((&asker, &namespace), failure, now);
            }
            Err(failure) if failure.about == About::Namespace => return self.is_of(&namespace, failure, now),
            _ => {}
        }
        self.unread.clear();
        self.full.clear();
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

    /// The round ended before anybody was asked, because those of a namespace ask too much: they are told, as far as they wait. The others, whose
    /// namespaces may have places, wait for the next round.
    fn is_of(&mut self, namespace: &str, failure: &Failure, now: Timestamp)
    where
        T: PartialEq,
    {
        let round = self.round;
        self.full.insert(namespace.to_owned());
        for member in self.members.values_mut() {
            if member.namespace() != namespace {
                member.waits_on(round);
            } else if member.is_served(round) {
                member.is_told(failure.clone(), now);
                member.wake();
            }
        }
    }

    /// The round ended before anybody was asked: who began it is told why, and nobody else but those of its namespace that wait, once
    /// enough of that could not read theirs. The others wait for the next round.
    fn is_of_its_own(&mut self, (asker, namespace): (&str, &str), failure: &Failure, now: Timestamp)
    where
        T: PartialEq,
    {
        let unread = self.unread.entry(namespace.to_owned()).or_default();
        unread.insert(asker.to_owned());
        let is_of_all = unread.len() > NOBODYS;
        // Not in the words of one of them.
        let message = "its Secret cannot be read now, nor can those of others of its namespace that ask the same";
        let of_all = Failure::new(failure.reason, message, failure.definite);
        let round = self.round;
        for (uid, member) in &mut self.members {
            let told = if uid == asker {
                failure
            } else if is_of_all && member.waits_for(round) && member.namespace() == namespace {
                &of_all
            } else {
                member.waits_on(round);
                continue;
            };
            member.is_told(told.clone(), now);
            member.is_served(round);
            member.wake();
        }
    }
}
