//! Commits that come faster than their tests end.

use super::stages::{Stages, staging};
use super::world::{Definition, World};
use jiff::SignedDuration;
use serde_json::{Value, json};

fn tests() -> Value {
    json!({ "tests": [{ "name": "units", "job": { "command": ["ruby", "test.rb"], "timeout": "20s" } }] })
}

/// So many commits that went live in four minutes of a push each two seconds, in their order.
fn live(world: &mut World, mut before_each: impl FnMut(&mut World, &[(jiff::Timestamp, String)])) -> Vec<usize> {
    let (mut pushed, mut live): (Vec<(jiff::Timestamp, String)>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut most = 0;
    for second in 0..240_i64 {
        if second % 2 == 0 {
            let id = format!("{second:040}");
            pushed.push((world.now, id.clone()));
            world.commits.insert(id.clone(), Definition::Good);
            world.head = Ok(id);
        }
        before_each(world, &pushed);
        world.tick();
        most = most.max(world.jobs.running());
        let told = world.releases_as_seen().named(&world.told().unwrap()).unwrap().spec.commit.clone();
        if let Some(place) = pushed.iter().position(|(_, id)| *id == told)
            && live.last() != Some(&place)
        {
            live.push(place);
        }
    }
    assert!(most <= 2, "the tests that began first, and the newest one's: {most}");
    live
}

#[test]
fn a_stream_of_commits_starves_nobody_that_has_tests() {
    let mut world = World::new(&json!({ "checks": tests(), "source": {
        "interval": "5s", "git": { "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" } },
    } }));
    world.settle();
    let live = live(&mut world, |_, _| ());
    assert!(live.is_sorted(), "never back: {live:?}");
    assert!(live.len() >= 10 && *live.last().unwrap() > 100, "{live:?}");
}

#[test]
fn a_stream_of_commits_starves_no_production_that_has_tests_and_a_gate() {
    let mut stages = Stages::with_soak("0s");
    stages.production.edit(|spec| spec.checks = serde_json::from_value(tests()).unwrap());
    stages.lines_until("True UpToDate main@aaaaaaa");
    let Stages { staging: theirs, mut production } = stages;
    let live = live(&mut production, |world, pushed| {
        let proven = pushed.iter().map(|(at, id)| (id.clone(), *at + SignedDuration::from_secs(20)));
        world.upstreams.insert(staging(), theirs.proven(proven, world.now));
    });
    assert!(live.is_sorted(), "never back: {live:?}");
    assert!(live.len() >= 5 && *live.last().unwrap() > 80, "{live:?}");
}
