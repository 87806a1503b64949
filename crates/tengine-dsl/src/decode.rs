//! Bytes to text: the encoding a magic comment names, or UTF-8.
//!
//! What is decoded is what Ruby would read; the rest of the check sees UTF-8 only.

use super::source::offset;
use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8};

/// What became of a file's bytes.
#[derive(Debug)]
pub enum Decoded {
    /// Text to parse.
    Text(String),
    /// The magic comment names an encoding that is not read here: nothing is said about the file.
    Unreadable(String),
    /// Byte `at` of the decoded prefix `before` is not valid in the encoding.
    Malformed {
        /// The valid text before the bad byte.
        before: String,
        /// The name of the encoding.
        encoding: &'static str,
        /// The bad byte.
        byte: u8,
        /// The whole text, with U+FFFD for each sequence that is not valid: Ruby reads such a file if these all
        /// stand in comments.
        lossy: String,
    },
}

/// Decodes `bytes` as Ruby reads a source file.
pub fn decode(bytes: &[u8]) -> Decoded {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match magic_encoding(bytes) {
        None => decode_with(bytes, UTF_8),
        Some(name) => match encoding_named(&name) {
            Some(encoding) => decode_with(bytes, encoding),
            None if bytes.is_ascii() && is_ascii_compatible(&name) => decode_with(bytes, UTF_8),
            None => Decoded::Unreadable(name),
        },
    }
}

fn encoding_named(name: &str) -> Option<&'static Encoding> {
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "utf-8-unix" | "utf-8-dos" | "utf-8-mac" | "us-ascii" | "ascii" => Some(UTF_8),
        "shift_jis" | "shift-jis" | "sjis" | "windows-31j" | "cp932" | "csshiftjis" => Some(SHIFT_JIS),
        "euc-jp" | "eucjp" | "euc_jp" | "eucjp-ms" | "cp51932" => Some(EUC_JP),
        _ => None,
    }
}

/// Encodings in which ASCII text is what it looks like.
fn is_ascii_compatible(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let families =
        ["iso-8859", "windows-", "cp12", "ascii-8bit", "binary", "euc-", "gb", "big5", "koi8", "utf8-mac", "mac"];
    families.iter().any(|family| name.starts_with(family))
}

fn decode_with(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Decoded::Text(text.to_owned()),
            Err(error) => malformed(bytes, error.valid_up_to(), encoding),
        };
    }
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Decoded::Text(text.into_owned()),
        None => malformed(bytes, valid_up_to(bytes, encoding), encoding),
    }
}

fn malformed(bytes: &[u8], at: usize, encoding: &'static Encoding) -> Decoded {
    let (before, _) = encoding.decode_without_bom_handling(bytes.get(..at).unwrap_or_default());
    let byte = bytes.get(at).copied().unwrap_or_default();
    let (lossy, _) = encoding.decode_without_bom_handling(bytes);
    Decoded::Malformed { before: before.into_owned(), encoding: encoding.name(), byte, lossy: lossy.into_owned() }
}

/// The length of the longest prefix, cut at lines first, that decodes without error.
fn valid_up_to(bytes: &[u8], encoding: &'static Encoding) -> usize {
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if encoding.decode_without_bom_handling_and_without_replacement(line).is_none() {
            return start + longest_valid_prefix(line, encoding);
        }
        start += line.len();
    }
    start
}

fn longest_valid_prefix(line: &[u8], encoding: &'static Encoding) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut output = vec![0_u8; line.len() * 4 + 16];
    let (result, read, _) = decoder.decode_to_utf8_without_replacement(line, &mut output, true);
    match result {
        encoding_rs::DecoderResult::Malformed(length, after) => {
            read.saturating_sub(usize::from(length)).saturating_sub(usize::from(after))
        }
        encoding_rs::DecoderResult::InputEmpty | encoding_rs::DecoderResult::OutputFull => read,
    }
}

/// The value of `coding:` or `encoding=` in a comment of the first two lines, as Ruby finds it.
fn magic_encoding(bytes: &[u8]) -> Option<String> {
    bytes.split(|byte| *byte == b'\n').take(2).find_map(|line| {
        let line = String::from_utf8_lossy(line);
        let comment = line.trim_start().strip_prefix('#')?;
        let at = comment.find("coding")?;
        let rest = comment.get(at + "coding".len()..)?.trim_start();
        let value = rest.strip_prefix([':', '='])?.trim_start();
        let is_name = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let name: String = value.chars().take_while(is_name).collect();
        (!name.is_empty()).then_some(name)
    })
}

/// The byte length of a text, as an offset.
pub fn end_of(text: &str) -> u32 {
    offset(text.len())
}
