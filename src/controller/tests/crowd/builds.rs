//! What many want is built once, with all that is on the way from their reconciles to a worker process.

use super::*;
use crate::api::v1alpha1::{ReleaseState, TengineRelease};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A worker that finds no definition in anything.
const REFUSING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/source/children/refusing");

const PATIENCE: Duration = Duration::from_mins(1);

struct Bench {
    crowd: Crowd,
    processes: Arc<AtomicUsize>,
}

impl Bench {
    fn new() -> Self {
        let processes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&processes);
        let worker = Worker::at(REFUSING).observed_by(move |error, _| {
            assert!(error.is_none(), "{error:?}");
            count.fetch_add(1, Ordering::SeqCst);
        });
        Self { crowd: Crowd::with(worker), processes }
    }

    /// These members, fetching with the Secret of this name, have each a release that was tried to build.
    async fn build(&mut self, members: std::ops::Range<usize>, secret: &str) {
        for number in members.clone() {
            let mut object = member(number);
            object["spec"]["source"]["git"]["secretRef"]["name"] = json!(secret);
            // No registry is asked for the Ruby that loads it.
            object["spec"]["checks"] = json!({ "definition": "Off" });
            self.crowd.cluster.put("tenginedeployments", &object);
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

    fn release(&self, number: usize) -> Arc<TengineRelease> {
        let releases = self.crowd.context.stores.releases.of(&format!("u-{number}"));
        assert_eq!(releases.len(), 1, "d{number}");
        Arc::clone(&releases[0])
    }
}

#[tokio::test]
async fn what_many_want_is_built_once_and_each_has_a_release_of_its_own() {
    const MANY: usize = 50;
    let mut bench = Bench::new();
    bench.build(0..MANY, "git").await;
    assert_eq!(bench.processes.load(Ordering::SeqCst), 1);
    let names: BTreeSet<_> = (0..MANY).map(|number| bench.release(number).metadata.name.clone().unwrap()).collect();
    assert_eq!(names.len(), MANY);
    for number in 0..MANY {
        let status = bench.release(number).status.clone().unwrap();
        assert_eq!(status.state, Some(ReleaseState::NoDefinition), "d{number}");
    }
    let text = bench.crowd.context.shared.metrics.encode().unwrap();
    assert!(text.contains(r#"builds_total{outcome="NoDefinition"} 1"#), "{text}");
}

#[tokio::test]
async fn who_fetches_with_other_credentials_is_not_given_what_others_built() {
    let mut bench = Bench::new();
    let secret = |name: &str, password: &str| json!({ "metadata": { "name": name }, "data": { "username": "dGVuZ2luZQ==", "password": password } });
    bench.crowd.cluster.put("secrets", &secret("same", "czNjcmV0"));
    bench.crowd.cluster.put("secrets", &secret("other", "b3RoZXI="));
    for (members, secret, processes) in [(0..3, "git", 1), (3..6, "same", 1), (6..9, "other", 2)] {
        bench.build(members, secret).await;
        assert_eq!(bench.processes.load(Ordering::SeqCst), processes, "{secret}");
    }
}
