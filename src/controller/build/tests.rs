//! What lies where while a build is under way, what of it is compared, and who shares it.

use super::super::board::{Places, Turns};
use super::super::tests::release;
use super::*;
use crate::image::LayerPath as _;
use crate::source::LayerFile;
use futures::FutureExt as _;

#[tokio::test]
async fn the_shelf_in_the_folder_is_free_again_with_the_layer() {
    let turns = Turns::with_shelves(Places { all: 100, host: 100, namespace: 100 }, 2);
    let take = || {
        let party = Party { host: "git.example.com".into(), namespace: "production".into() };
        turns.take_with_shelf(party, "q", "registry.example.com").now_or_never()
    };
    let mut all: Vec<Shelf> = std::iter::from_fn(take).filter_map(|(_, shelf)| shelf).collect();
    let room = Arc::new(Room { layer: LayerFile::of_a_test(), _shelf: all.pop() });
    let path = room.path();
    // Who appends has it, and who compares.
    let appends = Arc::clone(&room);
    drop(room);
    assert!(path.exists() && take().is_none());
    drop(appends);
    assert!(!path.exists(), "the layer is gone");
    assert!(take().is_some(), "and so is its shelf's, though the build goes on");
    drop(all);
}

#[test]
fn what_no_core_loads_is_compared_with_nothing() {
    let of = |text: &str| {
        let file = crate::dsl::SourceFile::new("a.rb", text);
        crate::dsl::check(&[file], &crate::dsl::CheckOptions::default()).summary
    };
    let jobs = "require 'tengine_job'\njobnet('n') do\n  job('a', 'a.sh')\nend\n";
    assert!(is_loaded(&of(jobs)));
    for wrong in ["raise 'boom'\n", "jobnet('n') do\n"] {
        assert!(!is_loaded(&of(&format!("{wrong}{jobs}"))), "{wrong}");
    }
}

/// What is built: an order, and the release it is for.
fn wanted() -> (Order, TengineReleaseSpec) {
    let object = serde_json::from_str(include_str!("../../../tests/chart/data/deployment.json")).unwrap();
    let desired = crate::plan::validate(&object).unwrap();
    let git = desired.git().unwrap().clone();
    let credentials = CredentialHashes { source: "s".into(), base: "b".into(), push: "p".into(), ..Default::default() };
    (Order { desired, git, credentials, made: None }, release(None).spec)
}

#[test]
fn a_build_is_shared_by_who_has_the_same_content_and_the_same_credentials() {
    let (order, release) = wanted();
    let shared = key(&order, &release);
    let mut theirs = order.clone();
    (theirs.desired.namespace, theirs.desired.name) = ("staging".into(), "other".into());
    (theirs.credentials.passing, theirs.credentials.releases) = ("of a bot".into(), "of a list".into());
    let mut their_release = release.clone();
    (their_release.deployment, their_release.number) = ("other".into(), 7);
    assert_eq!(key(&theirs, &their_release), shared, "whose it is does not matter");
}

#[test]
fn a_build_from_anything_else_or_with_other_credentials_is_another() {
    let (order, release) = wanted();
    let ordered = |change: fn(&mut Order)| {
        let mut order = order.clone();
        change(&mut order);
        key(&order, &release)
    };
    let released = |change: fn(&mut TengineReleaseSpec)| {
        let mut release = release.clone();
        change(&mut release);
        key(&order, &release)
    };
    let keys = [
        ("the same", key(&order, &release)),
        ("source credentials", ordered(|order| order.credentials.source = "other".into())),
        ("base credentials", ordered(|order| order.credentials.base = "other".into())),
        ("push credentials", ordered(|order| order.credentials.push = "other".into())),
        ("deadline", ordered(|order| order.desired.timeout *= 2)),
        ("URL", released(|release| release.build.url = "https://git.example.com/ops/other.git".into())),
        ("reference", released(|release| release.reference = "refs/heads/other".into())),
        ("commit", released(|release| release.commit = "b".repeat(40))),
        ("path", released(|release| release.build.path = "other".into())),
        ("base", released(|release| release.build.base = "r.example.com/core:2".into())),
        ("digest of the base", released(|release| release.build.base_digest = format!("sha256:{}", "1".repeat(64)))),
        ("repository", released(|release| release.build.repository = "r.example.com/ops/other".into())),
        ("check", released(|release| release.build.definition_check = Some(DefinitionCheck::Strict))),
    ];
    let distinct: std::collections::BTreeSet<_> = keys.iter().map(|(_, key)| key).collect();
    assert_eq!(distinct.len(), keys.len(), "{keys:?}");
    // One hash is no other's, though all say the same text.
    let swapped = ordered(|order| std::mem::swap(&mut order.credentials.source, &mut order.credentials.push));
    assert_ne!(swapped, key(&order, &release));
}
