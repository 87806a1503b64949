//! Finds a reference in what a host advertises. Pure.

use crate::domain::CommitId;
use crate::source::{Reference, Seen, SourceError};

/// What the name of the object that an annotated tag points to ends with.
const PEELED: &str = "^{}";

/// One line of what a host advertises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advertised {
    /// The full name; an annotated tag comes a second time, with `^{}` and the commit it points to.
    pub(super) name: String,
    /// The object, in hexadecimal.
    pub(super) object: String,
    /// The reference it stands for.
    pub(super) stands_for: Option<String>,
}

impl Advertised {
    pub(super) fn of(head: &git2::RemoteHead<'_>) -> Self {
        Self {
            name: head.name().to_owned(),
            object: head.oid().to_string(),
            stands_for: head.symref_target().map(str::to_owned),
        }
    }

    /// The name to fetch it by.
    pub(super) fn fetched_by(&self) -> &str {
        self.name.strip_suffix(PEELED).unwrap_or(&self.name)
    }
}

/// Where `reference` is. `url` is for the messages.
pub(super) fn find(advertised: &[Advertised], reference: &Reference, url: &str) -> Result<Seen, SourceError> {
    let empty = advertised.iter().all(|one| one.name == "capabilities^{}");
    if empty {
        return Err(SourceError::EmptyRepository { url: url.to_owned() });
    }
    let found = match reference {
        Reference::Default => head(advertised),
        Reference::Branch(name) => named(advertised, &format!("refs/heads/{name}")),
        Reference::Tag(name) => named(advertised, &format!("refs/tags/{name}")),
        Reference::Commit(commit) => Some(Seen { reference: commit.to_string(), commit: commit.clone() }),
    };
    found.ok_or_else(|| SourceError::RefNotFound {
        url: url.to_owned(),
        wanted: reference.to_string(),
        near: near(advertised, reference),
    })
}

fn head(advertised: &[Advertised]) -> Option<Seen> {
    let head = advertised.iter().find(|one| one.name == "HEAD")?;
    let branch = head.stands_for.as_deref().filter(|name| git2::Reference::is_valid_name(name));
    Some(Seen { reference: branch.unwrap_or("HEAD").to_owned(), commit: commit(head)? })
}

fn named(advertised: &[Advertised], name: &str) -> Option<Seen> {
    let peeled = advertised.iter().find(|one| one.name.strip_suffix(PEELED) == Some(name));
    let found = peeled.or_else(|| advertised.iter().find(|one| one.name == name))?;
    Some(Seen { reference: name.to_owned(), commit: commit(found)? })
}

fn commit(advertised: &Advertised) -> Option<CommitId> {
    advertised.object.parse().ok()
}

/// The branch or tag whose name is most like the wanted one, if one is.
fn near(advertised: &[Advertised], reference: &Reference) -> Option<String> {
    let (prefix, wanted) = match reference {
        Reference::Branch(name) => ("refs/heads/", name),
        Reference::Tag(name) => ("refs/tags/", name),
        Reference::Default | Reference::Commit(_) => return None,
    };
    let names = advertised.iter().filter_map(|one| one.fetched_by().strip_prefix(prefix));
    let rated = names.map(|name| (strsim::jaro_winkler(name, wanted.as_ref()), name));
    let best = rated.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.8).map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests;
