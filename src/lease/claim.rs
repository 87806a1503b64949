//! What a process has to hold to work: a Lease of its shard, and with the other shards the one that says how many there are.
//!
//! Guarantees: of one shard, one process works; and all that work agree on the number of shards, so no deployment ever belongs
//! to two of them. The Lease of the number is the one that an operator without shards has for its own: its holder is
//! `3-shards`, whoever of the three renewed it last, and to all others it is held by somebody else. So who starts with
//! another number, or without shards, waits until none of those is left.

use jiff::Timestamp;
use kube::Client;
use tokio::select;

use crate::domain::Shard;

use super::{Candidate, Config, Leadership, Lost};

/// One process' way to work. [`acquire`](Self::acquire), then [`hold`](Self::hold), at last [`release`](Self::release).
pub struct Claim {
    own: Candidate,
    number: Option<Candidate>,
    /// From when until when nobody worked.
    vacancy: Option<(Timestamp, Timestamp)>,
}

impl Claim {
    /// One that has not asked the cluster anything yet. `config` names the Lease of all shards together.
    pub fn new(client: Client, config: Config, shard: Shard) -> Self {
        if shard.is_only() {
            return Self { own: Candidate::new(client, config), number: None, vacancy: None };
        }
        let own = Config { name: format!("{}-shard-{}", config.name, shard.number()), ..config.clone() };
        let number = Config { identity: format!("{}-shards", shard.of()), ..config };
        Self {
            own: Candidate::new(client.clone(), own),
            number: Some(Candidate::one_of_many(client, number)),
            vacancy: None,
        }
    }

    /// A handle that follows its fate.
    pub fn leadership(&self) -> Leadership {
        Leadership::of(&self.own.term, self.number.as_ref().map(|number| &number.term)).after(self.vacancy)
    }

    /// Tries until this process may work. May be dropped at any point; call [`release`](Self::release) then.
    pub async fn acquire(&mut self) {
        self.acquire_all().await;
        // That of the number is renewed by all shards that work, and says nothing of this one.
        self.vacancy = self.own.vacancy.map(|(from, _)| (from, Timestamp::now().max(from)));
    }

    async fn acquire_all(&mut self) {
        loop {
            self.own.acquire().await;
            let Some(number) = &mut self.number else { return };
            // Who waits for shards of another number goes on standing for its own: there is nothing that it could do instead.
            select! {
                () = number.acquire() => return,
                lost = self.own.hold(|| ()) => tracing::warn!(error = &lost as &dyn std::error::Error, "begins anew"),
            }
        }
    }

    /// Renews until it is lost; calls `renewed` after each success.
    pub async fn hold(&mut self, renewed: impl Fn() + Send) -> Lost {
        match &mut self.number {
            None => self.own.hold(renewed).await,
            Some(number) => select! {
                lost = self.own.hold(renewed) => lost,
                lost = number.hold(|| ()) => lost,
            },
        }
    }

    /// Gives back what is its own. What is held with others runs out by itself, once none of them is left.
    pub async fn release(self) {
        if let Some(number) = &self.number {
            number.term.until(None);
        }
        self.own.release().await;
    }
}
