//! Asks every gate about every release that may take the place of what runs.

use super::passage::{Judged, Passage, Passages, Waiting};
use super::{approval, statuses, window};
use crate::api::v1alpha1::{GateBefore, StepName};
use crate::plan::change_over;
use crate::plan::desired::{GateRule, WantedGate};
use crate::plan::effect::Track;
use crate::plan::releases::{Fate, Release};
use crate::plan::sight::Sight;
use crate::plan::succession;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How the windows stand now, by the names of their gates.
type Windows<'a> = BTreeMap<&'a str, (Passage, Option<Timestamp>)>;

/// Judges.
pub fn judge<'a>(sight: Sight<'a>, candidate: Option<&'a Release>) -> Track<Passages<'a>> {
    let gates = &sight.desired.gates;
    let (told, passed) = (sight.told(), change_over::passed(sight));
    let mut passages = Passages { gated: !gates.is_empty(), told, passed, ..Passages::default() };
    // What another deployment proves comes in a stream, as what gates let pass does.
    let is_stream = sight.desired.promotion().is_some_and(|promotion| promotion.release.is_none());
    let begun = begun(sight).filter(|_| !gates.is_empty() || is_stream);
    passages.under_way = begun.filter(|(_, until)| *until > sight.now).map(|(release, _)| release);
    if gates.is_empty() {
        let due = begun.map(|(_, until)| until).filter(|at| *at > sight.now);
        return Track { found: passages, effects: Vec::new(), due };
    }
    // The same for all releases, and dear where many schedules meet.
    let windows: Windows<'_> = gates
        .iter()
        .filter_map(|gate| match &gate.rule {
            GateRule::Window(wanted) => Some((gate.name.as_str(), window::judge(wanted, sight.now))),
            GateRule::Statuses(_) | GateRule::Approval(_) => None,
        })
        .collect();
    let all = |release, succeeds, begun: bool| {
        let still = gates.iter().filter(|gate| !begun || gate.before == GateBefore::SwitchOver);
        let judged = still.map(|gate| one(sight, gate, release, &windows)).collect();
        Waiting { release, judged, succeeds }
    };
    let arrives = change_over::arrives(sight);
    let is_told = |release: &Release| told == Some(release.name.as_str());
    for release in waiting(sight, candidate).filter(|release| passed != Some(release.name.as_str())) {
        if !is_told(release) || arrives.is_some() {
            passages.waiting.push(all(release, true, is_told(release)));
        }
    }
    // Also where nobody can say what is wanted, and where that is another one by now.
    if let Some(release) = arrives.filter(|release| passages.of(release).is_none()) {
        passages.waiting.push(all(release, false, true));
    }
    // What a gate keeps from taking over has nothing that could be brought to an end.
    passages.under_way = passages.under_way.filter(|release| passages.let_take_over(release));
    let turning = passages.waiting.iter().flat_map(|waiting| &waiting.judged).filter_map(|judged| judged.turns_at);
    let due = turning.chain(begun.map(|(_, until)| until)).filter(|at| *at > sight.now).min();
    Track { found: passages, effects: Vec::new(), due }
}

/// The release that the cluster was told and that has neither proved itself nor been refused, and until when it is let be.
fn begun(sight: Sight<'_>) -> Option<(&Release, Timestamp)> {
    let release = sight.observed.releases.named(sight.told()?).filter(|release| release.fate == Fate::Built)?;
    let began = release.status.steps.iter().find(|step| step.name == StepName::RollOut);
    let began = || began.and_then(|step| step.since.as_ref()).map(|since| since.0);
    let passed = release.status.gates.iter().map(|gate| gate.since.0).max().or_else(began)?;
    let allowance = SignedDuration::try_from(sight.desired.progress_deadline).ok()?;
    Some((release, passed.checked_add(allowance).ok()?))
}

fn one(sight: Sight<'_>, gate: &WantedGate, release: &Release, windows: &Windows<'_>) -> Judged {
    let (passage, turns_at) = match &gate.rule {
        GateRule::Statuses(wanted) => statuses::judge(sight, wanted, release),
        GateRule::Approval(wanted) => approval::judge(sight, &gate.name, wanted, release),
        GateRule::Window(_) => windows[gate.name.as_str()].clone(),
    };
    match approval::overridden(&sight.observed.words, &gate.name, release) {
        Some(word) if matches!(passage, Passage::Shut(_)) => {
            let message = format!("{} overrode it: {}", word.by.user, word.reason.as_deref().unwrap_or_default());
            Judged { gate: gate.name.clone(), before: gate.before, passage: Passage::Overridden(message), turns_at }
        }
        Some(_) | None => Judged { gate: gate.name.clone(), before: gate.before, passage, turns_at },
    }
}

/// The releases that may take the place of what runs, the newest first: the one that is wanted, and those before it.
fn waiting<'a>(sight: Sight<'a>, candidate: Option<&'a Release>) -> impl Iterator<Item = &'a Release> {
    let first = candidate.filter(|candidate| candidate.is_eligible());
    first.into_iter().chain(succession::before(sight, candidate))
}
