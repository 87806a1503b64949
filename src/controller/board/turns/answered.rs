//! When each host told somebody last what it was asked.

use super::SOON;
use std::collections::HashMap;
use tokio::time::Instant;

/// Of so many hosts it is known; those that did not answer for a while are forgotten before.
const HOSTS: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Answered(HashMap<String, Instant>);

impl Answered {
    /// It did just now.
    pub(super) fn note(&mut self, host: &str) {
        if self.0.len() >= HOSTS {
            self.0.retain(|_, at| at.elapsed() < SOON);
        }
        // Of more hosts than that, those that are new have deadlines as they are given.
        if self.0.len() < HOSTS || self.0.contains_key(host) {
            self.0.insert(host.to_owned(), Instant::now());
        }
    }

    pub(super) fn last(&self, host: &str) -> Option<Instant> {
        self.0.get(host).copied()
    }
}
