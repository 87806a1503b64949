//! From staging to production, as short stories.

use super::stages::{Stages, goes_forward, staging};
use super::world::{Definition, World};
use crate::api::v1alpha1::{GateState, ReleaseState};
use crate::domain::Digest;
use crate::plan::observed::Upstream;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use rstest::rstest;
use serde_json::json;

fn both_live() -> Stages {
    let mut stages = Stages::with_soak("0s");
    stages.lines_until("True UpToDate main@aaaaaaa");
    stages
}

fn words(world: &World, number: i64) -> Vec<String> {
    world.release(number).statuses.into_iter().map(|status| status.name).collect()
}

#[test]
fn a_verified_version_has_the_word_of_its_environment_from_then_on() {
    let mut world = World::new(&json!({ "environment": { "name": "Staging" } }));
    let mut was_verified = false;
    for _ in 0..40 {
        world.tick();
        let Some(release) = world.find_release(1) else { continue };
        let verified = release.verified_at.is_some();
        assert_eq!(words(&world, 1), if verified { vec!["Staging_OK".to_owned()] } else { Vec::new() });
        assert!(!was_verified || verified);
        if verified {
            assert_eq!(release.statuses[0].since, release.verified_at.unwrap(), "the two are one write");
        }
        was_verified = verified;
    }
    assert!(was_verified);
    let before = world.release(1);
    world.restart();
    world.pass(70);
    assert_eq!(world.release(1), before, "a new leader writes nothing");
}

#[test]
fn what_is_rejected_later_loses_the_word() {
    let mut world = World::new(&json!({ "environment": { "name": "Staging" } }));
    world.settle();
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(words(&world, 2), ["Staging_OK"]);
    let now = world.now;
    world.record(2, |status| {
        status.rejected_at = Some(Time(now));
        status.state = Some(ReleaseState::CoreFailed);
    });
    world.tick();
    assert!(words(&world, 2).is_empty());
    assert_eq!(words(&world, 1), ["Staging_OK"], "another version keeps its own");
}

#[test]
fn a_deployment_without_an_environment_attaches_nothing() {
    let mut world = World::new(&json!({ "environment": { "name": "Staging" } }));
    world.settle();
    world.edit(|spec| spec.environment = None);
    world.settle();
    assert!(words(&world, 1).is_empty());
}

#[test]
fn the_same_digest_goes_live_in_production_once_staging_has_verified_it() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    let seen = stages.lines_until("True UpToDate main@bbbbbbb");
    assert_eq!(
        seen,
        [
            "True UpToDate main@aaaaaaa",
            "Unknown Progressing main@aaaaaaa",
            "Unknown Building main@aaaaaaa next main@bbbbbbb",
            "True WaitingForStatus main@aaaaaaa next main@bbbbbbb",
            "Unknown RollingOut main@aaaaaaa next main@bbbbbbb",
            "True UpToDate main@bbbbbbb",
        ]
    );
    assert_eq!(stages.staging.release(2).image, stages.production.release(2).image);
    let gate = &stages.production.release(2).gates[0];
    assert_eq!((gate.name.as_str(), gate.state), ("staging", GateState::Open));
}

#[test]
fn what_staging_refuses_never_reaches_production_and_it_is_said() {
    let mut stages = both_live();
    stages.push('b', Definition::Raises);
    stages.pass(120);
    assert_eq!(stages.production.line(), "True WaitingForStatus main@aaaaaaa next main@bbbbbbb");
    let words = "bbbbbbb waits at gate staging: staging/billing rejected it: CoreFailed";
    assert_eq!(stages.production.message(), format!("{words}. aaaaaaa keeps serving."));
    let next = stages.production.object.status.clone().unwrap().next.unwrap();
    assert_eq!(next.waiting_for.as_deref(), Some(words));
    assert!(stages.production.condition("HeldBack").starts_with("True WaitingForStatus"));
    assert!(stages.production.condition("GatesOpen").starts_with("False WaitingForStatus"));
    assert_eq!(stages.production.pods_of('b'), 0);
    stages.push('c', Definition::Good);
    stages.lines_until("True UpToDate main@ccccccc");
}

#[test]
fn a_version_soaks_and_goes_live_at_the_very_time() {
    let mut stages = Stages::with_soak("1m");
    stages.lines_until("True UpToDate main@aaaaaaa");
    stages.push('b', Definition::Good);
    stages.lines_until("True Soaking main@aaaaaaa next main@bbbbbbb");
    let until = stages.staging.release(2).verified_at.unwrap().0 + SignedDuration::from_mins(1);
    let gate = stages.production.release(2).gates[0].clone();
    assert_eq!((gate.state, gate.opens_at.unwrap().0), (GateState::Waiting, until));
    let plan = stages.production.decide();
    assert!(
        stages.production.now + SignedDuration::try_from(plan.next).unwrap() <= until,
        "it is planned again in time"
    );
    while stages.production.line() == "True Soaking main@aaaaaaa next main@bbbbbbb" {
        stages.second();
    }
    let waited = stages.production.now.duration_since(until);
    assert!(!waited.is_negative() && waited < SignedDuration::from_secs(3), "{waited:?}");
    stages.lines_until("True UpToDate main@bbbbbbb");
}

#[test]
fn at_rest_before_a_shut_gate_nothing_is_written() {
    let mut stages = Stages::with_soak("2h");
    stages.pass(60);
    let status = stages.production.object.status.clone();
    for _ in 0..4 {
        let plan = stages.production.decide();
        let looks = |effect: &crate::plan::Effect| matches!(effect, crate::plan::Effect::LookAtSource);
        assert!(plan.effects.iter().all(looks), "{:?}", plan.effects);
        stages.production.now += SignedDuration::from_secs(7);
        assert_eq!(Some(stages.production.decide().status), status);
    }
}

#[test]
fn a_production_without_anything_that_serves_says_so_too() {
    let mut stages = Stages::with_soak("2h");
    stages.pass(60);
    assert_eq!(stages.production.line(), "False Soaking - next main@aaaaaaa");
    assert_eq!(stages.production.pods_of('a'), 0);
}

#[test]
fn an_upstream_that_cannot_be_asked_is_said() {
    let mut stages = both_live();
    stages.production.push('b', Definition::Good);
    let says = |stages: &mut Stages, seen: Upstream| {
        stages.production.upstreams.insert(staging(), seen);
        for _ in 0..8 {
            stages.production.tick();
        }
        (stages.production.line(), stages.production.message())
    };
    for (seen, reason, words) in [
        (Upstream::NotGranted, "NotGranted", "staging/billing does not grant namespace production to read its words"),
        (Upstream::Missing, "UpstreamMissing", "there is no TengineDeployment billing in namespace staging"),
        (Upstream::NotWatched, "UpstreamMissing", "namespace staging is not among those that this operator watches"),
    ] {
        let (line, message) = says(&mut stages, seen);
        assert_eq!(line, format!("False {reason} main@aaaaaaa next main@bbbbbbb"));
        assert!(
            message.starts_with(&format!("bbbbbbb waits at gate staging: {words}. aaaaaaa keeps serving.")),
            "{message}"
        );
        assert!(stages.production.condition("Stalled").starts_with(&format!("True {reason}")));
    }
    stages.staging.edit(|spec| spec.environment.as_mut().unwrap().name = "Test".into());
    let seen = stages.staging.seen();
    let (line, message) = says(&mut stages, seen);
    assert_eq!(line, "False StatusUnknown main@aaaaaaa next main@bbbbbbb");
    assert!(message.contains("staging/billing never gives Staging_OK: its word is Test_OK"), "{message}");
    assert_eq!(stages.production.pods_of('a'), 2, "what serves stays");
}

#[rstest]
#[case::of_another_base(
    |staging: &mut World| {
        staging.base = Ok(Digest::of(b"another base"));
        staging.edit(|spec| spec.image.as_mut().unwrap().base.reference = "r.example.com/other:1".into());
    },
    "They differ in image.base.reference: \"r.example.com/other:1\" there, \"r.example.com/core:1\" here"
)]
#[case::of_another_folder(
    |staging: &mut World| staging.edit(|spec| spec.source.git.as_mut().unwrap().path = Some("jobs".into())),
    "They differ in source.git.path: \"jobs\" there, \"\" here"
)]
#[case::of_another_repository(
    |staging: &mut World| staging.edit(|spec| spec.source.git.as_mut().unwrap().url = "https://git.example.com/a/b.git".into()),
    "They differ in source.git.url: \"https://git.example.com/a/b.git\" there, \"https://git.example.com/ops/jobs.git\" here"
)]
#[case::for_other_machines(|_: &mut World| {}, "They differ in the platform of the base image: linux/arm64 there, linux/amd64 here")]
fn digests_that_can_never_meet_are_said_with_both_values(#[case] change: fn(&mut World), #[case] words: &str) {
    let mut stages = both_live();
    stages.staging.maker = "another";
    change(&mut stages.staging);
    stages.staging.restart();
    stages.push('b', Definition::Good);
    stages.pass(120);
    let last: i64 = stages.staging.releases().try_into().unwrap();
    if words.contains("platform") {
        stages.staging.record(last, |status| status.platform = Some("linux/arm64".into()));
        stages.production.record(2, |status| status.platform = Some("linux/amd64".into()));
        stages.pass(5);
    }
    assert_eq!(stages.production.line(), "False DigestsDiffer main@aaaaaaa next main@bbbbbbb");
    let message = stages.production.message();
    let image = |world: &World, number| world.release(number).image.unwrap().rsplit_once('@').unwrap().1.to_owned();
    for part in [image(&stages.staging, last).as_str(), &image(&stages.production, 2), words] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_base_image_that_only_one_of_them_has_seen_move_is_waited_for() {
    let mut stages = both_live();
    for world in [&mut stages.staging, &mut stages.production] {
        world.edit(|spec| spec.image.as_mut().unwrap().base.interval = Some("5s".into()));
    }
    stages.pass(10);
    stages.production.base = Ok(Digest::of(b"moved"));
    stages.pass(10);
    stages.push('b', Definition::Good);
    stages.pass(60);
    assert_eq!(stages.production.line(), "True WaitingForStatus main@aaaaaaa next main@bbbbbbb");
    let message = stages.production.message();
    assert!(message.contains("They differ in what the base image is"), "{message}");
    stages.staging.base = Ok(Digest::of(b"moved"));
    stages.lines_until("True UpToDate main@bbbbbbb");
}

#[test]
fn what_serves_in_production_stays_when_staging_rejects_it_later_and_it_is_told() {
    let mut stages = both_live();
    stages.push('b', Definition::Good);
    stages.lines_until("True UpToDate main@bbbbbbb");
    stages.staging_rejects(2);
    stages.pass(20);
    assert_eq!(stages.production.line(), "True UpToDate main@bbbbbbb");
    assert_eq!(stages.production.pods_of('b'), 2);
    let told = stages.production.condition("UpstreamRevoked");
    assert!(
        told.starts_with("True UpstreamRejected: bbbbbbb, which serves, was rejected by staging/billing since"),
        "{told}"
    );
    stages.production.upstreams.insert(staging(), Upstream::NotRead);
    stages.production.restart();
    stages.production.pass(3);
    assert_eq!(stages.production.condition("UpstreamRevoked"), told, "a new process tells nothing anew");
}

#[test]
fn a_word_that_is_taken_away_shuts_the_gate_that_was_not_passed() {
    let mut stages = Stages::with_soak("1m");
    stages.lines_until("True UpToDate main@aaaaaaa");
    stages.push('b', Definition::Good);
    stages.lines_until("True Soaking main@aaaaaaa next main@bbbbbbb");
    stages.staging_rejects(2);
    stages.pass(120);
    assert_eq!(stages.production.line(), "True WaitingForStatus main@aaaaaaa next main@bbbbbbb");
    assert_eq!(stages.production.pods_of('b'), 0);
}

/// Ten minutes of a push every 5 s, a version that is proven 20 s after its push: production goes forward all the time.
#[test]
fn a_stream_of_commits_starves_nobody() {
    let mut stages = both_live();
    let (mut pushed, mut live) = (Vec::new(), Vec::new());
    for second in 0..600_i64 {
        if second % 5 == 0 {
            let number = second / 5;
            let id = format!("{number:040x}").replace('a', "b");
            pushed.push((stages.production.now, id.clone()));
            stages.production.commits.insert(id.clone(), Definition::Good);
            stages.production.head = Ok(id);
        }
        let proven = |at: jiff::Timestamp| at + SignedDuration::from_secs(20);
        let upstream =
            stages.staging.proven(pushed.iter().map(|(at, id)| (id.clone(), proven(*at))), stages.production.now);
        stages.production.upstreams.insert(staging(), upstream);
        stages.production.tick();
        let current = stages.production.object.status.clone().unwrap().current.unwrap().commit;
        if live.last() != Some(&current) {
            live.push(current);
        }
    }
    goes_forward(&live, &pushed.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
}
