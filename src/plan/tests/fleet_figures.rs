//! What an upgrade of many instances costs: what is written, how long a plan takes, and how large the status is.

use super::fleet_world::{FleetWorld, of};
use super::world::Definition;
use crate::api::v1alpha1::InstanceStatus;
use crate::plan::{plan, validate};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use rstest::rstest;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Longer than four phases take.
const ALL: u32 = 400;
/// So often a plan is made for its figure.
const ROUNDS: u32 = 100;

/// What an upgrade wrote: the deployment with the instances, and the instance that wrote most. Each effect is one write, and so is each
/// status that is another one than before.
struct Written {
    fleet: usize,
    instance: usize,
}

/// Instances that have just been upgraded, with the longest plan and the largest status on the way where these are `asked` for.
fn upgraded(instances: usize, asked: bool) -> (Written, Duration, usize) {
    let mut world = FleetWorld::new(&of(instances));
    world.until(ALL, "it is live", |world| world.fleet.line() == "True UpToDate main@aaaaaaa");
    let most = |world: &FleetWorld| world.instances.values().map(|instance| instance.written).max().unwrap();
    let before = (world.fleet.written, most(&world));
    world.push('b', Definition::Good);
    let (mut longest, mut largest) = (Duration::ZERO, 0);
    for _ in 0..ALL {
        world.tick();
        if asked && world.phases().1 > 0 {
            longest = longest.max(time_of_a_plan(&world));
            largest = largest.max(serde_json::to_vec(&world.fleet.object.status).unwrap().len());
        }
        if world.fleet.line() == "True UpToDate main@bbbbbbb" {
            let written = Written { fleet: world.fleet.written - before.0, instance: most(&world) - before.1 };
            return (written, longest, largest);
        }
    }
    panic!("{} {}\n{}", world.fleet.line(), world.fleet.message(), world.lines());
}

/// The shortest of some.
fn time_of_a_plan(world: &FleetWorld) -> Duration {
    let (desired, observed) = (validate(&world.fleet.object).unwrap(), world.fleet.observed());
    let once = |_| {
        let began = Instant::now();
        black_box(plan(black_box(&desired), black_box(&observed), world.fleet.now));
        began.elapsed()
    };
    (0..ROUNDS).map(once).min().unwrap()
}

#[test]
fn an_instance_writes_as_much_among_many_and_each_costs_the_deployment_a_few_writes() {
    let ((few, ..), (many, ..)) = (upgraded(2, false), upgraded(6, false));
    assert!(many.instance <= few.instance, "an instance wrote {} among 6, {} among 2", many.instance, few.instance);
    let each = (many.fleet - few.fleet) / 4;
    assert!(each <= 2 && few.fleet <= 40, "{} for 2, {} for 6", few.fleet, many.fleet);
}

/// The longest ids, names and messages that the CRD takes, in letters of four bytes, with as much again for all else in a status.
#[test]
fn the_longest_lines_of_a_hundred_instances_are_far_below_what_a_status_may_be() {
    let line = InstanceStatus {
        id: "i".repeat(32),
        deployment: "d".repeat(63),
        phase: 4,
        failed: true,
        missing_since: Some(Time("2026-01-01T00:00:00Z".parse().unwrap())),
        message: Some("\u{1d11e}".repeat(300)),
    };
    let bytes = serde_json::to_vec(&vec![line; 100]).unwrap().len();
    assert!(bytes < 160 * 1024, "{bytes} bytes");
}

#[rstest]
#[ignore = "prints a figure (hack/bench-reconcile)"]
fn figure_of_a_reconcile_of_instances(#[values(12, 100)] instances: usize) {
    let (written, longest, largest) = upgraded(instances, true);
    println!(
        "instances {instances} {:.2} ms, {largest} bytes of status, {} writes, {} of an instance",
        longest.as_secs_f64() * 1_000.0,
        written.fleet,
        written.instance
    );
    assert!(largest < 256 * 1024, "{largest} bytes of status");
    assert!(longest <= Duration::from_millis(10), "{longest:?} for a plan");
    // Of an instance some 24 statuses, each of another thing that happened to it, and 23 words of records, objects and turns.
    assert!(written.fleet <= 40 + 2 * instances && written.instance <= 50, "{} writes", written.fleet);
}
