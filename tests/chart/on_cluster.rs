//! The rendered chart before a real API server (`eval "$(hack/cluster env)"`): its objects are taken, its pod is let
//! into a `restricted` namespace, and its ServiceAccount may do what it must and nothing else.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use kube::Client;
use kube::api::{Api, PostParams};
use serde_json::{Value, json};

use crate::rendered::{of_kind, render};
use crate::{read, repository};

/// Namespaces and cluster-wide objects of one test, removed at its end.
struct Stage {
    release: String,
    /// Where the chart is installed.
    home: String,
    /// Where the operator looks.
    watched: String,
    /// Where it does not.
    other: String,
}

impl Stage {
    fn set(name: &str) -> Option<Self> {
        if std::env::var_os("KUBECONFIG").is_none() {
            eprintln!("skipped: KUBECONFIG is not set");
            return None;
        }
        let release = format!("chart-{name}-{}", std::process::id());
        let namespace = |role: &str| format!("{release}-{role}");
        let stage = Self { home: namespace("home"), watched: namespace("watched"), other: namespace("other"), release };
        let namespaces = [&stage.home, &stage.watched, &stage.other].map(|name| {
            let restricted = json!({"pod-security.kubernetes.io/enforce": "restricted"});
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": restricted}})
        });
        stage.kubectl(&["apply", "-f", "-"], &namespaces);
        Some(stage)
    }

    fn render(&self, values: &str, more: &[&str]) -> Vec<Value> {
        let watched = format!("namespaces={{{}}}", self.watched);
        let restricted: &[&str] = if values == "namespaces" { &["--set", &watched] } else { &[] };
        let flags: Vec<&str> = more.iter().chain(restricted).copied().collect();
        let objects = render(&self.release, &self.home, values, &flags).expect("helm");
        // Kinds of the Prometheus operator are not known to this cluster.
        objects.into_iter().filter(|object| !object["apiVersion"].as_str().unwrap().contains("coreos")).collect()
    }

    fn kubectl(&self, args: &[&str], objects: &[Value]) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let mut child =
            Command::new("kubectl").args(args).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(list.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: kubectl {args:?}: {told}", self.release);
        assert!(!told.contains("Warning"), "kubectl {args:?}: {told}");
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let (home, watched, other) = (&*self.home, &*self.watched, &*self.other);
        let selector = format!("app.kubernetes.io/instance={}", self.release);
        let everywhere =
            "clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings";
        let _ = Command::new("kubectl").args(["delete", everywhere, "-l", &selector]).output();
        let _ = Command::new("kubectl").args(["delete", "--wait=false", "namespace", home, watched, other]).output();
    }
}

#[test]
fn the_api_server_takes_every_object() {
    let Some(stage) = Stage::set("dry") else { return };
    for values in ["cluster", "namespaces", "monitoring"] {
        let objects = stage.render(values, &["--set", "priorityClassName="]);
        stage.kubectl(
            &["apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "-f", "-"],
            &objects,
        );
    }
}

#[test]
fn a_restricted_namespace_lets_the_pod_in() {
    let Some(stage) = Stage::set("pod") else { return };
    let account = "serviceAccount.create=false,serviceAccount.name=default,priorityClassName=";
    let objects = stage.render("cluster", &["--set", account]);
    let spec = of_kind(&objects, "Deployment")[0].pointer("/spec/template/spec").unwrap();
    let metadata = json!({"name": "operator", "namespace": stage.home});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec});
    stage.kubectl(&["apply", "--dry-run=server", "-f", "-"], &[pod]);
}

/// One question: verb, group, `resource[/subresource]`, namespace (empty: all).
struct Ask<'a>(&'a str, &'a str, &'a str, &'a str);

async fn may(client: &Client, stage: &Stage, ask: &Ask<'_>) -> bool {
    let (resource, subresource) = ask.2.split_once('/').unwrap_or((ask.2, ""));
    let attributes = ResourceAttributes {
        verb: Some(ask.0.into()),
        group: Some(ask.1.into()),
        resource: Some(resource.into()),
        subresource: Some(subresource.into()).filter(|sub: &String| !sub.is_empty()),
        namespace: Some(ask.3.into()),
        ..ResourceAttributes::default()
    };
    let groups = ["system:serviceaccounts".into(), format!("system:serviceaccounts:{}", stage.home)];
    let review = SubjectAccessReview {
        spec: SubjectAccessReviewSpec {
            user: Some(format!("system:serviceaccount:{}:{}-tengine-operator", stage.home, stage.release)),
            groups: Some(groups.into()),
            resource_attributes: Some(attributes),
            ..SubjectAccessReviewSpec::default()
        },
        ..SubjectAccessReview::default()
    };
    let answered = Api::all(client.clone()).create(&PostParams::default(), &review).await.unwrap();
    answered.status.unwrap().allowed
}

/// What the controller calls, where it looks.
const MUST: &[(&str, &str, &str)] = &[
    ("watch", "tengine.dev", "tenginedeployments"),
    ("create", "tengine.dev", "tenginedeployments"),
    ("patch", "tengine.dev", "tenginedeployments"),
    ("delete", "tengine.dev", "tenginedeployments"),
    ("patch", "tengine.dev", "tenginedeployments/status"),
    ("create", "tengine.dev", "tenginereleases"),
    ("patch", "tengine.dev", "tenginereleases/status"),
    ("delete", "tengine.dev", "tenginereleases"),
    ("watch", "tengine.dev", "tengineactions"),
    ("patch", "tengine.dev", "tengineactions/status"),
    ("delete", "tengine.dev", "tengineactions"),
    ("patch", "apps", "deployments"),
    ("delete", "apps", "deployments"),
    ("watch", "policy", "poddisruptionbudgets"),
    ("patch", "policy", "poddisruptionbudgets"),
    ("delete", "policy", "poddisruptionbudgets"),
    ("watch", "", "configmaps"),
    ("patch", "", "configmaps"),
    ("delete", "", "configmaps"),
    ("watch", "", "secrets"),
    ("get", "", "secrets"),
    ("watch", "", "pods"),
    ("patch", "", "pods"),
    ("get", "", "pods/log"),
    ("get", "", "serviceaccounts"),
    ("list", "", "serviceaccounts"),
    ("watch", "", "serviceaccounts"),
    ("create", "events.k8s.io", "events"),
];

/// What nobody who takes over the operator may do with its account.
const MUST_NOT: &[(&str, &str, &str)] = &[
    ("create", "", "secrets"),
    ("update", "", "secrets"),
    ("patch", "", "secrets"),
    ("delete", "", "secrets"),
    ("create", "", "pods"),
    ("delete", "", "pods"),
    ("create", "", "pods/exec"),
    ("create", "", "pods/attach"),
    ("create", "", "pods/ephemeralcontainers"),
    ("create", "", "serviceaccounts/token"),
    ("update", "", "serviceaccounts"),
    ("update", "tengine.dev", "tenginedeployments"),
    ("deletecollection", "tengine.dev", "tenginedeployments"),
    ("create", "tengine.dev", "tengineactions"),
    ("create", "tengine.dev", "tenginedeployments/rollback"),
    ("create", "apps", "daemonsets"),
    ("patch", "batch", "jobs"),
    ("create", "batch", "cronjobs"),
    ("create", "rbac.authorization.k8s.io", "rolebindings"),
    ("bind", "rbac.authorization.k8s.io", "roles"),
    ("escalate", "rbac.authorization.k8s.io", "roles"),
    ("create", "rbac.authorization.k8s.io", "clusterrolebindings"),
    ("impersonate", "", "users"),
    ("get", "", "nodes"),
    ("get", "", "nodes/proxy"),
    ("delete", "", "namespaces"),
    ("update", "apiextensions.k8s.io", "customresourcedefinitions"),
    ("create", "admissionregistration.k8s.io", "validatingwebhookconfigurations"),
];

fn apply_roles(stage: &Stage, values: &str) {
    let roles: Vec<Value> = stage
        .render(values, &[])
        .into_iter()
        .filter(|object| object["apiVersion"] == "rbac.authorization.k8s.io/v1")
        .collect();
    stage.kubectl(&["apply", "-f", "-"], &roles);
}

/// Where this may become so: the API server takes its roles from caches, which are a moment behind.
async fn comes_to_be_allowed(client: &Client, stage: &Stage, ask: &Ask<'_>) -> bool {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        if may(client, stage, ask).await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

async fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::try_default().await.unwrap()
}

/// Nothing forbidden anywhere; its Lease at home and nowhere else.
async fn check_bounds(client: &Client, stage: &Stage) {
    for (verb, group, resource) in MUST_NOT {
        for namespace in [&stage.home, &stage.watched, &stage.other, ""] {
            let allowed = may(client, stage, &Ask(verb, group, resource, namespace)).await;
            assert!(!allowed, "it may {verb} {resource}.{group} in {namespace:?}");
        }
    }
    let own_lease = Ask("create", "coordination.k8s.io", "leases", &stage.home);
    assert!(comes_to_be_allowed(client, stage, &own_lease).await, "its own Lease");
    assert!(!may(client, stage, &Ask("update", "coordination.k8s.io", "leases", &stage.home)).await, "any lease");
    assert!(!may(client, stage, &Ask("create", "coordination.k8s.io", "leases", &stage.other)).await);
}

#[tokio::test]
async fn with_namespaces_the_account_may_work_there_and_only_there() {
    let Some(stage) = Stage::set("some") else { return };
    apply_roles(&stage, "namespaces");
    let client = client().await;
    for (verb, group, resource) in MUST {
        for (namespace, expected) in [(&*stage.watched, true), (&*stage.other, false), ("", false)] {
            let ask = Ask(verb, group, resource, namespace);
            let allowed = if expected {
                comes_to_be_allowed(&client, &stage, &ask).await
            } else {
                may(&client, &stage, &ask).await
            };
            assert_eq!(allowed, expected, "{verb} {resource}.{group} in {namespace:?}");
        }
    }
    check_bounds(&client, &stage).await;
}

#[tokio::test]
async fn without_namespaces_the_account_may_work_everywhere_and_no_more() {
    let Some(stage) = Stage::set("all") else { return };
    apply_roles(&stage, "cluster");
    let client = client().await;
    for (verb, group, resource) in MUST {
        let allowed = comes_to_be_allowed(&client, &stage, &Ask(verb, group, resource, "")).await;
        assert!(allowed, "it may not {verb} {resource}.{group}");
    }
    check_bounds(&client, &stage).await;
}

/// The fenced block of the README that has this text in it.
fn readme_block(readme: &str, has: &str) -> String {
    let blocks = readme.split("```").skip(1).step_by(2);
    let block = blocks.filter_map(|block| block.split_once('\n')).find(|(_, text)| text.contains(has));
    block.unwrap_or_else(|| panic!("no block with {has}")).1.to_owned()
}

/// What a command prints, without its last line's end.
fn asked(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn the_readme_installs_an_operator_that_works() {
    let Some(stage) = Stage::set("readme") else { return };
    let Ok(image) = std::env::var("TENGINE_OPERATOR_IMAGE") else { panic!("TENGINE_OPERATOR_IMAGE is not set") };
    let readme = read("README.md");
    let values = readme_block(&readme, "namespaces: [staging, production]")
        .replace("registry.example.com/ops/tengine-operator", image.rsplit_once(':').unwrap().0)
        .replace("sha256:…", &asked("crane", &["digest", &image]))
        .replace("staging, production", &format!("{}, {}", stage.watched, stage.other));
    // The namespace is there already, and others' definitions are taken over.
    let commands = readme_block(&readme, "--values values.yaml")
        .replace("kubectl create namespace tengine-system", ":")
        .replace("tengine-system", &stage.home)
        .replace("--install tengine-operator", &format!("--install {}", stage.release))
        .replace("charts/", &format!("{}/", repository("charts").display()))
        .replace("--wait", "--wait --timeout 2m --take-ownership");
    let folder = tempfile::tempdir().unwrap();
    let authority = asked(
        "kubectl",
        &["-n", &stage.home, "get", "configmap", "kube-root-ca.crt", "-o", r"jsonpath={.data.ca\.crt}"],
    );
    std::fs::write(folder.path().join("ca.crt"), authority).unwrap();
    std::fs::write(folder.path().join("values.yaml"), values).unwrap();
    let done = Command::new("bash").args(["-euc", &commands]).current_dir(folder.path()).output().unwrap();
    assert!(done.status.success(), "{commands}\n{}", String::from_utf8_lossy(&done.stderr));
    let lease = ["-n", &stage.home, "get", "leases", "-o", "jsonpath={.items[0].spec.holderIdentity}"];
    assert!(asked("kubectl", &lease).starts_with(&stage.release), "one of its pods leads");
}
