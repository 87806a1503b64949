//! What Tengine's cores do of themselves and to each other blames no commit: messages that none survives, connections that are closed, cores
//! of a new version that race.

use super::cluster::{Broker, Environment};
use super::verdicts::{limit, live, long, refused};
use super::world::{Definition, World};
use serde_json::{Value, json};

#[test]
fn a_message_that_no_core_survives_blames_no_commit() {
    let mut world = live();
    world.cluster.environment.broker = Broker::Poisoned;
    let told = (0..40).any(|_| {
        world.tick();
        let message = world.message();
        world.line().starts_with("False PoisonMessage")
            && message.contains("NoMethodError")
            && message.contains("tengine_event_queue")
    });
    assert!(told, "{}: {}", world.line(), world.message());
    world.push('b', Definition::Good);
    world.pass(long());
    assert_eq!(refused(&world), []);
    world.cluster.environment.broker = Broker::Up;
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

/// Nobody saw it serve: it has loaded the definitions, says its last status.
#[test]
fn a_message_that_kills_each_core_at_once_blames_no_commit() {
    let poisoned = Environment { broker: Broker::PoisonedAtOnce, ..Environment::default() };
    // A release that was verified a moment ago, and is watched; and one that nothing served before.
    for mut world in [live(), World::new(&Value::Null)] {
        world.cluster.environment = poisoned;
        let told = (0..long()).filter(|_| {
            world.tick();
            world.line().starts_with("False PoisonMessage")
        });
        let told = told.count();
        assert!(told > 0 && world.cluster.deaths() >= 3, "{}: {}", world.line(), world.message());
        assert_eq!(refused(&world), []);
        world.cluster.environment.broker = Broker::Up;
        world.settle();
        assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
    }
}

/// Its pod never was ready: that its core was, its own last status says.
#[test]
fn a_message_that_no_core_survives_blames_no_commit_beside_a_sidecar_that_fails() {
    let mut world = World::new(&Value::Null);
    world.cluster.environment = Environment { broker: Broker::Poisoned, sidecar_fails: true, ..Environment::default() };
    world.pass(long());
    assert!(world.cluster.deaths() >= 3, "it dies again and again");
    assert_eq!(refused(&world), []);
}

/// A broker's administrator closes connections, again and again: cores that served get none any more, and are started again for that.
#[test]
fn a_core_that_is_cut_off_is_told_for_what_it_is_and_blames_neither_commit_nor_message() {
    let mut world = live();
    world.cluster.environment.broker = Broker::Closes;
    let mut told = Vec::new();
    for _ in 0..long() {
        world.tick();
        if world.line().starts_with("False") {
            told.push(format!("{}: {}", world.line(), world.message()));
        }
    }
    assert!(world.cluster.deaths() >= 4, "they are started again");
    let words = "no connection to broker mq:5672, virtual host \"/\" any more";
    assert!(
        told.iter().all(|told| told.starts_with("False Disconnected main@aaaaaaa") && told.contains(words)),
        "{told:?}"
    );
    for sort in ["or it hangs", "it was started again for that"] {
        assert!(told.iter().any(|told| told.contains(sort)), "{sort}: {told:?}");
    }
    world.push('b', Definition::Good);
    world.pass(long());
    world.cluster.environment.broker = Broker::Up;
    world.settle();
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@bbbbbbb", Vec::new()));
}

#[test]
fn a_core_that_somebody_tells_to_end_did_not_die_of_a_message() {
    let mut world = live();
    world.cluster.tell(world.now);
    world.tick();
    let (line, message) = (world.line(), world.message());
    assert_eq!(line, "False Unavailable main@aaaaaaa", "{message}");
    assert!(message.contains("was ended from outside (exit code 0)"), "{message}");
    world.settle();
    assert_eq!((world.line().as_str(), refused(&world)), ("True UpToDate main@aaaaaaa", Vec::new()));
}

#[test]
fn the_first_core_of_a_version_loads_it_alone() {
    for strategy in ["RollingUpdate", "Recreate", "HandOver", "ActiveStandby"] {
        let mut world = World::new(&json!({ "replicas": 4, "strategy": { "type": strategy } }));
        world.cluster.environment.races = true;
        world.pass(90);
        assert_eq!((world.line().as_str(), world.cluster.deaths()), ("True UpToDate main@aaaaaaa", 0), "{strategy}");
        world.push('b', Definition::Good);
        world.pass(90);
        assert_eq!((world.line().as_str(), world.cluster.deaths()), ("True UpToDate main@bbbbbbb", 0), "{strategy}");
    }
}

#[test]
fn cores_that_race_nevertheless_blame_no_commit() {
    let mut world = live();
    world.cluster.environment.broker = Broker::Refuses;
    world.edit(|spec| spec.pod = limit("1Gi"));
    world.pass(long());
    world.cluster.environment = Environment { races: true, ..Environment::default() };
    world.pass(long());
    assert_eq!(refused(&world), []);
}

#[test]
fn the_first_of_many_cores_of_a_new_version_starts_alone() {
    let mut world = World::new(&json!({ "replicas": 8 }));
    world.cluster.environment.races = true;
    world.settle();
    let (deaths, surge) = (world.cluster.deaths(), |world: &World| world.cluster.surge());
    assert_eq!((deaths, surge(&world)), (0, json!("25%")));
    world.push('b', Definition::Good);
    while world.pods_of('b') == 0 {
        world.tick();
    }
    assert_eq!(surge(&world), json!(1));
    let mut most = 0;
    while world.line() != "True UpToDate main@bbbbbbb" {
        world.tick();
        most = most.max(world.pods_of('a') + world.pods_of('b'));
    }
    world.settle();
    assert_eq!(world.cluster.deaths(), 0, "nobody lost a race");
    assert_eq!((most, surge(&world)), (10, json!("25%")), "and the others go as before");
}

/// Another number of cores is made of the template that there is, whatever its version: of one that nobody loaded they would race.
#[test]
fn a_first_core_stays_alone_when_another_version_takes_over_from_it() {
    for strategy in ["RollingUpdate", "Recreate"] {
        let mut world = World::new(&json!({ "replicas": 4, "strategy": { "type": strategy } }));
        world.settle();
        let most = |world: &mut World, seconds: u32, version: char| {
            (0..seconds).fold(0, |most, _| {
                world.tick();
                most.max(world.pods_of(version))
            })
        };
        // Its first core is refused, and what served comes back with all of its own.
        world.push('b', Definition::Raises);
        assert_eq!(most(&mut world, 90, 'b'), 1, "{strategy}");
        assert_eq!(world.line(), "False CoreFailed main@aaaaaaa next main@bbbbbbb", "{strategy}");
        assert_eq!(world.pods_of('a'), 4, "{strategy}");
        // Its first core waits for the broker, and a newer one comes.
        world.cluster.environment.broker = Broker::Silent;
        world.push('c', Definition::Good);
        assert_eq!(most(&mut world, 25, 'c'), 1, "{strategy}");
        world.push('d', Definition::Good);
        assert_eq!(most(&mut world, 25, 'c'), 1, "{strategy}");
        world.cluster.environment.broker = Broker::Up;
        world.pass(120);
        assert_eq!((world.line().as_str(), world.pods_of('d')), ("True UpToDate main@ddddddd", 4), "{strategy}");
    }
}

#[test]
fn a_version_loads_alone_into_a_database_that_never_saw_it() {
    for strategy in ["RollingUpdate", "Recreate"] {
        let mut world = World::new(&json!({ "replicas": 8, "strategy": { "type": strategy } }));
        world.cluster.environment.races = true;
        world.settle();
        world.edit(|spec| spec.tengine.database.as_mut().unwrap().hosts = vec!["other:1".into()]);
        world.pass(150);
        assert_eq!((world.line().as_str(), world.cluster.deaths()), ("True UpToDate main@aaaaaaa", 0), "{strategy}");
    }
}

/// Its pods are those of a release that was verified long ago, and die of something that nothing explains.
#[test]
fn ends_of_pods_that_a_release_did_not_start_condemn_it_no_more_than_the_one_before() {
    let mut world = live();
    world.pass(700);
    world.cluster.environment.mute = true;
    world.cluster.tell(world.now);
    world.pass(60);
    assert!(world.cluster.deaths() >= 3, "{}", world.cluster.deaths());
    world.push('b', Definition::Good);
    world.same_tree = true;
    world.pass(120);
    assert_eq!(refused(&world), []);
    world.cluster.environment.mute = false;
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}
