//! What is the same under another path.

use super::items::{Items, Key};
use super::{Change, Kind, What};
use std::collections::{BTreeMap, HashMap};

/// What only one of two definitions has.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// Each with its sum.
    left: BTreeMap<Key, u64>,
    /// All that ever had a sum, and how many of them are left.
    by_sum: HashMap<u64, (Vec<Key>, usize)>,
}

impl Pool {
    /// What `mine` has and `other` has not.
    pub(super) fn of(mine: &Items, other: &Items) -> Self {
        let mut pool = Self::default();
        for (key, item) in mine.iter().filter(|(key, _)| !other.contains_key(*key)) {
            pool.left.insert(key.clone(), item.sum);
            let twins = pool.by_sum.entry(item.sum).or_default();
            twins.0.push(key.clone());
            twins.1 += 1;
        }
        pool
    }

    /// What is left.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        self.left.keys()
    }

    /// The one that is left with this sum, if there is exactly one.
    fn only(&self, sum: u64) -> Option<&Key> {
        let (keys, count) = self.by_sum.get(&sum)?;
        if *count == 1 { keys.iter().find(|key| self.left.contains_key(*key)) } else { None }
    }

    /// Takes out what stands at `path` and below it.
    fn take(&mut self, path: &str) {
        let below = format!("{path}/");
        let at = self.left.range((path.to_owned(), Kind::Jobnet)..).take_while(|(key, _)| key.0 == path);
        let under = self.left.range((below.clone(), Kind::Jobnet)..).take_while(|(key, _)| key.0.starts_with(&below));
        let taken: Vec<Key> = at.chain(under).map(|(key, _)| key.clone()).collect();
        for key in taken {
            if let Some((_, count)) = self.left.remove(&key).and_then(|sum| self.by_sum.get_mut(&sum)) {
                *count -= 1;
            }
        }
    }
}

/// Takes out of both what is the same under another path. Only where the counterpart is the only one.
pub(super) fn moves(removed: &mut Pool, added: &mut Pool) -> Vec<Change> {
    let mut found = Vec::new();
    for (new, sum) in added.left.clone() {
        // What is no longer left went along with what it lies in.
        if new.1 == Kind::Finally || added.only(sum) != Some(&new) {
            continue;
        }
        let Some(old) = removed.only(sum).cloned() else { continue };
        removed.take(&old.0);
        added.take(&new.0);
        found.push(Change { kind: new.1, path: new.0, what: What::Moved { from: old.0 } });
    }
    found
}
