//! Which version of another deployment is wanted: the newest that has its words.
//!
//! It never goes back: what lost its words after it was taken stays, and so does what was taken where the other deployment is gone
//! or may not be read any more. *Newer* is what the other deployment made later; one that was made anew counts anew.

use super::desired::WantedPromotion;
use super::observed::{SourceSeen, UpstreamSeen};
use super::releases::Release;
use super::sight::Sight;
use super::upstream::{Obstacle, reachable, undeclared};
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{Build, Promoted, TengineReleaseStatus};

/// A version that another deployment proved, with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Whose.
    pub promoted: Promoted,
    /// Where its definitions came from.
    pub source: SourceSeen,
    /// How it was built.
    pub build: Build,
    /// What was written down of it there.
    pub theirs: TengineReleaseStatus,
}

/// How the other deployment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    /// It has not been read yet.
    Unread,
    /// It cannot be asked, or has no version with the words.
    Shut(Obstacle),
    /// It has one; in a sentence.
    Proven(String),
}

/// The version that is wanted; `None` while that is not known.
pub fn wanted(sight: Sight<'_>, promotion: &WantedPromotion) -> Option<Version> {
    let taken = taken(sight);
    let newer = match reachable(sight, &promotion.from) {
        // What is known of it is to come: what was wanted before this process stays.
        Err((Reason::WaitingForStatus, _)) => return ours(remembered(sight).or(taken)?),
        Err(_) => None,
        Ok(seen) => newest(promotion, seen, taken).and_then(|release| theirs(promotion, seen, release)),
    };
    newer.or_else(|| ours(taken?))
}

/// How the other deployment stands.
pub fn stand(sight: Sight<'_>, promotion: &WantedPromotion) -> Stand {
    let from = &promotion.from;
    let seen = match reachable(sight, from) {
        Err((Reason::WaitingForStatus, _)) => return Stand::Unread,
        Err(obstacle) => return Stand::Shut(obstacle),
        Ok(seen) => seen,
    };
    if let Some(obstacle) = undeclared(&promotion.words, from, seen) {
        return Stand::Shut(obstacle);
    }
    let words = promotion.words.join(", ");
    if let Some(release) = newest(promotion, seen, None) {
        return Stand::Proven(format!("{from} gave {} {words}", release.short()));
    }
    let message = format!("{from} has no version with {words} yet{}", so_far(seen));
    Stand::Shut((Reason::WaitingForStatus, message))
}

/// How far its newest release is.
fn so_far(seen: &UpstreamSeen) -> String {
    let newest = seen.releases.newest();
    let words = newest.and_then(|newest| Some(format!(": {} is {:?} there", newest.short(), newest.status.state?)));
    words.unwrap_or_default()
}

/// What was taken last: what the cluster was told, as far as that is known.
fn taken(sight: Sight<'_>) -> Option<&Release> {
    let releases = &sight.observed.releases;
    let is_promoted = |release: &&Release| release.spec.promoted.is_some() && release.image().is_some();
    match sight.told().and_then(|name| releases.named(name)) {
        Some(told) => Some(told).filter(is_promoted),
        None => releases.iter().filter(is_promoted).max_by_key(|release| release.spec.number),
    }
}

/// What was wanted when the status was last written.
fn remembered(sight: Sight<'_>) -> Option<&Release> {
    let next = sight.observed.status.next.as_ref()?;
    sight.observed.releases.named(&next.release).filter(|release| release.image().is_some())
}

/// The newest release of the other deployment whose version has all words, newer than what was taken.
fn newest<'a>(promotion: &WantedPromotion, seen: &'a UpstreamSeen, taken: Option<&Release>) -> Option<&'a Release> {
    let least = taken.and_then(|taken| number_there(seen, taken));
    let has_words = |release: &&Release| {
        let has = |digest: &str| promotion.words.iter().all(|word| seen.releases.word_since(digest, word).is_some());
        release.digest().is_some_and(has)
    };
    let newer = |release: &&Release| least.is_none_or(|least| release.spec.number > least);
    seen.releases.iter().filter(newer).filter(has_words).max_by_key(|release| release.spec.number)
}

/// When the other deployment last made the version that was taken, counted in its releases.
fn number_there(seen: &UpstreamSeen, taken: &Release) -> Option<i64> {
    let promoted = taken.spec.promoted.as_ref().filter(|promoted| promoted.uid == seen.uid)?;
    let again = seen.releases.iter().filter(|release| release.digest() == taken.digest());
    again.map(|release| release.spec.number).chain([promoted.number]).max()
}

fn theirs(promotion: &WantedPromotion, seen: &UpstreamSeen, release: &Release) -> Option<Version> {
    let promoted = Promoted {
        namespace: promotion.from.namespace.clone(),
        name: promotion.from.name.clone(),
        uid: seen.uid.clone(),
        number: release.spec.number,
        image: release.image()?.to_owned(),
    };
    version(promoted, release)
}

fn ours(release: &Release) -> Option<Version> {
    version(release.spec.promoted.clone()?, release)
}

fn version(promoted: Promoted, release: &Release) -> Option<Version> {
    let source = SourceSeen { reference: release.spec.reference.clone(), commit: release.spec.commit.parse().ok()? };
    Some(Version { promoted, source, build: release.spec.build.clone(), theirs: release.status.clone() })
}
