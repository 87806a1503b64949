//! How repositories are asked, by what their hosts said of it: so that a look is one request.
//!
//! What is remembered is never an answer. It is of one repository, for who asks with the same credentials and in the same way; of one of
//! which nothing is remembered, what its host said of another one is taken for true, once. None is asked so for long, since a host may point
//! elsewhere where it says how it is asked, and only there; and whatever is not a whole answer ends it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::advertisement::Offered;

/// How long a repository is asked so: where a redirect begins, or a mirror fetches only when it is asked from the beginning, it is this late that
/// that is seen.
const KEPT: Duration = Duration::from_mins(5);

/// How many are remembered: what nobody looks at any more must not stay for ever.
const MOST: usize = 16_384;

/// What hosts of protocol version 2 offered, by who asks for what, and by host. A clone shares it.
#[derive(Debug, Clone, Default)]
pub(super) struct Offers(Arc<Mutex<HashMap<u64, Offer>>>);

/// What a host offered, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    /// None where it is to be asked from the beginning.
    offered: Option<Offered>,
    at: Instant,
}

/// How a repository may be asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) offered: Offered,
    /// What is kept once it was answered so.
    pub(super) offer: Offer,
    /// Whether its host said it of another repository.
    pub(super) is_of_others: bool,
}

impl Offer {
    /// Just now.
    pub(super) fn of(offered: Offered) -> Self {
        Self { offered: Some(offered), at: Instant::now() }
    }

    fn counts(&self) -> bool {
        self.at.elapsed() < KEPT
    }
}

impl Offers {
    /// What was offered. Until it is kept again, nothing is taken for true of this repository: whoever asks may be cut off.
    pub(super) fn take(&self, who: u64, host: u64) -> Option<Known> {
        let own = self.lock().get(&who).copied();
        let is_of_others = own.is_none();
        let offer = match own {
            // What is over is not forgotten: the next one begins where the host says how it is asked, and not with what it said of others.
            Some(own) => Some(own).filter(Offer::counts),
            None => self.of(host).map(Offer::of),
        };
        self.begin_anew(who);
        let offer = offer?;
        Some(Known { offered: offer.offered?, offer, is_of_others })
    }

    /// What was offered a moment ago.
    pub(super) fn of(&self, who: u64) -> Option<Offered> {
        self.lock().get(&who).filter(|offer| offer.counts())?.offered
    }

    /// The next look takes nothing for true, also of its host.
    pub(super) fn begin_anew(&self, who: u64) {
        self.keep(who, Offer { offered: None, at: Instant::now() });
    }

    pub(super) fn keep(&self, who: u64, offer: Offer) {
        let mut offers = self.lock();
        if offers.len() >= MOST {
            offers.retain(|_, offer| offer.counts());
        }
        if offers.len() < MOST || offers.contains_key(&who) {
            offers.insert(who, offer);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Offer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
