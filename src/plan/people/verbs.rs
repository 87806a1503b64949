//! What each verb does, and when it is refused.

use super::words::Words;
use crate::api::v1alpha1::{Outcome, TengineAction, TengineActionStatus, Verb};
use crate::domain::CommitId;
use crate::plan::change_over;
use crate::plan::effect::Effect;
use crate::plan::fleet;
use crate::plan::gates::Passages;
use crate::plan::member;
use crate::plan::observed::{Seen, Vouched};
use crate::plan::proofs;
use crate::plan::releases::Release;
use crate::plan::sight::Sight;
use crate::plan::texts;
use crate::plan::train;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, Time};
use kube::ResourceExt as _;

/// How many answered actions of a deployment are kept.
const KEPT: usize = 50;

/// What a verb is judged by.
pub(super) struct Scene<'a> {
    pub(super) sight: Sight<'a>,
    /// What was decided before.
    pub(super) words: Words,
    /// The release that policy wants.
    candidate: Option<&'a Release>,
    /// The release that should run.
    pub(super) chosen: Option<&'a Release>,
    /// The release that serves.
    serving: Option<&'a Release>,
    /// How the gates stand.
    pub(super) passages: &'a Passages<'a>,
}

/// What is done, or why not.
pub(super) type Answer = Result<Said, String>;

#[derive(Default)]
pub(super) struct Said {
    pub(super) release: String,
    pub(super) forgets: Option<Timestamp>,
    /// Gate and digest.
    pub(super) at_gate: Option<(String, String)>,
    /// Where a tag is followed to.
    pub(super) commit: Option<CommitId>,
    /// Whose turn is to come.
    pub(super) turn: Option<i64>,
    /// Which passage of the release.
    pub(super) passage: Option<i64>,
    pub(super) message: String,
}

/// Answers what was not answered yet, in the order in which it was asked: the second of two that are asked at once is judged
/// by what the first did. What was done holds from the moment the answer is written. Old answers go, one at a time and the
/// oldest first, so that no Resume goes before the RollBack that it ended.
pub fn answer(
    sight: Sight<'_>,
    candidate: Option<&Release>,
    chosen: Option<&Release>,
    serving: Option<&Release>,
    passages: &Passages<'_>,
) -> Vec<Effect> {
    let actions = &sight.observed.actions;
    let uid = &sight.desired.uid;
    let mut asked: Vec<&TengineAction> = actions.iter().filter(|action| !is_answered(action)).collect();
    asked.retain(|action| !is_about_a_gate(action) || vouched(sight, action) != Vouched::Open);
    asked.sort_by_key(|action| asked_at(action));
    // Later than every answer so far, so that their order is that of their times even if the clock was set back.
    let last = actions.iter().filter_map(answered_at).max();
    let mut at = last.map_or(sight.now, |last| sight.now.max(after(last)));
    let mut scene = Scene { sight, words: Words::of(actions, uid), candidate, chosen, serving, passages };
    let mut effects = Vec::new();
    for action in asked {
        let status = scene.answer(action, at);
        effects.push(Effect::AnswerAction { action: action.name_any(), status: Box::new(status) });
        at = after(at);
    }
    // Between a look and the release that is made of it nobody can say what waits at gates.
    if candidate.is_some() || !passages.are_gates() {
        effects.extend(expired(sight, &scene.words, passages));
    }
    effects
}

/// Its place in the order of asking. An API server writes down the second in which an object was made; of two of one second the
/// resource versions tell, which are numbers that grow (KEP-5504). Names do not: `generateName` makes them up.
fn asked_at(action: &TengineAction) -> (Option<Timestamp>, Option<u128>, String) {
    let version = action.resource_version().and_then(|version| version.parse().ok());
    (action.creation_timestamp().map(|made| made.0), version, action.name_any())
}

/// Whether somebody waits for an answer that this sight is enough for: what is decided may come to another end by it.
pub fn are_open(actions: &[TengineAction]) -> bool {
    actions.iter().any(|action| !is_answered(action) && !is_about_a_gate(action))
}

/// Whether it is a word at a gate: then all depends on who says it.
const fn is_about_a_gate(action: &TengineAction) -> bool {
    matches!(action.spec.action, Verb::Approve | Verb::Reject | Verb::Override)
}

/// Whether it is proven who says it.
pub(super) fn vouched(sight: Sight<'_>, action: &TengineAction) -> Vouched {
    sight.observed.vouching.of(action.creation_timestamp().map(|made| made.0))
}

/// Whether it was answered, one way or the other.
pub fn is_answered(action: &TengineAction) -> bool {
    action.status.as_ref().is_some_and(|status| status.outcome.is_some())
}

fn answered_at(action: &TengineAction) -> Option<Timestamp> {
    Some(action.status.as_ref()?.at.as_ref()?.0)
}

fn after(at: Timestamp) -> Timestamp {
    // Times are written down in whole microseconds.
    at.checked_add(SignedDuration::from_micros(1)).unwrap_or(at)
}

/// The oldest answered action beyond the limit, but for those that hold: the one that pins, the one that started a phase last, what was said of
/// versions that wait, and that the last tag may be followed elsewhere.
fn expired(sight: Sight<'_>, words: &Words, passages: &Passages<'_>) -> Option<Effect> {
    let actions = &sight.observed.actions;
    let taken = train::taken_last(sight.desired, sight.observed).map(|release| release.name.as_str());
    let accepts = |action: &TengineAction| {
        let status = action.status.as_ref().filter(|_| action.spec.action == Verb::AcceptTag);
        status.is_some_and(|status| taken.is_some() && status.release.as_deref() == taken)
    };
    let pins = words.pin.as_ref().map(|pin| pin.action.as_str());
    let starts = words.starts.as_ref().map(|start| start.action.as_str());
    let waits = |action: &TengineAction| {
        let digest = action.status.as_ref().and_then(|status| status.digest.as_deref());
        digest.is_some_and(|digest| passages.are_about(digest))
    };
    // It takes over once all of them wait again.
    let to_come = words.switches_to.filter(|turn| *turn > sight.turn());
    let switches = |action: &TengineAction| {
        let turn = action.status.as_ref().and_then(|status| status.turn);
        to_come.is_some() && turn == to_come
    };
    let mut old: Vec<&TengineAction> = actions
        .iter()
        .filter(|action| is_answered(action) && action.metadata.deletion_timestamp.is_none())
        .filter(|action| ![pins, starts].contains(&Some(action.name_any().as_str())))
        .filter(|action| !waits(action) && !accepts(action) && !switches(action))
        .collect();
    old.sort_by_key(|action| (answered_at(action), action.name_any()));
    let oldest = old.first().filter(|_| old.len() > KEPT)?;
    Some(Effect::DeleteAction { action: oldest.name_any(), seen: Seen::of(*oldest) })
}

impl Scene<'_> {
    fn answer(&mut self, action: &TengineAction, at: Timestamp) -> TengineActionStatus {
        let mut status = TengineActionStatus {
            at: Some(MicroTime(at)),
            deployment_uid: Some(self.sight.desired.uid.clone()),
            ..TengineActionStatus::default()
        };
        match self.judge(action) {
            Ok(said) => {
                status.outcome = Some(Outcome::Done);
                status.message = Some(said.message);
                status.forgets = said.forgets.map(Time);
                status.release = Some(said.release);
                (status.gate, status.digest) = said.at_gate.unzip();
                status.commit = said.commit.map(String::from);
                (status.turn, status.passage) = (said.turn, said.passage);
                self.words.take(action, &status, at);
            }
            Err(why) => {
                status.outcome = Some(Outcome::Refused);
                status.message = Some(why);
            }
        }
        texts::fit_answer(&mut status);
        status
    }

    fn judge(&self, action: &TengineAction) -> Answer {
        let releases = &self.sight.observed.releases;
        let named = match &action.spec.release {
            None => None,
            Some(name) => Some(releases.named(name).ok_or_else(|| {
                format!("spec.release: TengineDeployment {} has no release {name}", self.sight.desired.name)
            })?),
        };
        match action.spec.action {
            Verb::RollBack => self.roll_back(named),
            Verb::Resume => self.resume(),
            Verb::Retry => self.retry(named),
            Verb::Abort => self.abort(named),
            Verb::AcceptTag => self.accept_tag(action),
            Verb::SwitchOver => self.switch_over(),
            Verb::StartPhase => self.start_phase(action, named),
            Verb::Approve | Verb::Reject | Verb::Override => self.at_gate(action, named),
        }
    }

    fn roll_back(&self, named: Option<&Release>) -> Answer {
        let release = named.or_else(|| self.prior()).ok_or("there is no prior release")?;
        let name = &release.name;
        if self.rejected(release).is_some() {
            return Err(format!("release {name} was rejected: Retry it first"));
        }
        if release.image().is_none() {
            return Err(format!("release {name} has no image yet"));
        }
        if release.verified_at().is_none() && !self.passages.let_take_over(release) {
            return Err(format!("release {name} has never served, and not all gates let it pass"));
        }
        if !proofs::let_pass(self.sight, release) && self.sight.told() != Some(name) {
            return Err(format!("release {name} has never served, and its preflight and tests have not passed"));
        }
        if !member::may_come_back(self.sight, release) {
            return Err(format!(
                "release {name} is for another queue or database, which this instance left and somebody else may have by now: give it back in the \
                 spec that the instances come from"
            ));
        }
        if self.words.pin.as_ref().is_some_and(|pin| pin.release == *name) {
            return Err(format!("release {name} is pinned already"));
        }
        let message = format!("{name} ({}) runs until Resume", release.spec.revision);
        Ok(Said { release: name.clone(), message, ..Said::default() })
    }

    /// The last verified one before the one that serves, or that instances change over to.
    fn prior(&self) -> Option<&Release> {
        let before = fleet::switched_to(self.sight).or(self.serving)?.spec.number;
        let releases = self.sight.observed.releases.iter();
        releases
            .filter(|release| release.spec.number < before && release.verified_at().is_some())
            .filter(|release| release.image().is_some() && self.rejected(release).is_none())
            .max_by_key(|release| release.spec.number)
    }

    fn resume(&self) -> Answer {
        let pin = self.words.pin.as_ref().ok_or("nothing is pinned")?;
        let message = format!("{} is let go: the newest good release serves again", pin.release);
        Ok(Said { release: pin.release.clone(), message, ..Said::default() })
    }

    fn retry(&self, named: Option<&Release>) -> Answer {
        let rejected = |release: &&Release| self.rejected(release).is_some();
        let newest = || {
            let all = self.sight.observed.releases.iter().filter(rejected);
            all.max_by_key(|release| release.spec.number)
        };
        let release = named.or_else(newest).ok_or("no release is rejected")?;
        let name = &release.name;
        let since = self.rejected(release).ok_or_else(|| format!("release {name} was not rejected"))?;
        let message = format!("the rejection of {name} is forgotten: it is tried again while it is what is wanted");
        Ok(Said { release: name.clone(), forgets: Some(since), message, ..Said::default() })
    }

    fn abort(&self, named: Option<&Release>) -> Answer {
        let under_way = self.under_way();
        let first = *under_way.first().ok_or("nothing is under way")?;
        let release = match named {
            None => first,
            Some(named) => *under_way.iter().find(|release| release.is(named)).ok_or_else(|| {
                let known: Vec<&str> = under_way.iter().map(|release| release.name.as_str()).collect();
                format!("spec.release: what is under way is {}", known.join(" and "))
            })?,
        };
        let name = &release.name;
        if change_over::committed(self.sight).is_some_and(|taking_over| taking_over.is(release)) {
            return Err(format!("what served was told to end, and {name} takes over: RollBack once it serves"));
        }
        if fleet::committed(self.sight).is_some_and(|taking_over| taking_over.is(release)) {
            return Err(format!("instances change over to {name}: RollBack brings them back, phase by phase"));
        }
        let is_good =
            |other: &Release| !other.is(release) && self.rejected(other).is_none() && other.verified_at().is_some();
        if !self.sight.observed.releases.iter().any(is_good) {
            return Err("there is no prior release to go back to; spec.replicas: 0 stops it".to_owned());
        }
        let is_first = release.is(first);
        let changed_over = fleet::switched_to(self.sight).is_some_and(|told| told.is(release));
        let message = if is_first && changed_over {
            format!("{name} is rejected; what was verified before it comes back to all instances, phase by phase")
        } else if is_first {
            format!("{name} is rejected; what was verified before it serves")
        } else {
            format!("{name} is rejected; {} goes on", first.name)
        };
        Ok(Said { release: name.clone(), message, ..Said::default() })
    }

    /// What neither proved itself nor was rejected: the roll-out that goes on, before the newer commit behind it.
    fn under_way(&self) -> Vec<&Release> {
        let mut found: Vec<&Release> = [self.chosen, self.candidate].into_iter().flatten().collect();
        found.retain(|release| self.rejected(release).is_none() && release.verified_at().is_none());
        found.dedup_by(|one, other| one.is(other));
        found
    }

    /// Since when a release is rejected, with what was decided in the same breath.
    pub(super) fn rejected(&self, release: &Release) -> Option<Timestamp> {
        let mut status = release.status.clone();
        self.words.amend(&release.name, &mut status);
        status.rejected_at.map(|at| at.0)
    }
}
