//! A namespace with a queue, a database and a workload of its own.

use crate::image::{self, COMMIT};
use crate::kubectl::{attempt, kubectl, wait_for};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tengine_operator::api::v1alpha1::{Settings, StrategyType};
use tengine_operator::domain::{CommitId, Component};
use tengine_operator::manifest::{Child, ChildKind, Owner, RENDERING, Seat, Surge, Workload, children};
use tengine_operator::settings::platform_of_this_build;

/// Whatever may be in a password, ends of lines aside (the broker's and the database's commands are no match for those).
const PASSWORD: &str = r#"p"'\<%= 1 %>é😀: #{x} $(x)"#;

/// Long enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(150);

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Removed again when it goes out of scope.
pub struct Stage {
    pub namespace: String,
    pub settings: Settings,
    pub image: String,
    owner: Value,
}

impl Stage {
    /// `None` where there is no cluster. Queue and database are there, and nothing is applied yet.
    pub fn set(name: &str, base: &str, definition: &str) -> Option<Self> {
        let Ok(base) = std::env::var(base) else {
            eprintln!("skipped: {base} is not set");
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("manifest-{name}-{}-{number}", std::process::id());
        let labels = json!({ "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted" });
        let object =
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": namespace, "labels": labels } });
        kubectl("default", &["create", "-f", "-"], Some(&object));
        let settings = settings(&namespace);
        let mut stage = Self { namespace, settings, image: String::new(), owner: Value::Null };
        stage.make_services();
        stage.make_owner();
        stage.image = image::build(&base, definition);
        Some(stage)
    }

    fn make_services(&self) {
        let name = &self.namespace;
        let all = json!({ "configure": ".*", "write": ".*", "read": ".*" });
        let user = json!({ "password": PASSWORD, "tags": "" });
        for (path, body) in [
            (format!("vhosts/{name}"), json!({})),
            (format!("users/{name}"), user),
            (format!("permissions/{name}/{name}"), all),
        ] {
            broker("PUT", &path, Some(&body));
        }
        let hack = Path::new(env!("CARGO_MANIFEST_DIR")).join("hack/cluster");
        run(Command::new(hack).args(["database", name, PASSWORD]));
        let login = json!({ "username": name, "password": PASSWORD });
        for secret in ["queue", "database"] {
            let secret =
                json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": secret }, "stringData": login });
            kubectl(name, &["create", "-f", "-"], Some(&secret));
        }
    }

    /// Deletes the queue behind the cores' backs.
    pub fn delete_queue(&self) {
        broker("DELETE", &self.queue(), None);
    }

    /// The bodies of the events that nobody has handled, as the queue keeps them for the next core.
    pub fn waiting_events(&self) -> Vec<String> {
        let all = json!({ "count": 100, "ackmode": "ack_requeue_true", "encoding": "auto" });
        let messages = broker("POST", &format!("{}/get", self.queue()), Some(&all));
        let messages: Vec<Value> = serde_json::from_str(&messages).unwrap();
        messages.iter().map(|message| message["payload"].as_str().unwrap().to_owned()).collect()
    }

    fn queue(&self) -> String {
        format!("queues/{}/tengine_event_queue", self.namespace)
    }

    /// The garbage collector removes what belongs to nobody, so a `ConfigMap` stands in for the `TengineDeployment`.
    fn make_owner(&mut self) {
        let owner = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "owner" } });
        let made = kubectl(&self.namespace, &["create", "-o", "json", "-f", "-"], Some(&owner));
        let made: Value = serde_json::from_str(&made).unwrap();
        self.owner = json!([{
            "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": made["metadata"]["uid"],
            "controller": true, "blockOwnerDeletion": true,
        }]);
    }

    pub fn children(&self, replicas: i32, strategy: StrategyType) -> Vec<Child> {
        let mut children =
            rendered(&self.namespace, &self.image, &self.settings, (replicas, strategy), Seat::default());
        for child in &mut children {
            child.object["metadata"]["ownerReferences"] = self.owner.clone();
        }
        children
    }

    /// Applies the objects as the operator does.
    pub fn apply(&self, children: &[Child]) {
        let apply = ["apply", "--server-side", "--force-conflicts", "--field-manager=tengine-operator", "-f", "-"];
        let items: Vec<_> = children.iter().map(|child| &child.object).collect();
        kubectl(&self.namespace, &apply, Some(&json!({ "apiVersion": "v1", "kind": "List", "items": items })));
    }

    pub fn live(&self, child: &Child) -> Value {
        let kind = match child.kind {
            ChildKind::Deployment(_) => "deployment",
            ChildKind::ConfigMap => "configmap",
            ChildKind::PodDisruptionBudget => "poddisruptionbudget",
            ChildKind::Instance => "tenginedeployment",
        };
        serde_json::from_str(&kubectl(&self.namespace, &["get", kind, child.name.as_ref(), "-o", "json"], None))
            .unwrap()
    }

    /// The pods of a process, those that end just now included.
    pub fn pods(&self, component: Component) -> Vec<Value> {
        let label = format!("app.kubernetes.io/component={}", component.label());
        let list = kubectl(&self.namespace, &["get", "pods", "-o", "json", "-l", &label], None);
        let mut list: Value = serde_json::from_str(&list).unwrap();
        list["items"].as_array_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The name of the process's pod, once its container runs.
    pub fn running_pod(&self, component: Component) -> String {
        let look = || {
            let pods = self.pods(component);
            let runs = |pod: &&Value| pod.pointer("/status/containerStatuses/0/state/running").is_some();
            pods.iter().find(runs).map(name_of)
        };
        wait_for("a running container", PATIENCE, look).0
    }

    pub fn is_ready(&self, pod: &str) -> bool {
        let path = "jsonpath={.status.containerStatuses[0].ready}";
        kubectl(&self.namespace, &["get", "pod", pod, "-o", path], None) == "true"
    }

    pub fn wait_until_ready(&self, pod: &str) {
        wait_for("a ready core", PATIENCE, || self.is_ready(pod).then_some(()));
    }

    /// Says what a line of shell prints in a pod's container, which changes nothing: one that just started may not take it at once.
    pub fn shell(&self, pod: &str, script: &str) -> String {
        let told = || attempt(&self.namespace, &["exec", pod, "--", "sh", "-c", script], None);
        let look = || Some(told()).filter(|output| output.status.success());
        String::from_utf8(wait_for("a container that listens", PATIENCE, look).0.stdout).unwrap()
    }

    /// Does something in a pod's container that may be done twice: a container that just started may not take it at once.
    pub fn tell(&self, pod: &str, script: &str) {
        let told = || attempt(&self.namespace, &["exec", pod, "--", "sh", "-c", script], None);
        wait_for("a container that listens", PATIENCE, || told().status.success().then_some(()));
    }

    /// Sends a process of a pod's container a signal. Where that ends the container, nobody is told how the sending went.
    pub fn signal(&self, pod: &str, script: &str) {
        attempt(&self.namespace, &["exec", pod, "--", "sh", "-c", script], None);
    }

    pub fn log(&self, pod: &str) -> String {
        kubectl(&self.namespace, &["logs", pod], None)
    }

    /// Deletes a pod, and says how long its process took to end, and with which code it did. Not what it said last: the kubelet
    /// takes a log away with its container, whoever may be reading it.
    pub fn delete(&self, pod: &str) -> (Duration, i64) {
        self.hold(pod, &json!(["tengine.dev/looked-at"]));
        let begun = Instant::now();
        kubectl(&self.namespace, &["delete", "pod", pod, "--wait=false"], None);
        let end = loop {
            let path = "jsonpath={.status.containerStatuses[0].state.terminated.exitCode}";
            let code = kubectl(&self.namespace, &["get", "pod", pod, "-o", path], None).parse().ok();
            if code.is_some() || begun.elapsed() > PATIENCE {
                break code;
            }
            std::thread::sleep(Duration::from_millis(200));
        };
        let time = begun.elapsed();
        self.hold(pod, &Value::Null);
        (time, end.expect("the end of the pod's container"))
    }

    /// Keeps a pod's object when the pod has ended.
    fn hold(&self, pod: &str, finalizers: &Value) {
        let patch = json!({ "metadata": { "finalizers": finalizers } }).to_string();
        kubectl(&self.namespace, &["patch", "pod", pod, "--type=merge", "-p", &patch], None);
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for args in [["get", "events", "--sort-by=.lastTimestamp"], ["describe", "pods", "--show-events=false"]] {
                eprintln!("{}", String::from_utf8_lossy(&attempt(&self.namespace, &args, None).stdout));
            }
        }
        attempt("default", &["delete", "namespace", &self.namespace, "--wait=false"], None);
    }
}

/// What the operator makes of settings.
pub fn rendered(
    namespace: &str,
    image: &str,
    settings: &Settings,
    (replicas, strategy): (i32, StrategyType),
    seat: Seat,
) -> Vec<Child> {
    let commit: CommitId = COMMIT.parse().unwrap();
    children(&Workload {
        owner: Owner { namespace, deployment: "billing", uid: "" },
        release: "billing-0001-4f2c1a9",
        commit: &commit,
        image,
        platform: Some(&platform_of_this_build()),
        settings,
        rendering: RENDERING,
        replicas,
        strategy,
        surge: Surge::Quarter,
        guarded: None,
        budget: true,
        seat,
        secrets_hash: "5ec2e7",
    })
}

/// Asks the broker's management, and says what it answers.
fn broker(method: &str, path: &str, body: Option<&Value>) -> String {
    let env = |name: &str| std::env::var(name).unwrap();
    let url = format!("{}/api/{path}", env("TENGINE_AMQP_API"));
    let login = format!("{}:{}", env("TENGINE_AMQP_ADMIN"), env("TENGINE_AMQP_PASSWORD"));
    let mut curl = Command::new("curl");
    curl.args(["-fsS", "-X", method, "-u", &login, "-H", "Content-Type: application/json", &url]);
    if let Some(body) = body {
        curl.args(["-d", &body.to_string()]);
    }
    run(&mut curl)
}

pub fn name_of(object: &Value) -> String {
    object["metadata"]["name"].as_str().unwrap().to_owned()
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// With amounts that the API server writes in another way, and the parts of a pod that have rules of their own.
fn settings(namespace: &str) -> Settings {
    let env = |name: &str| std::env::var(name).unwrap();
    let host = format!("{}:{}", env("TENGINE_PG_HOST"), env("TENGINE_PG_PORT"));
    serde_json::from_value(json!({
        "tengine": {
            "eventQueue": { "host": env("TENGINE_AMQP_HOST"), "vhost": namespace, "secretRef": { "name": "queue" } },
            "database": { "hosts": [host], "name": namespace, "secretRef": { "name": "database" } },
        },
        "pod": {
            "resources": { "requests": { "cpu": "0.0050", "memory": "0.03125Gi" }, "limits": { "cpu": "4000m", "memory": "1e9" } },
            "tolerations": [{ "key": "batch", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5 }],
            "affinity": { "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": [{
                "weight": 1,
                "preference": { "matchExpressions": [{ "key": "disk", "operator": "In", "values": ["ssd"] }] },
            }] } },
            "topologySpreadConstraints": [{
                "maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": { "matchLabels": { "tengine.dev/deployment": "billing" } },
            }],
            "env": [
                { "name": "EMPTY", "value": "" },
                { "name": "NODE", "valueFrom": { "fieldRef": { "fieldPath": "spec.nodeName" } } },
                { "name": "CPU", "valueFrom": { "resourceFieldRef": { "resource": "limits.cpu", "divisor": "1000m" } } },
            ],
            "envFrom": [{ "configMapRef": { "name": "maybe", "optional": true } }],
            "securityContext": { "supplementalGroups": [4000] },
        },
        "progressDeadlineSeconds": 120,
    }))
    .unwrap()
}
