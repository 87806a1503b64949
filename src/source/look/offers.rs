//! How repositories are asked, by what their hosts said of it: so that a further look is one request.
//!
//! What is remembered is never an answer. It is of one repository, for who asks with the same credentials and in the same way; it is not
//! remembered for long, since a host may point elsewhere where it says how it is asked, and only there; and whatever is not a whole answer
//! ends it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::advertisement::Offered;

/// How long: where a redirect begins, or a mirror fetches only when it is asked from the beginning, it is this late that that is seen.
const KEPT: Duration = Duration::from_mins(5);

/// How many are remembered: what nobody looks at any more must not stay for ever.
const MOST: usize = 16_384;

/// What hosts of protocol version 2 offered, by who asks for what. A clone shares it.
#[derive(Debug, Clone, Default)]
pub(super) struct Offers(Arc<Mutex<HashMap<u64, Offer>>>);

/// What a host offered, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub(super) offered: Offered,
    at: Instant,
}

impl Offer {
    /// Just now.
    pub(super) fn of(offered: Offered) -> Self {
        Self { offered, at: Instant::now() }
    }
}

impl Offers {
    /// What was offered, and is forgotten until it is kept again: whoever asks may be cut off.
    pub(super) fn take(&self, who: u64) -> Option<Offer> {
        self.lock().remove(&who).filter(|offer| offer.at.elapsed() < KEPT)
    }

    pub(super) fn keep(&self, who: u64, offer: Offer) {
        let mut offers = self.lock();
        if offers.len() >= MOST {
            offers.retain(|_, offer| offer.at.elapsed() < KEPT);
        }
        if offers.len() < MOST {
            offers.insert(who, offer);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Offer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
