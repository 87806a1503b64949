//! What people want to know of a commit.

use encoding_rs::Encoding;
use jiff::Timestamp;
use jiff::tz::Offset;

use super::commit::Commit;
use crate::source::CommitFacts;
use crate::words::shown::shown;

/// The longest subject or name that is passed on, in characters.
const LONGEST: usize = 200;

pub(super) fn of(commit: &Commit) -> CommitFacts {
    CommitFacts {
        subject: line(commit.subject(), commit.encoding()),
        author: line(commit.author(), commit.encoding()),
        committed_at: commit.seconds().and_then(moment),
    }
}

/// A commit can claim any time; what cannot be written down (RFC 3339 has the years 0 to 9999) is not told.
fn moment(seconds: i64) -> Option<Timestamp> {
    let moment = Timestamp::from_second(seconds).ok()?;
    (0..=9999).contains(&Offset::UTC.to_datetime(moment).year()).then_some(moment)
}

/// One printable line: a commit's encoding is what its header names, or UTF-8.
fn line(bytes: &[u8], encoding: Option<&str>) -> String {
    let encoding = encoding.and_then(|name| Encoding::for_label(name.as_bytes())).unwrap_or(encoding_rs::UTF_8);
    let (text, _, _) = encoding.decode(bytes);
    shown(&text).chars().take(LONGEST).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{line, moment};

    #[test]
    fn a_time_that_cannot_be_written_down_is_not_told() {
        assert_eq!(moment(4_133_980_800).unwrap().to_string(), "2101-01-01T00:00:00Z");
        assert_eq!(moment(-62_167_219_200).unwrap().to_string(), "0000-01-01T00:00:00Z");
        for seconds in [-62_167_219_201, 253_402_300_800, i64::MIN, i64::MAX] {
            assert_eq!(moment(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn a_subject_is_one_line_in_the_commits_own_encoding() {
        assert_eq!(line("夜間バッチ\u{1b}[31m".as_bytes(), None), "夜間バッチ");
        assert_eq!(line(b"\x93\xfa\x8e\x9f", Some("Shift_JIS")), "日次");
        assert_eq!(line(b"\xff", Some("no such encoding")), "\u{fffd}");
        assert_eq!(line(&[b'x'; 5000], None).len(), 200);
        assert_eq!(line("a\u{202e}b\u{2066}c\u{200b}\u{feff}d\ne".as_bytes(), None), "a b c  d e");
    }
}
