//! What people decided, read off the actions that were done, in the order of their answers.

use crate::api::v1alpha1::{
    Outcome, Person, PhaseName, ReleaseState, StepName, TengineAction, TengineActionStatus, TengineReleaseStatus, Verb,
};
use crate::domain::CommitId;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use std::collections::BTreeMap;

/// All that people decided about one deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// The release that is to run until it is let go.
    pub pin: Option<Pin>,
    /// What was decided last about a release's rejection, by the release's name.
    struck: BTreeMap<String, Struck>,
    /// What was said at gates, in the order in which it was said: of one person's words on one version the last.
    decisions: Vec<Decision>,
    /// The phase that a person said last is to begin.
    pub starts: Option<Start>,
    /// The moved tags that were accepted.
    accepted: Vec<AcceptedTag>,
    /// The latest turn that was to come by a person's word. It has come already, or is overtaken, where another one is said.
    pub switches_to: Option<i64>,
}

/// A phase of one passage of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    release: String,
    /// Which passage.
    pub passage: i64,
    phase: PhaseName,
    /// The action that it was said by.
    pub action: String,
}

/// A move of a tag that a person accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AcceptedTag {
    tag: String,
    /// Where it is followed to.
    commit: String,
    /// The release that it had been taken for: of a later move this says nothing.
    release: String,
}

/// What a person said of a version at a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The version.
    pub digest: String,
    /// The release that was named.
    pub release: String,
    /// The gate.
    pub gate: String,
    /// What.
    pub say: Say,
    /// Who.
    pub by: Person,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The action that it was said by.
    pub action: String,
}

/// What can be said at a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Say {
    /// It may pass.
    For,
    /// It may not.
    Against,
    /// It passes, whatever the gate waits for.
    Override,
}

/// A release that a person brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The release's name.
    pub release: String,
    /// The action that did it.
    pub action: String,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

impl Pin {
    /// Who pinned which version, and why.
    pub fn in_words(&self, version: &str) -> String {
        let why = self.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{} pinned {version}{why}", self.by)
    }
}

/// A person's word on whether a release is rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Struck {
    /// It is, since then, in these words.
    Aborted(Timestamp, String),
    /// Its rejection of then is forgotten. It is told by its time and not by its age, because clocks jump.
    Retried(Timestamp),
}

impl Words {
    /// Reads the answers of a deployment's actions. `uid` is the deployment's: another one of its name is not bound by them.
    pub fn of<'a>(actions: impl IntoIterator<Item = &'a TengineAction>, uid: &str) -> Self {
        let mut done: Vec<(Timestamp, &TengineAction, &TengineActionStatus)> = actions
            .into_iter()
            .filter_map(|action| {
                let status = action.status.as_ref()?;
                let holds = status.outcome == Some(Outcome::Done) && status.deployment_uid.as_deref() == Some(uid);
                holds.then_some((status.at.as_ref()?.0, action, status))
            })
            .collect();
        done.sort_by_key(|(at, action, _)| (*at, action.name_any()));
        let mut words = Self::default();
        for (at, action, answer) in done {
            words.take(action, answer, at);
        }
        words
    }

    /// Takes in an action that was done at `at`.
    pub(super) fn take(&mut self, action: &TengineAction, answer: &TengineActionStatus, at: Timestamp) {
        let by = action.spec.by.user.clone();
        let release = answer.release.clone().unwrap_or_default();
        let reason = action.spec.reason.clone();
        match action.spec.action {
            Verb::RollBack => self.pin = Some(Pin { release, action: action.name_any(), by, reason }),
            Verb::Resume => self.pin = None,
            Verb::SwitchOver => self.switches_to = self.switches_to.max(answer.turn),
            Verb::Retry => {
                if let Some(forgets) = &answer.forgets {
                    self.struck.insert(release, Struck::Retried(forgets.0));
                }
            }
            Verb::Approve => self.say(Say::For, action, answer, at),
            Verb::Reject => self.say(Say::Against, action, answer, at),
            Verb::Override => self.say(Say::Override, action, answer, at),
            Verb::AcceptTag => {
                if let (Some(tag), Some(commit)) = (action.spec.tag.clone(), answer.commit.clone()) {
                    // A later word takes the place of one on the same release.
                    self.accepted.retain(|earlier| earlier.release != release);
                    self.accepted.push(AcceptedTag { tag, commit, release });
                }
            }
            Verb::StartPhase => {
                if let (Some(passage), Some(phase)) = (answer.passage, action.spec.phase) {
                    self.starts = Some(Start { release, passage, phase, action: action.name_any() });
                }
            }
            Verb::Abort => {
                let why = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                self.struck.insert(release, Struck::Aborted(at, format!("{by} aborted it{why}")));
            }
        }
    }

    fn say(&mut self, say: Say, action: &TengineAction, answer: &TengineActionStatus, at: Timestamp) {
        let (Some(digest), Some(gate)) = (answer.digest.clone(), answer.gate.clone()) else { return };
        let by = action.spec.by.clone();
        let release = answer.release.clone().unwrap_or_default();
        // What the same person said of other settings stands: those may be wanted again.
        if say != Say::Override {
            self.decisions.retain(|said| {
                said.say == Say::Override
                    || said.release != release
                    || said.digest != digest
                    || said.gate != gate
                    || said.by.user != by.user
            });
        }
        let (reason, action) = (action.spec.reason.clone(), action.name_any());
        self.decisions.push(Decision { digest, release, gate, say, by, reason, at, action });
    }

    /// What was said of a version.
    pub fn decisions(&self, digest: &str) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(move |decision| decision.digest == digest)
    }

    /// Whether a person accepted that this tag is on this commit now, and not any more where it was taken for this release.
    pub fn accepts(&self, tag: &str, commit: &CommitId, release: &str) -> bool {
        let is_this = |accepted: &AcceptedTag| {
            accepted.tag == tag && accepted.commit == commit.as_ref() && accepted.release == release
        };
        self.accepted.iter().any(is_this)
    }

    /// Whether a person said that this phase, or a later one, of a release's passage is to begin.
    pub fn is_started(&self, release: &str, passage: i64, phase: PhaseName) -> bool {
        let is_this = |said: &Start| said.release == release && said.passage == passage && said.phase >= phase;
        self.starts.as_ref().is_some_and(is_this)
    }

    /// When the rejection of a release was made that was told to be forgotten last.
    pub fn retried(&self, release: &str) -> Option<Timestamp> {
        match self.struck.get(release)? {
            Struck::Retried(at) => Some(*at),
            Struck::Aborted(..) => None,
        }
    }

    /// Puts a release's record as people's words have it; says whether that changed anything, or is written down already.
    pub fn amend(&self, release: &str, status: &mut TengineReleaseStatus) -> bool {
        match self.struck.get(release) {
            Some(Struck::Aborted(at, words)) if seconds(status.rejected_at.as_ref()) != Some(at.as_second()) => {
                status.rejected_at = Some(Time(*at));
                status.state = Some(ReleaseState::Aborted);
                status.message = Some(words.clone());
                true
            }
            Some(Struck::Retried(forgotten)) if seconds(status.rejected_at.as_ref()) == Some(forgotten.as_second()) => {
                (status.rejected_at, status.message, status.evidence) = (None, None, None);
                // Every step after the build is taken again: what it proved before it was rejected counts no more, nor does the
                // word that other environments waited for.
                (status.verified_at, status.served_at, status.recheck) = (None, None, None);
                status.statuses.clear();
                status.steps.retain(|step| step.name == StepName::Build);
                status.state = Some(if status.image.is_some() { ReleaseState::Built } else { ReleaseState::Building });
                true
            }
            Some(Struck::Aborted(..) | Struck::Retried(_)) | None => false,
        }
    }
}

/// Times in a record are whole seconds once they were written down.
fn seconds(at: Option<&Time>) -> Option<i64> {
    at.map(|at| at.0.as_second())
}
