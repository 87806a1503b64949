//! What a Git host said of its releases.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{HostRelease, Lack, ReleaseStage};

/// Releases by their tags, and the tags of which all is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::source) struct Listing(BTreeMap<String, HostRelease>, BTreeSet<String>);

impl Listing {
    /// A release. Where a tag has several, a published one stands for a draft, and else the one that is less far for both.
    pub(in crate::source) fn add(&mut self, tag: String, release: HostRelease) {
        let known = self.0.entry(tag).or_insert(release);
        *known = match (*known, release) {
            (HostRelease::Draft, other) | (other, HostRelease::Draft) => other,
            (one, other) => one.min(other),
        };
    }

    /// The host was asked for this tag by its name.
    pub(in crate::source) fn settle(&mut self, tag: String) {
        self.1.insert(tag);
    }

    /// Whether nothing more can be said of this tag. A published release may stand in for a draft that was listed before it.
    pub(super) fn is_settled(&self, tag: &str) -> bool {
        self.1.contains(tag) || self.published(tag).is_some()
    }

    /// How far the release of this tag is, where that was published.
    pub(in crate::source) fn published(&self, tag: &str) -> Option<HostRelease> {
        self.0.get(tag).copied().filter(|release| *release != HostRelease::Draft)
    }

    /// What keeps this tag from counting, if anything does.
    pub(super) fn misses(&self, stage: ReleaseStage, tag: &str) -> Option<Lack> {
        let release = self.0.get(tag).copied();
        (!release.is_some_and(|release| stage.takes(release))).then_some(Lack::Release(release))
    }
}
