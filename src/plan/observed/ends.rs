//! The ends of one container, as far as they were seen and their log was read.
//!
//! Kubernetes tells how often a container ended and how it did so last, not whether each of its ends was of the same kind: a core
//! that a broker ended five times and something else once did not end six times for want of an explanation.

use super::Crash;
use std::collections::BTreeMap;

/// So many are kept: what happened before them changes no judgement.
const KEPT: usize = 4;

/// The latest ends of one container, by their number. One whose log could not be read is not among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends(BTreeMap<i32, Crash>);

impl Ends {
    /// The end of this number.
    pub fn of(&self, number: i32) -> Option<&Crash> {
        self.0.get(&number)
    }

    /// Keeps an end; those that had this number or a higher one were of another count.
    pub fn note(&mut self, number: i32, crash: Crash) {
        self.0.split_off(&number);
        self.0.insert(number, crash);
        while self.0.len() > KEPT {
            self.0.pop_first();
        }
    }

    /// The ends before the one of this number, the latest first.
    pub fn before(&self, number: i32) -> Vec<Crash> {
        self.0.range(..number).rev().map(|(_, crash)| crash.clone()).collect()
    }
}
