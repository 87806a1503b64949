//! One file's bytes to a syntax tree of our own, or to what is wrong with them.

use super::decode::{Decoded, decode, end_of};
use super::limits;
use super::lower::{Lower, Newer};
use super::source::{RubyVersion, SourceFile, Span, Text, offset};
use super::syntax::Expr;
use crate::rules::Code;
use ruby_prism::{Options, ParseResult, Version, parse_with_options};
use std::ops::Range;

/// A finding before it has a path and lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub code: Code,
    /// Where.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Finding {
    /// What the rule `code` finds at `span`.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { code, span, message: message.into(), help: None }
    }

    /// The same finding with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// One Ruby file, read.
#[derive(Debug)]
pub struct ParsedFile {
    /// Its path in the load path.
    pub path: String,
    /// Its text as UTF-8.
    pub text: Text,
    /// What is wrong with it already.
    pub findings: Vec<Finding>,
    /// What it runs; `None` if that could not be read.
    pub body: Option<Expr>,
    /// The findings its author does not want to hear of.
    pub ignores: Vec<Ignore>,
}

/// `# tengine:ignore CODE reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// The rule.
    pub code: String,
    /// Where the rule's name stands.
    pub span: Span,
    /// The lines it speaks of, the first and the last.
    pub lines: (u32, u32),
}

/// Reads the file with index `file`.
pub fn parse_file(file: u32, source: &SourceFile, ruby: Option<RubyVersion>) -> ParsedFile {
    let mut parsed = ParsedFile {
        path: source.path.clone(),
        text: Text::new(String::new()),
        findings: Vec::new(),
        body: None,
        ignores: Vec::new(),
    };
    if source.bytes.len() > limits::FILE_BYTES {
        let message = format!("this file is larger than {} bytes, so it is not checked", limits::FILE_BYTES);
        parsed.findings.push(Finding::new(Code::TooLarge, Span { file, start: 0, end: 0 }, message));
        return parsed;
    }
    match decode(&source.bytes) {
        Decoded::Text(text) => parse_text(file, text, ruby, &mut parsed),
        Decoded::Malformed { lossy, .. } if only_comments_hold(&lossy, char::REPLACEMENT_CHARACTER) => {
            parse_text(file, lossy, ruby, &mut parsed);
        }
        Decoded::Unreadable(name) => {
            let message = format!("the encoding \"{name}\" is not read here, so this file is not checked");
            parsed.findings.push(Finding::new(Code::UnreadEncoding, Span { file, start: 0, end: 0 }, message));
        }
        Decoded::Unknown(name) => {
            let message = format!("Ruby reads no source in an encoding \"{name}\"");
            let finding = Finding::new(Code::UnknownEncoding, Span { file, start: 0, end: 0 }, message);
            parsed.findings.push(finding.with_help("the names are UTF-8, Shift_JIS, Windows-31J and EUC-JP"));
        }
        Decoded::Malformed { before, encoding, byte, .. } => {
            let at = end_of(&before);
            let message = format!("byte 0x{byte:02X} is not valid {encoding}");
            parsed.findings.push(
                Finding::new(Code::InvalidEncoding, Span { file, start: at, end: at }, message).with_help(
                    "save the file in that encoding, or name its encoding in a comment on the first line: \
                     # coding: Shift_JIS",
                ),
            );
            parsed.text = Text::new(before);
        }
    }
    parsed
}

fn parse_text(file: u32, text: String, ruby: Option<RubyVersion>, parsed: &mut ParsedFile) {
    // The text is UTF-8 by now whatever the magic comment says, so the parser must not heed that comment.
    let options = Options::default().version(Version::CRuby3_3).encoding("UTF-8").build();
    let source = hide_magic_encoding(&text);
    let result = parse_with_options(source.as_bytes(), &options);
    parsed.findings.extend(syntax_errors(file, &result));
    if parsed.findings.is_empty() {
        let mut lower = Lower::new(file);
        parsed.body = Some(lower.expr(&result.node()));
        parsed
            .findings
            .extend(lower.newer.iter().filter_map(|newer| newer_syntax(newer, ruby)).take(limits::SYNTAX_ERRORS));
        if let Some(span) = lower.too_deep {
            parsed.findings.push(Finding::new(Code::TooDeep, span, "nested deeper than is checked"));
        }
    }
    let text = Text::new(text);
    parsed.ignores = ignores(file, &result, &text);
    parsed.text = text;
}

/// The newest Ruby that Tengine was seen to run on.
const NEWEST: RubyVersion = RubyVersion { major: 3, minor: 1 };

/// What the Ruby that loads the file does not have, or may not have.
fn newer_syntax(newer: &Newer, ruby: Option<RubyVersion>) -> Option<Finding> {
    let Newer { span, since, what } = *newer;
    if let Some(ruby) = ruby {
        let message = format!("Ruby {ruby} cannot read this: {what} came with Ruby {since}");
        return (since > ruby).then(|| Finding::new(Code::Syntax, span, message));
    }
    let message = format!("{what} came with Ruby {since}: older Ruby cannot read this");
    (since > NEWEST).then(|| Finding::new(Code::NewerSyntax, span, message))
}

/// The comments that ask for silence: about their own line, and the next one if they stand alone.
fn ignores(file: u32, result: &ParseResult<'_>, text: &Text) -> Vec<Ignore> {
    let places = result.comments().map(|comment| comment.location());
    places.filter_map(|place| ignore(file, place.start() as usize..place.end() as usize, text)).collect()
}

/// The same of a text in YAML, where what follows a `#` after a blank is a comment. In a quoted text such a thing asks for silence
/// too, which nobody writes.
pub fn ignores_in_yaml(file: u32, text: &Text) -> Vec<Ignore> {
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.as_str().split_inclusive('\n') {
        let comment = line
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|at| line.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t'])));
        found.extend(comment.and_then(|at| ignore(file, start + at..start + line.len(), text)));
        start += line.len();
    }
    found
}

/// What the comment at `place` asks for.
fn ignore(file: u32, place: Range<usize>, text: &Text) -> Option<Ignore> {
    const WORD: &str = "tengine:ignore";
    let words = text.as_str().get(place.clone())?;
    let at = words.find(WORD)?;
    let rest = words.get(at + WORD.len()..).unwrap_or_default();
    let lead = rest.len() - rest.trim_start().len();
    let code = rest.split_whitespace().next().unwrap_or_default().to_owned();
    let from = offset(place.start + at + WORD.len() + lead);
    let span = Span { file, start: from, end: from + offset(code.len()) };
    let line = text.position(offset(place.start)).line;
    let alone = text.line(line).trim_start().starts_with('#');
    Some(Ignore { code, span, lines: (line, if alone { next_code_line(text, line) } else { line }) })
}

/// The first line after `line` that is no comment.
fn next_code_line(text: &Text, line: u32) -> u32 {
    (line + 1..=text.line_count()).find(|next| !text.line(*next).trim_start().starts_with('#')).unwrap_or(line)
}

/// Parts of messages about what Ruby began to refuse only after the versions that Tengine runs on.
const NEWER: &[&str] = &["numbered parameter", "Invalid yield", "Invalid return in class", "reserved for"];

fn syntax_errors(file: u32, result: &ParseResult<'_>) -> Vec<Finding> {
    result
        .errors()
        .take(limits::SYNTAX_ERRORS)
        .map(|error| {
            let place = error.location();
            let span = Span { file, start: offset(place.start() as usize), end: offset(place.end() as usize) };
            let message = String::from_utf8_lossy(error.message()).into_owned();
            if message.contains("nesting too deep") {
                Finding::new(Code::TooDeep, span, "nested deeper than is checked")
            } else if NEWER.iter().any(|newer| message.contains(newer)) {
                Finding::new(Code::OlderSyntax, span, message).with_help("older Ruby takes this")
            } else {
                Finding::new(Code::Syntax, span, message)
            }
        })
        .collect()
}

/// Whether every `wanted` in the text stands in a comment, or behind `__END__`.
fn only_comments_hold(text: &str, wanted: char) -> bool {
    let source = hide_magic_encoding(text);
    let options = Options::default().version(Version::CRuby3_3).encoding("UTF-8").build();
    let result = parse_with_options(source.as_bytes(), &options);
    let mut places: Vec<_> = result.comments().map(|comment| comment.location()).collect();
    places.extend(result.data_loc());
    let ranges: Vec<_> = places.iter().map(|place| place.start() as usize..place.end() as usize).collect();
    text.match_indices(wanted).take(limits::ELEMENTS).all(|(at, _)| {
        let after = ranges.partition_point(|range| range.start <= at);
        after.checked_sub(1).and_then(|index| ranges.get(index)).is_some_and(|range| range.contains(&at))
    })
}

/// The same text, byte for byte as long, with the word `coding` in the first two lines' comments made harmless.
fn hide_magic_encoding(text: &str) -> String {
    let head: usize = text.split_inclusive('\n').take(2).map(str::len).sum();
    let (first, rest) = text.split_at(head);
    let mut out = String::with_capacity(text.len());
    for line in first.split_inclusive('\n') {
        if line.trim_start().starts_with('#') {
            out.push_str(&line.replace("coding", "c0ding"));
        } else {
            out.push_str(line);
        }
    }
    out.push_str(rest);
    out
}
