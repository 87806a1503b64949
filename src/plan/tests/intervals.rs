//! Looks are repeated in their interval, and what began together drifts apart.

use super::laws::worlds;
use super::world::World;
use crate::api::v1alpha1::TengineRelease;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::Digest;
use crate::plan::look::{look, wait};
use crate::plan::observed::{Build, Look, Observed, SourceSeen, Step, Trouble};
use crate::plan::sight::Sight;
use crate::plan::{Effect, validate};
use jiff::{SignedDuration, Timestamp};
use kube::ResourceExt as _;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// What is looked at again and again.
#[derive(Debug, Clone, Copy)]
enum What {
    Source,
    Base,
}

/// A moment before it is due nothing is asked; then that, and nothing else. How long that is after an answer, where it is asked for
/// every so many seconds, and the other once a week.
fn repeated(uid: &str, what: What, seconds: u32) -> Duration {
    repeated_beside(uid, what, seconds, None)
}

/// The same beside a build of this release.
fn repeated_beside(uid: &str, what: What, seconds: u32, built: Option<(Build, TengineRelease)>) -> Duration {
    let week = format!("{}s", 7 * 24 * 3600);
    let (source, base) = match what {
        What::Source => (format!("{seconds}s"), week),
        What::Base => (week, format!("{seconds}s")),
    };
    let git = json!({ "url": "https://git.example.com/ops/jobs.git", "ref": { "branch": "main" } });
    let mut world = World::new(&json!({
        "source": { "interval": source, "git": git },
        "image": {
            "base": { "reference": "r.example.com/core:1", "interval": base },
            "repository": "r.example.com/ops/billing",
        },
    }));
    world.object.metadata.uid = Some(uid.to_owned());
    let (desired, at) = (validate(&world.object).unwrap(), world.now);
    let seen = SourceSeen::new("refs/heads/main", "a".repeat(40).parse().unwrap());
    let observed = Observed {
        source: Look { answer: Some((seen, at)), ..Look::default() },
        base: Look { answer: Some((Digest::of(b"base"), at)), ..Look::default() },
        push: Look { answer: Some(((), at)), ..Look::default() },
        builds: built.iter().map(|(build, release)| (release.name_any(), build.clone())).collect(),
        releases: built.into_iter().map(|(_, release)| release).collect(),
        ..Observed::default()
    };
    let due = look(Sight { desired: &desired, observed: &observed, now: at }).due.unwrap();
    let effects = |now: Timestamp| look(Sight { desired: &desired, observed: &observed, now }).effects;
    assert!(effects(due - SignedDuration::from_millis(1)).is_empty());
    match (what, effects(due + SignedDuration::from_millis(1)).as_slice()) {
        (What::Source, [Effect::LookAtSource]) | (What::Base, [Effect::LookAtBase]) => {}
        (_, others) => panic!("{others:?}"),
    }
    due.duration_since(at).unsigned_abs()
}

proptest! {
    #![proptest_config(worlds(64))]

    /// Never later than it says, and never more than a twentieth earlier.
    #[test]
    fn a_look_is_repeated_in_the_last_twentieth_of_its_interval(
        uid in "[0-9a-f-]{1,36}",
        what in prop_oneof![Just(What::Source), Just(What::Base)],
        seconds in 5..86_400_u32,
    ) {
        let whole = Duration::from_secs(seconds.into());
        let after = repeated(&uid, what, seconds);
        prop_assert!(after <= whole, "{after:?}");
        prop_assert!(after + Duration::from_micros(1) >= whole.mul_f64(0.95), "{after:?}");
        prop_assert_eq!(repeated(&uid, what, seconds), after, "always the same for one");
    }
}

/// A look that leads to nothing before the build had its turn costs the host as much as any.
#[rstest]
#[case::under_way(Build::Running(None), What::Source, 60, 300)]
#[case::each_five_minutes(Build::Running(None), What::Source, 200, 300)]
#[case::as_often_as_ever(Build::Running(None), What::Source, 600, 600)]
#[case::another_question(Build::Running(None), What::Base, 60, 60)]
#[case::in_trouble(Build::Trouble(Step::Image, trouble()), What::Source, 60, 60)]
#[case::once_more(Build::Running(Some((Step::Image, trouble()))), What::Source, 60, 60)]
fn while_it_is_built_a_ref_is_looked_at_more_seldom(
    #[case] build: Build,
    #[case] what: What,
    #[case] interval: u32,
    #[case] seconds: u32,
) {
    let mut release = first_release();
    let beside = repeated_beside("u-1", what, interval, Some((build.clone(), release.clone())));
    assert_eq!(beside.as_millis() / 10, repeated("u-1", what, seconds).as_millis() / 10);
    // What brings a lost image back, and what is of another commit, is not what was found.
    let usual = repeated("u-1", what, interval);
    release.status.get_or_insert_default().image = Some("r.example.com/ops/billing@sha256:00".to_owned());
    assert_eq!(repeated_beside("u-1", what, interval, Some((build.clone(), release))), usual);
    let mut other = first_release();
    other.spec.commit = "b".repeat(40);
    assert_eq!(repeated_beside("u-1", what, interval, Some((build, other))), usual);
}

/// Of a commit that was found, before it is built.
fn first_release() -> TengineRelease {
    let mut world = World::new(&json!({}));
    while world.releases.is_empty() {
        world.tick();
    }
    world.releases.remove(0)
}

fn trouble() -> Trouble {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let (reason, message) = (Reason::Unreachable, String::new());
    Trouble { reason, message, definite: false, since: at, at, retry_at: at }
}

/// A thousand of a minute, spread over its last three seconds.
#[rstest]
#[case(What::Source)]
#[case(What::Base)]
fn what_began_together_drifts_apart(#[case] what: What) {
    let uids = (0..1_000).map(|number| format!("7a1c{number:04x}-0f5e-4d0b-9c53-2f8f1c0e6a11"));
    let all: Vec<Duration> = uids.map(|uid| repeated(&uid, what, 60)).collect();
    let distinct: BTreeSet<_> = all.iter().collect();
    assert!(distinct.len() > 990, "only {} moments", distinct.len());
    for tenth in 0..10 {
        let from = Duration::from_millis(57_000 + 300 * tenth);
        let here = all.iter().filter(|after| (from..from + Duration::from_millis(300)).contains(after)).count();
        assert!((50..150).contains(&here), "{here} of a thousand from {from:?} on");
    }
}

/// Whatever its interval, such as that of the right to push, which is asked for once.
#[test]
fn what_found_no_place_is_asked_again_in_its_time() {
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let at = now + SignedDuration::from_secs(7);
    let look = Look { answer: Some(((), now)), put_off: Some(at), ..Look::default() };
    assert_eq!(wait(&look, Duration::MAX, None, now), Some(Duration::from_secs(7)));
    assert_eq!(wait(&look, Duration::MAX, None, at), Some(Duration::ZERO));
    assert_eq!(wait(&look, Duration::MAX, Some("by hand"), now), Some(Duration::ZERO));
    assert_eq!(wait(&Look { running: true, ..look }, Duration::MAX, None, at), None);
}
