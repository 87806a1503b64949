//! A commit, read as leniently as `git log` reads it.
//!
//! libgit2 takes none whose author or committer has no `<` and `>`, and there are such: old importers wrote them, and no host that does
//! not check (`receive.fsckObjects`) minds. Of its header only the tree is needed.

use git2::{ErrorClass, ErrorCode, ObjectType, Oid, Repository};

/// One commit.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) tree: Oid,
    raw: Vec<u8>,
}

impl Commit {
    /// The commit of this name; none where it is not there, or something else is.
    pub(super) fn find(repository: &Repository, id: Oid) -> Result<Option<Self>, git2::Error> {
        let odb = repository.odb()?;
        match odb.read(id) {
            Ok(object) if object.kind() == ObjectType::Commit => Self::parse(object.data().to_vec()).map(Some),
            Ok(_) => Ok(None),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn parse(raw: Vec<u8>) -> Result<Self, git2::Error> {
        let tree = field(&raw, b"tree").and_then(|tree| std::str::from_utf8(tree).ok()?.parse().ok());
        let missing = || git2::Error::new(ErrorCode::Invalid, ErrorClass::Object, "a commit names no tree");
        Ok(Self { tree: tree.ok_or_else(missing)?, raw })
    }

    /// The author's name as it is written, or what stands in its place.
    pub(super) fn author(&self) -> &[u8] {
        field(&self.raw, b"author").map(|signature| Signature::of(signature).name).unwrap_or_default()
    }

    /// When it was committed, in seconds of the epoch; none where nobody can tell.
    pub(super) fn seconds(&self) -> Option<i64> {
        Signature::of(field(&self.raw, b"committer")?).seconds
    }

    /// What its texts are written in, where it says so.
    pub(super) fn encoding(&self) -> Option<&str> {
        std::str::from_utf8(field(&self.raw, b"encoding")?).ok()
    }

    /// The first paragraph of its message.
    pub(super) fn subject(&self) -> &[u8] {
        let message = match find(&self.raw, b"\n\n") {
            Some(end) => self.raw[end..].trim_ascii_start(),
            None => &[],
        };
        find(message, b"\n\n").map_or(message, |end| &message[..end]).trim_ascii_end()
    }
}

/// Who, and when.
#[derive(Debug, PartialEq, Eq)]
struct Signature<'a> {
    name: &'a [u8],
    seconds: Option<i64>,
}

impl<'a> Signature<'a> {
    /// `NAME <ADDRESS> SECONDS ZONE`, of which each part may be missing.
    fn of(text: &'a [u8]) -> Self {
        let who_ends = text.iter().rposition(|byte| *byte == b'>').map(|at| at + 1);
        let (who, when) = match who_ends {
            Some(end) => (&text[..end], time(&text[end..])),
            None => match zoned(text) {
                Some((who, when)) => (who, Some(when)),
                None => (text, None),
            },
        };
        let name = who.iter().position(|byte| *byte == b'<').map_or(who, |at| &who[..at]);
        Self { name: name.trim_ascii(), seconds: when }
    }
}

fn time(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    number(text.split(|byte| *byte == b' ').next()?)
}

/// What stands before seconds and zone at the end, and the seconds.
fn zoned(text: &[u8]) -> Option<(&[u8], i64)> {
    let zone = text.iter().rposition(|byte| *byte == b' ')?;
    let seconds = text[..zone].iter().rposition(|byte| *byte == b' ')?;
    let is_zone = matches!(text.get(zone + 1), Some(b'+' | b'-'));
    is_zone.then_some((&text[..seconds], number(&text[seconds + 1..zone])?))
}

fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The first line of this name in the header.
fn field<'r>(raw: &'r [u8], name: &[u8]) -> Option<&'r [u8]> {
    let header = find(raw, b"\n\n").map_or(raw, |end| &raw[..end]);
    let mut lines = header.split(|byte| *byte == b'\n');
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(b" "))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(text: &str) -> (&str, Option<i64>) {
        let Signature { name, seconds } = Signature::of(text.as_bytes());
        (std::str::from_utf8(name).unwrap(), seconds)
    }

    #[test]
    fn a_signature_is_read_whatever_is_missing() {
        assert_eq!(signature("Hanako Sato <h@example.com> 1000000000 +0900"), ("Hanako Sato", Some(1_000_000_000)));
        assert_eq!(signature("Hanako Sato 1000000000 +0900"), ("Hanako Sato", Some(1_000_000_000)));
        assert_eq!(signature("hanako@example.com 1000000000 +0900"), ("hanako@example.com", Some(1_000_000_000)));
        assert_eq!(signature("<h@example.com> 5 +0000"), ("", Some(5)));
        assert_eq!(signature("A <a@b> <c@d> -62167219201 +0000"), ("A", Some(-62_167_219_201)));
        assert_eq!(signature("Hanako <h> soon +0000"), ("Hanako", None));
        assert_eq!(signature("Hanako <h> 99999999999999999999 +0000"), ("Hanako", None));
        assert_eq!(signature("Hanako <h>"), ("Hanako", None));
        assert_eq!(signature("Hanako <h 7 +0000"), ("Hanako", Some(7)));
        assert_eq!(signature("Hanako"), ("Hanako", None));
        assert_eq!(signature(""), ("", None));
    }

    #[test]
    fn a_commit_needs_a_tree_and_nothing_else() {
        let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let whole =
            format!("tree {tree}\nauthor A <a> 1 +0000\ncommitter B 2 +0000\nencoding latin1\n\n\nOne\nline\n\nbody\n");
        let commit = Commit::parse(whole.into_bytes()).unwrap();
        assert_eq!((commit.author(), commit.seconds(), commit.encoding()), (&b"A"[..], Some(2), Some("latin1")));
        assert_eq!(commit.subject(), b"One\nline");
        let least = Commit::parse(format!("tree {tree}").into_bytes()).unwrap();
        assert_eq!((least.author(), least.seconds(), least.subject()), (&b""[..], None, &b""[..]));
        assert!(Commit::parse(b"author A <a> 1 +0000\n\ntree of life".to_vec()).is_err());
    }
}
