//! Settings of several instances: stories.

use super::fleet::{ALL, is_live};
use super::fleet_world::{FleetWorld, spec};
use crate::api::v1alpha1::{PhaseName, SecretReference, TengineDeploymentSpec, Verb};
use rstest::rstest;

#[test]
fn settings_go_through_the_phases_with_their_release() {
    let mut world = FleetWorld::live(&spec());
    let level = |world: &FleetWorld| {
        let settings = |instance: &super::world::World| instance.object.spec.tengine.log_level;
        world.instances.values().map(settings).collect::<Vec<_>>()
    };
    let before = level(&world);
    world.fleet.edit(|spec| spec.tengine.log_level = Some(crate::api::v1alpha1::LogLevel::Debug));
    world.until(60, "a passage begins", |world| world.phases().0 == 2);
    world.pass(3);
    assert_ne!(level(&world), before);
    world.until(ALL, "it is live", |world| world.phases() == (2, 4, 4) && is_live(world, 'a'));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
    let first = world.fleet.name_of(1);
    world.fleet.decided(Verb::RollBack, Some(&first));
    world.until(ALL, "it is back", |world| world.phases() == (3, 4, 4));
    assert_eq!(level(&world), before, "with its settings");
}

/// All of them, also those that are no part of `spec.tengine` and `spec.pod`: nothing is changed in an instance before the version is told, and nobody
/// takes over before it may.
#[rstest]
#[case::deadline(|spec: &mut TengineDeploymentSpec| spec.strategy.as_mut().unwrap().progress_deadline = Some("20m".into()))]
#[case::pull_secret(|spec: &mut TengineDeploymentSpec| spec.image.as_mut().unwrap().secret_ref = Some(SecretReference { name: "pull".into() }))]
fn no_setting_goes_around_the_phases(#[case] change: fn(&mut TengineDeploymentSpec)) {
    let mut world = FleetWorld::live(&spec());
    world.fleet.edit(|spec| {
        let given = spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap();
        given.pause_before = vec![PhaseName::SwitchOver];
    });
    world.pass(10);
    let turns = |world: &FleetWorld| world.instances.values().map(|it| it.cluster.turns()).collect::<Vec<_>>();
    let specs = |world: &FleetWorld| world.instances.values().map(|it| it.object.spec.clone()).collect::<Vec<_>>();
    let (before, told) = (turns(&world), specs(&world));
    world.fleet.edit(|spec| spec.suspend = Some(true));
    world.fleet.edit(change);
    world.pass(200);
    assert_eq!((turns(&world), specs(&world)), (before.clone(), told), "suspended, nothing new is rolled out");
    world.fleet.edit(|spec| spec.suspend = None);
    world.until(60, "a passage begins", |world| world.phases().0 == 2);
    world.pass(200);
    assert_eq!((turns(&world), world.phases()), (before, (2, 1, 1)), "nobody began phase 2: {}", world.lines());
    world.started(PhaseName::SwitchOver, None);
    world.until(ALL, "it is live", |world| world.phases() == (2, 4, 4) && is_live(world, 'a'));
    assert!(world.crimes.is_empty(), "{:?}", world.crimes);
}
