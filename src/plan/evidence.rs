//! What a core's log says about why it ended. Pure; secrets are masked before this is kept anywhere.
//!
//! Ruby prints an uncaught exception as `FILE:LINE:in 'METHOD': MESSAGE (CLASS)` and its backtrace below, one
//! `from FILE:LINE:in …` a line; Tengine prints class and message on their own line, `[CLASS] MESSAGE`.

use crate::api::v1alpha1::condition::Reason;
use serde::{Deserialize, Serialize};

/// The folder of the definitions in the image.
const DSL_ROOT: &str = "/var/lib/tengine/dsl/";
/// How much of a log is kept, in bytes.
const LONGEST_TEXT: usize = 8 * 1024;

/// What a log says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The exception's class, such as `NameError`.
    pub class: Option<String>,
    /// The exception's message, its first line.
    pub message: Option<String>,
    /// The first place in the definitions that the backtrace names, as `path:line`.
    pub place: Option<String>,
    /// The end of the log.
    pub text: String,
}

impl Evidence {
    /// Reads the end of a log; every value of `secrets` is masked first.
    pub fn read(log: &str, secrets: &[String]) -> Self {
        let masked = mask(log, secrets);
        let lines: Vec<&str> = masked.lines().collect();
        // Ruby prints what caused an exception after it: the first one counts.
        let uncaught = lines.iter().filter(|line| line.contains(":in ")).find_map(|line| exception(line));
        let exception = uncaught.or_else(|| lines.iter().rev().find_map(|line| exception(line)));
        Self {
            class: exception.map(|(class, _)| class.to_owned()),
            message: exception.map(|(_, message)| message.chars().take(300).collect()),
            place: lines.iter().find_map(|line| place(line)),
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

    /// What in the environment the exception speaks of, if it does: that is nobody's fault.
    pub fn environment(&self) -> Option<Reason> {
        let class = self.class.as_deref()?;
        let of = |prefixes: &[&str]| prefixes.iter().any(|prefix| class.starts_with(prefix));
        if of(&["Bunny::", "AMQ::", "AMQP::"]) {
            Some(Reason::BrokerUnreachable)
        } else if of(&[
            "PG::ConnectionBad",
            "PG::UnableToSend",
            "PG::CannotConnectNow",
            "PG::TooManyConnections",
            "PG::InvalidPassword",
            "Moped::Errors::ConnectionFailure",
            "Moped::Errors::AuthenticationFailure",
            "Mongo::Error",
            "Mongo::Connection",
        ]) {
            Some(Reason::DatabaseUnreachable)
        } else if self.place.is_none()
            && of(&[
                "Errno::ECONN",
                "Errno::EHOST",
                "Errno::ENET",
                "Errno::ETIMEDOUT",
                "SocketError",
                "Socket::",
                "Timeout::",
            ])
        {
            Some(Reason::BrokerUnreachable)
        } else {
            None
        }
    }
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
    let mut longest_first: Vec<&str> = forms.filter(|form| form.len() >= 3).collect();
    longest_first.sort_by_key(|form| std::cmp::Reverse(form.len()));
    longest_first.iter().fold(text.to_owned(), |text, form| text.replace(form, "***"))
}

/// The last `bytes` of a text, from a character's start.
fn tail(text: &str, bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(bytes))..]
}
