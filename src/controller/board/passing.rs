//! The push of what was verified, and what came of it.

use super::slot::{Failure, Record, Work, attempt};
use super::{Board, LONGEST_TRY, Subject};
use crate::api::v1alpha1::PassedOn;
use crate::plan::observed::Look;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

/// The push for the one release that serves.
#[derive(Debug)]
pub(super) struct PassingSlot {
    release: String,
    question: String,
    record: Record<PassedOn>,
    work: Option<Work>,
}

impl Board {
    /// The push of a deployment, by the release's name. What came of another question (another branch, tag, Secret) is forgotten.
    pub fn passing(&self, uid: &str, question: &str) -> BTreeMap<String, Look<PassedOn>> {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(uid) else { return BTreeMap::new() };
        entry.passing.take_if(|slot| slot.question != question);
        let seen = entry.passing.iter().map(|slot| {
            let (answer, trouble) = (slot.record.answer.clone(), slot.record.trouble());
            (slot.release.clone(), Look { answer, trouble, running: slot.work.is_some(), ..Look::default() })
        });
        seen.collect()
    }

    /// Pushes for a release, unless that is under way.
    pub fn pass_on(
        self: &Arc<Self>,
        subject: &Subject,
        release: &str,
        question: &str,
        work: impl Future<Output = Result<PassedOn, Failure>> + Send + 'static,
    ) {
        let mut entries = self.lock();
        let passing = &mut entries.entry(subject.uid.clone()).or_default().passing;
        let known = passing.take().filter(|slot| slot.release == release && slot.question == question);
        let mut slot = known.unwrap_or_else(|| PassingSlot {
            release: release.to_owned(),
            question: question.to_owned(),
            record: Record::default(),
            work: None,
        });
        if slot.work.is_none() {
            let (board, who) = (Arc::clone(self), subject.clone());
            let asked = (release.to_owned(), question.to_owned());
            slot.work = Some(Work::start(async move {
                let outcome = attempt(work).await.and_then(|outcome| outcome);
                if let Some(slot) = board.lock().get_mut(&who.uid).and_then(|entry| entry.passing.as_mut())
                    && (&slot.release, &slot.question) == (&asked.0, &asked.1)
                {
                    slot.work = None;
                    slot.record.finish(outcome, LONGEST_TRY, Timestamp::now());
                }
                board.wake(&who);
            }));
        }
        *passing = Some(slot);
    }
}
