//! How repositories are asked, by what their hosts said of it: so that a repeated look is one request.
//!
//! What is remembered is never an answer, and whoever is wrong about it is asked from the beginning. A repository that was found by a
//! redirect is not among them: where that leads must be asked each time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::advertisement::Offered;
use crate::domain::RepositoryUrl;

/// How many repositories are remembered: what nobody looks at any more must not stay for ever.
const MOST: usize = 16_384;

/// What hosts of protocol version 2 offer, by repository. A clone shares it.
#[derive(Debug, Clone, Default)]
pub(super) struct Offers(Arc<Mutex<HashMap<RepositoryUrl, Offered>>>);

impl Offers {
    pub(super) fn of(&self, url: &RepositoryUrl) -> Option<Offered> {
        self.lock().get(url).copied()
    }

    pub(super) fn remember(&self, url: &RepositoryUrl, offered: Offered) {
        let mut offers = self.lock();
        if offers.len() >= MOST && !offers.contains_key(url) {
            offers.clear();
        }
        offers.insert(url.clone(), offered);
    }

    pub(super) fn forget(&self, url: &RepositoryUrl) {
        self.lock().remove(url);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RepositoryUrl, Offered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
