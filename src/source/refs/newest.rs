//! Finds the newest of the tags that count.

use super::{Advertised, PEELED, TAGS, commit};
use crate::domain::{TagChoice, TagJudge, TagRank};
use crate::source::Seen;

/// The newest tag so far.
pub(super) struct Newest<'r> {
    judge: TagJudge<'r>,
    prefixes: Vec<String>,
    best: Option<(TagRank, Seen)>,
    /// Tags that begin as those that count do and do not: how many, and the last of them.
    others: Option<(usize, String)>,
}

impl<'r> Newest<'r> {
    pub(super) fn of(choice: &'r TagChoice) -> Self {
        Self { judge: choice.judge(), prefixes: choice.prefixes(), best: None, others: None }
    }

    pub(super) fn see(&mut self, one: &Advertised) {
        let Some(tag) = one.name.strip_prefix(TAGS) else { return };
        if let Some(tag) = tag.strip_suffix(PEELED) {
            self.peel(tag, one);
            return;
        }
        let Some(rank) = self.judge.rank(tag) else {
            if self.prefixes.iter().any(|prefix| tag.starts_with(prefix.as_str())) {
                let before = self.others.as_ref().map_or(0, |(count, _)| *count);
                self.others = Some((before + 1, tag.to_owned()));
            }
            return;
        };
        let is_newer = self.best.as_ref().is_none_or(|(best, _)| *best < rank);
        if let Some(commit) = commit(one).filter(|_| is_newer) {
            self.best = Some((rank, Seen { reference: one.name.clone(), commit }));
        }
    }

    /// What an annotated tag points to, through however many tags.
    fn peel(&mut self, tag: &str, one: &Advertised) {
        let is_best = |seen: &&mut Seen| seen.reference.strip_prefix(TAGS) == Some(tag);
        let best = self.best.as_mut().map(|(_, seen)| seen).filter(is_best);
        if let Some((seen, commit)) = best.zip(commit(one)) {
            seen.commit = commit;
        }
    }

    pub(super) fn found(&self) -> Option<Seen> {
        self.best.as_ref().map(|(_, seen)| seen.clone())
    }

    /// What is there instead, as a phrase.
    pub(super) fn others(&self) -> Option<String> {
        self.others.as_ref().map(|(count, last)| match count {
            1 => format!("tag {last} does not count"),
            more => format!("{more} other tags begin alike and do not count, such as {last}"),
        })
    }
}
