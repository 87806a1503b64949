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
    if let Some(at) = first_broken(bytes, encoding) {
        return malformed(bytes, at, encoding);
    }
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Decoded::Text(text.into_owned()),
        // Ruby asks of a character how it is made, and not whether there is one.
        None => Decoded::Unreadable(format!("{} with characters that Unicode has not", encoding.name())),
    }
}

/// Where the first character stands that is not made as those of this encoding are.
fn first_broken(bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    let mut at = 0;
    while let Some(length) = bytes.get(at..).filter(|rest| !rest.is_empty()).map(|rest| character(rest, encoding)) {
        match length {
            Some(length) => at += length,
            None => return Some(at),
        }
    }
    None
}

/// The length of the first character of `bytes`, by the tables of Ruby.
fn character(bytes: &[u8], encoding: &'static Encoding) -> Option<usize> {
    let trail = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, 0xA1..=0xFE));
    match (bytes, encoding == EUC_JP) {
        ([0x00..=0x7F, ..], _) | ([0xA1..=0xDF, ..], false) => Some(1),
        ([0x81..=0x9F | 0xE0..=0xFC, 0x40..=0x7E | 0x80..=0xFC, ..], false) => Some(2),
        ([0x8F, rest @ ..], true) => (trail(rest.first()) && trail(rest.get(1))).then_some(3),
        ([0x8E | 0xA1..=0xFE, rest @ ..], true) => trail(rest.first()).then_some(2),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::{Decoded, decode};
    use std::process::Command;

    /// Whether Ruby finds every character of the bytes well made; `None` where there is no Ruby.
    fn well_made(encoding: &str, each: &[Vec<u8>]) -> Option<Vec<bool>> {
        let script =
            "e = ARGV.shift; ARGV.each { |bytes| puts eval(bytes).pack('C*').force_encoding(e).valid_encoding? }";
        let numbers = |bytes: &Vec<u8>| format!("{bytes:?}");
        let output =
            Command::new("ruby").args(["-e", script, encoding]).args(each.iter().map(numbers)).output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap().lines().map(|line| line == "true").collect())
    }

    #[test]
    fn what_ruby_takes_for_a_character_is_never_malformed() {
        let singles = (0x20..=0xFF_u8).map(|byte| vec![byte, b'a']);
        let doubles = (0x80..=0xFF_u8).flat_map(|lead| (0x3F..=0xFF_u8).step_by(3).map(move |trail| vec![lead, trail]));
        let triples = (0x8E..=0x8F_u8).flat_map(|lead| (0x9F..=0xFF_u8).map(move |trail| vec![lead, trail, 0xA1]));
        let each: Vec<Vec<u8>> = singles.chain(doubles).chain(triples).collect();
        for encoding in ["Shift_JIS", "Windows-31J", "EUC-JP"] {
            let Some(expected) = well_made(encoding, &each) else { return };
            for (bytes, expected) in each.iter().zip(expected) {
                let file = [format!("# coding: {encoding}\n'").as_bytes(), bytes, b"'"].concat();
                let taken = !matches!(decode(&file), Decoded::Malformed { .. });
                assert_eq!(taken, expected || bytes.contains(&b'\''), "{encoding} {bytes:02x?}");
            }
        }
    }
}
