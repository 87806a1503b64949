//! What loads well and hurts later. Warnings, all of them.

use crate::parse::Finding;
use crate::rules::Code;
use crate::source::Span;

/// What is doubtful about a job's command.
pub fn command(text: &str, span: Span) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(home) = developer_home(text) {
        let message = format!("this command names {home}, a home folder of one person's machine");
        findings.push(Finding::new(Code::DeveloperPath, span, message).with_help("use $HOME or a path of the server"));
    }
    if let Some(what) = secret(text) {
        let message = format!("this command holds what looks like a {what}");
        findings.push(Finding::new(Code::InsecureLiteral, span, message).with_help(
            "everybody who can read the definition or the database can read it; let the script fetch it on the server",
        ));
    }
    findings
}

fn developer_home(text: &str) -> Option<String> {
    text.split([' ', '\t', '\n', '"', '\'', '=', ':', ';']).find_map(|word| {
        let rest = word.strip_prefix("/Users/").or_else(|| word.strip_prefix("/home/"))?;
        let user = rest.split('/').next().filter(|user| !user.is_empty() && !user.contains('$'))?;
        let service = ["tengine", "app", "deploy", "batch", "hadoop", "ubuntu", "ec2-user", "vagrant"].contains(&user);
        let under_users = word.starts_with("/Users/");
        let interpreter = ["/.rbenv/", "/.rvm/", "/.pyenv/", "/.nvm/", "/Desktop/", "/Downloads/", "/Documents/"];
        let personal = under_users || interpreter.iter().any(|part| word.contains(part)) || !service;
        personal.then(|| word.split('/').take(3).collect::<Vec<_>>().join("/"))
    })
}

/// What a text seems to give away.
fn secret(text: &str) -> Option<&'static str> {
    const KEYS: &[&str] = &["password", "passwd", "secret", "token", "api_key", "apikey", "access_key"];
    let words: Vec<&str> = text.split([' ', '\t', '\n', ';', '&', '?']).collect();
    for (at, word) in words.iter().enumerate() {
        let lower = word.to_ascii_lowercase();
        let (key, value) = match lower.split_once('=') {
            Some((key, _)) => (key.to_owned(), word.split_once('=').map_or("", |(_, value)| value)),
            None => (lower.clone(), words.get(at + 1).copied().unwrap_or_default()),
        };
        let named = KEYS.iter().any(|known| key.ends_with(known));
        let flagged = key.starts_with('-') || lower.contains('=');
        if named && flagged && is_literal(value) {
            return Some("password");
        }
        if word.starts_with("AKIA") && word.len() >= 20 && word.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Some("cloud access key");
        }
        if let Some((user, _)) = word.split_once("://").and_then(|(_, rest)| rest.split_once('@')) {
            let password = user.split_once(':').map_or("", |(_, password)| password);
            if is_literal(password) {
                return Some("password");
            }
        }
    }
    None
}

/// Something written out, not a variable, file or placeholder.
fn is_literal(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    value.len() >= 3 && !value.starts_with(['$', '<', '-', '/', '`', '%', '{', '@', '~', '.']) && !value.contains("#{")
}

/// A constant that is called like a secret and holds a text.
pub fn secret_constant(name: &str, text: &str, span: Span) -> Option<Finding> {
    let upper = name.to_ascii_uppercase();
    let named =
        ["PASSWORD", "PASSWD", "SECRET", "API_KEY", "ACCESS_KEY", "TOKEN"].iter().any(|key| upper.ends_with(key));
    (named && is_literal(text)).then(|| {
        let message = format!("{name} holds what looks like a password");
        Finding::new(Code::InsecureLiteral, span, message)
            .with_help("read it from the environment or from a file on the server")
    })
}

/// What a call does that should not happen while a definition is loaded: the rule and the message.
pub fn at_load_time(receiver: Option<&str>, method: &str, url: bool) -> Option<(Code, &'static str)> {
    const CLOCK: &str = "the clock is read while the definition is loaded: two replicas may load different things";
    const CHANCE: &str = "a random number is drawn while the definition is loaded: two replicas load different things";
    const NETWORK: &str = "the network is used while the definition is loaded: loading fails or hangs when it does";
    const SLEEP: &str = "loading sleeps here, and every replica with it";
    match (receiver, method) {
        (None | Some("Kernel"), "sleep") => Some((Code::SleepAtLoad, SLEEP)),
        (None | Some("Kernel" | "Random"), "rand") | (Some("SecureRandom"), _) => Some((Code::RandomAtLoad, CHANCE)),
        (Some("Time" | "DateTime"), "now" | "current") | (Some("Date"), "today" | "current") => {
            Some((Code::ClockAtLoad, CLOCK))
        }
        (Some("Time" | "Date"), "yesterday" | "tomorrow") | (Some("Process"), "clock_gettime") => {
            Some((Code::ClockAtLoad, CLOCK))
        }
        (Some("Net::HTTP" | "Net::FTP" | "Net::SMTP" | "Net::SSH" | "TCPSocket" | "UDPSocket"), _) => {
            Some((Code::NetworkAtLoad, NETWORK))
        }
        (Some("RestClient" | "HTTParty" | "Faraday" | "Excon" | "HTTPClient"), _) => {
            Some((Code::NetworkAtLoad, NETWORK))
        }
        (None | Some("URI" | "Kernel"), "open") if url => Some((Code::NetworkAtLoad, NETWORK)),
        _ => None,
    }
}
