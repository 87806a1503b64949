//! Finds references in what a host advertises. Pure.

mod hearing;
mod listing;
mod newest;
#[cfg(test)]
mod tests;

use crate::domain::CommitId;
use crate::source::{Reference, Seen};
pub(super) use hearing::Hearing;
pub(super) use listing::Listing;
use std::collections::BTreeMap;

/// What the name of the object that an annotated tag points to ends with.
pub(super) const PEELED: &str = "^{}";

const BRANCHES: &str = "refs/heads/";
const TAGS: &str = "refs/tags/";

/// One line of what a host advertises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Advertised {
    /// The full name; an annotated tag comes a second time, with `^{}` and the commit it points to.
    pub(super) name: String,
    /// The object, in hexadecimal; something else where there is none yet.
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

    /// A tag on this commit.
    pub(super) fn of_tag(tag: &str, commit: &CommitId) -> Self {
        Self { name: format!("{TAGS}{tag}"), object: commit.to_string(), stands_for: None }
    }

    /// The name to fetch it by.
    pub(super) fn fetched_by(&self) -> &str {
        self.name.strip_suffix(PEELED).unwrap_or(&self.name)
    }
}

/// The full name that a reference is advertised by. A commit has none; that its repository answers is seen by any. Of tags of which the
/// newest is wanted, nobody knows it yet.
pub(super) fn full_name(reference: &Reference) -> Option<String> {
    match reference {
        Reference::Default | Reference::Commit(_) => Some("HEAD".to_owned()),
        Reference::Branch(name) => Some(format!("{BRANCHES}{name}")),
        Reference::Tag(name) => Some(format!("{TAGS}{name}")),
        Reference::Name(name) => Some(name.to_string()),
        Reference::Newest(_) => None,
    }
}

/// What the names of all that must be heard to find it begin with.
pub(super) fn beginnings(reference: &Reference) -> Vec<String> {
    match reference {
        Reference::Newest(choice) => choice.prefixes().iter().map(|prefix| format!("{TAGS}{prefix}")).collect(),
        other => full_name(other).into_iter().collect(),
    }
}

/// Lines by their names.
type Heard = BTreeMap<String, Advertised>;

/// Where a reference is that is no choice among tags.
fn find(advertised: &Heard, reference: &Reference) -> Option<Seen> {
    match reference {
        Reference::Default => head(advertised),
        Reference::Commit(commit) => Some(Seen::new(commit.to_string(), commit.clone())),
        Reference::Branch(_) | Reference::Tag(_) | Reference::Name(_) | Reference::Newest(_) => {
            named(advertised, &full_name(reference)?)
        }
    }
}

fn head(advertised: &Heard) -> Option<Seen> {
    let head = advertised.get("HEAD")?;
    let branch = head.stands_for.as_deref().filter(|name| git2::Reference::is_valid_name(name));
    Some(Seen::new(branch.unwrap_or("HEAD"), commit(head)?))
}

fn named(advertised: &Heard, name: &str) -> Option<Seen> {
    let found = advertised.get(&format!("{name}{PEELED}")).or_else(|| advertised.get(name))?;
    Some(Seen::new(name, commit(found)?))
}

fn commit(advertised: &Advertised) -> Option<CommitId> {
    advertised.object.parse().ok()
}

/// What is missing, as a phrase: the host's own default may name a branch that nobody pushed.
fn missing(advertised: &Heard, reference: &Reference) -> String {
    let stands_for = advertised.get("HEAD").and_then(|head| head.stands_for.as_deref());
    match (reference, stands_for) {
        (Reference::Default, Some(name)) => {
            let name = name.strip_prefix(BRANCHES).unwrap_or(name);
            format!("default branch: its HEAD stands for {name:?}, which is not there")
        }
        (Reference::Default, None) => "default branch".to_owned(),
        (other, _) => other.to_string(),
    }
}

/// Nobody means a longer name, in bytes: one that is wanted has no more.
const LONGEST_NEAR: usize = 255;

/// Looks for the name that was meant, among all that a host has.
#[derive(Debug)]
pub(super) struct Near<'r> {
    wanted: &'r str,
    prefix: &'static str,
    best: Option<(f64, String)>,
}

impl<'r> Near<'r> {
    /// For what people name.
    pub(super) fn to(reference: &'r Reference) -> Option<Self> {
        let (prefix, wanted) = match reference {
            Reference::Branch(name) => (BRANCHES, name),
            Reference::Tag(name) => (TAGS, name),
            Reference::Name(name) => return Some(Self { wanted: name.as_ref(), prefix: "", best: None }),
            Reference::Default | Reference::Commit(_) | Reference::Newest(_) => return None,
        };
        Some(Self { wanted: wanted.as_ref(), prefix, best: None })
    }

    pub(super) fn see(&mut self, one: &Advertised) {
        // The comparison takes the product of both lengths.
        let short_enough = one.fetched_by().strip_prefix(self.prefix).filter(|name| name.len() <= LONGEST_NEAR);
        let Some(name) = short_enough else { return };
        let likeness = if name == self.short() { 1.0 } else { strsim::jaro_winkler(name, self.wanted) };
        if likeness > 0.8 && self.best.as_ref().is_none_or(|(best, _)| likeness > *best) {
            self.best = Some((likeness, name.to_owned()));
        }
    }

    pub(super) fn best(self) -> Option<String> {
        self.best.map(|(_, name)| name)
    }

    /// The name without what other tools put before it: Git's full name, or a clone's name for the host.
    fn short(&self) -> &'r str {
        if self.prefix.is_empty() {
            return self.wanted;
        }
        let before = ["refs/heads/", "refs/tags/", "refs/remotes/origin/", "heads/", "tags/", "origin/"];
        before.iter().find_map(|before| self.wanted.strip_prefix(before)).unwrap_or(self.wanted)
    }
}
