//! Whose turn it is to ask the outside: fair between hosts and between namespaces, first questions before repeats.
//!
//! A host that hangs holds a few places until its deadline, and a single one from then on, until it answers again or was not seen to
//! hang for an hour; a namespace never holds more than its part. Who waits and goes away leaves no trace: its place in the queue goes with it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long it is remembered that a host hung, which nobody asks any more.
const HUNG: Duration = Duration::from_hours(1);

/// How many may be at it at one time.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Altogether.
    pub all: usize,
    /// With one host.
    pub host: usize,
    /// For one namespace.
    pub namespace: usize,
}

/// For whom, and with whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party {
    pub host: String,
    pub namespace: String,
}

/// Whether anything is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody waits for the answer.
    First,
    /// The last answer may have changed.
    Repeat,
}

/// Gives places to those that wait.
#[derive(Debug)]
pub struct Turns {
    places: Places,
    state: Mutex<State>,
}

/// Who waits, by the number of its arrival; never empty.
type Queue = BTreeMap<u64, oneshot::Sender<Turn>>;

/// What a queue waits for.
type Line = (Urgency, Party);

#[derive(Debug, Default)]
struct State {
    hosts: HashMap<String, usize>,
    namespaces: HashMap<String, usize>,
    running: usize,
    waiting: BTreeMap<Line, Queue>,
    arrivals: u64,
    /// And when that was seen last.
    hanging: HashMap<String, Instant>,
}

/// A place; free again when it is dropped.
#[derive(Debug)]
pub struct Turn {
    /// None once the place was given back.
    held: Option<(Arc<Turns>, Party)>,
}

impl Turn {
    /// Whether the host kept us waiting until the deadline: it gets one place until it answers in time.
    pub fn host_hangs(&self, hangs: bool) {
        let Some((turns, party)) = &self.held else { return };
        let hanging = &mut turns.lock().hanging;
        if hangs {
            hanging.retain(|_, seen| seen.elapsed() < HUNG);
            hanging.insert(party.host.clone(), Instant::now());
        } else {
            hanging.remove(&party.host);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some((turns, party)) = self.held.take() {
            turns.lock().leave(&party);
            turns.hand_out();
        }
    }
}

/// Who waits; it leaves the queue when this is dropped, unless its turn came.
struct Waiting<'a> {
    turns: &'a Turns,
    line: Line,
    arrival: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        drop(self.turns.lock().give_up(&self.line, self.arrival));
    }
}

impl Turns {
    /// Nobody is at it.
    pub fn new(places: Places) -> Arc<Self> {
        Arc::new(Self { places, state: Mutex::default() })
    }

    /// Waits for a place.
    pub async fn take(self: &Arc<Self>, party: Party, urgency: Urgency) -> Turn {
        loop {
            let (grant, granted) = oneshot::channel();
            let line = (urgency, party.clone());
            let arrival = self.lock().arrive(line.clone(), grant);
            let _waiting = Waiting { turns: self, line, arrival };
            self.hand_out();
            // A grant is only ever dropped with the turns themselves.
            if let Ok(turn) = granted.await {
                return turn;
            }
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.lock().waiting.values().map(Queue::len).sum()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_out(self: &Arc<Self>) {
        let mut state = self.lock();
        while let Some((party, grant)) = state.next(self.places) {
            state.enter(&party);
            if let Err(mut refused) = grant.send(Turn { held: Some((Arc::clone(self), party)) }) {
                // Who waited is gone. Taken apart here, because dropping it would lock again.
                if let Some((_, party)) = refused.held.take() {
                    state.leave(&party);
                }
            }
        }
    }
}

impl State {
    fn arrive(&mut self, line: Line, grant: oneshot::Sender<Turn>) -> u64 {
        self.arrivals += 1;
        self.waiting.entry(line).or_default().insert(self.arrivals, grant);
        self.arrivals
    }

    fn give_up(&mut self, line: &Line, arrival: u64) -> Option<oneshot::Sender<Turn>> {
        let queue = self.waiting.get_mut(line)?;
        let grant = queue.remove(&arrival);
        if queue.is_empty() {
            self.waiting.remove(line);
        }
        grant
    }

    /// The next that may begin: a first question before a repeat, then whose host and namespace have the least under way, then
    /// who waits longest.
    fn next(&mut self, places: Places) -> Option<(Party, oneshot::Sender<Turn>)> {
        if self.running >= places.all {
            return None;
        }
        let running = |counts: &HashMap<String, usize>, name: &str| counts.get(name).copied().unwrap_or_default();
        let free = self.waiting.iter().filter_map(|(line @ (urgency, party), queue)| {
            let (host, namespace) = (running(&self.hosts, &party.host), running(&self.namespaces, &party.namespace));
            let of_host = if self.hanging.contains_key(&party.host) { 1 } else { places.host };
            let free = host < of_host && namespace < places.namespace;
            let (arrival, _) = queue.first_key_value().filter(|_| free)?;
            Some((*urgency, host + namespace, *arrival, line))
        });
        let (_, _, arrival, line) = free.min()?;
        let line = line.clone();
        let grant = self.give_up(&line, arrival)?;
        Some((line.1, grant))
    }

    fn enter(&mut self, party: &Party) {
        self.running += 1;
        *self.hosts.entry(party.host.clone()).or_default() += 1;
        *self.namespaces.entry(party.namespace.clone()).or_default() += 1;
    }

    fn leave(&mut self, party: &Party) {
        self.running -= 1;
        for (counts, name) in [(&mut self.hosts, &party.host), (&mut self.namespaces, &party.namespace)] {
            if let Some(count) = counts.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(name);
                }
            }
        }
    }
}
