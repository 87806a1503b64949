//! `strategy.type` is changed at any moment: laws over random worlds.

use super::hand_over_laws::{Happening, events, play};
use super::laws::{mend, worlds};
use super::world::{Definition, World};
use crate::api::v1alpha1::StrategyType;
use proptest::prelude::*;
use serde_json::json;

/// Strategies with which two versions never serve together.
const APART: [StrategyType; 3] = [StrategyType::Recreate, StrategyType::HandOver, StrategyType::ActiveStandby];
const ALL: [StrategyType; 4] =
    [StrategyType::RollingUpdate, StrategyType::Recreate, StrategyType::HandOver, StrategyType::ActiveStandby];

/// What is changed before each of the events.
fn changes(of: &'static [StrategyType]) -> impl Strategy<Value = Vec<Option<StrategyType>>> {
    prop::collection::vec(prop::option::of(prop::sample::select(of)), 8)
}

/// A world in which all that happened, and the strategies changed meanwhile.
fn played(first: StrategyType, events: Vec<Happening>, changes: Vec<Option<StrategyType>>) -> World {
    let mut world = World::new(&json!({ "strategy": { "type": first } }));
    world.pass(20);
    for (event, change) in events.into_iter().zip(changes) {
        if let Some(kind) = change {
            world.edit(|spec| spec.strategy.get_or_insert_default().kind = Some(kind));
        }
        play(&mut world, vec![event]);
    }
    (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
    mend(&mut world);
    world
}

proptest! {
    #![proptest_config(worlds(10))]

    /// Safety: never do two versions consume at once, from whatever strategy to whatever other one that keeps them apart, in the middle of
    /// whatever.
    #[test]
    fn no_change_makes_two_versions_serve_together(
        first in prop::sample::select(&APART[..]), events in events(), changes in changes(&APART),
    ) {
        let mut world = played(first, events, changes);
        world.pass(60);
        prop_assert!(world.most_consuming <= 1, "{} versions", world.most_consuming);
    }

    /// Progress: a fair world comes to rest with the last strategy, at a good commit that nobody pushed before, and then nothing is written.
    #[test]
    fn a_fair_world_comes_to_rest_with_the_last_strategy(
        first in prop::sample::select(&ALL[..]), events in events(), changes in changes(&ALL),
    ) {
        let mut world = played(first, events, changes);
        world.push('7', Definition::Good);
        world.pass(200);
        prop_assert_eq!(world.line(), "True UpToDate main@7777777", "{}", world.message());
        let kind = world.object.spec.strategy.as_ref().and_then(|strategy| strategy.kind);
        let cores = usize::try_from(world.object.spec.replicas).unwrap();
        let waiting = if kind == Some(StrategyType::ActiveStandby) { cores } else { 0 };
        prop_assert_eq!((world.cluster.ready_cores(), world.cluster.waiting()), (cores, waiting), "{:?}", kind);
        prop_assert!(world.undone().is_empty(), "{:?}", world.undone());
    }
}
