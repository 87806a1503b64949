//! The connection test of a deployment, as laws.

use super::checks::live;
use super::connection::{name, tested};
use super::jobs::Fate;
use super::laws::{Event, event, happen, mend, worlds};
use super::world::{Definition, World, commit};
use crate::plan::observed::JobState;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

proptest! {
    #![proptest_config(worlds(12))]

    /// Safety: no core of a new release is started while the connection test of its settings has not passed, whatever happens, also
    /// where the operator ends after any of its writes; and no commit is ever refused by it.
    #[test]
    fn no_core_of_a_new_release_is_started_before_it_passed(
        events in prop::collection::vec((event(), any::<bool>(), 1..4_usize), 1..10), refused in any::<bool>(),
    ) {
        let mut world = World::new(&tested());
        let mut known: BTreeSet<String> = BTreeSet::new();
        world.jobs.fate = if refused { Fate::BrokerRefused } else { Fate::Hangs };
        for (event, changes, effects) in events {
            if let Event::Jobs(Fate::Runs) = event { world.jobs.fate = Fate::BrokerRefused } else { happen(&mut world, event) }
            if changes { world.content = if world.content == "h" { "i" } else { "h" } }
            for _ in 0..12 {
                world.effects = effects;
                world.tick();
                world.restart();
                world.effects = usize::MAX;
                let passed = world.jobs.connections(world.now).iter().any(|job| job.state == JobState::Passed);
                known.extend(passed.then_some(world.content.to_owned()));
                let pods: usize = "abcdef".chars().map(|digit| world.pods_of(digit)).sum();
                prop_assert!(pods == 0 || !known.is_empty(), "a core runs: {}", world.line());
            }
        }
        for number in 1..9 {
            let rejected = world.find_release(number).and_then(|release| release.rejected_at.is_some().then_some(release.state));
            prop_assert!(rejected.is_none_or(|state| !known.is_empty() || state == Some(crate::api::v1alpha1::ReleaseState::DefinitionInvalid)
                || state == Some(crate::api::v1alpha1::ReleaseState::Aborted)), "{rejected:?}");
        }
    }

    /// Safety: no core reads content that the test has not let pass, whatever happens, a roll-back included.
    #[test]
    fn no_core_reads_content_that_did_not_pass(
        events in prop::collection::vec((event(), prop::option::of(0..3_usize), 1..4_usize), 1..10),
    ) {
        let mut world = live(&tested());
        let mut tested: BTreeMap<String, &str> = BTreeMap::from([(name(&world), world.content)]);
        let mut known = BTreeSet::from([world.content.to_owned()]);
        for (event, content, effects) in events {
            // Each second is looked at.
            let mut seconds = 12;
            if let Event::Wait(more) = event { seconds += more } else { happen(&mut world, event) }
            for _ in 0..seconds {
                world.content = content.map_or(world.content, |content| ["h", "i", "j"][content]);
                world.effects = effects;
                world.tick();
                world.restart();
                world.effects = usize::MAX;
                for job in world.jobs.connections(world.now) {
                    let content = *tested.entry(job.name).or_insert(world.content);
                    known.extend((job.state == JobState::Passed).then(|| content.to_owned()));
                }
                let read = world.contents_of_pods();
                prop_assert!(read.is_subset(&known), "{read:?} is read, and {known:?} passed: {}", world.line());
            }
        }
    }

    /// Progress, as without it.
    #[test]
    fn a_fair_world_comes_to_rest_with_it(events in prop::collection::vec((event(), any::<bool>()), 0..8)) {
        let mut world = World::new(&tested());
        for (event, changes) in events {
            happen(&mut world, event);
            if changes { world.content = "another password" }
        }
        mend(&mut world);
        // Else it is tried no more than each 15 minutes by now.
        world.content = "the right password";
        world.pass(200);
        let newest = world.head.clone().unwrap();
        if world.commits[&newest] == Definition::Good || world.commits[&newest] == Definition::FailsChecks {
            prop_assert_eq!(world.line(), format!("True UpToDate main@{}", &newest[..7]));
        }
        prop_assert!(newest.len() == commit('a').len());
    }
}
