//! Listens to an advertisement, line by line, for what is wanted of it. Nothing else is kept: of tags of which the newest is wanted, one
//! at a time, however many a repository has.

use std::collections::{BTreeMap, BTreeSet};

use super::listing::Listing;
use super::newest::Newest;
use super::{Advertised, Heard, PEELED, find, full_name, missing};
use crate::domain::CommitId;
use crate::source::{Reference, Seen, SourceError};

/// What was heard of the references that are wanted.
pub(in crate::source) struct Hearing<'r> {
    /// The names of the lines that are wanted and were not heard yet: what a host says again and again is kept once.
    awaited: BTreeSet<String>,
    heard: Heard,
    newest: BTreeMap<&'r Reference, Newest<'r>>,
    /// What the host said of its releases, where that is asked.
    listing: Listing,
}

impl<'r> Hearing<'r> {
    /// Listens for these.
    pub(in crate::source) fn of(references: impl IntoIterator<Item = &'r Reference>) -> Self {
        let mut hearing = Self {
            awaited: BTreeSet::new(),
            heard: Heard::new(),
            newest: BTreeMap::new(),
            listing: Listing::default(),
        };
        for reference in references {
            match reference {
                Reference::Newest(choice) => {
                    hearing.newest.insert(reference, Newest::of(choice));
                }
                other => {
                    let names = full_name(other).into_iter();
                    hearing.awaited.extend(names.flat_map(|name| [format!("{name}{PEELED}"), name]));
                }
            }
        }
        hearing
    }

    /// A line. The object that an annotated tag points to comes after the tag.
    pub(in crate::source) fn hear(&mut self, one: Advertised) {
        for newest in self.newest.values_mut() {
            newest.see(&one);
        }
        if self.awaited.remove(&one.name) {
            self.heard.insert(one.name.clone(), one);
        }
    }

    /// The newest tag that was heard of which these releases do not say whether it counts, while none that is newer does.
    pub(in crate::source) fn undecided_by(&self, listing: &Listing) -> Option<&str> {
        self.newest.values().find_map(|newest| newest.undecided_by(listing))
    }

    /// The tags that were heard, and where they are, where it takes the host's releases to say which count.
    pub(in crate::source) fn tags(&self) -> Vec<(String, CommitId)> {
        let tags: BTreeMap<_, _> = self.newest.values().flat_map(Newest::of_releases).collect();
        tags.into_iter().map(|(tag, commit)| (tag.clone(), commit.clone())).collect()
    }

    /// The host's releases, of which the tags that were heard are held to be.
    pub(in crate::source) fn learn(&mut self, listing: Listing) {
        self.listing = listing;
    }

    /// Whether nothing was heard that is wanted.
    pub(in crate::source) fn is_empty(&self) -> bool {
        self.heard.is_empty() && self.newest.values().all(Newest::is_empty)
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.heard.len()
    }

    /// Where a reference is.
    pub(in crate::source) fn found(&self, reference: &Reference) -> Option<Seen> {
        match self.newest.get(reference) {
            Some(newest) => {
                let (seen, passed_over) = newest.found(&self.listing);
                seen.map(|seen| Seen { passed_over, ..seen })
            }
            None => find(&self.heard, reference),
        }
    }

    /// Where a reference is, or that it is not there; `near` is a name that is close, and is asked for only then.
    pub(in crate::source) fn answer(
        &self,
        reference: &Reference,
        url: &str,
        near: impl FnOnce() -> Option<String>,
    ) -> Result<Seen, SourceError> {
        let url = || url.to_owned();
        self.found(reference).ok_or_else(|| match self.newest.get(reference) {
            Some(newest) => match newest.found(&self.listing).1 {
                Some(mismatch) => SourceError::TagMismatch { url: url(), mismatch: Box::new(mismatch) },
                None => SourceError::NoTag { url: url(), wanted: reference.to_string(), others: newest.others() },
            },
            None => SourceError::RefNotFound { url: url(), wanted: missing(&self.heard, reference), near: near() },
        })
    }
}
