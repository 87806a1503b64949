//! What a core's log says about why it ended. Pure; secrets are masked before this is kept anywhere.
//!
//! Ruby prints the exception that ends a process as `FILE:LINE:in 'METHOD': MESSAGE (CLASS)` and its backtrace below, one
//! `from FILE:LINE:in …` a line, and then what caused it in the same way. Tengine prints what it survives as
//! `[CLASS] MESSAGE`. Only the former says why a process ended: a warning, or an error in a handler that the core outlived,
//! names places in the definitions too.

use crate::api::v1alpha1::condition::Reason;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The folder of the definitions in the image.
const DSL_ROOT: &str = "/var/lib/tengine/dsl/";
/// What is in the logs of every core, and no secret of anybody's: a user who is called `tengine` hides nothing of it.
const OF_TENGINE: [&str; 2] = [DSL_ROOT, "tengined"];
/// How much of a log is kept, in bytes.
const LONGEST_TEXT: usize = 8 * 1024;

/// What a log says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The class of the exception that ended the process, such as `NameError`; without one, of the last that was told.
    pub class: Option<String>,
    /// The exception's message, its first line.
    pub message: Option<String>,
    /// The first place in the definitions in the backtrace of the exception that ended the process, as `path:line`.
    pub place: Option<String>,
    /// The classes of what caused it.
    pub causes: Vec<String>,
    /// The end of the log.
    pub text: String,
}

impl Evidence {
    /// Reads the end of a log; every value of `secrets` is masked first.
    pub fn read(log: &str, secrets: &[String]) -> Self {
        let masked = mask(log, secrets);
        let lines: Vec<&str> = masked.lines().collect();
        let reports = ending_reports(&lines);
        let ending = reports.first().and_then(|(report, _)| exception(report));
        let told = ending.or_else(|| lines.iter().rev().find_map(|line| exception(line)));
        let backtrace =
            reports.first().into_iter().flat_map(|(report, rest)| std::iter::once(report).chain(rest.iter()));
        let causes = reports.iter().skip(1).filter_map(|(report, _)| exception(report));
        Self {
            class: told.map(|(class, _)| class.to_owned()),
            message: told.map(|(_, message)| message.chars().take(300).collect()),
            place: backtrace.into_iter().find_map(|line| place(line)),
            causes: causes.map(|(class, _)| class.to_owned()).collect(),
            text: tail(&masked, LONGEST_TEXT).to_owned(),
        }
    }

    /// One sentence: place, class and message.
    pub fn sentence(&self) -> Option<String> {
        let class = self.class.as_deref()?;
        let place = self.place.as_deref().map(|place| format!("{place} ")).unwrap_or_default();
        let message = self.message.as_deref().unwrap_or_default();
        Some(format!("{place}{class}: {message}"))
    }

    /// Whether it says where an end comes from: a place in the definitions, or something in the environment.
    pub fn tells_why(&self) -> bool {
        self.place.is_some() || self.environment().is_some() || self.is_of_another_platform()
    }

    /// What in the environment the exception, or what caused it, speaks of, if it does: that is nobody's fault.
    pub fn environment(&self) -> Option<Reason> {
        let classes = || self.class.iter().chain(&self.causes).map(String::as_str);
        let of = |prefixes: &[&str]| classes().any(|class| prefixes.iter().any(|prefix| class.starts_with(prefix)));
        if of(BROKER) {
            Some(Reason::BrokerUnreachable)
        } else if of(DATABASE) || self.is_race_of_drivers() || self.waited_for_the_database() {
            Some(Reason::DatabaseUnreachable)
        } else if of(MACHINE) {
            Some(Reason::Unavailable)
        } else if self.place.is_none() && of(NETWORK) {
            Some(Reason::BrokerUnreachable)
        } else {
            None
        }
    }

    /// Whether the database does not let the user in, or do what it has to.
    pub fn is_refused_by_the_database(&self) -> bool {
        let classes = self.class.iter().chain(&self.causes).map(String::as_str);
        let of_its_client = classes.into_iter().any(|class| CLIENTS.iter().any(|client| class.starts_with(client)));
        let message = self.message.as_deref().unwrap_or_default().to_lowercase();
        let said = REFUSALS.iter().any(|words| message.contains(words))
            || self.class.as_deref() == Some("Moped::Errors::AuthenticationFailure");
        of_its_client && said
    }

    /// Whether its time was up inside the client of a database, which Tengine calls from within a definition's own lines.
    fn waited_for_the_database(&self) -> bool {
        if !self.class.as_deref().is_some_and(|class| class.starts_with("Timeout::")) {
            return false;
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let reports = ending_reports(&lines);
        let frames =
            reports.first().into_iter().flat_map(|(report, frames)| std::iter::once(report).chain(frames.iter()));
        let mut above = frames.take_while(|line| place(line).is_none());
        above.any(|line| IN_CLIENTS.iter().any(|folder| line.contains(folder)))
    }

    /// Cores of a new version that register their drivers at the same time, or a database that fails while they do: the real
    /// error is hidden by one in its own handling, `uninitialized constant …::Driveable::Mongo`.
    fn is_race_of_drivers(&self) -> bool {
        self.class.as_deref() == Some("NameError")
            && self.message.as_deref().is_some_and(|message| message.contains("Driveable::Mongo"))
    }

    /// Whether the image's programs are made for another kind of machine than the node's: then the last that is said is in the
    /// runtime's form. Where an exception ended the process, Ruby ran; and what Ruby runs may complain of the same.
    pub fn is_of_another_platform(&self) -> bool {
        let last = self.text.trim_end().lines().next_back().unwrap_or_default();
        let is_the_runtimes =
            ["exec /", "exec user process", "standard_init_linux.go:"].iter().any(|form| last.starts_with(form));
        self.class.is_none() && is_the_runtimes && last.ends_with("exec format error")
    }
}

/// Exceptions of the broker's client.
const BROKER: &[&str] = &["Bunny::", "AMQ::", "AMQP::"];
/// Exceptions of the database's clients that are about reaching it, not about what is asked.
const DATABASE: &[&str] = &[
    "PG::ConnectionBad",
    "PG::UnableToSend",
    "PG::CannotConnectNow",
    "PG::TooManyConnections",
    "PG::InvalidPassword",
    "Moped::Errors::ConnectionFailure",
    "Moped::Errors::AuthenticationFailure",
    "Moped::Errors::ReplicaSetReconfigured",
    "Mongo::Error",
    "Mongo::Connection",
    "Mongo::Auth",
];
/// The clients of databases.
const CLIENTS: &[&str] = &["PG::", "Moped::", "Mongo::"];
/// Where their files are.
const IN_CLIENTS: &[&str] = &["/moped", "/mongo", "/bson", "/pg/", "/pg-"];
/// What databases say to those who have no right.
const REFUSALS: &[&str] = &["not authorized", "unauthorized", "permission denied", "must be owner", "does not exist"];
/// A machine without room, memory or handles; wherever it shows.
const MACHINE: &[&str] = &[
    "Errno::ENOSPC",
    "Errno::EDQUOT",
    "Errno::EMFILE",
    "Errno::ENFILE",
    "Errno::ENOMEM",
    "Errno::EIO",
    "Errno::EROFS",
];
/// A network that does not answer: where a definition itself asks, that is its own affair.
const NETWORK: &[&str] = &[
    "Errno::ECONN",
    "Errno::EHOST",
    "Errno::ENET",
    "Errno::ETIMEDOUT",
    "Errno::EPIPE",
    "SocketError",
    "Socket::",
    "Resolv::",
    "OpenSSL::SSL::",
    "Timeout::",
];

/// The reports of the exception that ended the process and of what caused it: the report's line, and the lines of its
/// backtrace with what stands between. A report belongs to the one before where nothing but that one's backtrace stands
/// between them.
fn ending_reports<'a>(lines: &'a [&'a str]) -> Vec<(&'a str, &'a [&'a str])> {
    let starts: Vec<usize> = (0..lines.len()).filter(|at| is_report(lines[*at])).collect();
    let continues = |at: usize| at > 0 && (is_frame(lines[at - 1]) || is_report(lines[at - 1]));
    let Some(first) = starts.iter().rposition(|at| !continues(*at)) else { return Vec::new() };
    let reports = &starts[first..];
    let ends = reports.iter().skip(1).copied().chain([lines.len()]);
    let whole = reports.iter().zip(ends).map(|(at, end)| {
        let rest = &lines[at + 1..end];
        let backtrace = rest
            .iter()
            .position(|line| is_frame(line))
            .map_or(0, |first| first + rest[first..].iter().take_while(|line| is_frame(line)).count());
        (lines[*at], &rest[..backtrace])
    });
    whole.collect()
}

/// `FILE:LINE:in 'METHOD': MESSAGE (CLASS)`, at the line's begin.
fn is_report(line: &str) -> bool {
    let place = line.split_once(":in ").map(|(place, _)| place);
    place.is_some_and(|place| !place.contains(char::is_whitespace)) && exception(line).is_some()
}

/// `from FILE:LINE:in …`, one of a backtrace; also `... 12 levels...`.
fn is_frame(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("from ") || line.starts_with("... ")
}

/// Class and message of a line that reports an exception.
fn exception(line: &str) -> Option<(&str, &str)> {
    let is_class = |word: &str| {
        !word.is_empty()
            && word.split("::").all(|part| {
                part.starts_with(|c: char| c.is_ascii_uppercase())
                    && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
    };
    let line = line.trim_end();
    if let Some((head, class)) = line.strip_suffix(')').and_then(|line| line.rsplit_once(" ("))
        && is_class(class)
    {
        // `file:line:in 'method': message` — the message begins behind the place.
        let message = head.split_once(": ").filter(|(place, _)| place.contains(":in ")).map_or(head, |(_, rest)| rest);
        return Some((class, message));
    }
    let (_, rest) = line.split_once('[')?;
    let (class, message) = rest.split_once("] ")?;
    (is_class(class) && class.chars().any(|c| c.is_ascii_lowercase())).then_some((class, message))
}

/// The first place in the definitions on this line.
fn place(line: &str) -> Option<String> {
    let (_, rest) = line.split_once(DSL_ROOT)?;
    let (path, rest) = rest.split_once(':')?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    (!number.is_empty() && !path.contains(char::is_whitespace)).then(|| format!("{path}:{number}"))
}

/// Every occurrence of a secret becomes `***`, with or without the white space around it (a file ends with a line feed that no
/// log shows), as a whole or line by line. Secrets of fewer than three characters would mask half the text and protect
/// nothing; they stay.
pub fn mask(text: &str, secrets: &[String]) -> String {
    let forms = secrets
        .iter()
        .flat_map(|secret| [secret.as_str(), secret.trim()].into_iter().chain(secret.lines().map(str::trim)));
    let kept = ranges(text, OF_TENGINE.iter().copied());
    let is_kept = |found: &Range<usize>| {
        let before = kept.partition_point(|kept| kept.start <= found.start);
        before.checked_sub(1).is_some_and(|at| found.end <= kept[at].end)
    };
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for found in ranges(text, forms.filter(|form| form.len() >= 3)).into_iter().filter(|found| !is_kept(found)) {
        if found.start >= end {
            masked.push_str(&text[end..found.start]);
            masked.push_str("***");
        }
        end = end.max(found.end);
    }
    masked.push_str(&text[end..]);
    masked
}

/// Where these words are, in order.
fn ranges<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Vec<Range<usize>> {
    let mut found: Vec<_> =
        words.flat_map(|word| text.match_indices(word).map(move |(at, _)| at..at + word.len())).collect();
    found.sort_by_key(|found| (found.start, found.end));
    found
}

/// The last `bytes` of a text, from a character's start.
fn tail(text: &str, bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(bytes))..]
}
