//! The releases of a deployment: the memory. What *last served* and *last verified* mean is said here and nowhere else.

mod environment;
pub mod fate;
pub(super) mod history;
pub(super) mod make;
pub(super) mod recheck;
pub(super) mod record;
mod steps;
pub(super) mod took;

pub use fate::Fate;

use super::people::Words;
use super::seen::Seen;
use crate::api::v1alpha1::{
    StepName, StepState, TengineRelease, TengineReleaseSpec, TengineReleaseStatus, condition::Reason,
};
use crate::domain::Platform;
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt as _;

/// One attempt: what it is made of, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its name.
    pub name: String,
    /// What was read. The Jobs of its checks are controlled by this UID.
    pub seen: Seen,
    /// When its rejection was made that a person told to forget last, if one did.
    pub retried: Option<Timestamp>,
    /// When it was made, by the API server's clock in whole seconds.
    pub made: Option<Timestamp>,
    /// Its inputs.
    pub spec: TengineReleaseSpec,
    /// What was written down of it, as people's words have it.
    pub status: TengineReleaseStatus,
    /// Whether people's words changed that, so that it is still to be written down.
    pub amended: bool,
    /// What became of it.
    pub fate: Fate,
    /// Whether it is being removed.
    pub deleting: bool,
}

impl From<TengineRelease> for Release {
    fn from(object: TengineRelease) -> Self {
        let status = object.status.clone().unwrap_or_default();
        Self {
            name: object.name_any(),
            seen: Seen::of(&object),
            retried: None,
            made: object.creation_timestamp().map(|made| made.0),
            fate: Fate::of(&status),
            deleting: object.metadata.deletion_timestamp.is_some(),
            spec: object.spec,
            status,
            amended: false,
        }
    }
}

impl Release {
    /// Whether both are the same one.
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name
    }

    /// The first seven digits of its commit.
    pub fn short(&self) -> &str {
        self.spec.commit.get(..7).unwrap_or(&self.spec.commit)
    }

    /// Its image by digest, once there is one.
    pub fn image(&self) -> Option<&str> {
        self.status.image.as_deref()
    }

    /// What its image runs on, where that was written down.
    pub fn platform(&self) -> Option<Platform> {
        self.status.platform.as_ref()?.parse().ok()
    }

    /// The version: the digest of its image.
    pub fn digest(&self) -> Option<&str> {
        Some(self.image()?.rsplit_once('@')?.1)
    }

    /// How long a core may take from its start until it is ready.
    pub fn allowance(&self) -> SignedDuration {
        SignedDuration::from_secs(self.spec.settings.progress_deadline_seconds)
    }

    /// Whether it may run: its image is there, and its content was not refused.
    pub fn is_eligible(&self) -> bool {
        matches!(self.fate, Fate::Built | Fate::Verified { .. })
    }

    /// Why it was refused, if it was.
    pub fn rejection(&self) -> Option<Reason> {
        match self.fate {
            Fate::Rejected { reason, .. } => Some(reason),
            Fate::Pending | Fate::Built | Fate::Verified { .. } => None,
        }
    }

    /// When it was first seen with all its pods ready, whatever came later.
    pub fn verified_at(&self) -> Option<Timestamp> {
        match self.fate {
            Fate::Verified { at } => Some(at),
            Fate::Rejected { verified, .. } => verified,
            Fate::Pending | Fate::Built => None,
        }
    }

    /// Whether it was written down that this step passed.
    pub fn has_done(&self, name: StepName) -> bool {
        self.status.steps.iter().any(|step| step.name == name && step.state == StepState::Done)
    }

    /// Whether it was the one that served when its record was last written.
    pub fn is_live(&self) -> bool {
        self.status.is_live()
    }

    /// Whether the pods of the other one are its own: the same image, settings and rules. Until the second rules, a pod named its
    /// commit.
    pub fn comes_out_as(&self, other: &Self) -> bool {
        let (mine, theirs) = (&self.spec, &other.spec);
        let same_rules = mine.rendering == theirs.rendering && mine.rendering > 1;
        self.image().is_some() && self.image() == other.image() && mine.settings == theirs.settings && same_rules
    }

    /// Whether cores of it ever were ready.
    pub fn has_served(&self) -> bool {
        self.served_at().is_some()
    }

    /// When it last began to serve. Releases of an operator that did not write this down say when they were verified.
    fn served_at(&self) -> Option<Timestamp> {
        self.status.served_at.as_ref().map(|at| at.0).or_else(|| self.verified_at())
    }
}

/// All releases that a deployment controls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Releases(Vec<Release>);

impl FromIterator<TengineRelease> for Releases {
    fn from_iter<T: IntoIterator<Item = TengineRelease>>(objects: T) -> Self {
        Self(objects.into_iter().map(Release::from).collect())
    }
}

impl Releases {
    /// The same releases, as people's words have them: rejected by one, or tried again.
    #[must_use]
    pub fn amended(mut self, words: &Words) -> Self {
        for release in &mut self.0 {
            release.amended = words.amend(&release.name, &mut release.status);
            release.fate = Fate::of(&release.status);
            release.retried = words.retried(&release.name);
        }
        self
    }

    /// The same, with what is known of one of them besides, and is still to be written down.
    #[must_use]
    pub fn with(mut self, name: &str, status: &TengineReleaseStatus) -> Self {
        for release in self.0.iter_mut().filter(|release| release.name == name) {
            (release.fate, release.status, release.amended) = (Fate::of(status), status.clone(), true);
        }
        self
    }

    /// In no order.
    pub fn iter(&self) -> impl Iterator<Item = &Release> {
        self.0.iter()
    }

    /// The one of this name.
    pub fn named(&self, name: &str) -> Option<&Release> {
        self.iter().find(|release| release.name == name)
    }

    /// The one that has these inputs and stays.
    pub fn of_key(&self, key: &str) -> Option<&Release> {
        self.iter()
            .filter(|release| release.spec.key == key && !release.deleting)
            .min_by_key(|release| release.spec.number)
    }

    /// The one made last.
    pub fn newest(&self) -> Option<&Release> {
        self.iter().max_by_key(|release| release.spec.number)
    }

    /// The one that served last, of those that may run: what comes back where a newer one is refused. A release that serves
    /// again after another one counts from then, not from when it was first verified.
    pub fn last_served(&self) -> Option<&Release> {
        self.iter()
            .filter(|release| matches!(release.fate, Fate::Verified { .. }))
            .max_by_key(|release| (release.is_live(), release.served_at(), release.spec.number))
    }

    /// The one that is live and never had cores, as none were wanted.
    pub fn live_without_cores(&self) -> Option<&Release> {
        self.iter()
            .filter(|release| release.is_live() && !release.has_served())
            .max_by_key(|release| release.spec.number)
    }

    /// Since when a version has a word. Equal digests are one version: it has what a release of it has, unless one made later was
    /// rejected, or failed its verification when that was made again: from then on only a word counts that was given later.
    pub fn word_since(&self, digest: &str, word: &str) -> Option<Timestamp> {
        let withdrawn = self.withdrawn_at(digest);
        let of_version = self.iter().filter(|release| release.digest() == Some(digest));
        let words = of_version.filter_map(|release| {
            let found = release.status.statuses.iter().find(|status| status.name == word)?;
            let taken_away = |(number, at)| release.spec.number < number && found.since.0 <= at;
            (!withdrawn.iter().copied().any(taken_away)).then_some(found.since.0)
        });
        words.min()
    }

    /// The release by which a version was rejected, if none of it was verified after that.
    pub fn rejected_version(&self, digest: &str) -> Option<&Release> {
        let (rejected, at) = self.rejected_at(digest)?;
        let verified = self.iter().any(|release| {
            release.digest() == Some(digest)
                && (release.spec.number > rejected || release.status.statuses.iter().any(|word| word.since.0 > at))
                && matches!(release.fate, Fate::Verified { .. })
        });
        self.iter().find(|release| release.spec.number == rejected && !verified)
    }

    /// The newest release of a version that was rejected: its number, and when.
    pub fn rejected_at(&self, digest: &str) -> Option<(i64, Timestamp)> {
        let rejected = self.iter().filter(|release| release.digest() == Some(digest)).filter_map(|release| {
            let Fate::Rejected { at, .. } = release.fate else { return None };
            Some((release.spec.number, at))
        });
        rejected.max()
    }

    /// By which of its releases a version lost its words, and when.
    fn withdrawn_at(&self, digest: &str) -> Vec<(i64, Timestamp)> {
        let of_version = self.iter().filter(|release| release.digest() == Some(digest));
        let failed = of_version
            .filter_map(|release| Some((release.spec.number, recheck::failed_at(release.status.recheck.as_ref())?)));
        self.rejected_at(digest).into_iter().chain(failed).collect()
    }

    /// The one that the instances were told last, as far as records say.
    pub fn told_to_instances(&self) -> Option<&Release> {
        let passage = |release: &&Release| release.status.phases.as_ref().map(|phases| phases.passage);
        self.iter().filter(|release| passage(release).is_some()).max_by_key(passage)
    }

    /// The newest that was ever seen with all its pods ready and not refused since.
    pub fn last_verified(&self) -> Option<&Release> {
        self.iter()
            .filter(|release| matches!(release.fate, Fate::Verified { .. }))
            .max_by_key(|release| release.spec.number)
    }
}
