//! Which tag of a release train is wanted: the newest. A tag that was moved is never followed by itself, and an older one is never
//! gone back to: what was taken last stays wanted then, until a person accepts the move or a newer tag comes.
//!
//! The memory is in the releases: each was made of a tag at a commit. The newest tag that any of them was made of is the one that was
//! taken last; of its releases the one with the highest number counts, since a tag that was moved and accepted has several.

use super::desired::{Desired, Follow, FromGit};
use super::look;
use super::observed::{Observed, SourceSeen};
use super::releases::Release;
use super::sight::Sight;
use crate::api::v1alpha1::ReleaseTag;
use crate::domain::{CommitId, TagChoice};

/// What a tag's full name begins with.
pub const TAGS: &str = "refs/tags/";

/// What the host tells, held against what was taken last.
#[derive(Debug, Clone)]
pub enum Stand<'a> {
    /// The newest tag is wanted, where it is.
    Follows(ReleaseTag),
    /// The tag that was taken last is on another commit than then.
    Moved {
        /// The release that it was taken for.
        taken: &'a Release,
        /// Where it is now.
        to: CommitId,
    },
    /// The tag that was taken last is not there any more, or does not count any more, and all that do are older.
    Gone {
        /// The release that it was taken for.
        taken: &'a Release,
    },
}

/// The release that the newest tag so far was taken for, of those that the spec asks for now.
pub fn taken_last<'a>(desired: &Desired, observed: &'a Observed) -> Option<&'a Release> {
    let (git, choice) = follows(desired)?;
    let (judge, url) = (choice.judge(), git.source.url.to_string());
    let ranked = observed.releases.iter().filter(|release| release.spec.build.url == url).filter_map(|release| {
        let rank = judge.rank(&release.spec.tag.as_ref()?.name)?;
        Some(((rank, release.spec.number), release))
    });
    ranked.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, release)| release)
}

/// How the train stands; `None` where no tags are followed, or nothing is known yet.
pub fn stand(sight: Sight<'_>) -> Option<Stand<'_>> {
    let seen = look::source(sight.desired, sight.observed)?;
    judge(sight, &seen)
}

/// The same, where the host told this.
pub fn judge<'a>(sight: Sight<'a>, seen: &SourceSeen) -> Option<Stand<'a>> {
    let (_, choice) = follows(sight.desired)?;
    let name = seen.reference.strip_prefix(TAGS)?;
    let newest = || ReleaseTag { name: name.to_owned(), accepted: None };
    let Some(taken) = taken_last(sight.desired, sight.observed) else { return Some(Stand::Follows(newest())) };
    let tag = taken.spec.tag.as_ref()?;
    if tag.name == name {
        let (from, to) = (taken.spec.commit.as_str(), &seen.commit);
        return Some(if from == to.as_ref() {
            Stand::Follows(tag.clone())
        } else if sight.observed.words.accepts(name, to, &taken.name) {
            Stand::Follows(ReleaseTag { accepted: Some(taken.spec.number), ..newest() })
        } else {
            Stand::Moved { taken, to: to.clone() }
        });
    }
    let judge = choice.judge();
    let is_newer = judge.rank(name) > judge.rank(&tag.name);
    Some(if is_newer { Stand::Follows(newest()) } else { Stand::Gone { taken } })
}

/// What is wanted of it: commit and tag. Where the tag is not followed, what runs stays: also where it was taken by other rules, later
/// than the tag.
pub fn wanted(sight: Sight<'_>, stand: Stand<'_>, seen: SourceSeen) -> Option<(SourceSeen, Option<ReleaseTag>)> {
    match stand {
        Stand::Follows(tag) => Some((seen, Some(tag))),
        Stand::Moved { taken, .. } | Stand::Gone { taken } => {
            let is_later =
                |told: &&Release| told.spec.number > taken.spec.number && told.spec.build.url == taken.spec.build.url;
            let told = sight.told().and_then(|name| sight.observed.releases.named(name)).filter(is_later);
            let stays = &told.unwrap_or(taken).spec;
            Some((SourceSeen::new(stays.reference.clone(), stays.commit.parse().ok()?), stays.tag.clone()))
        }
    }
}

fn follows(desired: &Desired) -> Option<(&FromGit, &TagChoice)> {
    let git = desired.git()?;
    match &git.source.follow {
        Follow::Newest(choice) => Some((git, choice)),
        Follow::Default | Follow::Branch(_) | Follow::Tag(_) | Follow::Commit(_) | Follow::Name(_) => None,
    }
}
