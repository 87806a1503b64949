//! Places that are taken, with which host and for which namespace.

use super::{Party, Places};
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct Taken {
    all: usize,
    hosts: HashMap<String, usize>,
    namespaces: HashMap<String, usize>,
}

impl Taken {
    /// Whether this party may take one more.
    pub(super) fn leaves_one_of(&self, places: Places, party: &Party) -> bool {
        let (host, namespace) = self.by(party);
        self.all < places.all && host < places.host && namespace < places.namespace
    }

    /// How many the host and the namespace of this party have.
    pub(super) fn by(&self, party: &Party) -> (usize, usize) {
        let taken = |counts: &HashMap<String, usize>, name: &str| counts.get(name).copied().unwrap_or_default();
        (taken(&self.hosts, &party.host), taken(&self.namespaces, &party.namespace))
    }

    pub(super) fn enter(&mut self, party: &Party) {
        self.all += 1;
        *self.hosts.entry(party.host.clone()).or_default() += 1;
        *self.namespaces.entry(party.namespace.clone()).or_default() += 1;
    }

    pub(super) fn leave(&mut self, party: &Party) {
        self.all -= 1;
        for (counts, name) in [(&mut self.hosts, &party.host), (&mut self.namespaces, &party.namespace)] {
            if let Some(count) = counts.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(name);
                }
            }
        }
    }
}
