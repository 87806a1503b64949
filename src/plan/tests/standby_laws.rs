//! `strategy.type: ActiveStandby`: laws over random worlds.

use super::hand_over_laws::{Happening, events, play};
use super::laws::{Event, event, happen, mend, worlds};
use super::standby::{both_die, spec};
use super::world::{Definition, World};
use proptest::prelude::*;
use serde_json::Value;

/// A world in which this happened, and in which all cores that serve died beforehand where that is said.
pub fn played(spec: &Value, events: Vec<Happening>, dies: Vec<bool>) -> World {
    let mut world = World::new(spec);
    for (event, dies) in events.into_iter().zip(dies.into_iter().chain(std::iter::repeat(false))) {
        if dies {
            both_die(&mut world);
        }
        play(&mut world, vec![event]);
    }
    mend(&mut world);
    world.pass(60);
    world
}

/// A world in which this happened, and which is fair for so many seconds then.
pub fn mended(spec: &Value, events: Vec<Happening>, seconds: u32) -> World {
    let mut world = World::new(spec);
    play(&mut world, events);
    (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
    mend(&mut world);
    world.pass(seconds);
    world
}

proptest! {
    #![proptest_config(worlds(10))]

    /// Safety: whatever happens, never the cores of two turns consume at once.
    #[test]
    fn never_two_are_active(events in events(), dies in prop::collection::vec(any::<bool>(), 0..8)) {
        let world = played(&spec(), events, dies);
        prop_assert!(world.most_turns <= 1 && world.most_consuming <= 1, "{} turns", world.most_turns);
    }

    /// Safety: whatever happens beside a node that is silent, no more cores are active than were before, or than are wanted.
    #[test]
    fn never_more_are_active_than_are_wanted_beside_a_silent_node(
        before in events(), beside in prop::collection::vec((event(), any::<bool>()), 0..6),
    ) {
        let mut world = World::new(&spec());
        play(&mut world, before);
        (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
        mend(&mut world);
        world.pass(120);
        let now = world.now;
        world.cluster.fall_silent(now);
        world.pass(310);
        let wanted = usize::try_from(world.object.spec.replicas).unwrap();
        for (event, lags) in beside {
            world.cluster.environment.lags = lags;
            if !matches!(event, Event::Scale(_)) {
                happen(&mut world, event);
            }
            for _ in 0..30 {
                world.tick();
                let active = world.cluster.active_cores();
                prop_assert!(active <= wanted, "{active} of {wanted} are active: {}", world.line());
            }
        }
        prop_assert!(world.most_turns <= 1 && world.most_consuming <= 1, "{} turns", world.most_turns);
    }

    /// Progress: a fair world comes to rest at the newest commit if that is good, somebody waits, and then nothing is written.
    #[test]
    fn a_fair_world_comes_to_rest_with_somebody_who_waits(events in events()) {
        let world = mended(&spec(), events, 200);
        let newest = world.head.clone().unwrap();
        if world.commits[&newest] == Definition::Good {
            prop_assert_eq!(world.line(), format!("True UpToDate main@{}", &newest[..7]));
            prop_assert_eq!((world.cluster.versions(), world.cluster.waiting()), (1, world.cluster.ready_cores()));
        }
        prop_assert!(world.undone().is_empty(), "{:?}", world.undone());
    }
}
