//! What people want to know of a commit.

use encoding_rs::Encoding;
use git2::Commit;
use jiff::Timestamp;

use crate::source::CommitFacts;
use crate::source::shown::shown;

/// The longest subject or name that is passed on, in characters.
const LONGEST: usize = 200;

pub(super) fn of(commit: &Commit<'_>) -> CommitFacts {
    let encoding = commit.message_encoding().ok().flatten().map(str::to_owned);
    let encoding = encoding.as_deref();
    CommitFacts {
        subject: line(commit.summary_bytes().unwrap_or_default(), encoding),
        author: line(commit.author().name_bytes(), encoding),
        // A commit can claim any time; one that no calendar has becomes the epoch.
        committed_at: Timestamp::from_second(commit.time().seconds()).unwrap_or_default(),
    }
}

/// One printable line: a commit's encoding is what its header names, or UTF-8.
fn line(bytes: &[u8], encoding: Option<&str>) -> String {
    let encoding = encoding.and_then(|name| Encoding::for_label(name.as_bytes())).unwrap_or(encoding_rs::UTF_8);
    let (text, _, _) = encoding.decode(bytes);
    shown(&text).chars().take(LONGEST).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_subject_is_one_line_in_the_commits_own_encoding() {
        assert_eq!(line("夜間バッチ\u{1b}[31m".as_bytes(), None), "夜間バッチ [31m");
        assert_eq!(line(b"\x93\xfa\x8e\x9f", Some("Shift_JIS")), "日次");
        assert_eq!(line(b"\xff", Some("no such encoding")), "\u{fffd}");
        assert_eq!(line(&[b'x'; 5000], None).len(), 200);
    }
}
