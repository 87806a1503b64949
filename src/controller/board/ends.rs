//! The ends of the containers of one deployment's pods, and the logs that could not be read.

use crate::controller::backoff;
use crate::plan::observed::{Crash, Ends, Unread};
use jiff::Timestamp;
use std::collections::HashMap;

/// By the UID of a pod.
#[derive(Debug, Default)]
pub struct SeenEnds(HashMap<String, OfPod>);

#[derive(Debug, Default)]
struct OfPod {
    read: Ends,
    /// The end whose log could not be read, how often it was asked for, and what came of that.
    unread: Option<(i32, u32, Unread)>,
}

impl SeenEnds {
    /// What was read of the ends of a pod.
    pub fn read(&self, pod: &str) -> Ends {
        self.0.get(pod).map(|seen| seen.read.clone()).unwrap_or_default()
    }

    /// The end of this number, with its log.
    pub fn keep(&mut self, pod: &str, number: i32, crash: Crash) {
        let seen = self.0.entry(pod.to_owned()).or_default();
        seen.unread = None;
        seen.read.note(number, crash);
    }

    /// Why the log of the end of this number could not be read, when it was last asked for.
    pub fn unread(&self, pod: &str, number: i32) -> Option<Unread> {
        let (of, _, unread) = self.0.get(pod)?.unread.as_ref()?;
        (*of == number).then(|| unread.clone())
    }

    /// The log of the end of this number cannot be read: it is asked for again later, and ever more seldom.
    pub fn cannot_read(&mut self, pod: &str, number: i32, why: String, now: Timestamp) -> Unread {
        let seen = self.0.entry(pod.to_owned()).or_default();
        let before = seen.unread.as_ref().filter(|(of, ..)| *of == number).map_or(0, |(_, failures, _)| *failures);
        let failures = before.saturating_add(1);
        let unread = Unread { why, again: now.checked_add(backoff::wait(failures, 0.0)).unwrap_or(Timestamp::MAX) };
        seen.unread = Some((number, failures, unread.clone()));
        unread
    }

    /// All other pods are gone.
    pub fn keep_only(&mut self, is_there: impl Fn(&str) -> bool) {
        self.0.retain(|pod, _| is_there(pod));
    }

    /// A pod is gone.
    pub fn forget(&mut self, pod: &str) {
        self.0.remove(pod);
    }
}
