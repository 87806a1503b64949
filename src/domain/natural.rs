//! Texts in the order that people mean who put numbers and dates into names.

use jiff::civil::Date;

/// A text by its parts: numbers count as numbers, so `1.10` comes after `1.9`; leading zeros do not count. What goes on with `-`
/// and a letter is a version before the release of that name, as in semantic versions: `1.2.0-rc.1` comes before `1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Natural(Vec<Part>);

/// The order of the variants is the order of the parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// What follows makes it one from before the release of that name.
    Before,
    /// Here it ends.
    End,
    /// Anything but digits.
    Text(String),
    /// How many digits, and these: numbers of any length.
    Number(usize, String),
}

impl From<&str> for Natural {
    fn from(mut rest: &str) -> Self {
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            if digits > 0 {
                let number = rest[..digits].trim_start_matches('0');
                parts.push(Part::Number(number.len(), number.to_owned()));
                rest = &rest[digits..];
                continue;
            }
            let before = rest.strip_prefix('-').filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
            if let Some(after) = before {
                parts.push(Part::Before);
                rest = after;
                continue;
            }
            // A `-` begins a new part, so that it is looked at by itself.
            let is_next = |(at, c): (usize, char)| (c.is_ascii_digit() || (at > 0 && c == '-')).then_some(at);
            let text = rest.char_indices().find_map(is_next).unwrap_or(rest.len());
            parts.push(Part::Text(rest[..text].to_owned()));
            rest = &rest[text..];
        }
        parts.push(Part::End);
        Self(parts)
    }
}

/// A text that begins with a day of the calendar: the day first, then what follows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dated(Date, Natural);

impl Dated {
    /// Reads `2026.11.9-7`, `2026-11-09`, `2026_11_09`, `2026/11/9`, `20261109`, `202611091204` and such. `None` where it does not
    /// begin with a day that there is.
    pub fn read(text: &str) -> Option<Self> {
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let (year, month, day, rest) = match digits(text) {
            4 => {
                let (year, rest) = text.split_at(4);
                let separator = rest.chars().next().filter(|c| ".-_/".contains(*c))?;
                let (month, rest) = rest[1..].split_once(separator)?;
                let (day, rest) = rest.split_at(digits(rest));
                (year, month, day, rest)
            }
            // A day, or with hours and minutes, or seconds too, behind it.
            8 | 12 | 14 => (text.get(..4)?, text.get(4..6)?, text.get(6..8)?, text.get(8..)?),
            _ => return None,
        };
        let small = |text: &str| {
            let fits = matches!(text.len(), 1 | 2) && digits(text) == text.len();
            fits.then(|| text.parse::<i8>().ok()).flatten()
        };
        let date = Date::new(year.parse().ok()?, small(month)?, small(day)?).ok()?;
        // Hours, minutes and perhaps seconds that follow without anything between them: those that there are, of one length.
        let clock = match (digits(text), rest.len() >= 4) {
            (12 | 14, true) => {
                let rest = if digits(text) == 12 { format!("{}00{}", &rest[..4], &rest[4..]) } else { rest.to_owned() };
                let number = |at: usize| rest.get(at..at + 2).and_then(|two| two.parse::<u8>().ok());
                let is_one = number(0)? < 24 && number(2)? < 60 && number(4)? < 60;
                is_one.then_some(rest)?
            }
            _ => rest.to_owned(),
        };
        Some(Self(date, Natural::from(clock.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("1.9", "1.10")]
    #[case("9", "10")]
    #[case("1.2.0-rc.1", "1.2.0")]
    #[case("1.2.0-rc.2", "1.2.0-rc.10")]
    #[case("1.2.0-alpha", "1.2.0-rc.1")]
    #[case("1.2.0", "1.2.0-1")]
    #[case("1.2.0", "1.2.0.1")]
    #[case("1.2.0-rc.1", "1.2.0-1")]
    #[case("1.2", "1.2a")]
    #[case("1.1", "1.a")]
    #[case("a", "b")]
    #[case("99999999999999999999999999999998", "99999999999999999999999999999999")]
    #[case("", "0")]
    fn the_second_is_newer(#[case] older: &str, #[case] newer: &str) {
        assert!(Natural::from(older) < Natural::from(newer), "{older} {newer}");
    }

    #[rstest]
    #[case("1.09", "1.9")]
    #[case("007", "7")]
    fn leading_zeros_do_not_count(#[case] one: &str, #[case] other: &str) {
        assert_eq!(Natural::from(one), Natural::from(other));
    }

    #[rstest]
    #[case("2026.11.9-7", "2026.11.21-1204")]
    #[case("2026.9.30", "2026.10.1")]
    #[case("2025-12-31", "2026-01-01")]
    #[case("20261109", "20261121")]
    #[case("2026.11.21", "2026.11.21-1")]
    #[case("2026.11.21-9", "2026.11.21-10")]
    #[case("2026.11.21-rc1", "2026.11.21")]
    #[case("20261121", "202611211204")]
    #[case("2026/11/20", "2026_11_21")]
    fn the_second_day_is_later(#[case] earlier: &str, #[case] later: &str) {
        let [earlier, later] = [earlier, later].map(|text| Dated::read(text).unwrap_or_else(|| panic!("{text}")));
        assert!(earlier < later);
    }

    #[rstest]
    #[case::no_such_day("2026.2.29")]
    #[case::no_such_month("2026.13.1")]
    #[case::no_day("2026.11")]
    #[case::a_word("latest")]
    #[case::nothing("")]
    #[case::two_separators("2026.11-9")]
    #[case::too_many_digits("2026.11.211")]
    #[case::a_month_of_three("2026.011.2")]
    #[case::ten_digits("2026112112")]
    #[case::zero("2026.0.0")]
    #[case::other_digits("2026.١١.٩")]
    fn what_is_no_day_is_none(#[case] text: &str) {
        assert_eq!(Dated::read(text), None);
    }

    #[test]
    fn a_leap_day_is_one() {
        assert!(Dated::read("2028.2.29").is_some());
    }

    proptest! {
        #[test]
        fn the_order_is_one(texts in proptest::collection::vec("[0-9a.\u{e9}-]{0,8}", 3)) {
            let [a, b, c] = [0, 1, 2].map(|at: usize| Natural::from(texts[at].as_str()));
            prop_assert!(!(a <= b && b <= c) || a <= c);
            prop_assert!(a <= b || b <= a);
        }

        #[test]
        fn numbers_are_in_their_order(one: u64, other: u64) {
            let [a, b] = [one, other].map(|number| Natural::from(format!("v{number}.0").as_str()));
            prop_assert_eq!(a.cmp(&b), one.cmp(&other));
        }
    }
}
