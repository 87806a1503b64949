//! What headers say.

use rstest::rstest;

use super::*;

fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
    all.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

#[rstest]
#[case::seconds(&[("retry-after", "120")], Some(120))]
#[case::date(&[("retry-after", "Wed, 25 Nov 2026 12:02:00 GMT")], Some(120))]
#[case::the_end_of_a_window(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795608120")], Some(120))]
#[case::seconds_of_a_window(&[("ratelimit-remaining", "0"), ("ratelimit-reset", "120")], Some(120))]
#[case::a_window_of_days(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1799999999")], Some(3600))]
#[case::some_left(&[("x-ratelimit-remaining", "7"), ("x-ratelimit-reset", "1795608120")], None)]
#[case::nothing(&[], None)]
fn a_host_says_how_long_to_wait(#[case] all: &[(&'static str, &str)], #[case] expected: Option<u64>) {
    let now = "2026-11-25T12:00:00Z".parse().unwrap();
    assert_eq!(wait(&headers(all), now), expected.map(Duration::from_secs));
}

#[test]
fn offered_ways_of_authentication_are_told_from_their_parameters() {
    let all = headers(&[
        ("www-authenticate", "Negotiate, NTLM"),
        ("www-authenticate", "Basic realm=\"a, b\", charset=\"UTF-8\""),
    ]);
    assert_eq!(schemes(&all)[..3], ["negotiate", "ntlm", "basic"]);
}

#[test]
fn a_list_of_references_is_known_by_its_first_line() {
    assert!(is_list(format!("{}\trefs/heads/main\n", "a".repeat(40)).as_bytes()));
    assert!(!is_list(b"<h1>It works</h1>"));
    assert!(!is_list(b""));
}
