//! Fingerprints that take some milliseconds each, made once for what a deployment reads. They are made beside everything else: after a start
//! there are as many to make as there are deployments.

use super::fingerprint;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// So many are kept for a deployment: of what its releases read now, and of what they read before a change that may be taken back.
const MOST: usize = 8;

/// By deployment (`namespace/name`), the latest last: what each is of, and itself.
#[derive(Debug, Default)]
pub struct Fingerprints(Mutex<HashMap<String, VecDeque<(Fast, String)>>>);

/// A hash that never leaves this process.
type Fast = [u8; 32];

impl Fingerprints {
    /// What may be seen of it, for this deployment.
    pub(in crate::controller) async fn of(&self, fast: Fast, place: &str) -> String {
        if let Some(known) = self.known(fast, place) {
            return known;
        }
        let owned = place.to_owned();
        let made = tokio::task::spawn_blocking(move || fingerprint::slow(&fast, &owned)).await;
        let made = made.unwrap_or_else(|_| fingerprint::slow(&fast, place));
        self.keep(fast, place, made.clone());
        made
    }

    /// The deployment is gone.
    pub(in crate::controller) fn forget(&self, place: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(place);
    }

    fn known(&self, fast: Fast, place: &str) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(place)?.iter().find(|(of, _)| *of == fast).map(|(_, made)| made.clone())
    }

    fn keep(&self, fast: Fast, place: &str, made: String) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = known.entry(place.to_owned()).or_default();
        own.retain(|(of, _)| *of != fast);
        own.push_back((fast, made));
        if own.len() > MOST {
            own.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deployment_has_its_own_and_no_other_one_takes_them_away() {
        let all = Fingerprints::default();
        let one = all.of([1; 32], "production/billing").await;
        assert_ne!(one, all.of([1; 32], "production/orders").await, "salted with the deployment");
        for number in 0..20 {
            all.of([number; 32], "production/orders").await;
        }
        assert_eq!(all.known([1; 32], "production/billing"), Some(one));
        assert_eq!(all.known([11; 32], "production/orders"), None);
        assert!(all.known([12; 32], "production/orders").is_some(), "the latest ones");
        all.forget("production/billing");
        assert_eq!(all.known([1; 32], "production/billing"), None);
    }
}
