//! `strategy.type: HandOver`: laws over random worlds.

use super::hand_over::spec;
use super::laws::{Event, event, happen, mend, worlds};
use super::world::{Definition, World};
use proptest::prelude::*;

/// What happens, and how: so many effects of a plan are carried out at a time, late or not, and cores have so many seconds in hand when they are told to
/// end, or nobody hears of their end.
pub type Happening = (Event, usize, bool, Option<i64>);

pub fn events() -> impl Strategy<Value = Vec<Happening>> {
    let effects = prop_oneof![3 => Just(usize::MAX), 1 => 1..3_usize];
    let in_hand = prop_oneof![5 => Just(Some(0)), 2 => (1..20_i64).prop_map(Some), 2 => Just(None)];
    prop::collection::vec((event(), effects, any::<bool>(), in_hand), 0..8)
}

/// How it happens.
pub fn set(world: &mut World, effects: usize, lags: bool, in_hand: Option<i64>) {
    (world.effects, world.dies_while_it_tells) = (effects, lags);
    let environment = &mut world.cluster.environment;
    (environment.lags, environment.node_lost, environment.in_hand) =
        (lags, in_hand.is_none(), in_hand.unwrap_or_default());
}

pub fn play(world: &mut World, events: Vec<Happening>) {
    for (event, effects, lags, in_hand) in events {
        set(world, effects, lags, in_hand);
        happen(world, event);
        world.tick();
    }
}

proptest! {
    #![proptest_config(worlds(10))]

    /// Safety: whatever happens, never two versions consume at once.
    #[test]
    fn never_two_versions_consume(events in events()) {
        let mut world = World::new(&spec());
        play(&mut world, events);
        mend(&mut world);
        world.pass(60);
        prop_assert!(world.most_consuming <= 1, "{} versions", world.most_consuming);
    }

    /// Progress: a fair world comes to rest at the newest commit if that is good, in one place, and then nothing is written.
    #[test]
    fn a_fair_world_comes_to_rest_in_one_place(events in events()) {
        let mut world = World::new(&spec());
        play(&mut world, events);
        (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
        mend(&mut world);
        world.pass(150);
        let newest = world.head.clone().unwrap();
        if world.commits[&newest] == Definition::Good {
            prop_assert_eq!(world.line(), format!("True UpToDate main@{}", &newest[..7]));
            prop_assert_eq!(world.cluster.versions(), 1);
        }
        prop_assert!(world.undone().is_empty(), "{:?}", world.undone());
    }
}
