//! A release train by releases on the Git host: staging takes pre-releases, production what is a full release there.

use super::tags::following;
use super::world::World;
use crate::api::v1alpha1::{Verb, condition::Reason};
use crate::domain::HostRelease::{self, Draft, Full, PreRelease};
use crate::plan::validate;
use rstest::rstest;
use serde_json::{Value, json};

const FIRST: &str = "release-2026.11.9-7";
const NEXT: &str = "release-2026.11.21-1204";

/// A deployment that follows releases from this stage on, with a full one that is live.
fn train(stage: &str) -> World {
    let releases = json!({ "pattern": "release-*", "order": "Calendar", "stage": stage, "provider": "Gitea" });
    let mut world = following(&json!({ "releases": releases }));
    publish(&mut world, FIRST, 'a', Full);
    world.settle();
    assert_eq!(world.line(), "True UpToDate release-2026.11.9-7@aaaaaaa");
    world
}

fn publish(world: &mut World, tag: &str, digit: char, release: HostRelease) {
    world.tag(tag, digit);
    world.host_releases.insert(tag.into(), release);
}

fn becomes(world: &mut World, tag: &str, release: HostRelease) {
    world.host_releases.insert(tag.into(), release);
    world.pass(120);
}

#[test]
fn staging_takes_a_pre_release_at_once() {
    let mut world = train("PreRelease");
    publish(&mut world, NEXT, 'b', PreRelease);
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@bbbbbbb");
    let before = world.cluster.begun();
    becomes(&mut world, NEXT, Full);
    assert_eq!((world.line().as_str(), world.releases()), ("True UpToDate release-2026.11.21-1204@bbbbbbb", 2));
    assert_eq!(world.cluster.begun(), before, "nothing is restarted for it");
}

#[test]
fn production_takes_it_once_it_is_a_full_release() {
    let mut world = train("Full");
    publish(&mut world, NEXT, 'b', PreRelease);
    world.pass(120);
    assert_eq!(world.line(), "True WaitingForRelease release-2026.11.9-7@aaaaaaa");
    let message = world.message();
    let said = "tag release-2026.11.21-1204 on bbbbbbb does not count: its release on the Git host is a pre-release.";
    assert!(message.starts_with(said), "{message}");
    assert!(message.contains("un-tick pre-release"), "{message}");
    assert!(world.condition("HeldBack").starts_with("True WaitingForRelease"), "{}", world.condition("HeldBack"));
    world.restart();
    world.tick();
    assert_eq!(world.line(), "True WaitingForRelease release-2026.11.9-7@aaaaaaa");
    assert!(world.message().starts_with(said), "{}", world.message());
    becomes(&mut world, NEXT, Full);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@bbbbbbb");
    assert_eq!(world.inputs(2).tag.unwrap().name, NEXT);
}

#[test]
fn neither_a_draft_nor_a_bare_tag_is_a_release() {
    for stage in ["PreRelease", "Full"] {
        let mut world = train(stage);
        publish(&mut world, NEXT, 'b', Draft);
        world.pass(120);
        assert_eq!(world.line(), "True WaitingForRelease release-2026.11.9-7@aaaaaaa");
        assert!(world.message().contains("its release on the Git host is a draft"), "{}", world.message());
        world.host_releases.remove(NEXT);
        world.pass(120);
        assert!(world.message().contains("it is no release on the Git host"), "{}", world.message());
        world.restart();
        world.tick();
        assert!(world.message().contains("it is no release on the Git host"), "{}", world.message());
        assert_eq!((world.releases(), world.pods_of('b')), (1, 0));
    }
}

#[test]
fn what_stops_being_a_full_release_stays_and_nothing_older_comes_back() {
    for then in [Some(PreRelease), Some(Draft), None] {
        let mut world = train("Full");
        publish(&mut world, NEXT, 'b', Full);
        world.pass(120);
        assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@bbbbbbb");
        match then {
            Some(then) => world.host_releases.insert(NEXT.into(), then),
            None => world.host_releases.remove(NEXT),
        };
        world.pass(120);
        assert_eq!(world.line(), "False ReleaseWithdrawn release-2026.11.21-1204@bbbbbbb", "{then:?}");
        assert_eq!((world.pods_of('a'), world.pods_of('b'), world.releases()), (0, 2, 2));
        assert!(world.message().contains("Publish it again"), "{}", world.message());
        becomes(&mut world, NEXT, Full);
        assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@bbbbbbb");
    }
}

#[test]
fn the_last_release_that_goes_takes_nothing_away() {
    let mut world = train("PreRelease");
    world.host_releases.clear();
    world.pass(120);
    assert_eq!(world.line(), "False NoReleaseMatches release-2026.11.9-7@aaaaaaa");
    assert_eq!(world.pods_of('a'), 2);
    publish(&mut world, NEXT, 'b', PreRelease);
    world.pass(120);
    assert_eq!(world.line(), "True UpToDate release-2026.11.21-1204@bbbbbbb");
}

#[test]
fn from_staging_to_production_nothing_that_runs_is_taken_back() {
    let mut world = train("PreRelease");
    publish(&mut world, NEXT, 'b', PreRelease);
    world.pass(120);
    world.edit(|spec| {
        let releases = spec.source.git.as_mut().unwrap().reference.as_mut().unwrap().releases.as_mut().unwrap();
        releases.stage = crate::api::v1alpha1::Stage::Full;
    });
    world.pass(120);
    assert_eq!(world.line(), "False ReleaseWithdrawn release-2026.11.21-1204@bbbbbbb");
    assert_eq!((world.pods_of('a'), world.pods_of('b')), (0, 2));
}

#[test]
fn a_release_whose_tag_moved_is_not_followed() {
    let mut world = train("Full");
    world.tag(FIRST, 'b');
    world.pass(120);
    assert_eq!(world.line(), "False TagMoved release-2026.11.9-7@aaaaaaa");
}

#[test]
fn what_waits_at_a_gate_does_not_go_live_once_it_is_a_pre_release_again() {
    let mut world = train("Full");
    world.edit(|spec| {
        spec.gates = serde_json::from_value(json!([{ "name": "ops", "approval": { "required": 1 } }])).unwrap();
    });
    world.settle();
    publish(&mut world, NEXT, 'b', Full);
    world.pass(120);
    assert!(world.line().starts_with("True WaitingForApproval"), "{}", world.line());
    becomes(&mut world, NEXT, PreRelease);
    world.said(Verb::Approve, "alice", 2, Some("ops"));
    world.pass(120);
    assert_eq!((world.line().as_str(), world.pods_of('b')), ("False ReleaseWithdrawn release-2026.11.9-7@aaaaaaa", 0));
}

#[test]
fn an_api_that_says_no_takes_nothing_away() {
    let mut world = train("Full");
    for (reason, definite) in [(Reason::ReleasesNotFound, true), (Reason::AuthenticationFailed, true)] {
        world.head = Err((reason, definite));
        world.pass(60);
        assert_eq!(world.line(), format!("False {reason} release-2026.11.9-7@aaaaaaa"));
        assert_eq!(world.pods_of('a'), 2);
    }
}

/// Who asks the API: the Secret, and whether it is its own.
#[rstest]
#[case("https://h/ops/jobs", json!({}), Some("git"), false)]
#[case("https://h/ops/jobs", json!({ "secretRef": { "name": "api" } }), Some("api"), true)]
#[case::at_another_host("https://h/ops/jobs", json!({ "apiUrl": "https://api.h/api/v1" }), None, false)]
#[case::in_the_open("https://h/ops/jobs", json!({ "apiUrl": "http://h/api/v1" }), None, false)]
#[case::a_key("git@h:ops/jobs", json!({ "apiUrl": "https://h/api/v1" }), None, false)]
fn the_secret_of_the_repository_is_for_its_own_host(
    #[case] url: &str,
    #[case] given: Value,
    #[case] secret: Option<&str>,
    #[case] is_own: bool,
) {
    let mut releases = json!({ "pattern": "v*", "stage": "Full", "provider": "Gitea" });
    releases.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
    let git = json!({ "url": url, "ref": { "releases": releases }, "secretRef": { "name": "git" } });
    let world = World::new(&json!({ "source": { "git": git } }));
    let desired = validate(&world.object).unwrap();
    let wanted = desired.git().unwrap().source.releases.clone().unwrap();
    assert_eq!((wanted.secret.as_deref(), wanted.is_own), (secret, is_own));
}

#[rstest]
#[case("https://h/ops/jobs", json!({}), "ref.releases.provider: say whose API the host has")]
#[case("git@h:ops/jobs", json!({ "provider": "GitLab" }), "ref.releases.apiUrl: say where the API begins")]
#[case("https://h/jobs", json!({ "provider": "Gitea" }), "ref.releases.apiUrl: say where the API begins")]
#[case("https://h/ops/jobs", json!({ "provider": "Gitea", "apiUrl": "https://h/a?b" }), "ref.releases.apiUrl: \"https://h/a?b\"")]
#[case("https://h/ops/jobs", json!({ "provider": "Gitea", "pattern": "v1" }), "ref.releases.pattern: \"v1\"")]
fn what_is_wrong_is_named(#[case] url: &str, #[case] given: Value, #[case] said: &str) {
    let mut releases = json!({ "pattern": "v*", "stage": "Full" });
    releases.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
    let world = World::new(&json!({ "source": { "git": { "url": url, "ref": { "releases": releases } } } }));
    let problems = validate(&world.object).unwrap_err();
    let told: Vec<_> = problems.into_iter().map(|problem| problem.message).collect();
    assert!(told.iter().any(|problem| problem.contains(said)), "{told:?}");
}
