//! Which version of another deployment is wanted: the newest that has its words.
//!
//! It never goes back: what lost its words after it was taken stays, and so does what was taken where the other deployment is gone
//! or may not be read any more. *Newer* is what the other deployment made later; one that was made anew counts anew.

use super::change_over;
use super::desired::WantedPromotion;
use super::member;
use super::observed::{SourceSeen, UpstreamSeen};
use super::releases::Release;
use super::sight::Sight;
use super::upstream::{Obstacle, reachable, undeclared};
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{Build, Promoted, TengineReleaseStatus};
use std::cmp::Reverse;

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

/// What was let to run last.
#[derive(Clone, Copy)]
enum Past<'a> {
    /// Nothing.
    Nothing,
    /// Something of which neither record nor image is known.
    Unknown,
    /// This image, by digest: it was built here, or its record is gone.
    Image(&'a str),
    /// A version that was taken over.
    Taken(&'a Release),
}

impl<'a> Past<'a> {
    /// A release that is waited for was not let to run; one that was rejected may only be what the cluster was told.
    fn of(sight: Sight<'a>) -> Self {
        let (releases, told) = (&sight.observed.releases, change_over::passed(sight));
        if let Some(name) = told.filter(|name| releases.named(name).is_none()) {
            let current = sight.observed.status.current.as_ref().filter(|current| current.release == name);
            let digest = current.and_then(|current| current.image.rsplit_once('@'));
            return digest.map_or(Self::Unknown, |(_, digest)| Self::Image(digest));
        }
        let ran = |release: &&Release| {
            let served = release.verified_at().is_some() && release.rejection().is_none();
            release.digest().is_some() && (served || told == Some(release.name.as_str()))
        };
        match releases.iter().filter(ran).max_by_key(|release| release.spec.number) {
            None => Self::Nothing,
            Some(release) if release.spec.promoted.is_some() => Self::Taken(release),
            Some(release) => release.digest().map_or(Self::Unknown, Self::Image),
        }
    }

    fn digest(self) -> Option<&'a str> {
        match self {
            Self::Nothing | Self::Unknown => None,
            Self::Image(digest) => Some(digest),
            Self::Taken(release) => release.digest(),
        }
    }

    /// The version, with what is known of it here.
    fn ours(self) -> Option<Version> {
        match self {
            Self::Nothing | Self::Unknown | Self::Image(_) => None,
            Self::Taken(release) => version(release.spec.promoted.clone()?, release),
        }
    }
}

/// The version that is wanted; `None` while that is not known.
pub fn wanted(sight: Sight<'_>, promotion: &WantedPromotion) -> Option<Version> {
    let past = Past::of(sight);
    let seen = match reachable(sight, &promotion.from) {
        // What is known of it is to come: what was wanted before this process stays.
        Err((Reason::WaitingForStatus, _)) => {
            return remembered(sight).or_else(|| past.ours().filter(|_| promotion.release.is_none()));
        }
        Err(_) => return past.ours().filter(|_| promotion.release.is_none()),
        Ok(seen) => seen,
    };
    if promotion.release.is_some() {
        // Settings of one release with the image of another are nobody's: what is not seen yet is waited for.
        return member::taken(sight, seen).and_then(|release| theirs(promotion, seen, release));
    }
    if let Past::Unknown = past {
        return None;
    }
    let newer = newest(promotion, seen, floor(promotion, seen, past));
    let same = || newest_of(promotion, seen, |release| release.digest() == past.digest());
    let theirs = |release| theirs(promotion, seen, release);
    newer.and_then(theirs).or_else(|| past.ours()).or_else(|| same().and_then(theirs))
}

/// Whether a release may begin to run: a version that is proven there, and newer than what was taken; or the one that was taken,
/// with other settings. Nothing of what was built where images are taken over, and nothing that was taken over where they are built.
pub fn permits(sight: Sight<'_>, release: &Release) -> bool {
    let Some(promotion) = sight.desired.promotion() else { return release.spec.promoted.is_none() };
    let past = Past::of(sight);
    if release.spec.promoted.is_none() || release.digest().is_none() {
        return false;
    }
    if past.digest() == release.digest() {
        return true;
    }
    let Ok(seen) = reachable(sight, &promotion.from) else { return false };
    if promotion.release.is_some() {
        return member::taken(sight, seen).is_some_and(|theirs| theirs.digest() == release.digest());
    }
    let floor = floor(promotion, seen, past);
    let is_it = |theirs: &&Release| theirs.digest() == release.digest() && is_above(floor, theirs);
    seen.releases.iter().filter(is_it).any(|theirs| is_proven(promotion, seen, theirs))
}

/// How the other deployment stands.
pub fn stand(sight: Sight<'_>, promotion: &WantedPromotion) -> Stand {
    let from = &promotion.from;
    let seen = match reachable(sight, from) {
        Err((Reason::WaitingForStatus, _)) => return Stand::Unread,
        Err(obstacle) => return Stand::Shut(obstacle),
        Ok(seen) => seen,
    };
    if let Some((name, passage)) = &promotion.release {
        return match member::taken(sight, seen) {
            Some(release) => Stand::Proven(format!("{from} told its instances {}", release.short())),
            None => Stand::Shut((
                Reason::WaitingForStatus,
                format!("{from} has not told release {name} in passage {passage}"),
            )),
        };
    }
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

/// What was wanted when the status was last written, of this very spec.
fn remembered(sight: Sight<'_>) -> Option<Version> {
    let status = &sight.observed.status;
    let next = status.next.as_ref().filter(|_| status.observed_generation == Some(sight.desired.generation))?;
    let release = sight.observed.releases.named(&next.release).filter(|release| release.image().is_some())?;
    version(release.spec.promoted.clone()?, release)
}

/// Whether a release of the other deployment was given all words itself, and its version has them still: another release of the same image may be
/// on its way there, and be refused.
fn is_proven(promotion: &WantedPromotion, seen: &UpstreamSeen, release: &Release) -> bool {
    let own = |word: &String| release.status.statuses.iter().any(|status| status.name == *word);
    let still = |digest: &str, word: &String| seen.releases.word_since(digest, word).is_some();
    let has = |digest: &str| promotion.words.iter().all(|word| own(word) && still(digest, word));
    !release.deleting && release.digest().is_some_and(has)
}

/// The newest that is proven, among these.
fn newest_of<'a>(
    promotion: &WantedPromotion,
    seen: &'a UpstreamSeen,
    is_one: impl Fn(&Release) -> bool,
) -> Option<&'a Release> {
    let mut found: Vec<_> = seen.releases.iter().filter(|release| is_one(release)).collect();
    found.sort_by_key(|release| Reverse(release.spec.number));
    found.into_iter().find(|release| is_proven(promotion, seen, release))
}

/// The newest that is proven, above the floor.
fn newest<'a>(promotion: &WantedPromotion, seen: &'a UpstreamSeen, floor: Option<i64>) -> Option<&'a Release> {
    newest_of(promotion, seen, |release| is_above(floor, release))
}

fn is_above(floor: Option<i64>, release: &Release) -> bool {
    floor.is_none_or(|floor| release.spec.number > floor)
}

/// When the other deployment made what was let to run here, counted in its releases: nothing of before is taken any more. That
/// it makes the same image again counts once that is proven.
fn floor(promotion: &WantedPromotion, seen: &UpstreamSeen, past: Past<'_>) -> Option<i64> {
    let digest = past.digest()?;
    let taken = match past {
        Past::Taken(release) => release.spec.promoted.as_ref().filter(|promoted| promoted.uid == seen.uid),
        Past::Nothing | Past::Unknown | Past::Image(_) => None,
    };
    let of_image = |release: &Release| release.digest() == Some(digest);
    let proven = newest_of(promotion, seen, of_image).map(|release| release.spec.number);
    let made = || seen.releases.iter().filter(|release| of_image(release)).map(|release| release.spec.number).max();
    proven.max(taken.map(|promoted| promoted.number)).or_else(made)
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

fn version(promoted: Promoted, release: &Release) -> Option<Version> {
    let source = SourceSeen::new(release.spec.reference.clone(), release.spec.commit.parse().ok()?);
    Some(Version { promoted, source, build: release.spec.build.clone(), theirs: release.status.clone() })
}
