//! Builds, by release.

use super::slot::{Failure, Failures, Work, attempt};
use super::{Board, LONGEST_TRY, Subject};
use crate::api::v1alpha1::TengineReleaseStatus;
use crate::plan::observed::{Build, Built, Refused, Step};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

/// How a build ended.
#[derive(Debug, Clone)]
pub enum BuildOutcome {
    Built(Box<Built>),
    Refused(Box<Refused>),
    Failed(Step, Failure),
}

/// One release's build.
#[derive(Debug)]
pub struct BuildSlot {
    question: String,
    state: Build,
    failures: Failures,
    work: Option<Work>,
    /// Whether it makes an image again that the release once had.
    anew: bool,
    began: Timestamp,
}

impl BuildSlot {
    /// Whether a record that was written leaves nothing to keep. One that was decided on before an image had been made again says nothing of it.
    fn is_told_by(&self, record: &TengineReleaseStatus) -> bool {
        let says_when = || record.image_made_at.as_ref().is_some_and(|made| made.0 >= self.began);
        let waits_for_another = match &self.state {
            Build::Built(_) if self.anew => !says_when(),
            state => state.is_finished() && !self.anew,
        };
        !self.state.outlasts(record) && !waits_for_another
    }
}

impl Board {
    /// The builds of a deployment. What belongs to other inputs than `question` is forgotten: trouble, and what came of making an image again.
    pub fn builds(&self, uid: &str, question: &str) -> BTreeMap<String, Build> {
        let mut entries = self.lock();
        let entry = entries.entry(uid.to_owned()).or_default();
        let is_kept = |slot: &BuildSlot| slot.work.is_some() || slot.state.is_finished() && !slot.anew;
        entry.builds.retain(|_, slot| slot.question == question || is_kept(slot));
        for slot in entry.builds.values_mut().filter(|slot| slot.question != question) {
            if let Build::Running(before) = &mut slot.state {
                *before = None;
            }
        }
        entry.builds.iter().map(|(name, slot)| (name.clone(), slot.state.clone())).collect()
    }

    /// Starts to build a release, unless that is under way; `anew` where it had its image before.
    pub fn build(
        self: &Arc<Self>,
        subject: &Subject,
        (release, anew): (&str, bool),
        question: &str,
        work: impl Future<Output = BuildOutcome> + Send + 'static,
    ) {
        let mut entries = self.lock();
        let builds = &mut entries.entry(subject.uid.clone()).or_default().builds;
        if builds.get(release).is_some_and(|slot| slot.work.is_some()) {
            return;
        }
        // Only the newest candidate is worth the work, and what brings a lost image back.
        builds.retain(|name, slot| name == release || slot.anew != anew);
        let before = builds.remove(release);
        let failures = before.as_ref().map_or_else(Failures::default, |slot| slot.failures);
        let before = before.and_then(|slot| slot.state.trouble().map(|(step, trouble)| (step, trouble.clone())));
        let since = before.as_ref().map(|(_, trouble)| trouble.since);
        let (board, who, name) = (Arc::clone(self), subject.clone(), release.to_owned());
        let task = Work::start(async move {
            let outcome = attempt(work).await.unwrap_or_else(|failure| BuildOutcome::Failed(Step::Source, failure));
            board.built(&who.uid, &name, outcome, since);
            board.wake(&who);
        });
        let slot = BuildSlot {
            question: question.to_owned(),
            state: Build::Running(before),
            failures,
            work: Some(task),
            anew,
            began: Timestamp::now(),
        };
        builds.insert(release.to_owned(), slot);
    }

    fn built(&self, uid: &str, release: &str, outcome: BuildOutcome, since: Option<Timestamp>) {
        let mut entries = self.lock();
        let Some(slot) = entries.get_mut(uid).and_then(|entry| entry.builds.get_mut(release)) else { return };
        slot.work = None;
        let now = Timestamp::now();
        slot.state = match outcome {
            BuildOutcome::Built(built) => Build::Built(built),
            BuildOutcome::Refused(refused) => Build::Refused(refused),
            BuildOutcome::Failed(step, failure) => {
                let trouble = failure.into_trouble(&mut slot.failures, LONGEST_TRY, since.unwrap_or(now), now);
                Build::Trouble(step, trouble)
            }
        };
    }

    /// A release's record is written. What came of its first build is kept until a cache shows that, or it would be built again; and
    /// so is what outlasts the record: each one that is written between two tries would begin the next one at once.
    pub fn recorded(&self, uid: &str, release: &str, status: &TengineReleaseStatus) {
        let mut entries = self.lock();
        let Some(builds) = entries.get_mut(uid).map(|entry| &mut entry.builds) else { return };
        if builds.get(release).is_some_and(|slot| slot.is_told_by(status)) {
            builds.remove(release);
        }
    }

    /// A cache shows that it is written down what came of the first build of these, or that they were rejected meanwhile: the board need
    /// not keep it.
    pub fn shown<'a>(&self, uid: &str, releases: impl Iterator<Item = &'a str>) {
        let mut entries = self.lock();
        let Some(builds) = entries.get_mut(uid).map(|entry| &mut entry.builds).filter(|builds| !builds.is_empty())
        else {
            return;
        };
        for release in releases {
            if builds.get(release).is_some_and(|slot| slot.work.is_none() && !slot.anew) {
                builds.remove(release);
            }
        }
    }
}
