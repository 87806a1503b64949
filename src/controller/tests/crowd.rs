//! One among many: what a reconcile costs where there is nothing to do.

mod builds;
mod cluster;
mod memory;
mod registry;

use super::deployment;
use crate::api::v1alpha1::TengineDeployment;
use crate::controller::board::{AtBase, AtPush, AtSource, Board, BuildOutcome, Subject};
use crate::controller::context::{Context, Shared};
use crate::controller::elsewhere::Elsewhere;
use crate::controller::observe::Questions;
use crate::controller::reconcile::reconcile;
use crate::controller::watching::Watching;
use crate::controller::{Process, share};
use crate::domain::{ChildName, Component, Digest};
use crate::lease::Leadership;
use crate::metrics::Metrics;
use crate::plan::desired::RECONCILE_AT;
use crate::plan::observed::{Built, SourceSeen};
use crate::plan::validate;
use crate::server::Health;
use crate::settings::{Hosts, Settings};
use crate::worker::Worker;
use cluster::Cluster;
use futures::StreamExt as _;
use futures::channel::mpsc::{self, UnboundedReceiver};
use kube::runtime::controller::Action;
use kube::runtime::reflector::ObjectRef;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// So many reconciles bring a deployment to rest: it asks, makes a release, builds, writes down, renders.
const STEPS: usize = 8;

/// Deployments that follow one repository and run no core, each with its release and all that stands for it in the cluster.
struct Crowd {
    cluster: Cluster,
    context: Arc<Context>,
    woken: UnboundedReceiver<ObjectRef<TengineDeployment>>,
    /// What the base image is.
    base: Digest,
}

impl Crowd {
    async fn of(count: usize) -> Self {
        Self::made_of((0..count).map(member)).await
    }

    async fn made_of(members: impl Iterator<Item = Value>) -> Self {
        let mut crowd = Self::with(Worker::current().unwrap(), Hosts::default());
        for (number, member) in members.enumerate() {
            crowd.has(number, &member);
            crowd.settle(number).await;
        }
        crowd
    }

    /// Nobody yet, and who works for them.
    fn with(worker: Worker, hosts: Hosts) -> Self {
        let cluster = Cluster::default();
        let process = Process {
            health: Health::default(),
            metrics: Arc::new(Metrics::new()),
            leadership: Leadership::of_a_test(),
        };
        let shared = share(cluster.client(), Settings { hosts, ..Settings::default() }, process).unwrap();
        let shared = Arc::new(Shared { worker, ..shared });
        let (stores, watching) = (cluster.stores(), Watching::new(None, Arc::clone(&shared.metrics)));
        // What would be woken is played by hand.
        let (wake, woken) = mpsc::unbounded();
        let everywhere = Elsewhere {
            namespace: None,
            deployments: stores.deployments.clone(),
            releases: stores.releases.clone(),
            watching: Arc::clone(&watching),
            wake: wake.clone(),
        };
        assert!(shared.everywhere.set(vec![everywhere]).is_ok());
        let context = Arc::new(Context { shared, board: Board::new(Arc::default(), wake), stores, watching });
        for name in ["git", "broker", "database"] {
            let data = json!({ "username": "dGVuZ2luZQ==", "password": "czNjcmV0" });
            cluster.put("secrets", &json!({ "metadata": { "name": name }, "data": data }));
        }
        cluster.put("serviceaccounts", &json!({ "metadata": { "name": "jobs" } }));
        let file = json!({ "tengined.yml.erb": "event_queue: {}" });
        cluster.put("configmaps", &json!({ "metadata": { "name": "tengined" }, "data": file }));
        Self { cluster, context, woken, base: Digest::of(b"base") }
    }

    /// A member that came long ago, and waits for nobody who comes after it.
    fn has(&self, number: usize, member: &Value) {
        self.cluster.put("tenginedeployments", member);
        self.context.board.came(&format!("u-{number}"), Instant::now() - Duration::from_mins(1));
    }

    fn object(&self, number: usize) -> Arc<TengineDeployment> {
        Arc::new(self.context.stores.deployments.open("production", &format!("d{number}")).unwrap())
    }

    async fn settle(&mut self, number: usize) {
        self.answer(number).await;
        for _ in 0..STEPS {
            reconcile(self.object(number), Arc::clone(&self.context)).await.unwrap();
            self.build(number).await;
        }
    }

    /// Git host and registry have answered; all members ask the same.
    async fn answer(&mut self, number: usize) {
        let object = self.object(number);
        let desired = validate(&object).unwrap();
        let git = Questions::of(&self.context, &object, &desired).await.unwrap().git.unwrap();
        let (subject, board) = (Subject::of(&desired), &self.context.board);
        board.look(&subject, &git.base);
        board.look(&subject, &git.push);
        if board.look(&subject, &git.source).answer.is_some() {
            return;
        }
        board.ask::<AtSource, _>(&subject, None, |references, _| async move {
            let seen = SourceSeen::new("refs/heads/main", "a".repeat(40).parse().unwrap());
            Ok(references.into_iter().map(|reference| (reference, Ok(seen.clone()))).collect())
        });
        let digest = self.base.clone();
        let base = async { Ok(BTreeMap::from([((), Ok(digest))])) };
        board.ask::<AtBase, _>(&subject, None, |_, _| base);
        board.ask::<AtPush, _>(&subject, None, |_, _| async { Ok(BTreeMap::from([((), Ok(()))])) });
        for _ in 0..3 {
            self.woken.next().await.unwrap();
        }
    }

    /// A release that has no image gets one, without a worker.
    async fn build(&mut self, number: usize) {
        let object = self.object(number);
        let desired = validate(&object).unwrap();
        let releases = self.context.stores.releases.opened(&desired.uid).unwrap();
        let Some(release) = releases.iter().find(|release| release.status.is_none()) else { return };
        let questions = Questions::of(&self.context, &object, &desired).await.unwrap();
        let built = Built::of_a_test(&format!("r.example.com/ops/billing@{}", Digest::of(b"image")));
        let name = release.metadata.name.as_deref().unwrap();
        let work = async { BuildOutcome::Built(Box::new(built)) };
        self.context.board.build(&Subject::of(&desired), (name, false), &questions.build, work);
        self.woken.next().await.unwrap();
    }

    /// All of so many members are Ready.
    fn assert_ready(&self, count: usize) {
        for number in 0..count {
            let status = self.object(number).status.clone().unwrap_or_default();
            let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready").unwrap();
            assert_eq!(ready.status, "True", "d{number}: {}", ready.message);
        }
    }

    /// Processor time of the reconciles of so many members, all over the crowd, each.
    async fn cost(&self, count: usize, times: usize) -> Duration {
        let before = processor();
        for number in 0..times {
            reconcile(self.object(number * 7919 % count), Arc::clone(&self.context)).await.unwrap();
        }
        processor().checked_sub(before).unwrap() / u32::try_from(times).unwrap()
    }
}

fn member(number: usize) -> Value {
    let mut object = json!(deployment(&json!({
        "source": {
            "git": { "url": "https://git.example.com/ops/jobs.git", "secretRef": { "name": "git" } },
            "interval": "24h",
        },
        "image": { "base": { "reference": "r.example.com/core:1", "interval": "24h" }, "repository": "r.example.com/ops/billing" },
        "tengine": {
            "eventQueue": { "host": "mq", "vhost": format!("v{number}"), "secretRef": { "name": "broker" } },
            "database": { "hosts": ["db:1"], "name": format!("d{number}"), "secretRef": { "name": "database" } },
            "heartbeatWatchd": { "enabled": false }, "atd": { "enabled": false },
        },
        "replicas": 0,
    })));
    object["metadata"] = json!({ "name": format!("d{number}"), "uid": format!("u-{number}") });
    // As the API server makes it, by the default in the CRD.
    object["status"] = json!({ "observedGeneration": -1 });
    object
}

/// What this thread has had of a processor; all that is measured happens on it.
fn processor() -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(spent.split(' ').next().unwrap().parse().unwrap())
}

/// Whatever it names in its spec, and however it rolls out.
#[rstest]
#[case::as_it_comes("RollingUpdate", json!({}), json!({}))]
#[case::with_an_account("Recreate", json!({ "serviceAccountName": "jobs" }), json!({}))]
#[case::with_a_file("RollingUpdate", json!({}), json!({ "name": "tengined" }))]
#[case::in_turns("HandOver", json!({}), json!({}))]
#[case::with_somebody_who_waits("ActiveStandby", json!({}), json!({}))]
#[tokio::test]
async fn one_of_a_crowd_at_rest_asks_and_writes_nothing(
    #[case] strategy: &str,
    #[case] pod: Value,
    #[case] file: Value,
) {
    let of = |number| {
        let mut object = member(number);
        let spec = &mut object["spec"];
        (spec["strategy"], spec["pod"]) = (json!({ "type": strategy }), pod.clone());
        if file != json!({}) {
            spec["tengine"]["configRef"] = file.clone();
        }
        object
    };
    let crowd = Crowd::made_of((0..12).map(of)).await;
    crowd.assert_ready(12);
    let asked = crowd.cluster.requests();
    crowd.cost(12, 12).await;
    assert_eq!(crowd.cluster.requests(), asked, "{:?}", crowd.cluster.all_asked());
    let text = crowd.context.shared.metrics.encode().unwrap();
    assert!(text.contains(r#"reconciles_total{result="Idle"}"#), "{text}");
}

#[tokio::test(start_paused = true)]
async fn of_many_that_come_at_once_nothing_is_asked_or_written_while_more_come() {
    let crowd = Crowd::with(Worker::current().unwrap(), Hosts::default());
    let waits = Action::requeue(Duration::from_secs(1));
    let done = || crowd.context.shared.metrics.encode().unwrap();
    for number in 0..60 {
        crowd.cluster.put("tenginedeployments", &member(number));
        let (asked, before) = (crowd.cluster.requests(), done());
        let action = reconcile(crowd.object(number), Arc::clone(&crowd.context)).await.unwrap();
        let untouched = crowd.cluster.requests() == asked && done() == before;
        assert_eq!(action == waits && untouched, number >= 3, "{number}: {action:?}");
    }
    // Nothing is said of the first ones yet; their work goes on, as does that of whom somebody asks about.
    let release = json!({ "metadata": { "name": "d0-0001-aaaaaaa", "ownerReferences": [{ "kind": "TengineDeployment", "name": "d0", "uid": "u-0", "controller": true }] }, "spec": super::release(None).spec });
    crowd.cluster.put("tenginereleases", &release);
    let mut urgent = member(50);
    urgent["metadata"]["annotations"] = json!({ RECONCILE_AT: "now" });
    crowd.cluster.put("tenginedeployments", &urgent);
    for (number, waits) in [(0, false), (50, false), (49, true)] {
        let before = done();
        reconcile(crowd.object(number), Arc::clone(&crowd.context)).await.unwrap();
        assert_eq!(done() == before, waits, "{number}");
    }
    tokio::time::advance(Duration::from_secs(1)).await;
    let asked = crowd.cluster.requests();
    reconcile(crowd.object(59), Arc::clone(&crowd.context)).await.unwrap();
    assert!(crowd.cluster.requests() > asked, "nobody came meanwhile");
}

#[tokio::test]
async fn one_that_is_made_anew_while_it_is_reconciled_leaves_nothing_behind() {
    let crowd = Crowd::of(1).await;
    let before = crowd.object(0);
    assert!(crowd.context.board.knows("u-0"));
    let mut anew = member(0);
    anew["metadata"]["uid"] = json!("u-anew");
    crowd.cluster.put("tenginedeployments", &anew);
    // The event of its end is heard while its reconcile is under way.
    crowd.context.board.forget("u-0");
    let _ = reconcile(before, Arc::clone(&crowd.context)).await;
    assert!(!crowd.context.board.knows("u-0"));
}

/// Its release is made, and written once: with its image, and that it is live. So is the status.
#[tokio::test]
async fn a_new_one_that_is_to_run_no_core_is_written_four_times() {
    let crowd = Crowd::of(5).await;
    crowd.assert_ready(5);
    let all = crowd.cluster.all_asked();
    let writes: Vec<_> =
        all.iter().filter(|(what, _)| !what.starts_with("GET ")).map(|(what, times)| (what.as_str(), *times)).collect();
    let expected = ["PATCH tenginedeployments", "PATCH tenginereleases", "POST events", "POST tenginereleases"];
    assert_eq!(writes, expected.map(|what| (what, 5)));
    assert_eq!(crowd.cluster.asked("GET deployments"), 0);
}

/// Only where something is known to stand under the name, or is about to.
#[rstest]
#[case::all_at_once("RollingUpdate", 6)]
#[case::in_turns("HandOver", 9)]
#[tokio::test]
async fn what_a_new_one_makes_is_asked_for_by_name_right_before_and_no_more(
    #[case] strategy: &str,
    #[case] times: usize,
) {
    let of = |number| {
        let mut object = member(number);
        object["spec"]["strategy"] = json!({ "type": strategy });
        object["spec"]["tengine"]["atd"] = json!({ "enabled": true });
        object["spec"]["replicas"] = json!(1);
        object
    };
    let crowd = Crowd::made_of((0..3).map(of)).await;
    let made = crowd.cluster.all("deployments").len();
    assert_eq!((made, crowd.cluster.asked("GET deployments")), (6, times));
}

/// What was begun would stay as it is, and consume events, until somebody gives the name free.
#[tokio::test]
async fn where_one_name_is_taken_nothing_is_made_under_the_others() {
    let mut crowd = Crowd::with(Worker::current().unwrap(), Hosts::default());
    let mut object = member(0);
    object["spec"]["tengine"]["atd"] = json!({ "enabled": true });
    object["spec"]["replicas"] = json!(1);
    let atd = ChildName::of_component("d0", Component::Atd);
    crowd.cluster.put("deployments", &json!({ "metadata": { "name": atd.as_ref() } }));
    crowd.has(0, &object);
    crowd.answer(0).await;
    for _ in 0..STEPS {
        drop(reconcile(crowd.object(0), Arc::clone(&crowd.context)).await);
        crowd.build(0).await;
    }
    assert_eq!((crowd.cluster.all("deployments").len(), crowd.cluster.all("configmaps").len()), (1, 1));
    let status = crowd.object(0).status.clone().unwrap();
    let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready").unwrap();
    assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("False", "NameTaken"), "{}", ready.message);
    assert!(ready.message.contains(atd.as_ref()), "{}", ready.message);
}

#[tokio::test]
async fn fifty_that_wait_at_a_gate_write_nothing() {
    let closed = json!([{ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "reason": "books" }]);
    let gated = |number| {
        let mut object = member(number);
        object["spec"]["gates"] = json!([{ "name": "hours", "window": { "closed": closed } }]);
        object
    };
    let crowd = Crowd::made_of((0..50).map(gated)).await;
    for number in 0..50 {
        let status = crowd.object(number).status.clone().unwrap();
        let ready = status.conditions.iter().find(|condition| condition.type_ == "Ready").unwrap();
        assert_eq!(ready.reason, "WaitingForWindow", "d{number}: {}", ready.message);
    }
    let written = crowd.cluster.writes();
    crowd.cost(50, 50).await;
    assert_eq!(crowd.cluster.writes(), written);
}

/// `hack/bench-scale reconcile` prints it, of the optimised program.
#[rstest]
#[case::thousand(1_000)]
#[case::ten_thousand(10_000)]
#[ignore = "a figure, for a quiet machine"]
#[tokio::test]
async fn figure_of_a_reconcile_with_nothing_to_do(#[case] count: usize) {
    let crowd = Crowd::of(count).await;
    crowd.assert_ready(count);
    let asked = crowd.cluster.requests();
    let cost = crowd.cost(count, 2_000).await;
    assert_eq!(crowd.cluster.requests(), asked, "there was something to do");
    println!("reconcile {count} {:.4} ms", cost.as_secs_f64() * 1_000.0);
}
