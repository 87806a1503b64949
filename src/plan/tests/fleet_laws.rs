//! Several instances that go from version to version together: laws over random worlds.

use super::fleet_world::{FleetWorld, spec};
use super::laws::{BETWEEN, Event, event, happen, mend, worlds};
use super::world::Definition;
use crate::api::v1alpha1::{Instance, PhaseName, Standby, SwitchBack, Verb};
use crate::domain::{ChildName, Place};
use proptest::prelude::*;
use serde_json::json;

const PHASES: [PhaseName; 3] = [PhaseName::SwitchOver, PhaseName::SecondUpgrade, PhaseName::SwitchBack];

/// Something that happens to all of it.
#[derive(Debug, Clone, Copy)]
pub enum Happening {
    /// To the deployment that has the instances.
    Fleet(Event),
    /// To one of the instances.
    Instance(usize, Event),
    /// All cores of one that serve die.
    Dies(usize),
    /// The node of one core that serves does not answer, or all of them do again.
    Silent(usize, bool),
    /// A commit does something else in one instance.
    Odd(usize, char, Definition),
    /// A person takes up what was refused in one.
    Retry(usize),
    /// A person begins a phase, of the version that is there then.
    Start(PhaseName),
    /// A person has the nodes of one change over.
    Switch(usize),
    /// One is left out of the spec, or is in it again.
    Wanted(usize, bool),
    /// So many cores are wanted of each node.
    Cores(i32),
    /// Both nodes are to serve, or one is to wait.
    Both(bool),
    /// The primary nodes are to take over again in the end, or not.
    Back(bool),
    /// So many instances may fail.
    MayFail(i32),
    /// There are to be instances, or cores of its own.
    Pairs(bool),
    /// Somebody scales what is in this place of one.
    ByHand(usize, Place, i32),
}

pub fn happening() -> impl Strategy<Value = Happening> {
    let odd = prop_oneof![Just(Definition::Raises), Just(Definition::Hangs), Just(Definition::Breaks)];
    let commit = prop::sample::select(vec!['b', 'c', 'd']);
    prop_oneof![
        4 => event().prop_map(Happening::Fleet),
        3 => (0..3_usize, event()).prop_map(|(at, event)| Happening::Instance(at, event)),
        2 => (0..3_usize).prop_map(Happening::Dies),
        2 => (0..3_usize, any::<bool>()).prop_map(|(at, silent)| Happening::Silent(at, silent)),
        2 => (0..3_usize, commit, odd).prop_map(|(at, digit, odd)| Happening::Odd(at, digit, odd)),
        1 => (0..3_usize).prop_map(Happening::Retry),
        3 => prop::sample::select(PHASES.to_vec()).prop_map(Happening::Start),
        1 => (0..3_usize).prop_map(Happening::Switch),
        2 => (1..3_usize, any::<bool>()).prop_map(|(at, wanted)| Happening::Wanted(at, wanted)),
        2 => (0..3_i32).prop_map(Happening::Cores),
        1 => any::<bool>().prop_map(Happening::Both),
        1 => any::<bool>().prop_map(Happening::Back),
        1 => (0..3_i32).prop_map(Happening::MayFail),
        1 => any::<bool>().prop_map(Happening::Pairs),
        1 => (0..3_usize, prop::sample::select(Place::ALL.to_vec()), 0..2_i32)
            .prop_map(|(at, place, cores)| Happening::ByHand(at, place, cores)),
    ]
}

pub fn happens(world: &mut FleetWorld, what: Happening) {
    let id = |at: usize| ["001", "002", "003"][at];
    match what {
        // The number of instances is not the number of cores.
        Happening::Fleet(Event::Scale(_))
        | Happening::Instance(_, Event::Scale(_) | Event::Push(..) | Event::Refuse(_)) => {}
        Happening::Fleet(event) => happen(&mut world.fleet, event),
        Happening::Instance(at, event) => {
            if let Some(instance) = world.instances.get_mut(id(at)) {
                happen(instance, event);
            }
        }
        Happening::Dies(at) => {
            if let Some(instance) = world.instances.get_mut(id(at)) {
                let now = instance.now;
                instance.cluster.tell(now);
            }
        }
        Happening::Silent(at, silent) => {
            if let Some(instance) = world.instances.get_mut(id(at)) {
                let now = instance.now;
                if silent { instance.cluster.fall_silent(now) } else { instance.cluster.answers() }
            }
        }
        Happening::Pairs(wanted) => pairs(world, wanted),
        Happening::Start(phase) => drop(world.started(phase, None)),
        Happening::Wanted(at, wanted) => want(world, at, wanted),
        Happening::Switch(at) => {
            if let Some(instance) = world.instances.get_mut(id(at)) {
                instance.decided(Verb::SwitchOver, None);
            }
        }
        Happening::Cores(cores) => world.fleet.edit(|spec| spec.replicas = cores),
        Happening::Both(_) | Happening::Back(_) | Happening::MayFail(_) => change(world, what),
        Happening::ByHand(at, place, cores) => {
            let name = ChildName::of_cores("billing", place);
            let instance = world.instances.get_mut(id(at));
            if let Some(instance) = instance.filter(|instance| instance.cluster.has_cores(place)) {
                instance.cluster.by_hand(name.as_ref(), Some(cores));
            }
        }
        Happening::Odd(at, digit, definition) => world.oddly(id(at), digit, definition),
        Happening::Retry(at) => {
            if let Some(instance) = world.instances.get_mut(id(at)) {
                instance.decided(Verb::Retry, None);
            }
        }
    }
    let latest = world.instances.values().map(|instance| instance.now).chain([world.fleet.now]).max().unwrap();
    world.fleet.now = latest;
    world.instances.values_mut().for_each(|instance| instance.now = latest);
}

/// There are to be instances, all of them, or none.
fn pairs(world: &mut FleetWorld, wanted: bool) {
    let has_some = world.fleet.object.spec.strategy.as_ref().is_some_and(|strategy| strategy.active_standby.is_some());
    if has_some != wanted {
        let strategy = wanted.then(|| serde_json::from_value(spec()["strategy"].clone()).unwrap());
        world.fleet.edit(|spec| spec.strategy = strategy);
    }
}

/// How instances go through the phases is changed.
fn change(world: &mut FleetWorld, what: Happening) {
    world.fleet.edit(|spec| {
        let Some(given) = spec.strategy.as_mut().and_then(|strategy| strategy.active_standby.as_mut()) else { return };
        match what {
            // Where both serve, there is nobody to take over again.
            Happening::Both(true) => (given.standby, given.switch_back) = (Some(Standby::Serves), None),
            Happening::Both(false) => given.standby = None,
            Happening::Back(back) if given.standby.is_none() => {
                given.switch_back = (!back).then_some(SwitchBack::Never);
            }
            Happening::MayFail(most) => given.max_failed = Some(most),
            _ => {}
        }
    });
}

/// An instance is in the spec, or is not. The first one always is.
fn want(world: &mut FleetWorld, at: usize, wanted: bool) {
    let all: Vec<Instance> = serde_json::from_value(spec()["strategy"]["activeStandby"]["instances"].clone()).unwrap();
    let strategy = world.fleet.object.spec.strategy.clone();
    let Some(now) = strategy.and_then(|strategy| Some(strategy.active_standby?.instances)) else { return };
    let is_kept = |(place, of): &(usize, Instance)| if *place == at { wanted } else { now.contains(of) };
    let kept: Vec<Instance> = all.into_iter().enumerate().filter(is_kept).map(|(_, of)| of).collect();
    if kept != now {
        world.fleet.edit(|spec| {
            spec.strategy.as_mut().unwrap().active_standby.as_mut().unwrap().instances = kept;
        });
    }
}

/// All that happened to it, one after the other.
fn lived(all: &[(Happening, u32)]) -> FleetWorld {
    let mut world = FleetWorld::new(&spec());
    world.fleet.between = BETWEEN;
    world.pass(60);
    for (what, seconds) in all {
        happens(&mut world, *what);
        world.pass(*seconds);
    }
    world
}

/// All instances are there and nothing is in anybody's way, and a commit is pushed that nobody pushed before: one that was refused stays so.
fn put_right(world: &mut FleetWorld) {
    world.odd.clear();
    pairs(world, true);
    (1..3).for_each(|at| want(world, at, true));
    world.push('f', Definition::Good);
    mend(&mut world.fleet);
    world.instances.values_mut().for_each(mend);
    for instance in world.instances.values_mut() {
        instance.edit(|spec| spec.suspend = None);
    }
}

/// The order of phases, as it is written down.
fn ordered(before: (i64, i32, i32), now: (i64, i32, i32)) -> bool {
    let same = now.0 == before.0 && now.1 >= before.1 && now.2 >= before.2;
    let next = now.0 > before.0 && (now.1, now.2) == (1, 0);
    (same || next) && (now.2 == now.1 || now.2 + 1 == now.1)
}

proptest! {
    #![proptest_config(worlds(3))]

    /// Safety: never two of an instance are active, nor is one upgraded that is; a phase never begins before the one before it has ended, nor without a
    /// person where one is to begin it, nor a newer version while instances change over; no version serves that is not let to, and none has a word
    /// for what no instance has been through.
    #[test]
    fn phases_come_in_their_order_and_never_two_are_active(
        all in prop::collection::vec((happening(), 0..40_u32, any::<bool>(), prop_oneof![3 => Just(usize::MAX), 1 => 1..3_usize]), 0..8),
        may_fail in 0..3_i32,
        pauses in prop::sample::subsequence(PHASES.to_vec(), 0..=3),
    ) {
        let mut given = spec();
        given["strategy"]["activeStandby"]["maxFailed"] = json!(may_fail);
        given["strategy"]["activeStandby"]["pauseBefore"] = json!(pauses);
        let mut world = FleetWorld::new(&given);
        world.fleet.between = BETWEEN;
        world.pass(60);
        for (what, seconds, lags, effects) in all {
            happens(&mut world, what);
            world.lags = lags;
            world.fleet.effects = effects;
            world.instances.values_mut().for_each(|instance| instance.effects = effects);
            for _ in 0..seconds {
                let before = world.phases();
                world.tick();
                let now = world.phases();
                // Cores of its own go through no phases.
                prop_assert!(before.0 == 0 || now.0 == 0 || ordered(before, now), "{before:?} {now:?}");
            }
        }
        prop_assert!(world.crimes.is_empty(), "{:?}", world.crimes);
    }

    /// Progress beside one that takes the version never: all others come to rest with it, and that one serves on.
    #[test]
    fn one_that_stays_broken_holds_up_nobody(
        all in prop::collection::vec((happening(), 0..40_u32), 0..5), ill in 0..3_usize, is_there in any::<bool>(),
    ) {
        let mut world = lived(&all);
        put_right(&mut world);
        happens(&mut world, Happening::MayFail(1));
        let ill = ["001", "002", "003"][ill];
        if is_there {
            world.oddly(ill, 'f', Definition::Raises);
        } else {
            // Its removal never ends.
            world.removed.insert(ill.to_owned());
        }
        let is_at_rest = |world: &FleetWorld| world.fleet.line() == "False InstancesFailed main@fffffff" && world.serving('f') == 2;
        for _ in 0..1_500 {
            if is_at_rest(&world) {
                break;
            }
            world.tick();
        }
        world.pass(30);
        prop_assert!(is_at_rest(&world), "{} {}\n{}", world.fleet.line(), world.fleet.message(), world.lines());
        prop_assert!(world.crimes.is_empty(), "{:?}", world.crimes);
    }

    /// Progress: a fair world comes to rest with the newest good commit in all instances that take it, and then nothing is written.
    #[test]
    fn a_fair_world_comes_to_rest(all in prop::collection::vec((happening(), 0..40_u32), 0..6)) {
        let mut world = lived(&all);
        put_right(&mut world);
        let is_at_rest = |world: &FleetWorld| world.fleet.line() == "True UpToDate main@fffffff" && world.serving('f') == 3;
        for _ in 0..900 {
            if is_at_rest(&world) {
                break;
            }
            world.tick();
        }
        world.pass(30);
        prop_assert_eq!(world.fleet.line(), "True UpToDate main@fffffff", "{}\n{}", world.fleet.message(), world.lines());
        prop_assert_eq!(world.serving('f'), 3, "{}", world.lines());
        prop_assert!(world.fleet.undone().is_empty(), "{:?}", world.fleet.undone());
        for instance in world.instances.values() {
            prop_assert!(instance.undone().is_empty(), "{:?}", instance.undone());
        }
    }
}
