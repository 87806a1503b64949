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
}
