//! Which engine may be on which queue: stories.

use super::fleet_world::{FleetWorld, spec};
use super::world::Definition;
use crate::api::v1alpha1::{PhaseName, ReleaseState, TengineRelease, Verb};
use kube::ResourceExt as _;
use rstest::rstest;
use serde_json::{Map, Value, json};

/// Longer than all phases take.
const ALL: u32 = 600;

/// A queue and a database of this name.
fn of(vhost: &str) -> Map<String, Value> {
    serde_json::from_value(json!({ "eventQueue": { "vhost": vhost }, "database": { "name": vhost } })).unwrap()
}

/// Engine 001 leaves its queue with a version that is still to come, and 002 is to have it now.
#[test]
fn nobody_is_put_on_a_queue_that_another_one_has_still() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.pause_before = vec![PhaseName::SwitchOver]);
    world.change(|given| {
        given.instances[0].tengine = Some(of("002"));
        given.instances[1].tengine = Some(of("001"));
    });
    let vhosts = |world: &FleetWorld| -> Vec<String> {
        let vhost =
            |it: &super::world::World| it.object.spec.tengine.event_queue.as_ref().unwrap().vhost.clone().unwrap();
        world.instances.values().map(vhost).collect()
    };
    for _ in 0..100 {
        world.tick();
        assert_eq!(vhosts(&world), ["001", "002", "003"]);
    }
    let told = world.fleet.message();
    assert!(told.contains("of two that exchange theirs, one gives it up first"), "{told}");
    world.change(|given| given.instances[1].tengine = Some(of("spare")));
    world.until(ALL, "it got the queue", |world| vhosts(world) == ["002", "spare", "003"]);
    world.change(|given| given.instances[1].tengine = Some(of("001")));
    world.until(ALL, "so did the other", |world| vhosts(world) == ["002", "001", "003"]);
    world.until(ALL, "all are well", |world| world.fleet.line() == "True UpToDate main@aaaaaaa");
}

/// Two that exchange their queues are told nothing; but that no cores are wanted, they are.
#[test]
fn who_waits_for_a_queue_stops_where_no_cores_are_wanted() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| {
        given.instances[0].tengine = Some(of("002"));
        given.instances[1].tengine = Some(of("001"));
    });
    world.pass(20);
    world.fleet.edit(|spec| spec.replicas = 0);
    world.until(ALL, "all have stopped", |world| world.instances.values().all(|it| it.cluster.consuming() == 0));
    world.fleet.edit(|spec| spec.replicas = 1);
    world.until(ALL, "they serve where they did", |world| world.serving('a') == 3);
    assert_eq!(world.crimes, Vec::<String>::new());
    assert!(world.fleet.message().contains("of two that exchange theirs"), "{}", world.fleet.message());
}

/// Engine 001 is told another queue together with a version that it refuses, so it serves on where it was; then it is left out, or gets another id,
/// and 003 is to have its queue.
#[rstest]
fn what_an_instance_that_leaves_serves_on_is_nobody_elses(
    #[values(false, true)] renamed: bool,
    #[values(0, 300)] ends: u32,
) {
    let mut world = FleetWorld::live(&spec());
    world.oddly("001", 'b', Definition::Raises);
    world.change(|given| given.max_failed = Some(1));
    world.push('b', Definition::Good);
    world.until(ALL, "001 does without it", |world| world.serving('b') == 2);
    world.change(|given| given.instances[0].tengine = Some(of("spare")));
    world.pass(60);
    assert_eq!((world.serving('a'), &world.crimes), (1, &Vec::new()));
    let told = world.instances["001"].object.spec.tengine.event_queue.clone().unwrap();
    assert_eq!(told.vhost.as_deref(), Some("spare"));
    world.fleet.cluster.held = true;
    world.change(|given| {
        given.instances[2].tengine = Some(of("001"));
        if renamed {
            given.instances[0].id = "customer-1".into();
        } else {
            given.instances.remove(0);
        }
    });
    world.pass(ends);
    world.fleet.cluster.let_go();
    world.until(ALL, "003 has the queue", |world| {
        let release = world.instances["003"].releases.last().unwrap();
        let queue = release.spec.settings.tengine.event_queue.as_ref().unwrap();
        queue.vhost.as_deref() == Some("001") && world.instances["003"].is_serving('b')
    });
    assert_eq!(world.crimes, Vec::<String>::new(), "{}", world.lines());
}

/// 001 was to have it, and that was taken back before anything of it was there.
#[test]
fn a_queue_that_was_never_used_is_free_again() {
    let mut world = FleetWorld::live(&spec());
    world.change(|given| given.instances[0].tengine = Some(of("spare")));
    let of_spare = |world: &FleetWorld| {
        let releases = world.instances["001"].releases.iter();
        let queue = |release: &TengineRelease| release.spec.settings.tengine.event_queue.clone()?.vhost;
        releases.filter(|release| queue(release).as_deref() == Some("spare")).cloned().collect::<Vec<_>>()
    };
    world.until(60, "its release is made", |world| !of_spare(world).is_empty());
    world.change(|given| given.instances[0].tengine = Some(of("001")));
    world.pass(60);
    let states: Vec<_> = of_spare(&world).iter().map(|release| release.status.clone().unwrap().state).collect();
    assert_eq!(states, [Some(ReleaseState::Superseded)]);
    world.change(|given| given.instances[2].tengine = Some(of("spare")));
    world.until(ALL, "003 has it", |world| {
        world.instances["003"].object.spec.tengine.event_queue.as_ref().unwrap().vhost.as_deref() == Some("spare")
    });
    assert_eq!(world.crimes, Vec::<String>::new(), "{}", world.lines());
}

/// Whether cores of an instance consume events of this queue.
fn consumes(world: &FleetWorld, id: &str, queue: &str) -> bool {
    let instance = &world.instances[id];
    let consumed_by = instance.cluster.consumed_by();
    instance.releases.iter().filter(|release| consumed_by.contains(&release.name_any())).any(|release| {
        let used = release.spec.settings.tengine.event_queue.as_ref().and_then(|used| used.vhost.as_deref());
        used == Some(queue)
    })
}

/// 001 took over there, could not prove itself, and goes back to its own; the event in hand takes long.
#[test]
fn a_queue_of_who_was_given_up_is_free_once_its_cores_have_ended() {
    let mut world = FleetWorld::live(&spec());
    let environment = &mut world.instances.get_mut("001").unwrap().cluster.environment;
    (environment.sidecar_fails, environment.in_hand) = (true, 29);
    world.change(|given| given.instances[0].tengine = Some(of("spare")));
    world.until(ALL, "001 consumes there", |world| consumes(world, "001", "spare"));
    world.change(|given| {
        given.instances[0].tengine = Some(of("001"));
        given.instances[2].tengine = Some(of("spare"));
    });
    let is_told_why = |world: &FleetWorld| {
        let lines = &world.fleet.object.status.as_ref().unwrap().instances;
        lines[2]
            .message
            .as_ref()
            .is_some_and(|message| message.contains("still, until another version has proved itself there"))
    };
    world.until(60, "003 waits", is_told_why);
    world.until(ALL, "003 consumes there", |world| consumes(world, "003", "spare"));
    assert_eq!(world.crimes, Vec::<String>::new(), "{}", world.lines());
}

/// 001 moves to another queue and proves itself there; then it turns out broken, or a person wants the release before it, and that queue is 003's.
#[rstest]
fn nobody_comes_back_to_a_queue_that_he_left(#[values(false, true)] by_hand: bool) {
    let mut world = FleetWorld::live(&spec());
    world.oddly("001", 'b', if by_hand { Definition::Good } else { Definition::Breaks });
    world.change(|given| {
        given.max_failed = Some(1);
        given.instances[0].tengine = Some(of("spare"));
    });
    world.push('b', Definition::Good);
    world.until(ALL, "001 has proved itself", |world| {
        consumes(world, "001", "spare")
            && world.instances["001"].releases.iter().any(|release| {
                release.spec.number == 3 && release.status.as_ref().is_some_and(|status| status.verified_at.is_some())
            })
    });
    // So that the one on the first queue served last before it.
    world.instances.get_mut("001").unwrap().delete_release(2);
    world.change(|given| given.instances[2].tengine = Some(of("001")));
    world.until(ALL, "003 has it", |world| consumes(world, "003", "001"));
    if by_hand {
        let instance = world.instances.get_mut("001").unwrap();
        let first = instance.name_of(1);
        let action = instance.decided(Verb::RollBack, Some(&first));
        world.pass(5);
        let answer = world.instances["001"].answer(action);
        assert!(answer.contains("which this instance left"), "{answer}");
    }
    world.pass(300);
    assert_eq!(world.crimes, Vec::<String>::new(), "{}", world.lines());
}

/// It names the release that it was told last, and the history has no room for that: two want to exchange their queues.
#[rstest]
fn instances_that_cannot_be_told_let_no_version_cut_in(
    #[values(0, 1)] limit: i64,
    #[values(false, true)] by_hand: bool,
) {
    let mut world = FleetWorld::live(&spec());
    world.fleet.edit(|spec| spec.release_history_limit = Some(limit.try_into().unwrap()));
    world.change(|given| {
        given.max_failed = Some(2);
        given.instances[0].tengine = Some(of("002"));
        given.instances[1].tengine = Some(of("001"));
    });
    for digit in ['b', 'c', 'd'] {
        world.push(digit, Definition::Good);
        world.until(3 * ALL, "003 has it", |world| world.serving(digit) == 1 && world.phases().1 == 4);
        let record = world.instances["001"].object.spec.source.promotion.clone().unwrap().release.unwrap();
        assert!(world.fleet.releases.iter().any(|release| release.name_any() == record), "{record} is kept");
    }
    if by_hand {
        world.fleet.delete_release(1);
    }
    let (passage, ..) = world.phases();
    world.push('e', Definition::Good);
    world.until(3 * ALL, "they change over", |world| world.phases().0 > passage && world.phases().1 == 2);
    let (passage, ..) = world.phases();
    world.push('f', Definition::Good);
    world.until(3 * ALL, "the next one begins", |world| world.phases().0 > passage);
    assert_eq!((world.serving('a'), &world.crimes), (2, &Vec::new()), "{}", world.lines());
}
