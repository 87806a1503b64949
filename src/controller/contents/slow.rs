//! Fingerprints that take some milliseconds each, made once for what a deployment reads. They are made beside everything else: after a start
//! there are as many to make as there are deployments.

use super::fingerprint;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// So many are kept for a deployment: more than it can have releases, which may each read something else.
const MOST: usize = 128;

/// By deployment (`namespace/name`), what was asked for last at the end: what each is of, and itself.
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

    /// Of deployments of this namespace (of all, with `None`), only these are there.
    pub(in crate::controller) fn keep_only(&self, namespace: Option<&str>, there: impl Fn(&str) -> bool) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_elsewhere = |place: &str| namespace.is_some_and(|of| place.split('/').next() != Some(of));
        known.retain(|place, _| is_elsewhere(place) || there(place));
    }

    fn known(&self, fast: Fast, place: &str) -> Option<String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = known.get_mut(place)?;
        let at = own.iter().position(|(of, _)| *of == fast)?;
        let found = own.remove(at)?;
        own.push_back(found);
        own.back().map(|(_, made)| made.clone())
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
        for number in 0..200 {
            all.keep([number; 32], "production/orders", String::new());
            assert!(all.known([0; 32], "production/orders").is_some(), "who is asked for stays");
        }
        assert_eq!(all.known([1; 32], "production/billing"), Some(one));
        assert_eq!(all.known([1; 32], "production/orders"), None);
        assert!(all.known([199; 32], "production/orders").is_some(), "the latest ones");
        all.forget("production/billing");
        assert_eq!(all.known([1; 32], "production/billing"), None);
        all.keep_only(Some("staging"), |_| false);
        assert!(
            all.known([199; 32], "production/orders").is_some(),
            "a listing of one namespace says nothing of others"
        );
        all.keep_only(None, |_| false);
        assert_eq!(all.known([199; 32], "production/orders"), None);
    }
}
