//! What the caches keep of the objects that are watched, what hides nothing else there, and what is forgotten with them.

use super::Process;
use crate::controller::board::Board;
use crate::controller::contents::Content;
use crate::controller::context::{Shared, Stores};
use crate::controller::share;
use crate::controller::watch::watch_scope;
use crate::domain::{Digest, Shard};
use crate::lease::Leadership;
use crate::manifest;
use crate::metrics::Metrics;
use crate::plan::observed::{Acknowledged, Crash, ReplicaSet};
use crate::server::Health;
use crate::settings::Settings;
use futures::StreamExt as _;
use futures::channel::mpsc;
use kube::Client;
use kube::runtime::controller::Action;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use wiremock::matchers::{any, path_regex, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// How long a watch is open.
const SILENCE: Duration = Duration::from_millis(200);

const VALUE: &str = "s3cret-value";

/// An API server whose watches end without a word, and whose lists are empty.
async fn api_server() -> MockServer {
    let server = MockServer::start().await;
    let silence = ResponseTemplate::new(200).set_delay(SILENCE);
    Mock::given(query_param("watch", "true")).respond_with(silence).with_priority(4).mount(&server).await;
    Mock::given(any()).respond_with(list(&json!([]))).with_priority(9).mount(&server).await;
    server
}

fn list(items: &Value) -> ResponseTemplate {
    let list = json!({ "kind": "List", "apiVersion": "v1", "metadata": { "resourceVersion": "1" }, "items": items });
    ResponseTemplate::new(200).set_body_json(list)
}

/// The lists of these resources hold these objects.
async fn lists(server: &MockServer, resources: &str, items: Value) {
    let path = path_regex(format!("/({resources})$"));
    Mock::given(path).respond_with(list(&items)).with_priority(5).mount(server).await;
}

/// The watches of these resources say that this object is gone.
async fn loses(server: &MockServer, resources: &str, object: &Value) {
    let event = format!("{}\n", json!({ "type": "DELETED", "object": object }));
    let gone = ResponseTemplate::new(200).set_body_string(event);
    let asked = Mock::given(path_regex(format!("/({resources})$"))).and(query_param("watch", "true"));
    asked.respond_with(gone).with_priority(1).mount(server).await;
}

/// The watches of a scope, at work.
struct Scope {
    shared: Arc<Shared>,
    board: Arc<Board>,
    stores: Stores,
    running: JoinHandle<()>,
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Scope {
    /// Set up, and not begun: `before` puts in place what was known before.
    async fn watched(server: &MockServer, before: impl FnOnce(&Shared, &Board)) -> Self {
        Self::of(server, Shard::ONLY, before).await
    }

    /// The same, of one shard.
    async fn of(server: &MockServer, part: Shard, before: impl FnOnce(&Shared, &Board)) -> Self {
        let client = Client::try_from(kube::Config::new(server.uri().parse().unwrap())).unwrap();
        let process =
            Process { health: Health::default(), metrics: Arc::new(Metrics::new()), leadership: Leadership::default() };
        let shared = Arc::new(share(client, Settings { shard: part, ..Settings::default() }, process).unwrap());
        let board = Board::new(Arc::default(), mpsc::unbounded().0);
        before(&shared, &board);
        let watched = watch_scope(&shared, Some("production"), &board);
        let still = |_, _| std::future::ready(Ok::<_, Infallible>(Action::await_change()));
        let running = watched.controller.run(still, |_, _: &Infallible, _| Action::await_change(), Arc::new(()));
        let running = tokio::spawn(running.for_each(|_| std::future::ready(())));
        let scope = Self { shared, board, stores: watched.stores, running };
        tokio::time::timeout(Duration::from_mins(1), scope.stores.filled()).await.expect("the caches are filled");
        scope
    }
}

#[tokio::test]
async fn what_kubectl_wrote_down_of_an_object_is_not_kept() {
    let server = api_server().await;
    let applied = format!("{{\"stringData\":{{\"password\":\"{VALUE}\"}}}}");
    let metadata = json!({
        "name": "billing", "namespace": "production", "uid": "u-1", "resourceVersion": "1",
        "annotations": { "kubectl.kubernetes.io/last-applied-configuration": applied },
        "managedFields": [{ "manager": VALUE, "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {} }],
    });
    let all = "secrets|configmaps|serviceaccounts|pods|deployments|replicasets";
    lists(&server, all, json!([{ "metadata": metadata }])).await;
    let scope = Scope::watched(&server, |_, _| ()).await;
    let stores = &scope.stores;
    let kept = [
        format!("{:?}", stores.secrets.state()),
        format!("{:?}", stores.config_maps.store().state()),
        format!("{:?}", stores.accounts.state()),
        format!("{:?}", stores.configs.open("production", "billing")),
        format!("{:?}", stores.pods.open("production", "billing")),
        format!("{:?}", stores.workloads.open("production", "billing")),
        format!("{:?}", stores.replica_sets.store().state()),
    ];
    for kept in kept {
        assert!(kept.contains("billing") && !kept.contains(VALUE), "{kept}");
    }
}

#[tokio::test]
async fn of_a_replica_set_what_its_deployment_says_is_not_kept() {
    let server = api_server().await;
    let set = json!({ "metadata": {
        "name": "billing-core-5d9c", "namespace": "production", "uid": "s-1", "resourceVersion": "1",
        "labels": { manifest::DEPLOYMENT_LABEL: "billing", "pod-template-hash": "5d9c", "team": VALUE },
        "annotations": {
            manifest::RELEASE_ANNOTATION: "billing-0001-aaaaaaa", "deployment.kubernetes.io/revision": "1", "note": VALUE,
        },
        "ownerReferences": [{ "apiVersion": "apps/v1", "kind": "Deployment", "name": "billing-core", "uid": "d-1", "controller": true }],
    } });
    lists(&server, "replicasets", json!([set])).await;
    let scope = Scope::watched(&server, |_, _| ()).await;
    let found = scope.stores.replica_sets.of("production/billing");
    let read = ReplicaSet::read(found[0].as_ref()).expect("what is read is kept");
    assert_eq!((read.template.as_str(), read.revision.as_str()), ("5d9c", "1"));
    assert_eq!(read.release.as_deref(), Some("billing-0001-aaaaaaa"));
    assert!(!format!("{found:?}").contains(VALUE), "{found:?}");
}

#[tokio::test]
async fn a_config_map_of_ours_is_held_once() {
    let shard: Shard = "2/2".parse().unwrap();
    let named = |own: bool| {
        (0..100).map(|number| format!("billing-{number}")).find(|name| shard.owns("production", name) == own).unwrap()
    };
    let map = |name: &str, labels: Value| json!({ "metadata": { "name": name, "namespace": "production", "uid": name, "resourceVersion": "1", "labels": labels } });
    let ours = |deployment: String| json!({ manifest::MANAGED_BY_LABEL: manifest::MANAGER, manifest::DEPLOYMENT_LABEL: deployment });
    let owned = |mut map: Value| {
        map["metadata"]["ownerReferences"] = super::owned_by("u-1");
        map
    };
    let server = api_server().await;
    let maps = [
        owned(map("own", ours(named(true)))),
        owned(map("of-the-other", ours(named(false)))),
        map("copy", ours(named(true))),
        map("foreign", Value::Null),
    ];
    lists(&server, "configmaps", json!(maps)).await;
    let Scope { stores, .. } = &Scope::of(&server, shard, |_, _| ()).await;
    for (name, is_beside) in [("own", false), ("of-the-other", true), ("copy", true), ("foreign", true)] {
        assert_eq!(stores.config_maps.get("production", name).is_some(), is_beside, "{name}");
        assert_eq!(stores.config_map_version("production", name), format!("{name}/1"), "whoever names it, finds it");
    }
    assert!(stores.configs.get("production", "own").is_some());
}

/// An object whose content is of a version that nobody here knows, before one that can be read.
fn beside_an_unreadable(good: &Value) -> Value {
    let metadata = |name: &str| json!({ "name": name, "namespace": "production", "uid": name, "resourceVersion": "1" });
    let mut good = good.clone();
    good["metadata"] = metadata("good");
    json!([{ "metadata": metadata("bad"), "spec": "of tomorrow", "data": "of tomorrow", "status": 7 }, good])
}

#[tokio::test]
async fn one_object_that_cannot_be_read_hides_no_other() {
    let server = api_server().await;
    let (deployment, release) = (json!(super::deployment(&json!({}))), json!(super::release(None)));
    let action = json!({ "spec": { "deployment": "billing", "action": "Resume", "by": { "user": "alice" } } });
    for (resource, good) in [
        ("tenginedeployments", &deployment),
        ("tenginereleases", &release),
        ("tengineactions", &action),
        ("deployments|pods|jobs|poddisruptionbudgets|configmaps", &json!({})),
    ] {
        lists(&server, resource, beside_an_unreadable(good)).await;
    }
    let scope = Scope::watched(&server, |_, _| ()).await;
    let (stores, text) = (&scope.stores, scope.shared.metrics.encode().unwrap());
    for (kind, known) in [
        ("TengineDeployment", stores.deployments.get("production", "good").is_some()),
        ("TengineRelease", stores.releases.get("production", "good").is_some()),
        ("TengineAction", stores.actions.get("production", "good").is_some()),
        ("Deployment", stores.workloads.get("production", "good").is_some()),
        ("ConfigMap", stores.configs.get("production", "good").is_some()),
        ("Pod", stores.pods.get("production", "good").is_some()),
        ("Job", stores.jobs.get("production", "good").is_some()),
        ("PodDisruptionBudget", stores.budgets.get("production", "good").is_some()),
    ] {
        assert!(known, "{kind}");
        assert!(text.contains(&format!("unreadable_objects_total{{kind=\"{kind}\"}} 1")), "{kind}: {text}");
    }
}

/// Whether something is still known of the object `child`, whose UID is `c-1`.
type Known = fn(&Scope) -> bool;

fn content(scope: &Scope) -> bool {
    let contents = &scope.shared.contents;
    [&contents.secrets, &contents.config_maps].iter().any(|kind| kind.get("production", "child", "1").is_some())
}

fn file(scope: &Scope) -> bool {
    scope.shared.contents.files.get("production", "child", "1").is_some()
}

fn acknowledged(scope: &Scope) -> bool {
    scope.board.acknowledged("u-1", "child").is_some()
}

fn evidence(scope: &Scope) -> bool {
    scope.board.ends("u-1", "c-1").of(1).is_some()
}

#[rstest]
#[case::content_of_a_secret("secrets", content)]
#[case::content_of_a_config_map("configmaps", content)]
#[case::file_of_a_config_map("configmaps", file)]
#[case::written_deployment("deployments", acknowledged)]
#[case::written_config_map("configmaps", acknowledged)]
#[case::written_budget("poddisruptionbudgets", acknowledged)]
#[case::log_of_a_pod("pods", evidence)]
#[tokio::test]
async fn what_is_known_of_an_object_goes_with_it(#[case] resource: &str, #[case] known: Known) {
    let owner = super::owned_by("u-1");
    let child = json!({ "metadata": {
        "name": "child", "namespace": "production", "uid": "c-1", "resourceVersion": "2", "ownerReferences": owner,
        "labels": { manifest::DEPLOYMENT_LABEL: "billing" },
    } });
    let server = api_server().await;
    lists(&server, "tenginedeployments", json!([super::deployment(&json!({}))])).await;
    lists(&server, resource, json!([child])).await;
    let scope = Scope::watched(&server, |shared, board| {
        let contents = &shared.contents;
        let read = || Arc::new(Content::of("c-1", "", BTreeMap::new()));
        match resource {
            "secrets" => contents.secrets.put("production", "child", "1", read()),
            _ => contents.config_maps.put("production", "child", "1", read()),
        }
        contents.files.put("production", "child", "1", ("key".into(), None));
        let written = Acknowledged { rendered: Digest::of(b"child"), generation: 1 };
        board.acknowledge("u-1", "child", written);
        board.keep_end("u-1", "c-1", 1, Crash::default());
    })
    .await;
    assert!(known(&scope), "as long as it is there");
    loses(&server, resource, &child).await;
    let forgotten = async {
        while known(&scope) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), forgotten).await.expect("it is forgotten");
}

#[tokio::test]
async fn what_went_while_no_watch_was_open_is_forgotten_with_the_next_list() {
    let server = api_server().await;
    let there =
        json!({ "metadata": { "name": "there", "namespace": "production", "uid": "s-1", "resourceVersion": "1" } });
    lists(&server, "secrets", json!([there])).await;
    let scope = Scope::watched(&server, |shared, _| {
        for (namespace, name) in [("production", "there"), ("production", "gone"), ("staging", "of another scope")] {
            shared.contents.secrets.put(namespace, name, "1", Arc::new(Content::of("s-1", "Opaque", BTreeMap::new())));
        }
    })
    .await;
    let knows = |namespace, name| scope.shared.contents.secrets.get(namespace, name, "1").is_some();
    assert!(knows("production", "there") && knows("staging", "of another scope"));
    assert!(!knows("production", "gone"));
}

#[tokio::test]
async fn of_what_belongs_to_the_deployments_of_another_shard_nothing_is_kept() {
    let named: Vec<String> = (0..8).map(|number| format!("billing-{number}")).collect();
    let all = |object: &Value| {
        let one = |name: &String| {
            let labels = json!({ manifest::DEPLOYMENT_LABEL: name });
            let mut one = object.clone();
            one["metadata"] = json!({ "name": name, "namespace": "production", "uid": name, "resourceVersion": "1", "labels": labels });
            if one["spec"]["deployment"].is_string() {
                one["spec"]["deployment"] = json!(name);
            }
            one
        };
        Value::Array(named.iter().map(one).collect())
    };
    let action = json!({ "spec": { "deployment": "", "action": "Resume", "by": { "user": "alice" } } });
    let server = api_server().await;
    lists(&server, "tenginedeployments", all(&json!(super::deployment(&json!({}))))).await;
    lists(&server, "tenginereleases", all(&json!(super::release(None)))).await;
    lists(&server, "tengineactions", all(&action)).await;
    lists(&server, "deployments|pods|jobs|poddisruptionbudgets|configmaps|replicasets", all(&json!({}))).await;
    let shard: Shard = "2/2".parse().unwrap();
    let Scope { stores, .. } = &Scope::of(&server, shard, |_, _| ()).await;
    let (mut own, mut others) = (0, 0);
    for name in &named {
        let is_own = shard.owns("production", name);
        *if is_own { &mut own } else { &mut others } += 1;
        assert!(stores.deployments.get("production", name).is_some(), "they are each other's neighbours");
        assert!(stores.releases.get("production", name).is_some(), "they are promoted");
        let kept = [
            stores.actions.get("production", name).is_some(),
            stores.workloads.get("production", name).is_some(),
            stores.configs.get("production", name).is_some(),
            stores.pods.get("production", name).is_some(),
            stores.jobs.get("production", name).is_some(),
            stores.budgets.get("production", name).is_some(),
            stores.replica_sets.get("production", name).is_some(),
        ];
        assert_eq!(kept, [is_own; 7], "{name}");
    }
    assert!(own > 0 && others > 0);
}
