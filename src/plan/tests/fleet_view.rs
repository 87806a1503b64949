//! What a user sees of instances in each phase, and what others do that wait for the word of one.

use super::fleet_world::{self, FleetWorld};
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::PhaseName;
use crate::domain::DeploymentName;
use serde_json::json;

/// Longer than four phases take.
const ALL: u32 = 400;
const PHASES: [PhaseName; 3] = [PhaseName::SwitchOver, PhaseName::SecondUpgrade, PhaseName::SwitchBack];

/// The columns PHASE of the whole, and PRIMARY and SECONDARY of all instances, where these say the same.
fn seen(world: &FleetWorld) -> (String, Option<(String, String)>) {
    let nodes = |instance: &World| {
        let nodes = instance.object.status.as_ref()?.nodes.clone()?;
        Some((nodes.primary, nodes.secondary))
    };
    let mut all: Vec<_> = world.instances.values().map(nodes).collect();
    all.dedup();
    let phase = world.fleet.object.status.as_ref().and_then(|status| status.phase.clone());
    (phase.unwrap_or_default(), if all.len() == 1 { all.remove(0) } else { None })
}

fn is_seen(world: &mut FleetWorld, phase: &str, primary: &str, secondary: &str) {
    let expected = (phase.to_owned(), Some((primary.to_owned(), secondary.to_owned())));
    world.until(ALL, &format!("{expected:?}"), |world| seen(world) == expected);
    world.pass(10);
    assert_eq!(seen(world), expected);
}

#[test]
fn the_phase_and_what_each_node_is_up_to_are_seen() {
    let mut world = FleetWorld::live(&fleet_world::of(2));
    is_seen(&mut world, "4/4 done", "active main@aaaaaaa", "standby main@aaaaaaa");
    world.change(|given| given.pause_before = PHASES.to_vec());
    world.oddly("001", 'b', Definition::Hangs);
    world.oddly("002", 'b', Definition::Hangs);
    world.push('b', Definition::Good);
    is_seen(&mut world, "1/4", "active main@aaaaaaa", "loading main@bbbbbbb");
    world.push('c', Definition::Good);
    is_seen(&mut world, "1/4 done", "active main@aaaaaaa", "standby main@ccccccc");
    world.started(PHASES[0], None);
    is_seen(&mut world, "2/4 done", "none", "active main@ccccccc");
    world.started(PHASES[1], None);
    is_seen(&mut world, "3/4 done", "standby main@ccccccc", "active main@ccccccc");
    world.started(PHASES[2], None);
    is_seen(&mut world, "4/4 done", "active main@ccccccc", "standby main@ccccccc");
    for instance in world.instances.values_mut() {
        let now = instance.now;
        instance.cluster.fall_silent(now);
    }
    is_seen(&mut world, "4/4 done", "silent main@ccccccc", "standby main@ccccccc");
    for instance in world.instances.values_mut() {
        instance.cluster.answers();
    }
    world.fleet.edit(|spec| spec.replicas = 0);
    is_seen(&mut world, "4/4 done", "none", "none");
}

/// A deployment that takes what the instances have taken over with, and does not wait until they are through.
#[test]
fn who_waits_for_the_word_of_a_phase_takes_the_version_at_its_end() {
    let mut world = FleetWorld::live(&fleet_world::of(2));
    let fleet = DeploymentName { namespace: "production".into(), name: "fleet".into() };
    let promotion = json!({ "name": "fleet", "statuses": ["Production_Phase2_OK"] });
    let mut next = World::new(&json!({ "source": { "promotion": promotion }, "image": null }));
    let mut second = |world: &mut FleetWorld| {
        world.tick();
        next.upstreams.insert(fleet.clone(), world.fleet.seen());
        next.tick();
        next.line()
    };
    world.change(|given| given.pause_before = PHASES.to_vec());
    world.push('b', Definition::Good);
    let live = format!("True UpToDate main@{}", &commit('b')[..7]);
    for phase in PHASES {
        let before = phase.number() - 1;
        for _ in 0..100 {
            let said = second(&mut world);
            assert!(before >= 2 || said != live, "it takes what has not taken over, after phase {before}");
        }
        assert_eq!(world.phases(), (2, before, before));
        if before >= 2 {
            assert_eq!(second(&mut world), live, "after phase {before}");
        }
        world.started(phase, None);
    }
}
