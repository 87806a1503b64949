//! When a status is written that only says how far something is.

use std::time::Duration;
use tokio::time::Instant;

/// So long two of them are apart.
const APART: Duration = Duration::from_secs(1);
/// So long it has to be so before it is written: where all goes well, what comes of it is a moment away, and a thousand deployments that are made
/// at once would each be written about five times.
const LASTING: Duration = Duration::from_secs(2);
/// So long at most nothing is written while one takes the place of the other.
const LONGEST: Duration = Duration::from_secs(10);

/// What was written of one deployment, and what was not yet.
#[derive(Debug, Default)]
pub struct Telling {
    /// When this process wrote the status last, and the reason it gave.
    written: Option<(Instant, String)>,
    unsaid: Option<Unsaid>,
}

/// A reason that was not written yet.
#[derive(Debug)]
struct Unsaid {
    reason: String,
    since: Instant,
    /// Since when there is anything to write.
    first: Instant,
}

impl Telling {
    /// How long a status of this reason still waits.
    pub fn waits(&mut self, reason: &str, now: Instant) -> Option<Duration> {
        let apart = self.written.as_ref().map_or(Duration::ZERO, |(at, _)| APART.saturating_sub(now - *at));
        let lasting = if self.written.as_ref().is_some_and(|(_, written)| written == reason) {
            Duration::ZERO
        } else {
            let first = self.unsaid.as_ref().map_or(now, |unsaid| unsaid.first);
            let known = self.unsaid.take().filter(|unsaid| unsaid.reason == reason);
            let unsaid = known.unwrap_or_else(|| Unsaid { reason: reason.to_owned(), since: now, first });
            let lasting = LASTING.saturating_sub(now - unsaid.since).min(LONGEST.saturating_sub(now - unsaid.first));
            self.unsaid = Some(unsaid);
            lasting
        };
        Some(apart.max(lasting)).filter(|wait| !wait.is_zero())
    }

    /// The status was written, with this reason.
    pub fn wrote(&mut self, reason: &str, now: Instant) {
        *self = Self { written: Some((now, reason.to_owned())), unsaid: None };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn at(begin: Instant, millis: u64) -> Instant {
        begin + Duration::from_millis(millis)
    }

    /// A new deployment: what is wanted to be written of it when, in milliseconds, and what is.
    #[rstest]
    #[case::a_moment_each(&[(0, "Building"), (800, "RollingOut"), (1600, "Testing")], &[])]
    #[case::that_lasts(&[(0, "Building"), (800, "Building"), (2000, "Building")], &[2000])]
    #[case::that_lasts_once_the_one_before_is_over(&[(0, "Building"), (800, "RollingOut"), (2700, "RollingOut"), (2800, "RollingOut")], &[2800])]
    #[case::whose_words_change(&[(0, "Building"), (2000, "Building"), (2500, "Building"), (3000, "Building")], &[2000, 3000])]
    #[case::that_comes_back(&[(0, "Building"), (2000, "Building"), (3000, "RollingOut"), (3500, "Building")], &[2000, 3500])]
    #[case::by_turns(&[(0, "a"), (1500, "b"), (3000, "a"), (4500, "b"), (6000, "a"), (7500, "b"), (9000, "a"), (10_000, "b")], &[10_000])]
    fn what_is_on_its_way_is_written_where_it_lasts(#[case] wanted: &[(u64, &str)], #[case] written: &[u64]) {
        let (begin, mut telling, mut wrote) = (Instant::now(), Telling::default(), Vec::new());
        for (millis, reason) in wanted {
            if telling.waits(reason, at(begin, *millis)).is_none() {
                telling.wrote(reason, at(begin, *millis));
                wrote.push(*millis);
            }
        }
        assert_eq!(wrote, written);
    }

    #[test]
    fn how_long_it_waits_is_said() {
        let (begin, mut telling) = (Instant::now(), Telling::default());
        assert_eq!(telling.waits("Building", begin), Some(LASTING));
        assert_eq!(telling.waits("Building", at(begin, 500)), Some(Duration::from_millis(1500)));
        telling.wrote("Building", at(begin, 2000));
        assert_eq!(telling.waits("Building", at(begin, 2400)), Some(Duration::from_millis(600)));
        assert_eq!(telling.waits("Building", at(begin, 3000)), None);
    }
}
