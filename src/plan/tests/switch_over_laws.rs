//! `SwitchOver`: laws over random worlds.

use super::hand_over_laws::{events, play};
use super::laws::{mend, worlds};
use super::standby::{both_die, spec};
use super::world::World;
use crate::api::v1alpha1::{Outcome, Verb};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The turns that people's words named.
fn named(world: &World) -> Vec<i64> {
    let done = world.actions.iter().filter_map(|action| action.status.as_ref());
    done.filter(|status| status.outcome == Some(Outcome::Done)).filter_map(|status| status.turn).collect()
}

proptest! {
    #![proptest_config(worlds(12))]

    /// Safety: whatever happens and whoever asks, never the cores of two turns consume at once, a turn never comes back, and each word is about
    /// a turn of its own.
    #[test]
    fn a_word_changes_over_at_most_once(
        events in events(),
        asked in prop::collection::vec((any::<bool>(), prop::bool::weighted(0.3)), 0..8),
    ) {
        let mut world = World::new(&spec());
        world.pass(60);
        for (event, (asks, dies)) in events.into_iter().zip(asked.into_iter().chain(std::iter::repeat((false, false)))) {
            if asks {
                world.decided(Verb::SwitchOver, None);
            }
            if dies {
                both_die(&mut world);
            }
            play(&mut world, vec![event]);
        }
        (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
        mend(&mut world);
        let mut last = None;
        for _ in 0..200 {
            world.tick();
            let now = world.cluster.turns().last().copied();
            prop_assert!(now.is_none() || now >= last, "{now:?} after {last:?}");
            last = now.or(last);
        }
        prop_assert!(world.most_turns <= 1 && world.most_consuming <= 1, "{} turns", world.most_turns);
        let named = named(&world);
        prop_assert_eq!(named.iter().collect::<BTreeSet<_>>().len(), named.len(), "{:?}", named);
        prop_assert!(world.undone().is_empty(), "{:?}", world.undone());
    }

    /// Progress: in a fair world whoever asks while somebody waits is heard, once for each time.
    #[test]
    fn in_a_fair_world_each_word_changes_over_once(events in events(), times in 1..4_usize) {
        let mut world = World::new(&spec());
        play(&mut world, events);
        (world.effects, world.dies_while_it_tells) = (usize::MAX, false);
        mend(&mut world);
        world.pass(200);
        prop_assume!(world.condition("StandbyReady").starts_with("True"));
        let mut changes = 0;
        let mut last = world.cluster.turns();
        for second in 0..times * 100 {
            if second % 100 == 0 {
                world.decided(Verb::SwitchOver, None);
            }
            world.tick();
            let now = world.cluster.turns();
            if !now.is_empty() && now != last {
                changes += 1;
                last = now;
            }
        }
        prop_assert_eq!(changes, times, "{:?}", named(&world));
    }
}
