//! A node that does not answer, with `strategy.type: ActiveStandby`: never more cores are active than are wanted.
//!
//! After five minutes Kubernetes tells the pods of such a node to end and makes others in their place, in the same turn. What is cut off from the
//! API server may reach the broker all the same, so those others do not begin by themselves as long as it may:
//!
//! | step | is over when |
//! |---|---|
//! | the turn is held: who is started later finds nothing that lets it begin | it is written down |
//! | those that serve are told, those on the silent node included | all of them were |
//! | others are told, as long as fewer were than are wanted | the silent ones are back, or gone |
//! | the turn is given again | it is written down |
//!
//! What is told counts until its pod is gone. Where both places serve (`standby: Serves`), two are active anyway, and nothing is held.

use super::change_over::loaded_in;
use super::effect::{Effect, Track};
use super::lineup::Lineup;
use super::observed::{Pod, PodTrouble};
use super::render::whose_turn;
use super::sight::Sight;
use crate::api::v1alpha1::{Standby, StrategyType};

/// The lineup, with what follows from nodes that are silent. That asks for no release: a turn is held, and given again, also where none can be
/// chosen or rendered.
pub fn minded<'a>(sight: Sight<'_>, lineup: Lineup<'a>) -> Track<Lineup<'a>> {
    let turn = sight.turn();
    let Some(silent) = silent(sight) else {
        let is_due = (sight.is_held() || sight.is_unsaid()) && lineup.begins.is_none();
        let given_again = is_due.then(|| Effect::Begin { turn, word: Box::new(whose_turn(sight, turn, false)) });
        return Track { effects: given_again.into_iter().collect(), ..Track::found(lineup) };
    };
    let hold = || Effect::Hold { turn, word: Box::new(whose_turn(sight, turn, true)) };
    // What was removed cannot be held: it says nothing.
    let effect = if sight.is_held() { tell(sight, turn) } else { Some(hold()).filter(|_| !sight.is_unsaid()) };
    let begins = lineup.begins.filter(|begins| *begins != turn);
    let words = lineup.words.or_else(|| words(sight, turn, silent));
    Track { effects: effect.into_iter().collect(), ..Track::found(Lineup { begins, words, ..lineup }) }
}

/// A core of the turn that has come that may be active where nobody sees it. Nobody takes over from it, so those beside it are not told to end
/// for that either.
pub fn silent(sight: Sight<'_>) -> Option<&Pod> {
    let (desired, turn) = (sight.desired, sight.turn());
    let one_is_active = desired.strategy == StrategyType::ActiveStandby && desired.standby == Standby::Waits;
    sight.cores().find(|pod| one_is_active && turn > 0 && pod.turn == Some(turn) && pod.is_silent)
}

/// Tells those that began by what is written down that it was their turn: should that be removed, the cores know. Nobody waits for it, so it comes
/// after all else.
pub fn remembered(sight: Sight<'_>) -> Option<Effect> {
    let turn = sight.turn();
    let has_turns = sight.desired.strategy.takes_turns() && sight.desired.fleet.is_none();
    let is_said = has_turns && turn > 0 && !sight.is_held() && !sight.is_unsaid();
    let began = sight.ready_in(Some(turn)).filter(|pod| is_said && !pod.is_told);
    let pods: Vec<String> = began.map(|pod| pod.name.clone()).collect();
    (!pods.is_empty()).then_some(Effect::Tell { turn, pods, most: usize::MAX })
}

/// Whom to tell next.
fn tell(sight: Sight<'_>, turn: i64) -> Option<Effect> {
    let cores = || sight.cores().filter(|pod| pod.turn == Some(turn));
    let names = |pods: Vec<&Pod>| pods.into_iter().map(|pod| pod.name.clone()).collect();
    let serve: Vec<&Pod> = cores().filter(|pod| may_serve(pod) && !pod.is_told).collect();
    if !serve.is_empty() {
        return Some(Effect::Tell { turn, pods: names(serve), most: usize::MAX });
    }
    let wait = waiting(sight, turn);
    let most = usize::try_from(sight.desired.replicas).unwrap_or(0);
    let may = !wait.is_empty() && cores().filter(|pod| pod.is_told).count() < most;
    may.then(|| Effect::Tell { turn, pods: names(wait), most })
}

/// Whether it may be active now, or be so again by itself: who is cut off from the broker comes back, and who ends has an event in hand.
fn may_serve(pod: &Pod) -> bool {
    let is_cut_off = pod.trouble == Some(PodTrouble::Disconnected);
    pod.ready || pod.is_silent || is_cut_off || pod.is_deleting() && pod.is_up
}

fn waiting(sight: Sight<'_>, turn: i64) -> Vec<&Pod> {
    loaded_in(sight, Some(turn)).filter(|pod| !pod.is_told).collect()
}

fn words(sight: Sight<'_>, turn: i64, silent: &Pod) -> Option<String> {
    let waiting = waiting(sight, turn).len();
    let node = silent.node.as_deref().unwrap_or("its node");
    // Why it was told to end, the taint of a node that is silent or a person's, nobody says.
    let what = if silent.is_deleting() { "has not said that it ended" } else { "does not answer" };
    (waiting > 0).then(|| {
        format!(
            "{waiting} cores wait until pod {} is known to be gone: {node} {what}, and it may serve there still",
            silent.name
        )
    })
}
