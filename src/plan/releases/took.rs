//! Where the time of a release went: the machine's, and people's. Of what is under way nothing is counted yet, so nothing is written while
//! somebody waits; since when that is so is told beside it.

use crate::api::v1alpha1::{GateState, GateStatus, ReleaseStep, TengineReleaseStatus, Took};
use jiff::{SignedDuration, Timestamp};

/// From when to when.
type Span = (Timestamp, Timestamp);

/// What has ended of it took so long; none as long as nothing has.
pub fn took(status: &TengineReleaseStatus) -> Option<Took> {
    let machine: Vec<Span> = status.steps.iter().filter_map(of_step).collect();
    let both = machine.iter().copied().chain(status.gates.iter().filter_map(of_gate)).collect();
    // While it waits before its change-over its roll-out is under way, and the machine is not at it.
    let within: Vec<Span> = status.gates.iter().filter(|gate| gate.before.is_some()).filter_map(of_gate).collect();
    let busy = covered(machine.into_iter().chain(within.iter().copied()).collect());
    let (machine, both) = (busy.saturating_sub(covered(within)), covered(both));
    let people = both.saturating_sub(machine);
    (!both.is_zero()).then(|| Took { machine: words(machine), people: (!people.is_zero()).then(|| words(people)) })
}

/// A time as people read it, to the second.
pub fn words(time: SignedDuration) -> String {
    format!("{:#}", SignedDuration::from_secs(time.as_secs().max(0)))
}

/// A time as a record has it, in whole seconds. What is told of one that was not written down yet would be another thing than what is told of it
/// once it was, and be written twice.
pub fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// While the machine was at it.
pub fn of_step(step: &ReleaseStep) -> Option<Span> {
    Some((whole(step.since.as_ref()?.0), whole(step.until.as_ref()?.0)))
}

/// From when the release came to a gate until that opened.
pub fn of_gate(gate: &GateStatus) -> Option<Span> {
    let arrived = whole(gate.arrived_at.as_ref()?.0);
    (gate.state != GateState::Waiting).then_some((arrived, whole(gate.since.0)))
}

/// How long at least one of them was under way. A clock that was set back makes none longer.
fn covered(mut spans: Vec<Span>) -> SignedDuration {
    spans.sort_unstable();
    let mut until = Timestamp::MIN;
    spans.into_iter().fold(SignedDuration::ZERO, |sum, (begun, ended)| {
        let from = begun.max(until);
        until = until.max(ended);
        sum + ended.duration_since(from).max(SignedDuration::ZERO)
    })
}

#[cfg(test)]
mod tests {
    use super::covered;
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        #[test]
        fn each_second_in_which_something_was_under_way_counts_once(spans in prop::collection::vec((0i64..60, 0i64..60), 0..8)) {
            let seconds = (0..60).filter(|second| spans.iter().any(|(from, to)| (from..to).contains(&second)));
            let spans = spans.iter().map(|(from, to)| (at(*from), at(*to))).collect();
            prop_assert_eq!(covered(spans), SignedDuration::from_secs(seconds.count().try_into().unwrap()));
        }
    }
}
