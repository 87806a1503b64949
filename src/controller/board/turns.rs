//! Whose turn it is to ask the outside: fair between hosts and between namespaces, first questions before repeats.
//!
//! A host that hangs holds a few places until its deadline, and a single one from then on, until it answers again or was not seen to
//! hang for an hour; a namespace never holds more than its part. Who waits and goes away leaves no trace.

use std::collections::{BTreeMap, HashMap, VecDeque};
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

/// Who waits, with the number of its arrival.
type Queue = VecDeque<(u64, oneshot::Sender<Turn>)>;

#[derive(Debug, Default)]
struct State {
    hosts: HashMap<String, usize>,
    namespaces: HashMap<String, usize>,
    running: usize,
    waiting: BTreeMap<(Urgency, Party), Queue>,
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

impl Turns {
    /// Nobody is at it.
    pub fn new(places: Places) -> Arc<Self> {
        Arc::new(Self { places, state: Mutex::default() })
    }

    /// Waits for a place.
    pub async fn take(self: &Arc<Self>, party: Party, urgency: Urgency) -> Turn {
        loop {
            let (grant, granted) = oneshot::channel();
            self.lock().arrive(urgency, party.clone(), grant);
            self.hand_out();
            // A grant is only ever dropped with the turns themselves.
            if let Ok(turn) = granted.await {
                return turn;
            }
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        let state = self.lock();
        state.waiting.values().flatten().filter(|(_, grant)| !grant.is_closed()).count()
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
    fn arrive(&mut self, urgency: Urgency, party: Party, grant: oneshot::Sender<Turn>) {
        self.arrivals += 1;
        self.waiting.entry((urgency, party)).or_default().push_back((self.arrivals, grant));
    }

    /// The next that may begin: a first question before a repeat, then whose host and namespace have the least under way, then
    /// who waits longest.
    fn next(&mut self, places: Places) -> Option<(Party, oneshot::Sender<Turn>)> {
        if self.running >= places.all {
            return None;
        }
        let running = |counts: &HashMap<String, usize>, name: &str| counts.get(name).copied().unwrap_or_default();
        let best = self
            .waiting
            .iter()
            .filter_map(|((urgency, party), queue)| {
                let (host, namespace) =
                    (running(&self.hosts, &party.host), running(&self.namespaces, &party.namespace));
                let of_host = if self.hanging.contains_key(&party.host) { 1 } else { places.host };
                let free = host < of_host && namespace < places.namespace;
                free.then(|| (*urgency, host + namespace, queue.front().map(|(arrival, _)| *arrival), party.clone()))
            })
            .min()?;
        let key = (best.0, best.3);
        let queue = self.waiting.get_mut(&key)?;
        let (_, grant) = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&key);
        }
        Some((key.1, grant))
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    fn party(host: &str, namespace: &str) -> Party {
        Party { host: host.into(), namespace: namespace.into() }
    }

    const PLACES: Places = Places { all: 8, host: 3, namespace: 6 };

    #[tokio::test]
    async fn a_first_question_goes_before_repeats_that_came_earlier() {
        let turns = Turns::new(Places { all: 1, ..PLACES });
        let held = turns.take(party("a", "x"), Urgency::Repeat).await;
        let mut repeat = Box::pin(turns.take(party("a", "x"), Urgency::Repeat));
        assert!(repeat.as_mut().now_or_never().is_none());
        let mut first = Box::pin(turns.take(party("a", "x"), Urgency::First));
        assert!(first.as_mut().now_or_never().is_none());
        assert_eq!(turns.waiting(), 2);
        drop(held);
        let first = first.now_or_never().expect("the first question's turn");
        assert!(repeat.as_mut().now_or_never().is_none());
        drop(first);
        assert!(repeat.now_or_never().is_some());
    }

    #[tokio::test]
    async fn no_host_and_no_namespace_takes_all_places() {
        let turns = Turns::new(PLACES);
        let mut held = Vec::new();
        for host in ["a", "b", "c"] {
            for _ in 0..PLACES.host {
                held.extend(turns.take(party(host, "x"), Urgency::First).now_or_never());
            }
        }
        assert_eq!(held.len(), PLACES.namespace, "of one namespace");
        let other = turns.take(party("a", "y"), Urgency::Repeat).now_or_never();
        assert!(other.is_none(), "the host has its places taken");
        assert!(turns.take(party("d", "y"), Urgency::Repeat).now_or_never().is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn hosts_that_hung_long_ago_are_forgotten() {
        let turns = Turns::new(PLACES);
        for number in 0..100 {
            turns.take(party(&number.to_string(), "x"), Urgency::First).await.host_hangs(true);
            sleep(Duration::from_mins(6)).await;
        }
        assert_eq!(turns.lock().hanging.len(), 10);
    }

    #[tokio::test]
    async fn who_goes_away_while_waiting_leaves_nothing_behind() {
        let turns = Turns::new(Places { all: 1, ..PLACES });
        let held = turns.take(party("a", "x"), Urgency::First).await;
        let mut gone = Box::pin(turns.take(party("a", "x"), Urgency::First));
        assert!(gone.as_mut().now_or_never().is_none());
        drop(gone);
        assert_eq!(turns.waiting(), 0);
        let mut granted = Box::pin(turns.take(party("a", "x"), Urgency::First));
        assert!(granted.as_mut().now_or_never().is_none());
        drop(held);
        // Granted, and dropped before it was looked at.
        drop(granted);
        assert!(turns.take(party("a", "x"), Urgency::First).now_or_never().is_some());
    }

    /// Fifty repositories of a host that hangs, beside two hundred that answer, all in one namespace.
    #[tokio::test(start_paused = true)]
    async fn a_host_that_hangs_holds_up_nobody_else() {
        let turns = Turns::new(Places { all: 16, host: 4, namespace: 12 });
        let deadline = Duration::from_secs(30);
        for _ in 0..50 {
            let turns = Arc::clone(&turns);
            tokio::spawn(async move {
                loop {
                    let asked = tokio::time::timeout(deadline, async {
                        let turn = turns.take(party("hangs", "x"), Urgency::First).await;
                        turn.host_hangs(true);
                        std::future::pending::<()>().await;
                    });
                    let _ = asked.await;
                    sleep(Duration::from_secs(1)).await;
                }
            });
        }
        let healthy = (0..200).map(|number| {
            let turns = Arc::clone(&turns);
            tokio::spawn(async move {
                let mut latest = Duration::ZERO;
                for _ in 0..10 {
                    let asked = Instant::now();
                    let host = format!("host{}", number % 20);
                    let turn = turns.take(party(&host, "x"), Urgency::Repeat).await;
                    sleep(Duration::from_millis(20)).await;
                    drop(turn);
                    latest = latest.max(asked.elapsed());
                    sleep(Duration::from_mins(1)).await;
                }
                latest
            })
        });
        for latest in futures::future::join_all(healthy).await {
            let latest = latest.expect("no panic");
            assert!(latest < Duration::from_secs(2), "{latest:?}");
        }
    }
}
