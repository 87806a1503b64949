//! Gates that are open at certain times, with a clock that the test turns.

use super::world::{Definition, World};
use crate::plan::validate;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// One commit is live; from then on there is the window, and the next commit at this time.
fn waiting(window: &Value, at: &str) -> World {
    let mut world = World::new(&Value::Null);
    world.settle();
    world.edit(|spec| spec.gates = serde_json::from_value(json!([{ "name": "hours", "window": window }])).unwrap());
    let at: Timestamp = at.parse().unwrap();
    world.now = at - SignedDuration::from_secs(65);
    world.restart();
    world.push('b', Definition::Good);
    world.pass(65);
    world
}

fn office() -> Value {
    json!({ "open": [{ "schedule": "0 9 * * 1-5", "duration": "8h", "timeZone": "Europe/Zurich" }] })
}

/// The last words of the gate's message.
fn gate(world: &World) -> String {
    world.release(2).gates[0].message.clone()
}

#[test]
fn outside_of_hours_a_release_waits_and_the_next_opening_is_shown() {
    // A Friday evening.
    let mut world = waiting(&office(), "2026-03-06T20:00:00Z");
    assert_eq!(world.line(), "True WaitingForWindow main@aaaaaaa next main@bbbbbbb");
    assert_eq!(gate(&world), "closed, opens Mon 2026-03-09 09:00 CET");
    let opens: Timestamp = "2026-03-09T08:00:00Z".parse().unwrap();
    world.now = opens - SignedDuration::from_secs(30);
    assert!(world.decide().next <= std::time::Duration::from_secs(30), "it is planned again when it opens");
    world.pass(29);
    assert_eq!(world.pods_of('b'), 0);
    world.pass(40);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
}

#[test]
fn within_hours_nothing_waits() {
    let world = waiting(&office(), "2026-03-06T12:00:00Z");
    assert!(world.release(2).gates[0].message.starts_with("open until Fri 2026-03-06 17:00 CET"), "{}", gate(&world));
    assert_eq!(world.line().split(' ').nth(1), Some("UpToDate"), "{}", world.line());
}

#[test]
fn summer_time_moves_the_opening_and_not_the_clock_on_the_wall() {
    // The Saturday before the clocks go forward.
    let world = waiting(&office(), "2026-03-28T12:00:00Z");
    assert_eq!(gate(&world), "closed, opens Mon 2026-03-30 09:00 CEST");
    let opens = world.release(2).gates[0].opens_at.clone().unwrap().0;
    assert_eq!(opens.to_string(), "2026-03-30T07:00:00Z");
}

#[test]
fn a_time_that_the_clocks_skip_is_skipped_and_one_that_comes_twice_opens_twice() {
    let night = json!({ "open": [{ "schedule": "30 2 * * *", "duration": "10m", "timeZone": "Europe/Zurich" }] });
    let world = waiting(&night, "2026-03-28T23:00:00Z");
    assert_eq!(gate(&world), "closed, opens Mon 2026-03-30 02:30 CEST");
    let mut world = waiting(&night, "2026-10-24T23:00:00Z");
    assert_eq!(gate(&world), "closed, opens Sun 2026-10-25 02:30 CEST");
    // The first 02:30 went by in another way: the clock was set past it.
    world.now = "2026-10-25T00:45:00Z".parse().unwrap();
    // Nobody wakes the operator for that.
    world.pass(601);
    assert_eq!(gate(&world), "closed, opens Sun 2026-10-25 02:30 CET");
}

#[test]
fn a_freeze_wins_over_hours_and_says_why() {
    let freeze = json!({ "from": "2026-03-09T00:00:00Z", "to": "2026-03-11T00:00:00Z", "reason": "year's end" });
    let mut window = office();
    window["closed"] = json!([freeze]);
    let world = waiting(&window, "2026-03-09T10:00:00Z");
    assert_eq!(gate(&world), "closed (year's end), opens Wed 2026-03-11 09:00 CET");
    let world = waiting(&window, "2026-03-06T20:00:00Z");
    assert_eq!(gate(&world), "closed, opens Wed 2026-03-11 09:00 CET", "the freeze is seen coming");
}

#[test]
fn a_freeze_alone_leaves_all_other_times_open() {
    let window = json!({ "closed": [{ "schedule": "0 0 * * 0", "duration": "24h" }] });
    // A Sunday, and a Monday.
    assert_eq!(gate(&waiting(&window, "2026-03-08T10:00:00Z")), "closed, opens Mon 2026-03-09 00:00 UTC");
    assert!(gate(&waiting(&window, "2026-03-09T10:00:00Z")).starts_with("open until Sun 2026-03-15 00:00 UTC"));
}

#[test]
fn hours_that_a_freeze_covers_for_ever_never_open() {
    let mut window = office();
    window["closed"] = json!([{ "schedule": "0 0 * * *", "duration": "24h", "timeZone": "Europe/Zurich" }]);
    assert_eq!(gate(&waiting(&window, "2026-03-06T20:00:00Z")), "closed, and does not open any more");
}

#[test]
fn a_roll_out_that_began_within_hours_goes_on_beyond_them() {
    let mut world = waiting(&office(), "2026-03-06T15:30:00Z");
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    world.push('c', Definition::Good);
    let began = (0..120).any(|_| {
        world.tick();
        world.find_release(3).is_some() && world.told() == Some(world.name_of(3))
    });
    assert!(began && world.pods_of('b') > 0, "the roll-out is under way: {}", world.line());
    world.now = "2026-03-06T16:00:01Z".parse().unwrap();
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@ccccccc");
    world.push('d', Definition::Good);
    world.pass(70);
    assert_eq!(world.line(), "True WaitingForWindow main@ccccccc next main@ddddddd");
}

#[test]
fn a_clock_that_jumps_back_closes_what_is_not_under_way_and_nothing_else() {
    let mut world = waiting(&office(), "2026-03-09T08:05:00Z");
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    world.now = "2026-03-09T07:30:00Z".parse().unwrap();
    world.push('c', Definition::Good);
    world.restart();
    world.pass(60);
    assert_eq!(world.line(), "True WaitingForWindow main@bbbbbbb next main@ccccccc");
    assert_eq!(world.pods_of('b'), 2);
}

#[test]
fn what_cannot_be_read_is_said_by_its_place() {
    let says = |window: Value| {
        let mut world = World::new(&Value::Null);
        world.edit(|spec| spec.gates = serde_json::from_value(json!([{ "name": "hours", "window": window }])).unwrap());
        validate(&world.object).unwrap_err().remove(0).message
    };
    let open =
        |schedule: &str, zone: &str| json!({ "open": [{ "schedule": schedule, "duration": "8h", "timeZone": zone }] });
    assert_eq!(
        says(open("0 9 * * 1-5", "Europe/Zürich")),
        "spec.gates[hours].window.open[0].timeZone: there is no time zone \"Europe/Zürich\": give its IANA name, such as Europe/Zurich"
    );
    assert!(
        says(open("0 25 * * *", "UTC"))
            .starts_with("spec.gates[hours].window.open[0].schedule: \"0 25 * * *\" is no cron schedule")
    );
    assert_eq!(
        says(json!({ "closed": [{ "schedule": "0 9 * * *" }] })),
        "spec.gates[hours].window.closed[0]: give schedule and duration, or from and to"
    );
}
