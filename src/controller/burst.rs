//! Many new objects at once: they are all let in before the work for them begins.
//!
//! Each costs the API server a dozen requests and more. Who applies a thousand objects would wait for these with each of the next ones: on two
//! processors eight times as long as without an operator.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// More new objects than that within a second are a burst. Who applies many waits for each of them: once the work for a few has begun, no
/// more than some six come within a second here, and sixty where none has.
const MANY: usize = 3;
/// It is over once no more than that come within a second.
const FEW: usize = 2;
/// Within such a time they are counted, and in such a time it is looked again whether there are still more coming.
const PAUSE: Duration = Duration::from_secs(1);
/// Who has waited for long is asked again after such a part of that: ten thousand that wait are not opened each second.
const PART: u32 = 4;
/// No object waits longer for those that come after it.
const LONGEST: Duration = Duration::from_mins(1);

/// Whether there is one, by namespace: nobody waits for the objects of others.
#[derive(Debug, Default)]
pub struct Burst(Mutex<HashMap<String, Coming>>);

#[derive(Debug, Default)]
struct Coming {
    /// When the objects of the last second came.
    newest: VecDeque<Instant>,
    are_many: bool,
}

impl Burst {
    /// How long the work for an object of a namespace waits that `came` now or before, until it is asked again: not at all where few come, or
    /// where it has waited for a minute.
    pub fn wait(&self, namespace: &str, came: Instant, now: Instant) -> Option<Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |came: &Instant| now.saturating_duration_since(*came) >= PAUSE;
        if !all.contains_key(namespace) {
            all.retain(|_, coming| coming.newest.back().is_some_and(|came| !is_old(came)));
        }
        let coming = all.entry(namespace.to_owned()).or_default();
        while coming.newest.front().is_some_and(is_old) {
            coming.newest.pop_front();
        }
        if came == now {
            coming.newest.push_back(now);
        }
        coming.are_many = coming.newest.len() > if coming.are_many { FEW } else { MANY };
        let waited = now.saturating_duration_since(came);
        let left = LONGEST.saturating_sub(waited);
        (coming.are_many && !left.is_zero()).then(|| PAUSE.max(waited / PART).min(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many objects, one after the other at this pace, and when the last one came: how many of them did not wait.
    fn come(burst: &Burst, begun: Instant, objects: u32, pace: Duration) -> (usize, Instant) {
        let at = |number| begun + pace * number;
        let passed = (0..objects).filter(|number| burst.wait("a", at(*number), at(*number)).is_none()).count();
        (passed, at(objects - 1))
    }

    #[test]
    fn who_makes_a_few_waits_for_nothing() {
        let (burst, begun) = (Burst::default(), Instant::now());
        assert_eq!(come(&burst, begun, 3, Duration::from_millis(1)).0, 3);
        assert_eq!(come(&burst, begun + Duration::from_secs(2), 500, Duration::from_millis(400)).0, 500);
    }

    #[test]
    fn of_many_all_wait_until_no_more_come() {
        let (burst, begun) = (Burst::default(), Instant::now());
        let (passed, last) = come(&burst, begun, 500, Duration::from_millis(10));
        assert_eq!(passed, 3, "nobody knows yet that more come");
        assert_eq!(
            burst.wait("a", begun, last),
            Some(Duration::from_micros(1_247_500)),
            "who waits for long is asked more seldom"
        );
        assert_eq!(burst.wait("a", last, last + PAUSE), None, "nobody came meanwhile");
    }

    /// What the first ones need slows down those that come after them.
    #[test]
    fn they_go_on_waiting_where_more_come_more_slowly() {
        let (burst, begun) = (Burst::default(), Instant::now());
        let (_, many) = come(&burst, begun, 50, Duration::from_millis(10));
        let (passed, last) = come(&burst, many, 40, Duration::from_millis(400));
        assert_eq!((passed, burst.wait("a", many, last).is_some()), (0, true));
        assert_eq!(burst.wait("a", begun, last + PAUSE), None);
        let (passed, _) = come(&burst, last + PAUSE, 40, Duration::from_millis(400));
        assert_eq!(passed, 40, "who makes a few after that waits for nothing");
    }

    #[test]
    fn nobody_waits_for_ever_for_those_that_come_after_it() {
        let (burst, begun) = (Burst::default(), Instant::now());
        let (_, last) = come(&burst, begun, 10_000, Duration::from_millis(10));
        let of = |waited: u64| burst.wait("a", last - Duration::from_secs(waited), last).map(|wait| wait.as_secs());
        assert_eq!([0, 40, 58, 60].map(of), [Some(1), Some(10), Some(2), None], "a minute at most");
        assert_eq!(burst.wait("b", last, last), None, "those are not its own");
    }
}
