//! Which tag of a release train is wanted: the newest. A tag that was moved is never followed by itself, and an older one is never
//! gone back to: what was taken last stays wanted then, until a person accepts the move or a newer tag comes.
//!
//! The memory is in the releases: each was made of a tag at a commit. The newest tag that any of them was made of is the one that was
//! taken last; of its releases the one with the highest number counts, since a tag that was moved and accepted has several.

use super::change_over;
use super::desired::{Desired, Follow};
use super::look;
use super::observed::{Observed, SourceSeen};
use super::releases::Release;
use super::sight::Sight;
use crate::api::v1alpha1::ReleaseTag;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::{CommitId, ReleaseStage, TagChoice};

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

/// The release that the newest tag so far was taken for, of those that the spec asks for now; wherever the repository was then.
pub fn taken_last<'a>(desired: &Desired, observed: &'a Observed) -> Option<&'a Release> {
    let choice = follows(desired)?;
    let judge = choice.judge();
    let ranked = observed.releases.iter().filter_map(|release| {
        let rank = judge.rank(&release.spec.tag.as_ref()?.name)?;
        Some(((rank, release.spec.number), release))
    });
    ranked.max_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, release)| release)
}

/// Tells the releases that are of older tags of the train than this one: none where the train stands because its newest tag was moved or
/// is gone, and none of the same tag from before it was moved.
pub fn older<'a>(sight: Sight<'a>, than: &Release) -> impl Fn(&Release) -> bool + use<'a> {
    let goes = || matches!(stand(sight), Some(Stand::Follows(_)));
    let judge = follows(sight.desired).filter(|_| goes()).map(TagChoice::judge);
    let rank = move |release: &Release| judge.as_ref()?.rank(&release.spec.tag.as_ref()?.name);
    let newest = rank(than);
    move |release| rank(release).is_some_and(|own| newest.as_ref().is_some_and(|newest| own < *newest))
}

/// How the train stands; `None` where no tags are followed, or nothing is known yet.
pub fn stand(sight: Sight<'_>) -> Option<Stand<'_>> {
    let seen = look::source(sight.desired, sight.observed)?;
    judge(sight, &seen)
}

/// The same, where the host told this.
pub fn judge<'a>(sight: Sight<'a>, seen: &SourceSeen) -> Option<Stand<'a>> {
    let choice = follows(sight.desired)?;
    let name = seen.reference.strip_prefix(TAGS)?;
    let newest = || ReleaseTag { name: name.to_owned(), accepted: None };
    let Some(taken) = taken_last(sight.desired, sight.observed) else { return Some(Stand::Follows(newest())) };
    if is_known_to_be_gone(sight) {
        return Some(Stand::Gone { taken });
    }
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

/// Whether the host says that no tag counts any more: its last answer is of before.
fn is_known_to_be_gone(sight: Sight<'_>) -> bool {
    let trouble = sight.observed.source.trouble.as_ref().filter(|trouble| trouble.definite);
    trouble.is_some_and(|trouble| {
        matches!(trouble.reason, Reason::NoTagMatches | Reason::TagMismatch | Reason::NoReleaseMatches)
    })
}

/// What is wanted of it: commit and tag. Where the tag is not followed, what runs stays: also where it was taken by other rules, or later
/// than the tag; and where nothing ran yet, nothing is wanted.
pub fn wanted(sight: Sight<'_>, stand: Stand<'_>, seen: SourceSeen) -> Option<(SourceSeen, Option<ReleaseTag>)> {
    match stand {
        Stand::Follows(tag) if may_follow(sight, &seen, &tag) => Some((seen, Some(tag))),
        Stand::Follows(_) => None,
        Stand::Moved { taken, .. } | Stand::Gone { taken } => {
            let releases = &sight.observed.releases;
            let told = match change_over::passed(sight) {
                // Its record was removed: what it was, nobody can say.
                Some(name) => Some(releases.named(name)?),
                None => releases.last_served(),
            };
            let stays = &told.or(Some(taken).filter(|taken| taken.verified_at().is_some()))?.spec;
            Some((SourceSeen::new(stays.reference.clone(), stays.commit.parse().ok()?), stays.tag.clone()))
        }
    }
}

/// Where the record of what runs was removed, the memory of its tag went with it: only the same commit, or a newer tag than the status
/// names, is followed then.
fn may_follow(sight: Sight<'_>, seen: &SourceSeen, tag: &ReleaseTag) -> bool {
    let Some(current) = sight.observed.status.current.as_ref().filter(|_| sight.is_told_lost()) else { return true };
    let is_newer = || {
        let judge = follows(sight.desired).map(TagChoice::judge);
        let before = current.revision.rsplit_once('@').map_or("", |(name, _)| name);
        judge.is_none_or(|judge| judge.rank(&tag.name) > judge.rank(before))
    };
    seen.commit.as_ref() == current.commit || is_newer()
}

/// From which stage on a release on the Git host counts, where those are followed.
pub fn stage(desired: &Desired) -> Option<ReleaseStage> {
    follows(desired)?.stage()
}

fn follows(desired: &Desired) -> Option<&TagChoice> {
    match &desired.git()?.source.follow {
        Follow::Newest(choice) => Some(choice),
        Follow::Default | Follow::Branch(_) | Follow::Tag(_) | Follow::Commit(_) | Follow::Name(_) => None,
    }
}
