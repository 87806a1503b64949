//! How long to wait before the next try. Pure.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(750);
const LONGEST: Duration = Duration::from_mins(15);

/// The wait after this many failures in a row (1 is the first): 0.75 s, doubled each time, at most 15 minutes.
/// `jitter` from 0 to 1 takes away up to a quarter, so that what failed together does not come back together.
pub fn wait(failures: u32, jitter: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(20);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    full.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 4.0)
}

const FIRST_REFUSED: Duration = Duration::from_mins(2);
const LONGEST_REFUSED: Duration = Duration::from_hours(1);

/// The wait after credentials were refused this many times in a row: the interval, at least two minutes, doubled each time up to
/// an hour. Other credentials are another question, and asked at once.
pub fn refused(failures: u32, interval: Duration) -> Duration {
    let doublings = failures.saturating_sub(1).min(20);
    interval.clamp(FIRST_REFUSED, LONGEST_REFUSED).saturating_mul(1 << doublings).min(LONGEST_REFUSED).max(interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1, 750)]
    #[case(2, 1_500)]
    #[case(5, 12_000)]
    #[case(11, 768_000)]
    #[case(12, 900_000)]
    #[case(u32::MAX, 900_000)]
    fn the_wait_doubles_up_to_fifteen_minutes(#[case] failures: u32, #[case] milliseconds: u64) {
        assert_eq!(wait(failures, 0.0), Duration::from_millis(milliseconds));
        assert_eq!(wait(failures, 1.0), Duration::from_millis(milliseconds).mul_f64(0.75));
    }

    #[rstest]
    #[case(1, 5, 120)]
    #[case(2, 5, 240)]
    #[case(1, 600, 600)]
    #[case(9, 5, 3_600)]
    #[case(u32::MAX, 86_400, 86_400)]
    fn refused_credentials_are_tried_ever_more_seldom(
        #[case] failures: u32,
        #[case] interval: u64,
        #[case] seconds: u64,
    ) {
        assert_eq!(refused(failures, Duration::from_secs(interval)), Duration::from_secs(seconds));
    }
}
