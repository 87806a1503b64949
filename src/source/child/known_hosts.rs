//! What a known_hosts file says of one host (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
//!
//! libssh2 decides whether a key is the right one, but it knows neither marks nor patterns, compares names letter by letter, and reads the
//! line break of another system into the key: what it would take for a host's name, or would pass over, is read here. Nor does its answer tell
//! a host that nobody has heard of from one with another key, and people must: the first is a line to add, the second may be an attack.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use std::net::Ipv6Addr;

/// The lines about one host.
#[derive(Debug, Default)]
pub(super) struct HostKeys {
    /// A key, with its kind.
    trusted: Vec<String>,
    revoked: Vec<String>,
    /// Lines that are none.
    broken: Vec<String>,
}

impl HostKeys {
    /// What is said of this host at this port; where nothing is, what is said of it without a port, as with OpenSSH.
    pub(super) fn of(known_hosts: &str, host: &str, port: u16) -> Self {
        let host = host.to_ascii_lowercase();
        let with_port = format!("[{host}]:{port}");
        let [first, other] = if port == 22 { [host, with_port] } else { [with_port, host] };
        let (keys, others) = (Self::named(known_hosts, &first), Self::named(known_hosts, &other));
        let revoked = [keys.revoked, others.revoked].concat();
        let trusted = if keys.trusted.is_empty() { others.trusted } else { keys.trusted };
        Self { trusted, revoked, broken: keys.broken }
    }

    /// What is said of this name.
    fn named(known_hosts: &str, name: &str) -> Self {
        let mut keys = Self::default();
        for line in known_hosts.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.split_whitespace().peekable();
            let mark = words.next_if(|word| word.starts_with('@'));
            let hosts = words.next().unwrap_or_default();
            let key: Vec<&str> = words.collect();
            match mark {
                _ if key.len() < 2 => keys.broken.push(line.to_owned()),
                _ if !is_about(hosts, name) => {}
                None => keys.trusted.push(without_comment(&key)),
                Some("@revoked") => keys.revoked.push(without_comment(&key)),
                // An authority for certificates, which libssh2 does not read.
                Some(_) => {}
            }
        }
        keys
    }

    /// Whether any line is about it.
    pub(super) fn is_known(&self) -> bool {
        !self.trusted.is_empty() || !self.revoked.is_empty()
    }

    /// The same as a file for libssh2, which looks for the host by this very name. It does not read a last line that does not end.
    pub(super) fn file(&self, host: &str) -> String {
        let trusted = self.trusted.iter().filter(|key| !self.revoked.contains(key));
        let lines =
            trusted.map(|key| format!("{host} {key}\n")).chain(self.broken.iter().map(|line| format!("{line}\n")));
        lines.collect()
    }
}

/// The kind of a key and the key. What is older than that, three numbers, is left to libssh2.
fn without_comment(words: &[&str]) -> String {
    let is_number = words[0].bytes().all(|byte| byte.is_ascii_digit());
    words[..words.len().min(if is_number { 3 } else { 2 })].join(" ")
}

/// One of the patterns names it, and none takes it out.
fn is_about(patterns: &str, name: &str) -> bool {
    let is_one = |pattern: &str| is_meant(pattern, name);
    let is_out = patterns.split(',').filter_map(|pattern| pattern.strip_prefix('!')).any(is_one);
    !is_out && patterns.split(',').filter(|pattern| !pattern.starts_with('!')).any(is_one)
}

fn is_meant(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("|1|").and_then(|hashed| hashed.split_once('|')) {
        Some((salt, hash)) => is_hash_of(salt, hash, name).unwrap_or(false),
        None => matches(pattern.to_ascii_lowercase().as_bytes(), name.as_bytes()) || is_same_address(pattern, name),
    }
}

/// One address may be written in many ways.
fn is_same_address(pattern: &str, name: &str) -> bool {
    let read = |text: &str| {
        let (host, port) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')).unwrap_or((text, ""));
        Some((host.parse::<Ipv6Addr>().ok()?, port.to_owned()))
    };
    read(pattern).is_some_and(|pattern| read(name) == Some(pattern))
}

/// `*` stands for any text, `?` for a character.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // Where the last star stands, and how much of the name it stands for.
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == name[seen] => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((of_star, stood_for)) => {
                    star = Some((of_star, stood_for + 1));
                    (at, seen) = (of_star + 1, stood_for + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

fn is_hash_of(salt: &str, hash: &str, name: &str) -> Option<bool> {
    let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(name.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::HostKeys;
    use rstest::rstest;

    /// What ssh-keygen -H makes of 192.168.1.61.
    const HASHED: &str = "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA";
    const PLAIN: &str =
        "# ours\ngit.example.com,10.0.0.1 ssh-ed25519 AAAA\n[git.example.com]:2222 ssh-rsa BBBB root@git\n";

    #[rstest]
    #[case::hashed(HASHED, "192.168.1.61", 22, "ssh-rsa AAAA")]
    #[case::hashed_of_another(HASHED, "elsewhere.example.com", 22, "")]
    #[case::by_name(PLAIN, "Git.example.com", 22, "ssh-ed25519 AAAA")]
    #[case::by_address(PLAIN, "10.0.0.1", 22, "ssh-ed25519 AAAA")]
    #[case::with_a_port_of_its_own(PLAIN, "git.example.com", 2222, "ssh-rsa BBBB")]
    #[case::with_another_port(PLAIN, "git.example.com", 2223, "ssh-ed25519 AAAA")]
    #[case::another(PLAIN, "git.example.org", 22, "")]
    #[case::nothing("", "git.example.com", 22, "")]
    #[case::line_breaks_of_another_system(
        "git.example.com ssh-rsa AAAA\r\ngit.example.com ssh-ed25519 BBBB\r\n",
        "git.example.com",
        22,
        "ssh-rsa AAAA|ssh-ed25519 BBBB"
    )]
    #[case::a_pattern("*.example.com,!old.example.com ssh-rsa AAAA", "git.example.com", 22, "ssh-rsa AAAA")]
    #[case::taken_out_of_it("*.example.com,!old.example.com ssh-rsa AAAA", "old.example.com", 22, "")]
    #[case::stars("*g?t*.com* ssh-rsa AAAA", "git.example.com", 22, "ssh-rsa AAAA")]
    #[case::a_pattern_of_ports("[*.example.com]:* ssh-rsa AAAA", "git.example.com", 2222, "ssh-rsa AAAA")]
    #[case::no_pattern("git.example.co? ssh-rsa AAAA", "git.example.co", 22, "")]
    #[case::an_address_in_other_words("[2001:DB8::1]:2222 ssh-rsa AAAA", "2001:db8:0:0::1", 2222, "ssh-rsa AAAA")]
    #[case::without_a_port("2001:db8::1 ssh-rsa AAAA", "2001:db8:0:0::1", 22, "ssh-rsa AAAA")]
    #[case::of_old_times("git.example.com 1024 35 1234 comment", "git.example.com", 22, "1024 35 1234")]
    fn lines_about_a_host_are_found(#[case] file: &str, #[case] host: &str, #[case] port: u16, #[case] keys: &str) {
        let found = HostKeys::of(file, host, port);
        let told: Vec<_> = keys.split('|').filter(|key| !key.is_empty()).map(|key| format!("{host} {key}")).collect();
        let file = found.file(host);
        assert_eq!(
            (file.lines().collect::<Vec<_>>(), found.is_known()),
            (told.iter().map(String::as_str).collect(), !keys.is_empty())
        );
        assert!(file.is_empty() || file.ends_with('\n'), "{file:?}");
    }

    /// As OpenSSH has it: a key that is revoked is no key, wherever else it stands.
    #[test]
    fn a_revoked_key_is_none_and_an_authority_is_no_key() {
        let file = "h ssh-rsa AAAA me\nh ssh-rsa BBBB\n@revoked * ssh-rsa AAAA\n@cert-authority h ssh-rsa CCCC";
        assert_eq!(HostKeys::of(file, "h", 22).file("h"), "h ssh-rsa BBBB\n");
        let revoked = HostKeys::of("@revoked h ssh-rsa AAAA", "h", 22);
        assert!(revoked.is_known() && revoked.file("h").is_empty(), "another key than the host shows");
        assert!(!HostKeys::of("@cert-authority h ssh-rsa CCCC", "h", 22).is_known());
    }

    #[test]
    fn a_line_that_is_none_is_told() {
        assert_eq!(HostKeys::of("h\nnonsense here", "h", 22).file("h"), "h\nnonsense here\n");
    }
}
