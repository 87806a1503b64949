//! Several instances that go from version to version together: what happens in each of the four phases.

use super::cluster::Broker;
use super::fleet_world::{self, FleetWorld};
use super::laws::times;
use super::world::{Definition, commit};
use crate::api::v1alpha1::{PhaseName, Verb};
use crate::domain::{Component, Place};
use rstest::rstest;
use serde_json::json;
use std::collections::BTreeSet;

/// Longer than four phases take.
const ALL: u32 = 400;

/// The second version is in this phase, which has begun and not ended.
fn in_phase(number: i32) -> FleetWorld {
    of(FleetWorld::live(&fleet_world::of(2)), number)
}

fn of(mut world: FleetWorld, number: i32) -> FleetWorld {
    world.push('b', Definition::Good);
    world.until(ALL, "the phase begins", |world| world.phases() == (2, number, number - 1));
    world
}

fn one_may_fail() -> FleetWorld {
    let mut given = fleet_world::of(3);
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    FleetWorld::live(&given)
}

/// All instances serve this commit with their primary nodes alone, and the others wait.
fn is_at_rest(world: &FleetWorld, digit: char, instances: usize, cores: usize) -> bool {
    let first: BTreeSet<_> = [Place::First].into();
    let line = format!("True UpToDate main@{}", &commit(digit)[..7]);
    let mut clusters = world.instances.values().map(|instance| &instance.cluster);
    world.fleet.line() == line
        && world.serving(digit) == instances
        && world.instances.len() == instances
        && clusters.all(|cluster| {
            (cluster.active(), cluster.ready_cores(), cluster.waiting()) == (first.clone(), cores, cores)
        })
}

fn comes_to_rest(world: &mut FleetWorld, digit: char, instances: usize, cores: usize) {
    world.until(2 * ALL, "it is live in all", |world| is_at_rest(world, digit, instances, cores));
    assert_eq!(world.crimes, Vec::<String>::new());
    world.pass(30);
    assert!(world.fleet.undone().is_empty(), "{:?}", world.fleet.undone());
}

#[rstest]
fn a_newer_commit_waits_until_the_phases_are_over(#[values(3, 4)] phase: i32) {
    let mut world = in_phase(phase);
    world.push('c', Definition::Good);
    world.until(ALL, "the one before it is through", |world| {
        assert!(world.phases().0 == 2, "{:?}", world.phases());
        world.phases() == (2, 4, 4)
    });
    assert_eq!(world.serving('b'), 2);
    comes_to_rest(&mut world, 'c', 2, 1);
    assert_eq!(world.words["bbbbbbb"].last().unwrap(), "Production_OK");
}

#[rstest]
fn suspended_the_phase_that_began_ends_and_the_next_one_does_not_begin(#[values(1, 3, 4)] phase: i32) {
    let mut world = in_phase(phase);
    world.fleet.edit(|spec| spec.suspend = Some(true));
    world.pass(150);
    assert_eq!(world.phases(), (2, phase, phase), "{}", world.fleet.message());
    assert_eq!(world.serving('b'), if phase == 1 { 0 } else { 2 });
    world.fleet.edit(|spec| spec.suspend = None);
    comes_to_rest(&mut world, 'b', 2, 1);
}

#[rstest]
fn another_number_of_cores_goes_to_both_nodes_of_all(#[values(1, 2, 3, 4)] phase: i32) {
    let mut world = in_phase(phase);
    world.fleet.edit(|spec| spec.replicas = 2);
    comes_to_rest(&mut world, 'b', 2, 2);
}

#[rstest]
fn instances_come_and_go(#[values(1, 2, 3, 4)] phase: i32) {
    let mut world = in_phase(phase);
    let new = json!({ "id": "004", "tengine": { "eventQueue": { "vhost": "004" }, "database": { "name": "004" } } });
    world.fleet.edit(|spec| {
        let instances = &mut spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap().instances;
        instances.remove(0);
        instances.push(serde_json::from_value(new).unwrap());
    });
    comes_to_rest(&mut world, 'b', 2, 1);
    assert_eq!(world.instances.keys().collect::<Vec<_>>(), ["002", "004"]);
    assert_eq!(world.phases(), (2, 4, 4));
}

/// The one before ends, and the next one goes through what it missed.
#[rstest]
fn an_engine_gets_another_id(#[values(1, 2, 3, 4)] phase: i32) {
    let mut world = in_phase(phase);
    world.change(|given| given.instances[0].id = "customer-1".to_owned());
    comes_to_rest(&mut world, 'b', 2, 1);
    assert_eq!(world.instances.keys().collect::<Vec<_>>(), ["002", "customer-1"]);
    assert_eq!(world.phases(), (2, 4, 4));
}

/// What there is ends first, and then the others are made: never are there cores of its own beside instances.
#[rstest]
fn instances_are_wanted_no_more_and_again(#[values(1, 2, 3, 4)] phase: i32) {
    let mut world = in_phase(phase);
    let instances = world.fleet.object.spec.strategy.clone();
    for strategy in [None, instances] {
        let is_pair = strategy.is_some();
        world.fleet.edit(|spec| spec.strategy = strategy);
        for _ in 0..2 * ALL {
            world.tick();
            let of_its_own = world.fleet.cluster.ready_cores();
            assert!(world.fleet.cluster.instances.is_empty() || of_its_own == 0, "{}", world.lines());
            if !is_pair && of_its_own > 0 && world.fleet.line() == "True UpToDate main@bbbbbbb" {
                break;
            }
        }
    }
    comes_to_rest(&mut world, 'b', 2, 1);
}

/// What kills who takes over, and nobody before: an event that waits in the queue of one engine.
#[test]
fn one_that_fails_in_phase_2_is_left_out_and_follows_by_itself() {
    let mut world = of(one_may_fail(), 2);
    world.instances.get_mut("002").unwrap().cluster.environment.broker = Broker::PoisonedAtOnce;
    world.until(3 * ALL, "the others go on", |world| world.phases() == (2, 4, 4));
    assert_eq!(world.serving('b'), 2, "{}", world.lines());
    world.pass(5);
    let said = world.fleet.message();
    assert!(said.contains("2 of 3 instances are well with it; 002"), "{said}");
    world.instances.get_mut("002").unwrap().cluster.environment.broker = Broker::Up;
    comes_to_rest(&mut world, 'b', 3, 1);
}

/// No room for who is to wait.
#[test]
fn one_that_fails_in_phase_3_serves_on_and_follows_by_itself() {
    let mut world = of(one_may_fail(), 3);
    world.instances.get_mut("002").unwrap().cluster.environment.quota = true;
    world.until(3 * ALL, "the others go on", |world| world.phases() == (2, 4, 4));
    assert_eq!(world.serving('b'), 3, "{}", world.lines());
    world.instances.get_mut("002").unwrap().cluster.environment.quota = false;
    comes_to_rest(&mut world, 'b', 3, 1);
}

/// It refused the version in phase 1, and the others went on; a `Retry` lets it go through what it missed.
#[test]
fn a_retry_takes_one_up_at_its_own_phase() {
    let mut world = one_may_fail();
    world.oddly("002", 'b', Definition::Raises);
    world.push('b', Definition::Good);
    world.until(ALL, "the others changed over", |world| world.phases().1 == 3);
    assert_eq!((world.serving('a'), world.serving('b')), (1, 2));
    world.odd.clear();
    world.instances.get_mut("002").unwrap().decided(Verb::Retry, None);
    comes_to_rest(&mut world, 'b', 3, 1);
    assert_eq!(world.phases(), (2, 4, 4), "no phase of the others was played again");
}

/// It took over with it and refused it then; the others went on.
#[test]
fn a_retry_takes_up_one_that_fell_back_after_it_took_over() {
    let mut world = one_may_fail();
    let watch = json!({ "mode": "Automatic", "watch": "1h" });
    world.fleet.edit(|spec| spec.rollback = serde_json::from_value(watch).unwrap());
    world.oddly("002", 'b', Definition::Breaks);
    world.push('b', Definition::Good);
    world.until(2 * ALL, "the others are through", |world| world.phases() == (2, 4, 4));
    world.until(ALL, "it fell back", |world| (world.serving('a'), world.serving('b')) == (1, 2));
    world.odd.clear();
    world.instances.get_mut("002").unwrap().decided(Verb::Retry, None);
    comes_to_rest(&mut world, 'b', 3, 1);
    assert_eq!(world.phases(), (2, 4, 4), "no phase of the others was played again");
}

#[test]
fn watchers_are_there_once_for_each_instance_and_follow_what_serves() {
    let mut world = in_phase(1);
    let watchers = [Component::HeartbeatWatchd, Component::Atd];
    while world.phases() != (2, 4, 4) {
        world.tick();
        for (id, instance) in &world.instances {
            assert!(watchers.iter().all(|watcher| instance.cluster.has(*watcher)), "{id}");
            assert!(watchers.iter().all(|watcher| instance.cluster.count(*watcher) <= 2), "{id}");
        }
    }
    world.pass(30);
    for instance in world.instances.values() {
        let images = instance.images_of(&commit('b'));
        assert!(watchers.iter().all(|watcher| instance.cluster.count(*watcher) == 1));
        assert!(watchers.iter().all(|watcher| instance.cluster.runs(*watcher, &images)));
    }
}

/// The words come and go as the table in docs/continuity.md says, whatever is left out and whoever brings it back.
#[rstest]
#[case::with_a_pause(true)]
#[case::without(false)]
fn each_word_takes_the_place_of_the_one_before(#[case] pauses: bool) {
    let mut given = fleet_world::of(3);
    given["strategy"]["activeStandby"]["maxFailed"] = json!(1);
    let mut world = FleetWorld::live(&given);
    if pauses {
        world.fleet.edit(|spec| {
            let given = spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap();
            given.pause_before = vec![PhaseName::SecondUpgrade];
        });
    }
    world.oddly("003", 'b', Definition::Raises);
    world.push('b', Definition::Good);
    if pauses {
        world.until(ALL, "phase 2 ends", |world| world.phases() == (2, 2, 2));
        world.pass(30);
        assert_eq!(world.phases(), (2, 2, 2));
        assert_eq!(world.words["bbbbbbb"].last().unwrap(), "Production_Phase2_OK");
        world.started(PhaseName::SecondUpgrade, None);
    }
    world.until(2 * ALL, "it is through", |world| world.phases() == (2, 4, 4));
    world.pass(5);
    let words = ["none", "Production_Phase1_OK", "Production_Phase2_OK", "Production_Phase3_OK", "Production_OK"];
    assert_eq!(world.words["bbbbbbb"], words);
}

/// A whole upgrade, with what has the instances killed after one of its writes, and one of the instances' reconcilers too.
fn upgraded(killed: Option<usize>) -> (FleetWorld, usize) {
    let mut world = FleetWorld::live(&fleet_world::of(2));
    let before = world.fleet.written;
    let of_one = world.instances["002"].written;
    world.fleet.killed = killed.map(|killed| before + killed);
    world.instances.get_mut("002").unwrap().killed = killed.map(|killed| of_one + killed);
    world.push('b', Definition::Good);
    comes_to_rest(&mut world, 'b', 2, 1);
    let writes = (world.fleet.written - before).max(world.instances["002"].written - of_one);
    (world, writes)
}

/// One write of seventeen; with `TENGINE_WORLDS` (`make soak`) every one.
#[test]
fn an_operator_that_is_killed_after_any_write_of_four_phases_ends_where_it_would_have() {
    let (undisturbed, writes) = upgraded(None);
    assert!(writes > 20, "{writes} writes are no upgrade");
    let step = if times() > 1 { 1 } else { 17 };
    for killed in (1..=writes).step_by(step) {
        let (world, _) = upgraded(Some(killed));
        assert_eq!((world.phases(), &world.words), (undisturbed.phases(), &undisturbed.words), "killed after {killed}");
    }
}
