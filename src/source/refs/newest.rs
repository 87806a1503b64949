//! Finds the newest of the tags that count.

use std::collections::BTreeMap;

use super::listing::Listing;
use super::{Advertised, PEELED, TAGS, commit};
use crate::domain::{
    CommitId, Lack, ReleaseStage, TagChoice, TagJudge, TagMismatch, TagPattern, TagRank, is_read_as_written,
};
use crate::source::Seen;

/// How many of the newest tags are kept where each has a counterpart or a release to be found.
const PAIRS: usize = 10_000;

/// The newest tags so far.
pub(super) struct Newest<'r> {
    own: Newer<'r>,
    counterpart: Option<Counterpart<'r>>,
    /// From which stage on a release counts, where only tags with one do.
    stage: Option<ReleaseStage>,
    prefixes: Vec<String>,
    /// Tags that begin as those that count do and do not: how many, and the last of them.
    others: Option<(usize, String)>,
}

/// The tags that must be on the same commits.
struct Counterpart<'r> {
    /// Of those that count.
    pattern: &'r TagPattern,
    /// Of these.
    theirs: &'r TagPattern,
    tags: Newer<'r>,
}

/// Tags, and where they are: the newest of them, so many at most.
struct Newer<'r> {
    judge: TagJudge<'r>,
    most: usize,
    tags: BTreeMap<TagRank, (String, CommitId)>,
}

impl<'r> Newer<'r> {
    fn of(judge: TagJudge<'r>, most: usize) -> Self {
        Self { judge, most, tags: BTreeMap::new() }
    }

    /// Whether it is one of them, kept or not.
    fn see(&mut self, tag: &str, one: &Advertised) -> bool {
        let Some(rank) = self.judge.rank(tag) else { return false };
        let is_full = self.tags.len() >= self.most;
        let is_too_old = is_full && self.tags.first_key_value().is_some_and(|(oldest, _)| rank < *oldest);
        if let Some(commit) = commit(one).filter(|_| !is_too_old) {
            self.tags.insert(rank, (tag.to_owned(), commit));
            if self.tags.len() > self.most {
                self.tags.pop_first();
            }
        }
        true
    }

    /// What an annotated tag points to, through however many tags.
    fn peel(&mut self, tag: &str, one: &Advertised) {
        let kept = self.judge.rank(tag).and_then(|rank| self.tags.get_mut(&rank));
        if let Some(((_, kept), commit)) = kept.zip(commit(one)) {
            *kept = commit;
        }
    }

    fn at(&self, tag: &str) -> Option<&CommitId> {
        self.tags.get(&self.judge.rank(tag)?).map(|(_, commit)| commit)
    }
}

impl<'r> Newest<'r> {
    pub(super) fn of(choice: &'r TagChoice) -> Self {
        let counterpart = match choice {
            TagChoice::Pattern { pattern, order, counterpart: Some(theirs), .. } => {
                let tags = Newer::of(TagJudge::Pattern(theirs, *order), PAIRS);
                Some(Counterpart { pattern, theirs, tags })
            }
            TagChoice::Pattern { counterpart: None, .. } | TagChoice::Range(_) => None,
        };
        let stage = choice.stage();
        let most = if counterpart.is_some() || stage.is_some() { PAIRS } else { 1 };
        Self { own: Newer::of(choice.judge(), most), counterpart, stage, prefixes: choice.prefixes(), others: None }
    }

    pub(super) fn see(&mut self, one: &Advertised) {
        let Some(tag) = one.name.strip_prefix(TAGS) else { return };
        let theirs = self.counterpart.as_mut().map(|counterpart| &mut counterpart.tags);
        if let Some(tag) = tag.strip_suffix(PEELED) {
            self.own.peel(tag, one);
            if let Some(theirs) = theirs {
                theirs.peel(tag, one);
            }
            return;
        }
        let is_theirs = theirs.is_some_and(|theirs| theirs.see(tag, one));
        let counts = self.own.see(tag, one) || is_theirs;
        if !counts && is_read_as_written(tag) && self.prefixes.iter().any(|prefix| tag.starts_with(prefix.as_str())) {
            let before = self.others.as_ref().map_or(0, |(count, _)| *count);
            self.others = Some((before + 1, tag.to_owned()));
        }
    }

    /// Whether no tag was seen that may count.
    pub(super) fn is_empty(&self) -> bool {
        self.own.tags.is_empty()
    }

    /// The tags that may count and their counterparts, where it takes the host's releases to say which do.
    pub(super) fn of_releases(&self) -> impl Iterator<Item = (&String, &CommitId)> {
        let theirs = self.counterpart.iter().flat_map(|counterpart| counterpart.tags.tags.values());
        self.own.tags.values().chain(theirs).filter(|_| self.stage.is_some()).map(|(tag, commit)| (tag, commit))
    }

    /// The newest tag of which these releases do not say whether it counts. `None` once one counts, and of all newer ones it is known that
    /// they do not, whatever else a host lists.
    pub(super) fn undecided_by(&self, listing: &Listing) -> Option<&str> {
        let stage = self.stage?;
        for (tag, commit) in self.own.tags.values().rev() {
            let lacks_another = self.counterpart.as_ref().is_some_and(|one| one.misses(tag, commit).is_some());
            if lacks_another {
                continue;
            }
            if !listing.is_settled(tag) {
                return Some(tag);
            }
            // One that counts, with nothing open that is newer.
            listing.misses(stage, tag)?;
        }
        None
    }

    /// The newest that counts, and the newest that would if it had what it lacks.
    pub(super) fn found(&self, listing: &Listing) -> (Option<Seen>, Option<TagMismatch>) {
        let mut passed_over: Option<TagMismatch> = None;
        for (tag, commit) in self.own.tags.values().rev() {
            let lacks = self.counterpart.as_ref().and_then(|counterpart| counterpart.misses(tag, commit));
            let lacks = lacks.or_else(|| listing.misses(self.stage?, tag));
            let Some(lacks) = lacks else {
                let seen = Seen { reference: format!("{TAGS}{tag}"), commit: commit.clone(), passed_over: None };
                return (Some(seen), passed_over);
            };
            match &mut passed_over {
                Some(first) => first.more += 1,
                None => {
                    passed_over = Some(TagMismatch { tag: tag.to_owned(), commit: commit.clone(), lacks, more: 0 });
                }
            }
        }
        (None, passed_over)
    }

    /// What is there instead, as a phrase.
    pub(super) fn others(&self) -> Option<String> {
        self.others.as_ref().map(|(count, last)| match count {
            1 => format!("tag {last} does not count"),
            more => format!("{more} other tags begin alike and do not count, such as {last}"),
        })
    }
}

impl Counterpart<'_> {
    /// What keeps this tag from counting, if anything does.
    fn misses(&self, tag: &str, commit: &CommitId) -> Option<Lack> {
        let counterpart = self.theirs.with(self.pattern.part(tag)?);
        let at = self.tags.at(&counterpart);
        (at != Some(commit)).then(|| Lack::Counterpart { at: at.cloned(), tag: counterpart })
    }
}
