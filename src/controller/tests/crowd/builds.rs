//! What many want is built once, with all that is on the way from their reconciles to a worker process.

use super::registry::Registry;
use super::*;
use crate::api::v1alpha1::{ReleaseState, TengineRelease};
use crate::controller::build;
use crate::plan::observed::Build;
use crate::settings::RegistryHost;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A worker that finds no definition in anything.
const REFUSING: &str = "refusing";
/// One that packs anything into the same layer.
const PACKING: &str = "packing";

const PATIENCE: Duration = Duration::from_mins(1);

const MANY: usize = 50;

struct Bench {
    crowd: Crowd,
    registry: Registry,
    processes: Arc<AtomicUsize>,
}

impl Bench {
    async fn with(worker: &str) -> Self {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/source/children/");
        let processes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&processes);
        let worker = Worker::at(format!("{program}{worker}")).observed_by(move |error, _| {
            assert!(error.is_none(), "{error:?}");
            count.fetch_add(1, Ordering::SeqCst);
        });
        let registry = Registry::start().await;
        let plain = RegistryHost { plain_http: true, ..RegistryHost::default() };
        let hosts = Hosts { registries: [(registry.host.clone(), plain)].into(), ..Hosts::default() };
        let mut crowd = Crowd::with(worker, hosts);
        crowd.base = registry.keep_base();
        Self { crowd, registry, processes }
    }

    fn member(&self, number: usize, secret: &str) -> Value {
        let mut object = member(number);
        object["spec"]["source"]["git"]["secretRef"]["name"] = json!(secret);
        let image = &mut object["spec"]["image"];
        image["base"]["reference"] = json!(format!("{}/ops/core:1", self.registry.host));
        image["repository"] = json!(format!("{}/ops/billing", self.registry.host));
        object
    }

    /// These members, fetching with the Secret of this name, have each a release that was tried to build.
    async fn build(&mut self, members: std::ops::Range<usize>, secret: &str) {
        for number in members.clone() {
            self.crowd.has(number, &self.member(number, secret));
            self.crowd.answer(number).await;
        }
        // One to make the release, and one to begin its build.
        for number in members.clone().chain(members.clone()) {
            reconcile(self.crowd.object(number), Arc::clone(&self.crowd.context)).await.unwrap();
        }
        for _ in members.clone() {
            tokio::time::timeout(PATIENCE, self.crowd.woken.next()).await.expect("an outcome").unwrap();
        }
        for number in members {
            reconcile(self.crowd.object(number), Arc::clone(&self.crowd.context)).await.unwrap();
        }
    }

    fn changes(&self, number: usize) -> Option<String> {
        self.release(number).status.as_ref()?.changes.clone()
    }

    /// What a release of this member changes against a commit that serves there.
    async fn changes_since(&mut self, number: usize, old: &str) -> Option<String> {
        self.crowd.has(number, &self.member(number, "git"));
        self.crowd.answer(number).await;
        let object = self.crowd.object(number);
        let desired = validate(&object).unwrap();
        let questions = Questions::of(&self.crowd.context, &object, &desired).await.unwrap();
        reconcile(Arc::clone(&object), Arc::clone(&self.crowd.context)).await.unwrap();
        let release = self.release(number);
        let name = release.metadata.name.clone().unwrap();
        let mut before = json!(release);
        before["metadata"]["name"] = json!(format!("{name}-old"));
        before["spec"]["commit"] = json!(old.repeat(40));
        self.crowd.cluster.put("tenginereleases", &before);
        let subject = Subject::of(&desired);
        build::start((&self.crowd.context, &desired, &questions), &subject, &name, Some(&format!("{name}-old")));
        tokio::time::timeout(PATIENCE, self.crowd.woken.next()).await.expect("an outcome").unwrap();
        let builds = self.crowd.context.board.builds(&desired.uid, &questions.build);
        let Some(Build::Built(built)) = builds.get(&name) else { panic!("{builds:?}") };
        built.changes.as_ref().map(|changes| changes.counts.clone())
    }

    fn text(&self) -> String {
        self.crowd.context.shared.metrics.encode().unwrap()
    }

    fn release(&self, number: usize) -> TengineRelease {
        let mut releases = self.crowd.context.stores.releases.opened(&format!("u-{number}")).unwrap();
        assert_eq!(releases.len(), 1, "d{number}");
        releases.remove(0)
    }
}

#[tokio::test]
async fn what_many_want_is_built_once_and_each_has_a_release_of_its_own() {
    let mut bench = Bench::with(PACKING).await;
    bench.build(0..MANY, "git").await;
    assert_eq!(bench.processes.load(Ordering::SeqCst), 1);
    let images: BTreeSet<_> =
        (0..MANY).map(|number| bench.release(number).status.clone().unwrap().image.expect("an image")).collect();
    assert_eq!(images.len(), 1);
    let names: BTreeSet<_> = (0..MANY).map(|number| bench.release(number).metadata.name.clone().unwrap()).collect();
    assert_eq!(names.len(), MANY);
    // The manifest by its digest, and by its tag.
    assert_eq!(bench.registry.written("/v2/ops/billing/manifests/").len(), 2);
    let blobs = bench.registry.written("/v2/ops/billing/blobs/");
    assert_eq!(blobs.len(), 3, "the layer, the config and the base's layer: {blobs:?}");
    assert!(bench.text().contains(r#"builds_total{outcome="Succeeded"} 1"#), "{}", bench.text());
}

/// Whoever comes late, and whatever the others have.
#[tokio::test]
async fn what_changes_is_told_to_each_against_what_it_has_itself() {
    let mut bench = Bench::with(PACKING).await;
    // Nothing serves there.
    bench.build(0..2, "git").await;
    assert_eq!((bench.processes.load(Ordering::SeqCst), bench.changes(1)), (1, None));
    let pushed = bench.registry.written("/v2/ops/billing/");
    let mut processes = Vec::new();
    for (number, old) in [(2, "b"), (3, "b"), (4, "c")] {
        assert_eq!(bench.changes_since(number, old).await.as_deref(), Some("+1 -0 ~0"), "d{number}");
        processes.push(bench.processes.load(Ordering::SeqCst));
    }
    assert_eq!(processes, [3, 3, 5], "packed once more and compared, told what the other was, and the same again");
    let again = bench.registry.written("/v2/ops/billing/").len();
    assert_eq!(again, pushed.len(), "nothing was pushed once more: {pushed:?}");
}

#[tokio::test]
async fn what_is_refused_is_refused_once_for_all_that_want_it() {
    let mut bench = Bench::with(REFUSING).await;
    bench.build(0..MANY, "git").await;
    assert_eq!(bench.processes.load(Ordering::SeqCst), 1);
    for number in 0..MANY {
        let status = bench.release(number).status.clone().unwrap();
        assert_eq!(status.state, Some(ReleaseState::NoDefinition), "d{number}");
    }
    assert!(bench.text().contains(r#"builds_total{outcome="NoDefinition"} 1"#), "{}", bench.text());
}

#[tokio::test]
async fn who_fetches_with_other_credentials_is_not_given_what_others_built() {
    let mut bench = Bench::with(REFUSING).await;
    let secret = |name: &str, password: &str| json!({ "metadata": { "name": name }, "data": { "username": "dGVuZ2luZQ==", "password": password } });
    bench.crowd.cluster.put("secrets", &secret("same", "czNjcmV0"));
    bench.crowd.cluster.put("secrets", &secret("other", "b3RoZXI="));
    for (members, secret, processes) in [(0..3, "git", 1), (3..6, "same", 1), (6..9, "other", 2)] {
        bench.build(members, secret).await;
        assert_eq!(bench.processes.load(Ordering::SeqCst), processes, "{secret}");
    }
}
