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
    /// The magic comment names what Ruby reads no source in.
    Unknown(String),
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
            None if name.eq_ignore_ascii_case("us-ascii") && !bytes.is_ascii() => not_ascii(bytes),
            None if !is_ascii_compatible(&name) => Decoded::Unknown(name),
            None if bytes.is_ascii() => decode_with(bytes, UTF_8),
            None => Decoded::Unreadable(name),
        },
    }
}

fn encoding_named(name: &str) -> Option<&'static Encoding> {
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf-8-unix" | "utf-8-dos" | "utf-8-mac" | "utf8-mac" | "utf-8-hfs" | "cp65001" => Some(UTF_8),
        "shift_jis" | "sjis" | "windows-31j" | "cp932" | "cswindows31j" | "pck" => Some(SHIFT_JIS),
        "euc-jp" | "eucjp" | "eucjp-ms" | "euc-jp-ms" | "cp51932" => Some(EUC_JP),
        _ => None,
    }
}

/// Whether Ruby may know an encoding of this name in which ASCII text is what it looks like: families, to be sure of the others.
fn is_ascii_compatible(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let families = [
        "iso-8859",
        "iso8859",
        "windows-",
        "cp",
        "ibm",
        "ascii",
        "us-ascii",
        "ansi",
        "646",
        "binary",
        "euc",
        "gb",
        "big5",
        "koi8",
        "mac",
        "tis-620",
        "sjis",
        "shift_jis",
        "emacs",
        "cesu",
        "stateless",
        "utf8-",
        "utf-8",
        "locale",
        "external",
        "filesystem",
        "csshift",
        "cseuc",
    ];
    let wide = ["cp5022", "euc_", "utf-8_"];
    families.iter().any(|family| name.starts_with(family)) && !wide.iter().any(|wide| name.starts_with(wide))
}

fn decode_with(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    if encoding == UTF_8 {
        // Ruby reads no further than one of these.
        let end = bytes.iter().position(|byte| matches!(byte, 0x00 | 0x04 | 0x1A)).unwrap_or(bytes.len());
        let (read, rest) = bytes.split_at(end);
        if let (Ok(text), Err(_)) = (std::str::from_utf8(read), std::str::from_utf8(rest)) {
            return Decoded::Text(text.to_owned());
        }
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

/// Text that says it is ASCII and is not: what is more may only stand in comments.
fn not_ascii(bytes: &[u8]) -> Decoded {
    let at = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or_default();
    let ascii = |bytes: &[u8]| {
        bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER }).collect()
    };
    Decoded::Malformed {
        before: ascii(bytes.get(..at).unwrap_or_default()),
        encoding: "US-ASCII",
        byte: bytes.get(at).copied().unwrap_or_default(),
        lossy: ascii(bytes),
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

/// The value of `coding:` or `encoding=` in a comment of the first line, as Ruby finds it.
fn magic_encoding(bytes: &[u8]) -> Option<String> {
    // The second line counts behind a line for the shell only.
    let lines = if bytes.starts_with(b"#!") { 2 } else { 1 };
    bytes.split(|byte| *byte == b'\n').take(lines).find_map(|line| {
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
