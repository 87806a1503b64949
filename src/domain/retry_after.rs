//! `Retry-After` (RFC 9110, section 10.2.3).

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// The longest that anybody is left alone: a mistake of the other side must not be ours for days.
pub const LONGEST: Duration = Duration::from_hours(1);

/// How long to wait: of a number of seconds or of a date, [`LONGEST`] at most. `None` if it is neither.
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // A number that is too large to be read is larger than what we wait.
        text.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let then = DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()?;
        Duration::try_from(then.duration_since(now)).unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::seconds("17", Some(17))]
    #[case::spaces(" 17 ", Some(17))]
    #[case::nothing("0", Some(0))]
    #[case::days("864000", Some(3600))]
    #[case::more_than_a_number_holds("99999999999999999999999", Some(3600))]
    #[case::date("Wed, 25 Nov 2026 12:02:00 GMT", Some(120))]
    #[case::date_in_a_year("Thu, 25 Nov 2027 12:00:00 GMT", Some(3600))]
    #[case::date_of_the_past("Wed, 25 Nov 2026 11:00:00 GMT", Some(0))]
    #[case::wrong_day_of_the_week("Mon, 25 Nov 2026 12:02:00 GMT", Some(120))]
    #[case::negative("-1", None)]
    #[case::fraction("1.5", None)]
    #[case::words("soon", None)]
    #[case::empty("", None)]
    fn seconds_or_a_date_within_bounds(#[case] text: &str, #[case] expected: Option<u64>) {
        let now = "2026-11-25T12:00:00Z".parse().unwrap();
        assert_eq!(retry_after(text, now), expected.map(Duration::from_secs));
    }
}
