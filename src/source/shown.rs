//! Which characters of a stranger's text are shown to people.

/// Whether a character can be shown as it is: neither a control, nor one of those that turn what stands beside them around
/// (Unicode's bidirectional formatting) or that nobody sees.
pub(super) fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The same text with a space for each character that is not shown.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect()
}
