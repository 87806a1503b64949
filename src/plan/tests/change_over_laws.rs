//! Gates before the change-over: laws over random worlds.

use super::change_over::spec;
use super::gate_laws::may_pass;
use super::hand_over_laws::{events, play, set};
use super::laws::{Event, happen, mend, mend_watched, worlds};
use super::standby::both_die;
use super::world::{Definition, World};
use crate::api::v1alpha1::Verb;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What is held against each second.
#[derive(Default)]
struct Watch {
    /// Whose turn it is.
    serves: Option<String>,
    /// The releases whose gate was open when what serves was told to end, or is now.
    open: BTreeSet<String>,
}

impl Watch {
    /// A second passes. Whose turn has come by then had an open gate when the others were told to end, or served before.
    fn second(&mut self, world: &mut World) {
        let releases = world.releases_as_seen();
        let serving = world.serving();
        if serving.as_ref().is_none_or(|(_, _, wanted)| *wanted > 0) {
            let opens = |digest: Option<&str>| digest.is_some_and(|digest| may_pass(world, digest, 1));
            self.open =
                releases.iter().filter(|release| opens(release.digest())).map(|release| release.name.clone()).collect();
        }
        world.tick();
        let serves = world.serving().map(|(_, release, _)| release);
        if serves != self.serves
            && let Some(release) = serves.as_deref().and_then(|name| releases.named(name))
        {
            assert!(
                self.open.contains(&release.name) || release.verified_at().is_some(),
                "{} begins, and its gate is shut: {:?}",
                release.name,
                world.actions
            );
        }
        self.serves = serves.or(self.serves.take());
    }
}

proptest! {
    #![proptest_config(worlds(16))]

    /// Safety: no release begins its turn with a closed gate, and never two turns consume at once.
    #[test]
    fn no_release_begins_its_turn_with_a_closed_gate(
        events in events(),
        said in prop::collection::vec((prop_oneof![3 => Just(Verb::Approve), 1 => Just(Verb::Reject)], 1..5_i64, any::<bool>()), 0..8),
        stands_by in any::<bool>(),
    ) {
        let mut world = World::new(&spec(if stands_by { "ActiveStandby" } else { "HandOver" }));
        let mut watch = Watch::default();
        let said = said.into_iter().map(Some).chain(std::iter::repeat(None));
        for (event, said) in events.into_iter().zip(said) {
            if let Some((verb, number, dies)) = said {
                if world.find_release(number).is_some() {
                    world.said(verb, "bob", number, Some("ops"));
                }
                if dies {
                    both_die(&mut world);
                }
            }
            let (event, effects, lags, in_hand) = event;
            set(&mut world, effects, lags, in_hand);
            let seconds = if let Event::Wait(seconds) = event { seconds } else { 1 };
            if !matches!(event, Event::Wait(_)) {
                happen(&mut world, event);
            }
            (0..seconds).for_each(|_| watch.second(&mut world));
        }
        mend_watched(&mut world, &mut |world| watch.second(world));
        (0..60).for_each(|_| watch.second(&mut world));
        prop_assert!(world.most_turns <= 1 && world.most_consuming <= 1, "{} turns", world.most_turns);
    }

    /// Progress: in a fair world the newest commit, if it is good, waits beside what serves, and takes over once it is approved.
    #[test]
    fn a_fair_world_comes_to_rest_before_the_gate_and_behind_it(events in events(), stands_by in any::<bool>()) {
        let mut world = World::new(&spec(if stands_by { "ActiveStandby" } else { "HandOver" }));
        play(&mut world, events);
        (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
        mend(&mut world);
        world.pass(200);
        let newest = world.head.clone().unwrap();
        if world.commits[&newest] == Definition::Good {
            let line = world.line();
            prop_assert!(line.contains("WaitingForApproval") && line.ends_with(&format!("next main@{}", &newest[..7])), "{}", line);
            let number = world.releases_as_seen().iter().filter(|release| release.spec.commit == newest).map(|release| release.spec.number).max();
            world.said(Verb::Approve, "bob", number.unwrap(), None);
            world.pass(200);
            prop_assert_eq!(world.line(), format!("True UpToDate main@{}", &newest[..7]));
        }
        prop_assert!(world.undone().is_empty(), "{:?}", world.undone());
    }
}
