//! Whose turn it is to ask the outside: fair between hosts and between namespaces, first questions before repeats.
//!
//! A question that was given no answer until its deadline is *late*; and so is a look that was given none for [`SOON`], however long its
//! deadline, while somebody waits for whom its place would do. It holds its place for so long, and may do that once: from then on,
//! until it is answered in time or was not seen to be late for an hour, all late questions to its host share a single place of that host,
//! those of a namespace a quarter of its part, and those of all hosts together a quarter of all places.
//! So a repository that hangs takes nothing from the others of its host, and one deployment's short deadline nothing from those that wait
//! longer. Where a whole host hangs, each question to it is late once, and never more of them at one time than the host has places.
//! A namespace never holds more than its part. Who waits and goes away leaves no trace: its place in the queue goes with it.

mod answered;
mod shelves;
mod taken;
#[cfg(test)]
mod tests;

use answered::Answered;
use shelves::shelves;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use taken::Taken;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long it is remembered that a question was late, which nobody asks any more.
const LATE: Duration = Duration::from_hours(1);

/// What takes longer keeps others from its place only among those that take long: places are few, and a deadline may be an hour.
pub const SOON: Duration = Duration::from_mins(1);

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

impl Places {
    /// Those of them that late questions may have.
    fn of_late(self) -> Self {
        let quarter = |places: usize| (places / 4).max(1);
        Self { all: quarter(self.all), host: 1, namespace: quarter(self.namespace) }
    }
}

/// For whom, and with whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Party {
    pub host: String,
    pub namespace: String,
}

impl Party {
    /// With one host, or with some that are asked together, each perhaps with its port. However it is spelled, it is one host, and has the places
    /// of one.
    pub fn new<'a>(hosts: impl IntoIterator<Item = &'a str>, namespace: &str) -> Self {
        let mut hosts: Vec<_> = hosts.into_iter().map(normal).collect();
        hosts.dedup();
        Self { host: hosts.join(" "), namespace: namespace.to_owned() }
    }
}

fn normal(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let usual = [":443", ":80", ":22"].into_iter().find_map(|port| host.strip_suffix(port));
    usual.unwrap_or(&host).trim_end_matches('.').to_owned()
}

/// Whether anything is known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Somebody waits for the answer.
    First,
    /// The last answer may have changed.
    Repeat,
}

/// Who has the places that a question would need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTheWay {
    /// Other questions to its host.
    Host,
    /// Other questions of its namespace.
    Namespace,
    /// Questions of all kinds.
    Others,
}

impl InTheWay {
    /// In the words of a message. Which namespace it is does not stand there: people write it down where others read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Host => "it keeps other questions waiting",
            Self::Namespace => "other questions of the namespace that asks are kept waiting",
            Self::Others => "questions to other hosts are kept waiting",
        }
    }
}

/// Gives places to those that wait.
#[derive(Debug)]
pub struct Turns {
    places: Places,
    /// With registries instead of hosts.
    shelves: Option<Places>,
    state: Mutex<State>,
}

/// Who waits, by the number of its arrival, and what it is going to ask; never empty.
type Queue = BTreeMap<u64, (String, oneshot::Sender<Turn>)>;

/// What a queue waits for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    urgency: Urgency,
    party: Party,
    is_late: bool,
    /// Whose shelf it needs, too, with the registry that what is fetched goes to.
    lies: Option<Party>,
}

#[derive(Debug, Default)]
struct State {
    taken: Taken,
    /// Those of them that late questions have.
    taken_late: Taken,
    /// The shelves, with registries instead of hosts.
    taken_shelves: Taken,
    waiting: BTreeMap<Line, Queue>,
    arrivals: u64,
    /// The late questions, and when each was seen to be last.
    late: HashMap<String, Instant>,
    /// When each host told somebody last what it was asked.
    answered: Answered,
}

/// A place; free again when it is dropped.
#[derive(Debug)]
pub struct Turn {
    /// None once the place was given back.
    held: Option<Held>,
    shelf: Option<Shelf>,
}

/// A shelf; free again when it is dropped.
#[derive(Debug)]
pub struct Shelf {
    /// None once it was given back.
    kept: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    turns: Arc<Turns>,
    party: Party,
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if let Some(Kept { turns, party }) = self.kept.take() {
            turns.lock().taken_shelves.leave(&party);
            turns.hand_out();
        }
    }
}

#[derive(Debug)]
struct Held {
    turns: Arc<Turns>,
    line: Line,
    question: String,
}

impl Turn {
    /// Whether it is one of those for what takes long.
    pub fn is_for_long(&self) -> bool {
        self.held.as_ref().is_some_and(|held| held.line.is_late)
    }

    /// Whether somebody would have a place, were it not for this one.
    pub fn is_waited_for(&self) -> bool {
        let Some(Held { turns, line, .. }) = &self.held else { return false };
        let mut state = turns.lock();
        // Who has a place anyway, in a moment.
        if state.choose((turns.places, turns.shelves)).is_some() {
            return false;
        }
        state.leave(line);
        let next = state.choose((turns.places, turns.shelves));
        state.enter(line);
        next.is_some()
    }

    /// Whether its question was kept waiting until the deadline; if not, it was answered in time.
    pub fn is_late(&self, is_late: bool) {
        let Some(Held { turns, question, .. }) = &self.held else { return };
        let late = &mut turns.lock().late;
        if is_late {
            late.retain(|_, seen| seen.elapsed() < LATE);
            late.insert(question.clone(), Instant::now());
        } else {
            late.remove(question);
        }
    }

    /// Its host has told what it was asked.
    pub fn is_answered(&self) {
        let Some(Held { turns, line, .. }) = &self.held else { return };
        turns.lock().answered.note(&line.party.host);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(Held { turns, line, .. }) = self.held.take() {
            turns.lock().leave(&line);
            turns.hand_out();
        }
    }
}

/// Who waits; it leaves its queue when this is dropped, unless its turn came.
struct Waiting<'a> {
    turns: &'a Turns,
    line: Line,
    arrival: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        drop(self.turns.lock().take_out(&self.line, self.arrival));
    }
}

impl Turns {
    /// Nobody is at it.
    pub fn new(places: Places) -> Arc<Self> {
        Arc::new(Self { places, shelves: None, state: Mutex::default() })
    }

    /// The same for so many children, who put on shelves what they fetch.
    pub fn with_shelves(places: Places, children: usize) -> Arc<Self> {
        Arc::new(Self { places, shelves: Some(shelves(children)), state: Mutex::default() })
    }

    /// Waits for a place to ask this question in, which is the same one under the same name.
    pub async fn take(self: &Arc<Self>, party: Party, question: &str, urgency: Urgency) -> Turn {
        self.wait(party, question, (urgency, None)).await
    }

    /// Waits for a place and, together with it, a shelf for what goes to this registry; none where there are no shelves.
    pub async fn take_with_shelf(
        self: &Arc<Self>,
        party: Party,
        question: &str,
        registry: &str,
    ) -> (Turn, Option<Shelf>) {
        let mut turn = self.wait(party, question, (Urgency::First, Some(registry))).await;
        let taken = turn.shelf.take();
        (turn, taken)
    }

    async fn wait(
        self: &Arc<Self>,
        party: Party,
        question: &str,
        (urgency, registry): (Urgency, Option<&str>),
    ) -> Turn {
        loop {
            let (grant, granted) = oneshot::channel();
            let registry = registry.filter(|_| self.shelves.is_some());
            let (line, arrival) = self.lock().arrive((urgency, registry), party.clone(), (question.to_owned(), grant));
            let _waiting = Waiting { turns: self, line, arrival };
            self.hand_out();
            // A grant is only ever dropped with the turns themselves.
            if let Ok(turn) = granted.await {
                return turn;
            }
        }
    }

    /// A question that was late gave no answer again, or had no time to: it stays late.
    pub fn stays_late(&self, question: &str) {
        let mut state = self.lock();
        if state.is_late(question) {
            state.late.insert(question.to_owned(), Instant::now());
        }
    }

    /// When this host told somebody last what it was asked.
    pub fn answered(&self, party: &Party) -> Option<Instant> {
        self.lock().answered.last(&party.host)
    }

    /// Whether nothing keeps this question waiting but others to its host, which are not known to take long.
    pub fn waits_for_host(&self, party: &Party, question: &str) -> bool {
        !self.lock().is_late(question) && self.in_the_way(party, question) == InTheWay::Host
    }

    /// Who has the places that this question would need.
    pub fn in_the_way(&self, party: &Party, question: &str) -> InTheWay {
        let state = self.lock();
        let of_late = self.places.of_late();
        let among_late = state.is_late(question) && !state.taken_late.leaves_one_of(of_late, party);
        let (taken, places) = if among_late { (&state.taken_late, of_late) } else { (&state.taken, self.places) };
        let (host, namespace) = taken.by(party);
        if host >= places.host {
            InTheWay::Host
        } else if namespace >= places.namespace {
            InTheWay::Namespace
        } else {
            InTheWay::Others
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
        while let Some((line, (question, grant))) = state.next((self.places, self.shelves)) {
            state.enter(&line);
            if let Some(lies) = &line.lies {
                state.taken_shelves.enter(lies);
            }
            let kept = line.lies.clone().map(|party| Shelf { kept: Some(Kept { turns: Arc::clone(self), party }) });
            let held = Held { turns: Arc::clone(self), line, question };
            if let Err(mut refused) = grant.send(Turn { held: Some(held), shelf: kept }) {
                // Who waited is gone. Taken apart here, because dropping it would lock again.
                if let Some(Held { line, .. }) = refused.held.take() {
                    state.leave(&line);
                }
                if let Some(Kept { party, .. }) = refused.shelf.take().and_then(|mut it| it.kept.take()) {
                    state.taken_shelves.leave(&party);
                }
            }
        }
    }
}

impl State {
    fn arrive(
        &mut self,
        (urgency, registry): (Urgency, Option<&str>),
        party: Party,
        (question, grant): (String, oneshot::Sender<Turn>),
    ) -> (Line, u64) {
        let is_late = self.is_late(&question);
        let lies = registry.map(|host| Party::new([host], &party.namespace));
        let line = Line { urgency, party, is_late, lies };
        self.arrivals += 1;
        self.waiting.entry(line.clone()).or_default().insert(self.arrivals, (question, grant));
        (line, self.arrivals)
    }

    fn is_late(&self, question: &str) -> bool {
        self.late.get(question).is_some_and(|seen| seen.elapsed() < LATE)
    }

    fn take_out(&mut self, line: &Line, arrival: u64) -> Option<(String, oneshot::Sender<Turn>)> {
        let queue = self.waiting.get_mut(line)?;
        let waited = queue.remove(&arrival);
        if queue.is_empty() {
            self.waiting.remove(line);
        }
        waited
    }

    /// The next that may begin: a first question before a repeat, then whose host and namespace have the least under way, then
    /// who waits longest.
    fn next(&mut self, places: (Places, Option<Places>)) -> Option<(Line, (String, oneshot::Sender<Turn>))> {
        let (line, arrival) = self.choose(places)?;
        let waited = self.take_out(&line, arrival)?;
        Some((line, waited))
    }

    /// Which one that is.
    fn choose(&self, (places, shelves): (Places, Option<Places>)) -> Option<(Line, u64)> {
        let free = self.waiting.iter().filter_map(|(line, queue)| {
            let of_all = self.taken.leaves_one_of(places, &line.party);
            let of_late = !line.is_late || self.taken_late.leaves_one_of(places.of_late(), &line.party);
            let on_shelf = line.lies.as_ref().zip(shelves);
            let on_shelf = on_shelf.is_none_or(|(lies, shelves)| self.taken_shelves.leaves_one_of(shelves, lies));
            let (arrival, _) = queue.first_key_value().filter(|_| of_all && of_late && on_shelf)?;
            let (host, namespace) = self.taken.by(&line.party);
            // Who pushes has given its place back, and keeps others from a shelf.
            let lies = line.lies.as_ref().map_or(0, |lies| self.taken_shelves.by(lies).1);
            Some((line.urgency, host + namespace + lies, *arrival, line))
        });
        let (_, _, arrival, line) = free.min()?;
        Some((line.clone(), arrival))
    }

    /// Takes a place.
    fn enter(&mut self, line: &Line) {
        self.taken.enter(&line.party);
        if line.is_late {
            self.taken_late.enter(&line.party);
        }
    }

    /// Gives a place back; a shelf is given back by itself.
    fn leave(&mut self, line: &Line) {
        self.taken.leave(&line.party);
        if line.is_late {
            self.taken_late.leave(&line.party);
        }
    }
}
