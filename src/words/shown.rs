//! A stranger's text, as it may be shown to people.

use std::borrow::Cow;

/// One line of printable text: the sequences by which a terminal is told to do something are left out as a whole, and all else that is
/// not a character to be seen is a space.
pub fn shown(text: &str) -> String {
    let mut rest = text;
    let mut shown = String::with_capacity(text.len());
    while let Some(c) = rest.chars().next() {
        let sequence = sequence(rest);
        rest = &rest[sequence.unwrap_or(c.len_utf8())..];
        if sequence.is_none() {
            shown.push(if is_shown(c) { c } else { ' ' });
        }
    }
    shown
}

/// The same text without these secrets, neither as they are nor without the blanks and line breaks around them.
pub fn masked(text: &str, secrets: impl IntoIterator<Item = impl AsRef<str>>) -> Cow<'_, str> {
    let both = |secret: &str| [secret.to_owned(), secret.trim().to_owned()];
    let mut forms: Vec<String> = secrets.into_iter().flat_map(|secret| both(secret.as_ref())).collect();
    forms.retain(|form| !form.is_empty());
    // What is a part of another must not break it up.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.iter().fold(Cow::Borrowed(text), |text, form| {
        if text.contains(form.as_str()) { Cow::Owned(text.replace(form.as_str(), "***")) } else { text }
    })
}

/// A stranger's text as it may be shown, without these secrets: what is not shown may stand in the middle of one, or be a part of it.
pub fn shown_without(text: &str, secrets: impl IntoIterator<Item = impl AsRef<str>> + Clone) -> String {
    masked(&shown(&masked(text, secrets.clone())), secrets).into_owned()
}

/// Whether a character can be shown as it is: neither a control, nor one of those that turn what stands beside them around
/// (Unicode's bidirectional formatting) or that nobody sees.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How long the control sequence is that the text begins with (ECMA-48), in bytes; one that does not end is none.
fn sequence(text: &str) -> Option<usize> {
    let mut characters = text.char_indices();
    let introducer = match characters.next()?.1 {
        '\u{1b}' => characters.next()?.1,
        '\u{9b}' => '[',
        '\u{9d}' => ']',
        '\u{90}' => 'P',
        _ => return None,
    };
    let end = |(at, c): (usize, char)| at + c.len_utf8();
    match introducer {
        '[' => {
            let last = characters.find(|(_, c)| !matches!(c, '\u{20}'..='\u{3f}'))?;
            matches!(last.1, '\u{40}'..='\u{7e}').then(|| end(last))
        }
        ']' | 'P' | 'X' | '^' | '_' => {
            let last = characters.find(|(_, c)| matches!(c, '\u{7}' | '\u{9c}' | '\u{1b}'))?;
            let string_ends = last.1 != '\u{1b}' || characters.next().is_some_and(|(_, c)| c == '\\');
            string_ends.then(|| end(last) + usize::from(last.1 == '\u{1b}'))
        }
        '\u{20}'..='\u{2f}' => {
            let last = characters.find(|(_, c)| !matches!(c, '\u{20}'..='\u{2f}'))?;
            matches!(last.1, '\u{30}'..='\u{7e}').then(|| end(last))
        }
        '\u{30}'..='\u{7e}' => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{masked, shown, shown_without};
    use rstest::rstest;

    #[rstest]
    #[case::colour("a\u{1b}[1;31mred\u{1b}[0m b", "ared b")]
    #[case::in_one_byte("a\u{9b}31mred", "ared")]
    #[case::title("a\u{1b}]0;other title\u{7}b", "ab")]
    #[case::link("\u{1b}]8;;https://example.com\u{1b}\\here\u{1b}]8;;\u{1b}\\", "here")]
    #[case::reset("a\u{1b}cb\u{1b}(Bc", "abc")]
    #[case::without_an_end("a\u{1b}[31", "a [31")]
    #[case::of_more_than_ascii("夜\u{1b}[31m間\u{1b}[間", "夜間 [間")]
    #[case::a_title_without_an_end("a\u{1b}]0;the rest is told", "a ]0;the rest is told")]
    #[case::escape_at_the_end("a\u{1b}", "a ")]
    #[case::turned_around("a\u{202e}b\u{2066}c\u{200b}\u{feff}d\u{7}e\n", "a b c  d e ")]
    fn what_tells_a_terminal_to_do_something_is_left_out(#[case] text: &str, #[case] told: &str) {
        assert_eq!(shown(text), told);
    }

    #[test]
    fn secrets_are_masked_with_and_without_what_stands_around_them() {
        assert_eq!(masked("pw s3cret\n, s3cret and robot", ["s3cret\n", "robot", ""]), "pw ***, *** and ***");
        assert_eq!(masked("the token is token-and-more", ["token", "token-and-more"]), "the *** is ***");
        assert_eq!(masked("nothing", ["s3cret"]), "nothing");
        assert_eq!(shown_without("s3c\u{1b}[0mret and s3cret\u{7}", ["s3cret"]), "*** and *** ");
    }
}
