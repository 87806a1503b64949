//! Pushes of what was verified, and what came of each.

use super::slot::{Failure, Work, attempt};
use super::{Board, LONGEST_TRY, Subject};
use crate::plan::observed::Passing;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

/// What the host has of a release: branch and tag.
pub type Passed = (Option<String>, Option<String>);

/// The push for one release.
#[derive(Debug)]
pub(super) struct PassingSlot {
    question: String,
    state: Passing,
    failures: u32,
    work: Option<Work>,
}

impl Board {
    /// The pushes of a deployment. What came of another question (another branch, tag, Secret) is forgotten.
    pub fn passing(&self, uid: &str, question: &str) -> BTreeMap<String, Passing> {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(uid) else { return BTreeMap::new() };
        entry.passing.retain(|_, slot| slot.question == question);
        entry.passing.iter().map(|(name, slot)| (name.clone(), slot.state.clone())).collect()
    }

    /// Pushes for a release, unless that is under way.
    pub fn pass_on(
        self: &Arc<Self>,
        subject: &Subject,
        release: &str,
        question: &str,
        work: impl Future<Output = Result<Passed, Failure>> + Send + 'static,
    ) {
        let mut entries = self.lock();
        let passing = &mut entries.entry(subject.uid.clone()).or_default().passing;
        if passing.get(release).is_some_and(|slot| slot.work.is_some()) {
            return;
        }
        let before = passing.remove(release);
        // Only what serves now is passed on.
        passing.clear();
        let failures = before.as_ref().map_or(0, |slot| slot.failures);
        let trouble = before.and_then(|slot| slot.state.trouble().cloned());
        let since = trouble.as_ref().map(|trouble| trouble.since);
        let (board, who, name) = (Arc::clone(self), subject.clone(), release.to_owned());
        let task = Work::start(async move {
            let outcome = attempt(work).await.and_then(|outcome| outcome);
            board.passed(&who.uid, &name, outcome, since);
            board.wake(&who);
        });
        let (question, state) = (question.to_owned(), Passing::Running(trouble));
        passing.insert(release.to_owned(), PassingSlot { question, state, failures, work: Some(task) });
    }

    fn passed(&self, uid: &str, release: &str, outcome: Result<Passed, Failure>, since: Option<Timestamp>) {
        let mut entries = self.lock();
        let Some(slot) = entries.get_mut(uid).and_then(|entry| entry.passing.get_mut(release)) else { return };
        slot.work = None;
        let now = Timestamp::now();
        slot.state = match outcome {
            Ok((branch, tag)) => Passing::Done { branch, tag },
            Err(failure) => {
                slot.failures = slot.failures.saturating_add(1);
                Passing::Trouble(failure.into_trouble(slot.failures, LONGEST_TRY, since.unwrap_or(now), now))
            }
        };
    }
}
