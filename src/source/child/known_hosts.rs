//! Whether a known_hosts file knows a host at all (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
//!
//! libssh2 decides whether a key is the right one; its answer does not tell a host that nobody has heard of from one with another
//! key, and people must: the first is a line to add, the second may be an attack.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// Whether any line is about this host.
pub(super) fn knows(known_hosts: &str, host: &str, port: u16) -> bool {
    let host = host.to_ascii_lowercase();
    let with_port = format!("[{host}]:{port}");
    let names: &[&str] = if port == 22 { &[&host, &with_port] } else { &[&with_port] };
    let lines = known_hosts.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let hosts = lines.filter_map(|line| line.split_whitespace().find(|word| !word.starts_with('@')));
    hosts.flat_map(|hosts| hosts.split(',')).any(|pattern| names.iter().any(|name| is_meant(pattern, name)))
}

fn is_meant(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix("|1|").and_then(|hashed| hashed.split_once('|')) {
        Some((salt, hash)) => is_hash_of(salt, hash, name).unwrap_or(false),
        None => pattern.eq_ignore_ascii_case(name),
    }
}

fn is_hash_of(salt: &str, hash: &str, name: &str) -> Option<bool> {
    let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(name.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::knows;

    #[test]
    fn plain_hashed_and_bracketed_names_are_known() {
        // What ssh-keygen -H makes of 192.168.1.61.
        let hashed = "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa AAAA";
        assert!(!knows(hashed, "elsewhere.example.com", 22));
        assert!(knows(hashed, "192.168.1.61", 22));
        let plain = "# ours\ngit.example.com,10.0.0.1 ssh-ed25519 AAAA\n[git.example.com]:2222 ssh-rsa AAAA\n";
        assert!(knows(plain, "Git.example.com", 22) && knows(plain, "10.0.0.1", 22));
        assert!(knows(plain, "git.example.com", 2222) && !knows(plain, "git.example.com", 2223));
        assert!(!knows("", "git.example.com", 22));
    }
}
