//! `plan`: what to do, from what is wanted and what is seen.
//!
//! Pure and total: no client, no clock (`now` is a parameter), no logging; it cannot fail, it can only say what it
//! waits for. Each track answers one question on its own, so that a failed build never stops the repair of what
//! runs:
//!
//! | track | question |
//! |---|---|
//! | [`look`] | is it time to ask Git host and registry again? |
//! | [`want`] | what are the inputs of the release that policy wants? |
//! | [`train`] | which tag of a release train is that? |
//! | [`promote`] | which version of another deployment is that? |
//! | [`build`] | is there a release of them, and how far is its image? |
//! | [`attempts`] | when may its build begin? |
//! | [`people`] | what did people decide, and what is to be answered? |
//! | [`gates`] | which gates let which release pass? |
//! | [`proofs`] | what do tests and verification say? |
//! | [`choose`] | which release should run? |
//! | [`strategy`] | who sits where? |
//! | [`fleet`], [`member`] | how far may instances go, and how far are they? |
//! | [`serve`] | does the cluster run it? |
//! | [`restore`] | is its image still there? |
//! | [`verify`] | did it prove itself, or show that its content is wrong? |
//! | [`releases`] | how far is each release, and which may go? |
//!
//! [`status`] then says it all in conditions.

mod attempts;
mod build;
mod cause;
mod change_over;
mod choose;
pub mod desired;
mod effect;
pub mod evidence;
mod fleet;
mod gates;
mod hand_over;
mod lineup;
mod look;
mod member;
pub mod observed;
mod pass_on;
pub mod people;
mod promote;
mod proofs;
mod reached;
mod reading;
pub mod releases;
mod render;
mod restore;
mod rollout;
mod seen;
mod serve;
mod sight;
mod silence;
mod standby;
mod status;
mod strategy;
mod succession;
#[cfg(test)]
mod tests;
mod texts;
mod train;
mod turns;
mod upstream;
mod verify;
mod want;

pub use desired::{Desired, Problem, validate};
pub use effect::{Effect, Plan, Query};
pub use look::{asked, remembers, spread};
pub use observed::Observed;
pub(crate) use serve::fingerprint;
pub use sight::newness;
pub use status::{blocked, invalid};
pub use turns::{Turns, turns};

use crate::api::v1alpha1::Phases;
use choose::Choice;
use effect::Track;
use fleet::Fleet;
use gates::Passages;
use jiff::Timestamp;
use lineup::Lineup;
use reading::Reading;
use restore::Lost;
use rollout::Rollout;
use serve::Served;
use sight::Sight;
use std::time::Duration;
use verify::Verdict;

/// The longest time without a plan; nothing depends on it, it only bounds surprises.
const LONGEST: Duration = Duration::from_mins(10);
/// The shortest: what is due now is under way once the effects of a plan are carried out, and its end wakes us.
const SHORTEST: Duration = Duration::from_secs(1);

/// Decides.
pub fn plan(desired: &Desired, observed: &Observed, now: Timestamp) -> Plan {
    let taken_in = build::taken_in(Sight { desired, observed, now });
    let sight = Sight { desired, observed: taken_in.as_ref().unwrap_or(observed), now };
    let observed = sight.observed;
    let (mut effects, mut due) = (Vec::new(), Vec::new());

    look::look(sight).into_plan(&mut effects, &mut due);
    let standing = people::standing(&observed.words, &observed.releases);
    let wanted = want::want(sight);
    let candidate = build::advance(sight, &wanted).into_plan(&mut effects, &mut due);
    let held = candidate.and_then(|candidate| attempts::held(sight, candidate));
    let passages = gates::judge(sight, candidate).into_plan(&mut effects, &mut due);
    let connection = proofs::of_connection(sight, candidate).into_plan(&mut effects, &mut due);
    let tests = proofs::tests(sight, candidate, &passages).into_plan(&mut effects, &mut due);
    let choice = choose::choose(sight, &standing, candidate, &passages);
    effects.extend(people::answer(sight, candidate, choice.release, choice.serves(), &passages));
    let ran = run(sight, &choice, &passages).into_plan(&mut effects, &mut due);
    let again = proofs::again(sight, choice.release, &ran.rollout).into_plan(&mut effects, &mut due);
    let passed = pass_on::pass_on(sight, choice.release, &ran.rollout).into_plan(&mut effects, &mut due);

    let reading = Reading {
        sight,
        wanted: &wanted,
        candidate,
        held: held.as_ref(),
        standing,
        passages: &passages,
        choice: &choice,
        served: &ran.served,
        rollout: &ran.rollout,
        fleet: ran.fleet.as_ref(),
        phases: ran.phases.as_ref(),
        connection: connection.as_ref(),
        tests: &tests,
        lost: ran.lost.as_ref(),
        verdict: &ran.verdict,
        again: again.as_ref(),
        passed: passed.as_ref(),
    };
    let under_way = tests.releases().chain(candidate).chain(choice.release);
    effects.extend(proofs::abandoned(sight, candidate, under_way));
    let told = releases::record::told(&reading);
    releases::record::record(&reading, &told).into_plan(&mut effects, &mut due);
    let expired = releases::history::expire(&reading);
    // Who goes is not written about: it would be another one than the one that may go.
    effects.retain(|effect| !matches!(effect, Effect::RecordRelease { release, .. } if expired.iter().any(|gone| gone.removes(release))));
    effects.extend(expired);
    effects.sort_by_key(turn);
    effects.extend(silence::remembered(sight));
    Plan { effects, status: status::report(&reading, &told), next: until_first(&due, now) }
}

/// What became of the release that should run.
struct Ran<'a> {
    fleet: Option<Fleet<'a>>,
    served: Served,
    rollout: Rollout,
    lost: Option<Lost>,
    verdict: Verdict,
    phases: Option<Phases>,
}

/// Has it run: by cores of its own, or by instances.
fn run<'a>(sight: Sight<'a>, choice: &Choice<'a>, passages: &Passages<'_>) -> Track<Ran<'a>> {
    let (mut effects, mut due) = (Vec::new(), Vec::new());
    let held = strategy::is_held(sight, choice, passages);
    let found = if let Some(fleet) = fleet::advance(sight, choice.release, held).into_plan(&mut effects, &mut due) {
        let served = fleet::serve(sight, &fleet).into_plan(&mut effects, &mut due);
        let (rollout, verdict, phases) = (fleet.rollout(), fleet.verdict(), fleet.phases.clone());
        Ran { fleet: Some(fleet), served, rollout, lost: None, verdict, phases }
    } else {
        let dissolved = fleet::dissolved(sight);
        let lineup = match &dissolved {
            None => strategy::line_up(sight, choice, held).into_plan(&mut effects, &mut due),
            Some((_, words)) => Lineup { words: Some(words.clone()), ..Lineup::default() },
        };
        effects.extend(dissolved.into_iter().flat_map(|(effects, _)| effects));
        let served = serve::serve(sight, &lineup).into_plan(&mut effects, &mut due);
        let rollout = Rollout::of(sight, &lineup, &served);
        let lost = restore::restore(sight, &lineup, &rollout).into_plan(&mut effects, &mut due);
        let verdict = verify::judge(sight, &lineup, &rollout, lost.as_ref()).into_plan(&mut effects, &mut due);
        let phases = reached::phases(sight, &lineup, &rollout, &verdict);
        Ran { fleet: None, served, rollout, lost, verdict, phases }
    };
    Track { found, effects, due: due.into_iter().min() }
}

/// Records come first: one that was decided on what somebody else changed meanwhile is refused, and then nothing else that was
/// decided with it is done. Builds come last: that one begins is written down before, as it may be the last thing that we do.
const fn turn(effect: &Effect) -> u8 {
    match effect {
        Effect::RecordRelease { .. } => 0,
        Effect::Build { .. } => 2,
        _ => 1,
    }
}

/// How long until the first of these times.
fn until_first(due: &[Timestamp], now: Timestamp) -> Duration {
    let first = due.iter().min().map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
    first.map_or(LONGEST, |wait| wait.clamp(SHORTEST, LONGEST))
}
