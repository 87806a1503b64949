//! `checks.schedule`: the verification of what serves is made again, as short stories.

use super::checks::live;
use super::jobs::Fate;
use super::world::{Definition, World, commit};
use crate::api::v1alpha1::RecheckOutcome;
use crate::plan::observed::word_of;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Every ten minutes.
fn spec(check: &Value) -> Value {
    json!({
        "environment": { "name": "Staging" },
        "checks": {
            "verification": { "checks": [check] },
            "schedule": { "cron": "*/10 * * * *", "timeZone": "Asia/Tokyo" },
        },
    })
}

fn job() -> Value {
    json!({ "name": "smoke", "job": { "command": ["ruby", "smoke.rb"], "timeout": "5m" } })
}

fn query() -> Value {
    let query = json!({ "url": "http://prometheus:9090", "expression": "errors", "atMost": "0.5" });
    json!({ "name": "errors", "query": query })
}

fn until(world: &mut World, minute: i64) {
    let midnight: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    while world.now < midnight + SignedDuration::from_mins(minute) {
        world.tick();
    }
}

fn outcome(world: &World, number: i64) -> Option<RecheckOutcome> {
    world.release(number).recheck?.outcome
}

fn has_its_word(world: &World, number: i64) -> bool {
    world.release(number).statuses.iter().any(|status| status.name == word_of("Staging"))
}

#[test]
fn what_serves_is_verified_again_once_at_each_time() {
    let mut world = live(&spec(&job()));
    let starts = world.jobs.starts();
    until(&mut world, 9);
    assert_eq!((world.jobs.starts(), world.release(1).recheck), (starts, None), "it is not time");
    let begun = world.cluster.begun();
    until(&mut world, 11);
    let recheck = world.release(1).recheck.unwrap();
    assert_eq!(recheck.scheduled_at.unwrap().0.to_string(), "2026-01-01T00:10:00Z");
    assert_eq!((recheck.outcome, recheck.under_way, recheck.message), (Some(RecheckOutcome::Passed), None, None));
    let rest = world.decide();
    assert!(world.undone().is_empty(), "{:?}", world.undone());
    assert_eq!(rest.status, world.object.status.clone().unwrap());
    until(&mut world, 61);
    assert_eq!((world.jobs.starts(), world.line().as_str()), (starts + 6, "True UpToDate main@aaaaaaa"));
    assert_eq!(world.cluster.begun(), begun, "nothing was restarted");
    assert_eq!(world.jobs.objects().count(), 2, "the first verification's, and the last one's");
}

#[test]
fn what_fails_then_serves_on_and_loses_its_word_until_it_passes() {
    let mut world = live(&spec(&query()));
    let since = |world: &World| world.release(1).statuses[0].since.0;
    let first = since(&world);
    world.prometheus = Ok(3.0);
    until(&mut world, 11);
    assert_eq!(world.line(), "False NoLongerVerified main@aaaaaaa");
    assert_eq!(
        world.message(),
        "aaaaaaa was verified again: check errors failed: errors is 3, at most 0.5 is asked for. aaaaaaa keeps serving. Look at what \
         changed around it; push a fix, or decide RollBack. It is verified again at the next time of checks.schedule."
    );
    assert!(world.condition("Verified").starts_with("False NoLongerVerified"), "{}", world.condition("Verified"));
    assert_eq!((outcome(&world, 1), has_its_word(&world, 1)), (Some(RecheckOutcome::Failed), false));
    assert_eq!((world.pods_of('a'), world.cluster.deaths()), (2, 0), "nothing is done about it");
    world.restart();
    world.pass(60);
    assert_eq!(world.line(), "False NoLongerVerified main@aaaaaaa");
    world.prometheus = Ok(0.0);
    until(&mut world, 21);
    assert_eq!((world.line().as_str(), has_its_word(&world, 1)), ("True UpToDate main@aaaaaaa", true));
    assert!(since(&world) > first, "it has the word from now on");
}

#[test]
fn a_failure_stands_while_it_is_looked_at_again() {
    let mut world = live(&spec(&job()));
    world.commits.insert(commit('a'), Definition::FailsChecks);
    until(&mut world, 11);
    assert_eq!(world.line(), "False NoLongerVerified main@aaaaaaa");
    world.commits.insert(commit('a'), Definition::Good);
    world.jobs.fate = Fate::Unschedulable;
    until(&mut world, 22);
    assert!(!has_its_word(&world, 1));
    assert_eq!(world.line(), "False Unschedulable main@aaaaaaa");
    world.jobs.fate = Fate::Runs;
    until(&mut world, 24);
    assert_eq!((world.line().as_str(), has_its_word(&world, 1)), ("True UpToDate main@aaaaaaa", true));
}

#[test]
fn an_operator_that_ends_after_each_write_makes_each_once() {
    let mut world = live(&spec(&job()));
    let starts = world.jobs.starts();
    world.effects = 1;
    for minute in 1..36 {
        for _ in 0..9 {
            world.pass(7);
            world.restart();
        }
        until(&mut world, minute);
    }
    assert_eq!((world.jobs.starts(), outcome(&world, 1)), (starts + 3, Some(RecheckOutcome::Passed)));
}

#[test]
fn of_times_that_passed_meanwhile_the_last_one_counts() {
    let mut world = live(&spec(&job()));
    let starts = world.jobs.starts();
    world.now += SignedDuration::from_hours(50);
    world.pass(30);
    assert_eq!(world.jobs.starts(), starts + 1);
    let scheduled = world.release(1).recheck.unwrap().scheduled_at.unwrap().0;
    assert_eq!(scheduled.to_string(), "2026-01-03T02:00:00Z");
    // A clock that was ahead and is put right: the present one counts, and not the time that the other one wrote down.
    world.now -= SignedDuration::from_hours(20);
    world.pass(1200);
    assert_eq!(world.jobs.starts(), starts + 4, "once at each of three times");
}

#[test]
fn one_that_takes_longer_than_the_time_between_two_is_brought_to_its_end() {
    let mut spec = spec(&job());
    spec["checks"]["schedule"] = json!({ "cron": "* * * * *" });
    let mut world = live(&spec);
    let starts = world.jobs.starts();
    world.jobs.fate = Fate::Hangs;
    while world.jobs.starts() == starts {
        world.tick();
    }
    world.pass(250);
    assert_eq!((world.jobs.starts(), world.jobs.running()), (starts + 1, 1));
    world.pass(200);
    assert_eq!(outcome(&world, 1), Some(RecheckOutcome::Failed));
}

#[test]
fn a_newer_commit_ends_it() {
    let mut world = live(&spec(&job()));
    until(&mut world, 10);
    world.jobs.fate = Fate::Unschedulable;
    world.pass(5);
    assert_eq!(world.jobs.running(), 1);
    world.push('b', Definition::Good);
    world.pass(60);
    world.jobs.fate = Fate::Runs;
    world.pass(60);
    assert_eq!((world.line().as_str(), world.jobs.running()), ("True UpToDate main@bbbbbbb", 0));
    assert_eq!((world.release(1).recheck, world.release(2).recheck), (None, None));
}

#[test]
fn what_has_no_answer_condemns_nothing() {
    let mut world = live(&spec(&query()));
    world.prometheus = Err("no answer".into());
    until(&mut world, 13);
    assert_eq!((world.line().as_str(), has_its_word(&world, 1)), ("False QueryFailed main@aaaaaaa", true));
    world.prometheus = Ok(0.0);
    world.pass(30);
    assert_eq!(
        (world.line().as_str(), outcome(&world, 1)),
        ("True UpToDate main@aaaaaaa", Some(RecheckOutcome::Passed))
    );
}

/// Settings change, the version stays: what a later release of it lost, an earlier one does not have.
#[test]
fn equal_digests_lose_their_word_together() {
    let mut world = live(&spec(&query()));
    world.edit(|spec| spec.pod = super::verdicts::limit("1Gi"));
    world.settle();
    assert!(world.release(2).live.as_deref() == Some("True") && has_its_word(&world, 1), "{}", world.line());
    let digest = world.releases_as_seen().iter().find_map(|release| release.digest().map(ToOwned::to_owned)).unwrap();
    let since = |world: &World| world.releases_as_seen().word_since(&digest, &word_of("Staging"));
    assert!(since(&world).is_some());
    world.prometheus = Ok(3.0);
    until(&mut world, 11);
    assert_eq!(since(&world), None);
    world.prometheus = Ok(0.0);
    until(&mut world, 21);
    assert!(since(&world).is_some());
}

#[test]
fn a_schedule_that_is_taken_away_takes_what_it_found_with_it() {
    let mut world = live(&spec(&query()));
    world.prometheus = Ok(3.0);
    until(&mut world, 11);
    world.edit(|spec| spec.checks.as_mut().unwrap().schedule = None);
    world.settle();
    assert_eq!((world.line().as_str(), has_its_word(&world, 1)), ("True UpToDate main@aaaaaaa", true));
}

#[test]
fn nothing_is_looked_at_while_it_is_suspended_or_stopped() {
    for (suspend, replicas) in [(true, 2), (false, 0)] {
        let mut world = live(&spec(&job()));
        let starts = world.jobs.starts();
        world.edit(|spec| (spec.suspend, spec.replicas) = (Some(suspend), replicas));
        until(&mut world, 21);
        assert_eq!(world.jobs.starts(), starts, "{suspend} {replicas}");
    }
}

#[test]
fn a_schedule_that_cannot_be_meant_is_named() {
    let told = |schedule: Value| {
        let mut world = World::new(&spec(&job()));
        world.edit(|spec| spec.checks.as_mut().unwrap().schedule = serde_json::from_value(schedule).unwrap());
        crate::plan::validate(&world.object).unwrap_err()[0].message.clone()
    };
    assert_eq!(
        told(json!({ "cron": "at three o'clock" })),
        "spec.checks.schedule.cron: \"at three o'clock\" is no cron schedule: give minute, hour, day of the month, month and day of the \
         week, such as 0 9 * * 1-5"
    );
    assert_eq!(
        told(json!({ "cron": "0 3 * * *", "timeZone": "Mars/Olympus" })),
        "spec.checks.schedule.timeZone: there is no time zone \"Mars/Olympus\": give its IANA name, such as Europe/Zurich"
    );
}
