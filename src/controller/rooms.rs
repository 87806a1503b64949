//! How many fetched trees may lie in the scratch folder at a time, from the beginning of a build until its layer is pushed.
//!
//! When a base image moves under a hundred deployments and their registry is slow, all of them have packed long before the first
//! push ends; so a build takes its turn before it fetches. One registry never has all turns: another's builds go on.

use std::collections::HashMap;
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

    /// Waits for a turn of a build whose image goes to this registry.
    pub async fn turn(&self, registry: &str) -> Option<Turn> {
        let turns = {
            let mut all = self.by_registry.lock().unwrap_or_else(PoisonError::into_inner);
            // What nobody has or waits for is forgotten.
            all.retain(|_, turns| Arc::strong_count(turns) > 1);
            Arc::clone(all.entry(registry.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(FOR_ONE_REGISTRY))))
        };
        let registry = turns.acquire_owned().await.ok()?;
        let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn { _registry: registry, _all: all })
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
    fn many_registries_share_the_folder() {
        let rooms = Rooms::for_children(2);
        let registries: Vec<String> = (0..20).map(|i| format!("registry{i}")).collect();
        let turns: Vec<_> = registries.iter().filter_map(|it| rooms.turn(it).now_or_never().flatten()).collect();
        assert_eq!(turns.len(), 2 + WAITING);
    }
}
