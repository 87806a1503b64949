//! When a status is written that only says how far something is.

use std::time::Duration;
use tokio::time::Instant;

/// So long two of them are apart.
const APART: Duration = Duration::from_secs(1);
/// So long it has to be so before it is written: where all goes well, what comes of it is a moment away, and a thousand deployments that are made
/// at once would each be written about five times.
const LASTING: Duration = Duration::from_secs(2);
/// So long for each of which there is something to write, where that is longer: in a crowd each takes longer for the sake of the others, and to
/// write of all how far they are would be a part of that.
const FOR_EACH: Duration = Duration::from_millis(50);
/// The longest it is for that.
const IN_A_CROWD: Duration = Duration::from_secs(30);
/// So long at most nothing is written while one takes the place of the other, where each need not last longer.
const LONGEST: Duration = Duration::from_secs(10);

/// What was written of one deployment, and what was not yet.
#[derive(Debug, Default)]
pub struct Telling {
    /// When this process wrote the status last.
    written: Option<Instant>,
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

/// What the status that is there says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// Nothing yet.
    Nothing,
    /// That it is settled, one way or the other. That it is so no more is told at once: what comes after is another fact, though it be in the same
    /// words.
    Settled,
    /// How far something is, for this reason.
    OnItsWay(&'a str),
}

impl Telling {
    /// Whether there is something that was not written yet.
    pub const fn is_unsaid(&self) -> bool {
        self.unsaid.is_some()
    }

    /// How long a status still waits that says how far something is, for this reason, in a crowd of so many.
    pub fn waits(&mut self, said: Said<'_>, reason: &str, crowd: usize, now: Instant) -> Option<Duration> {
        let apart = self.written.map_or(Duration::ZERO, |at| APART.saturating_sub(now - at));
        let unwritten = if said == Said::Settled || said == Said::OnItsWay(reason) {
            self.unsaid = None;
            Duration::ZERO
        } else {
            let first = self.unsaid.as_ref().map_or(now, |unsaid| unsaid.first);
            let known = self.unsaid.take().filter(|unsaid| unsaid.reason == reason);
            let unsaid = known.unwrap_or_else(|| Unsaid { reason: reason.to_owned(), since: now, first });
            let lasting = lasting(crowd);
            let lasts = lasting.saturating_sub(now - unsaid.since);
            let by_turns = lasting.max(LONGEST).saturating_sub(now - unsaid.first);
            self.unsaid = Some(unsaid);
            lasts.min(by_turns)
        };
        Some(apart.max(unwritten)).filter(|wait| !wait.is_zero())
    }

    /// The status was written.
    pub fn wrote(&mut self, now: Instant) {
        *self = Self { written: Some(now), unsaid: None };
    }

    /// There is nothing to write.
    pub fn is_said(&mut self) {
        self.unsaid = None;
    }
}

/// How long something has to be so before it is written, in a crowd of so many.
fn lasting(crowd: usize) -> Duration {
    let longer = FOR_EACH.saturating_mul(u32::try_from(crowd).unwrap_or(u32::MAX));
    LASTING.max(longer.min(IN_A_CROWD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::alone(1, 2)]
    #[case::a_few(40, 2)]
    #[case::many(200, 10)]
    #[case::a_thousand(1_000, 30)]
    #[case::more_than_can_be_counted(usize::MAX, 30)]
    fn the_more_there_are_the_longer_it_has_to_last(#[case] crowd: usize, #[case] seconds: u64) {
        let (begin, mut telling) = (Instant::now(), Telling::default());
        assert_eq!(telling.waits(Said::Nothing, "Building", crowd, begin), Some(Duration::from_secs(seconds)));
        assert_eq!(telling.waits(Said::Nothing, "Building", crowd, at(begin, seconds * 1_000)), None);
    }

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
    #[case::a_moment_now_and_then(&[(0, "Building"), (2000, "Building"), (3000, "RollingOut"), (3500, "Building"), (20_000, "RollingOut"), (20_500, "Building")], &[2000, 3500, 20_500])]
    #[case::by_turns(&[(0, "a"), (1500, "b"), (3000, "a"), (4500, "b"), (6000, "a"), (7500, "b"), (9000, "a"), (10_000, "b")], &[10_000])]
    fn what_is_on_its_way_is_written_where_it_lasts(#[case] wanted: &[(u64, &str)], #[case] written: &[u64]) {
        let (begin, mut telling, mut wrote) = (Instant::now(), Telling::default(), Vec::new());
        let mut said = Said::Nothing;
        for (millis, reason) in wanted {
            if telling.waits(said, reason, 1, at(begin, *millis)).is_none() {
                telling.wrote(at(begin, *millis));
                wrote.push(*millis);
                said = Said::OnItsWay(reason);
            }
        }
        assert_eq!(wrote, written);
    }

    #[test]
    fn how_long_it_waits_is_said() {
        let (begin, mut telling) = (Instant::now(), Telling::default());
        assert_eq!(telling.waits(Said::Nothing, "Building", 1, begin), Some(LASTING));
        assert_eq!(telling.waits(Said::Nothing, "Building", 1, at(begin, 500)), Some(Duration::from_millis(1500)));
        telling.wrote(at(begin, 2000));
        let said = Said::OnItsWay("Building");
        assert_eq!(telling.waits(said, "Building", 1, at(begin, 2400)), Some(Duration::from_millis(600)));
        assert_eq!(telling.waits(said, "Building", 1, at(begin, 3000)), None);
    }

    #[test]
    fn that_something_is_settled_no_more_is_written_at_once() {
        let (begin, mut telling) = (Instant::now(), Telling::default());
        assert_eq!(telling.waits(Said::Settled, "Building", 1, begin), None);
        telling.wrote(begin);
        assert_eq!(telling.waits(Said::Settled, "Building", 1, at(begin, 400)), Some(Duration::from_millis(600)));
    }

    #[test]
    fn what_was_over_before_it_was_written_does_not_count_for_what_comes_later() {
        let (begin, mut telling) = (Instant::now(), Telling::default());
        assert_eq!(telling.waits(Said::Nothing, "Building", 1, begin), Some(LASTING));
        telling.is_said();
        assert_eq!(telling.waits(Said::Nothing, "Building", 1, at(begin, 60_000)), Some(LASTING));
    }
}
