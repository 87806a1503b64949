//! Whether an entry's key belongs to a repository, by the rules of the kubelet's keyring.

use std::cmp::Ordering;

/// Docker Hub's name in entries; the host of its images is `docker.io`.
const HUB_ENTRY: &str = "index.docker.io";

/// An entry's key as written, and its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EntryKey {
    written: String,
    host: String,
    port: Option<String>,
    path: String,
}

impl EntryKey {
    pub(super) fn new(written: String) -> Self {
        let bare = written.strip_prefix("https://").or_else(|| written.strip_prefix("http://"));
        let (authority, path) = split_once_keeping(bare.unwrap_or(&written), '/');
        let (host, port) = split_port(authority);
        Self {
            host: normal_host(host),
            port: port.map(str::to_owned),
            path: without_api_prefix(path).to_owned(),
            written,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether this entry is for `path` on `host` (which may end in `:port`).
    pub(super) fn matches(&self, host: &str, path: &str) -> bool {
        let (host, port) = split_port(host);
        self.port.as_deref() == port
            && hosts_match(&self.host, &normal_host(host))
            && format!("/{path}").starts_with(&self.path)
    }

    fn sort_key(&self) -> (&str, Option<&str>, &str) {
        (&self.host, self.port.as_deref(), &self.path)
    }
}

impl PartialOrd for EntryKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EntryKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_key().cmp(&other.sort_key()).then_with(|| self.written.cmp(&other.written))
    }
}

/// `/v1/` and `/v2/` are where the registry's own API begins, not a repository; old tools write them into the key.
fn without_api_prefix(path: &str) -> &str {
    let rest = path.strip_prefix("/v1").or_else(|| path.strip_prefix("/v2"));
    match rest.filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path) {
        "/" => "",
        rest => rest,
    }
}

/// Splits before the first `separator`, which stays with the second half.
fn split_once_keeping(text: &str, separator: char) -> (&str, &str) {
    text.split_at(text.find(separator).unwrap_or(text.len()))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
        _ => (authority, None),
    }
}

fn normal_host(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    match host.as_str() {
        "docker.io" | "registry-1.docker.io" => HUB_ENTRY.to_owned(),
        _ => host,
    }
}

/// Part by part, so that `*.example.com` is neither `example.com` nor `a.b.example.com`.
fn hosts_match(pattern: &str, host: &str) -> bool {
    let (pattern, host): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), host.split('.').collect());
    pattern.len() == host.len() && pattern.iter().zip(&host).all(|(p, h)| part_matches(p, h))
}

/// `*` is any run of characters, `?` any one. Where the last `*` took too little, it takes one more: no more steps than the product
/// of the lengths, whatever somebody writes into a Secret.
fn part_matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < text.len() {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                at += 1;
                star = Some((at, seen));
            }
            (Some(wanted), _) if *wanted == '?' || *wanted == text[seen] => (at, seen) = (at + 1, seen + 1),
            (_, Some((after, taken))) => {
                (at, seen) = (after, taken + 1);
                star = Some((after, seen));
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|rest| *rest == '*')
}
