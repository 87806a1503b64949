//! Which release should run? The first row that names one.

use super::change_over;
use super::fleet;
use super::gates::Passages;
use super::member;
use super::people::Standing;
use super::promote;
use super::proofs;
use super::releases::{Fate, Release};
use super::sight::Sight;
use super::standby;
use super::succession;
use crate::api::v1alpha1::{RollbackMode, condition::Reason};

/// The release that should run, and why this one.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// Should run; `None` while nothing can be chosen.
    pub release: Option<&'a Release>,
    /// Why.
    pub because: Because,
    last_served: Option<&'a Release>,
}

impl<'a> Choice<'a> {
    /// This one: it serves, or what served was told to end in its favour.
    pub const fn handed_over(release: &'a Release) -> Self {
        Self { release: Some(release), because: Because::HandedOver, last_served: Some(release) }
    }

    /// What serves until the chosen one does: the one that served last. Nobody can say where its record was removed.
    pub fn serves(&self) -> Option<&'a Release> {
        let unknown = self.release.is_none() && matches!(self.because, Because::MadeAgain | Because::PinLost);
        self.last_served.filter(|_| !unknown)
    }

    /// Whether it is this release that should run.
    pub fn is(&self, release: &Release) -> bool {
        self.release.is_some_and(|chosen| chosen.is(release))
    }
}

/// Why a release was chosen, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// What served was told to end in its favour, or is about to be by a person's word, and it waits for that: it begins before anything else
    /// is decided.
    HandedOver,
    /// A person said so.
    Pinned,
    /// A person said so of a release that is gone or was refused: what the cluster was told stays.
    PinLost,
    /// It turned out bad, and `rollback.mode` leaves it to a person.
    Held,
    /// It is the newest that policy wants, has its image, passed its tests, was not refused, and passes all gates.
    Newest,
    /// The cluster was last told to run it, and nothing newer may run yet.
    Told,
    /// It served last, and what the cluster was told was refused.
    LastServed,
    /// It was refused, but taking it away would bring nothing back.
    Alone,
    /// None: the release that the cluster was told was removed by hand and is being made again, or waits for its tests
    /// or at its gates. What runs stays, instead of an older release coming back for that time.
    MadeAgain,
    /// None: there is no release with an image yet.
    Nothing,
}

/// What the rows look at.
struct Question<'a> {
    sight: Sight<'a>,
    standing: &'a Standing<'a>,
    handed_over: Option<&'a Release>,
    candidate: Option<&'a Release>,
    passages: &'a Passages<'a>,
    told: Option<&'a Release>,
    last_served: Option<&'a Release>,
}

/// A row: the release it names, if it fits.
type Row = for<'a> fn(&Question<'a>) -> Option<Named<'a>>;
/// What a row names: a release or, with a reason, none.
type Named<'a> = (Option<&'a Release>, Because);

const ROWS: [Row; 10] = [handed_over, pinned, pin_lost, made_again, under_way, newest, held, told, last_served, alone];

/// Chooses.
pub fn choose<'a>(
    sight: Sight<'a>,
    standing: &'a Standing<'a>,
    candidate: Option<&'a Release>,
    passages: &'a Passages<'a>,
) -> Choice<'a> {
    let releases = &sight.observed.releases;
    let question = Question {
        sight,
        standing,
        handed_over: change_over::committed(sight).or_else(|| standby::stays(sight)),
        candidate,
        passages,
        told: sight.told().and_then(|name| releases.named(name)),
        last_served: releases.last_served().filter(|release| member::may_come_back(sight, release)),
    };
    let first = ROWS.iter().find_map(|row| row(&question));
    let (release, because) = first.unwrap_or((None, Because::Nothing));
    Choice { release, because, last_served: question.last_served }
}

/// A release, for this reason.
fn because(release: Option<&Release>, because: Because) -> Option<Named<'_>> {
    release.map(|release| (Some(release), because))
}

fn handed_over<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    because(question.handed_over, Because::HandedOver)
}

fn pinned<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    because(question.standing.pinned.filter(|release| release.image().is_some()), Because::Pinned)
}

fn pin_lost<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    question.standing.pin?;
    // As long as nobody can say what runs, it stays.
    let stays = question.told.filter(|release| release.is_eligible()).or(question.last_served);
    Some((stays.filter(|_| !question.sight.is_told_lost()), Because::PinLost))
}

fn made_again<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    let on_its_way =
        question.candidate.is_none_or(|release| release.rejection().is_none() && !may_run(question, release));
    (question.sight.is_told_lost() && on_its_way).then_some((None, Because::MadeAgain))
}

/// Whether its image is there, it was not refused, and neither gates nor tests keep it, nor that its version is not proven.
fn may_run(question: &Question<'_>, release: &Release) -> bool {
    promote::permits(question.sight, release)
        && release.is_eligible()
        && question.passages.let_pass(release)
        && proofs::let_pass(question.sight, release)
}

/// Behind gates, a roll-out that began is brought to its end before the next one begins: else a stream of releases that pass one
/// after the other would end each roll-out before it proved anything. Other settings need not wait for it. Nor does a version begin while
/// instances have changed over to another one, and the rest still may.
fn under_way<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    let same_settings =
        |told: &&Release| question.candidate.is_none_or(|wanted| wanted.spec.settings == told.spec.settings);
    let through_gates = question.passages.under_way.filter(same_settings);
    because(through_gates.or_else(|| fleet::committed(question.sight)), Because::Told)
}

fn newest<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    let passages = question.passages;
    let is_tested = |release: &Release| proofs::let_pass(question.sight, release);
    let wanted = question.candidate.filter(|release| may_run(question, release));
    // One that would only be started, and wait then, makes way for one before it that may take over.
    let at_once = wanted.filter(|release| passages.let_take_over(release));
    let newest = at_once.or_else(|| passages.newest_open(is_tested)).or(wanted).or_else(|| newest_tested(question));
    because(newest, Because::Newest)
}

/// Without gates, what passed its tests goes live though a newer one is still tested: commits that come faster than tests end
/// would starve the deployment else.
fn newest_tested<'a>(question: &Question<'a>) -> Option<&'a Release> {
    let sight = question.sight;
    if question.passages.are_gates() || !proofs::are_asked(sight) {
        return None;
    }
    let before = succession::before(sight, question.candidate).into_iter();
    before.filter(|release| release.fate == Fate::Built).find(|release| proofs::let_pass(sight, release))
}

/// Where a person decides, a release whose pods all were ready stays, whatever showed itself then.
fn held<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    let manual = question.sight.desired.rollback.mode == RollbackMode::Manual;
    let is_bad = |release: &&Release| release.rejection().is_some_and(Reason::is_of_checks);
    because(question.told.filter(is_bad).filter(|_| manual), Because::Held)
}

fn told<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    because(question.told.filter(|release| release.is_eligible()), Because::Told)
}

fn last_served<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    because(question.last_served, Because::LastServed)
}

fn alone<'a>(question: &Question<'a>) -> Option<Named<'a>> {
    because(question.told, Because::Alone)
}
