//! How many fetched trees may lie in the scratch folder at a time, from the beginning of a build until its layer is pushed.
//!
//! When a base image moves under a hundred deployments and their registry is slow, all of them have packed long before the first
//! push ends; so a build takes its turn before it fetches. One registry never has all turns: another's builds go on. Nor do builds hold turns
//! whose Git host hangs, and which wait for their place to fetch.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many rooms there are besides those that children work in.
const WAITING: usize = 6;

/// How many of them hold what goes to one registry.
const FOR_ONE_REGISTRY: usize = 3;

/// The turns.
pub struct Rooms {
    all: Arc<Semaphore>,
    by_registry: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Ends with this value.
#[derive(Debug)]
pub struct Turn {
    _registry: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Rooms {
    /// For as many children at a time.
    pub fn for_children(children: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(children + WAITING)), by_registry: Mutex::default() }
    }

    /// Waits for a place that `take` gives and, together with it, a turn of a build whose image goes to this registry: who waits for the one
    /// does not hold the other.
    pub async fn with<P, F: Future<Output = P>>(&self, registry: &str, take: impl Fn() -> F) -> (P, Turn) {
        loop {
            let place = take().await;
            if let Some(turn) = self.now(registry) {
                return (place, turn);
            }
            drop(place);
            drop(self.turn(registry).await);
        }
    }

    /// A turn, where one is to be had without waiting.
    pub fn now(&self, registry: &str) -> Option<Turn> {
        let registry = self.of(registry).try_acquire_owned().ok()?;
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Turn { _registry: registry, _all: all })
    }

    async fn turn(&self, registry: &str) -> Option<Turn> {
        let registry = self.of(registry).acquire_owned().await.ok()?;
        let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn { _registry: registry, _all: all })
    }

    /// Those of one registry.
    fn of(&self, registry: &str) -> Arc<Semaphore> {
        let mut all = self.by_registry.lock().unwrap_or_else(PoisonError::into_inner);
        // What nobody has or waits for is forgotten.
        all.retain(|_, turns| Arc::strong_count(turns) > 1);
        Arc::clone(all.entry(registry.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(FOR_ONE_REGISTRY))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn one_slow_registry_holds_up_nobody_else() {
        let rooms = Rooms::for_children(2);
        let now = |registry: &'static str| rooms.turn(registry).now_or_never().flatten();
        let mut slow: Vec<_> = (0..FOR_ONE_REGISTRY).map(|_| now("slow").unwrap()).collect();
        assert!(now("slow").is_none(), "a fourth tree of the slow one would lie in wait");
        let others: Vec<_> = (0..FOR_ONE_REGISTRY).map(|_| now("other").unwrap()).collect();
        slow.pop();
        assert!(now("slow").is_some(), "the next one's turn comes when a layer is pushed");
        drop((slow, others));
        assert!(now("third").is_some());
        assert_eq!(rooms.by_registry.lock().unwrap().len(), 1, "only the last that asked is remembered");
    }

    #[test]
    fn who_waits_for_a_place_to_fetch_holds_up_nobody_who_has_one() {
        let rooms = Rooms::for_children(2);
        let mut hanging: Vec<_> =
            (0..5).map(|_| Box::pin(rooms.with("registry", std::future::pending::<()>))).collect();
        assert!(hanging.iter_mut().all(|build| build.now_or_never().is_none()));
        let at_once = || rooms.with("registry", || std::future::ready(())).now_or_never();
        let others: Vec<_> = (0..FOR_ONE_REGISTRY).map(|_| at_once().unwrap()).collect();
        assert!(at_once().is_none(), "the rooms are taken by those who work");
        drop(others);
        assert!(at_once().is_some());
    }

    #[tokio::test]
    async fn who_gets_no_turn_gives_its_place_back_and_takes_both_later() {
        let (rooms, places) = (Rooms::for_children(2), Semaphore::new(1));
        let taken: Vec<_> = (0..FOR_ONE_REGISTRY).map(|_| rooms.now("slow").unwrap()).collect();
        let mut waits = Box::pin(rooms.with("slow", || places.acquire()));
        assert!((&mut waits).now_or_never().is_none());
        assert_eq!(places.available_permits(), 1, "its place is another's meanwhile");
        drop(taken);
        let (place, _turn) = waits.await;
        assert!(place.is_ok() && places.available_permits() == 0);
    }

    #[test]
    fn many_registries_share_the_folder() {
        let rooms = Rooms::for_children(2);
        let registries: Vec<String> = (0..20).map(|i| format!("registry{i}")).collect();
        let turns: Vec<_> = registries.iter().filter_map(|it| rooms.turn(it).now_or_never().flatten()).collect();
        assert_eq!(turns.len(), 2 + WAITING);
    }
}
