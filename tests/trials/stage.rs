//! Where the stories play: one namespace with one operator, installed by its chart, and the services around it.

use crate::audit::Audit;
use crate::doors::Door;
use kube::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tengine_operator::api::v1alpha1::TengineDeployment;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OnceCell, Semaphore};

const STACK: usize = 16 << 20;

/// What a command may take.
const LONGEST: Duration = Duration::from_mins(10);

/// The namespace, and the name of the chart's release.
pub const SPACE: &str = "trials";

/// The label of a `TengineDeployment` that names its story.
pub const STORY: &str = "trials/story";

/// Opens the stage when the first story asks for it.
pub struct Theatre {
    runtime: Runtime,
    stage: OnceCell<Arc<Stage>>,
    /// How many stories are told at one time.
    pub places: Semaphore,
    failures: Mutex<Vec<String>>,
}

/// So many stories at one time: more of them do not end sooner on a small machine, and each takes longer than it is waited for.
const STORIES: usize = 14;

/// An operator at work, and what it takes to give it some.
pub struct Stage {
    pub client: Client,
    /// Says what the operator asks of the API server.
    pub audit: Audit,
    /// For Git host, registry and broker.
    pub http: reqwest::Client,
    /// Registries that can be shut; one for each story that does so, and the last for those that only want one that nodes do not know.
    pub doors: [Door; 4],
    /// How many cores are started at one time.
    pub starts: Semaphore,
    undo: Mutex<Vec<Undo>>,
}

/// What is to be removed at the end: a DELETE to a URL, as this user.
struct Undo {
    url: String,
    user: (String, String),
}

impl Theatre {
    pub fn closed() -> Self {
        // Fails if it was done before, which is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A story is one large future, and without optimisation each step into it takes much of the stack.
        let runtime = Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build().unwrap();
        Self { runtime, stage: OnceCell::new(), places: Semaphore::new(STORIES), failures: Mutex::default() }
    }

    /// Whether there is a cluster to play on.
    pub fn is_there() -> bool {
        ["KUBECONFIG", "TENGINE_AUDIT_LOG", "TENGINE_OPERATOR_IMAGE"]
            .iter()
            .all(|name| std::env::var_os(name).is_some())
    }

    pub fn runtime(&self) -> Handle {
        self.runtime.handle().clone()
    }

    pub async fn stage(&self) -> Arc<Stage> {
        Arc::clone(self.stage.get_or_init(Stage::open).await)
    }

    /// A story that failed, and why.
    pub fn remember(&self, failure: String) {
        self.failures.lock().unwrap().push(failure);
    }

    /// Removes what was made; after a failure it first says what there is. The reasons come last: who sees the end of a long
    /// output only, sees them.
    pub fn close(&self, failed: bool) {
        let Some(stage) = self.stage.get() else { return };
        self.runtime.block_on(async {
            if failed {
                stage.tell().await;
            }
            if !is_kept() {
                stage.clear().await;
            }
        });
        for failure in self.failures.lock().unwrap().iter() {
            eprintln!("failed: {failure}");
        }
    }
}

impl Stage {
    async fn open() -> Arc<Self> {
        remove_space().await;
        let labels = json!({ "pod-security.kubernetes.io/enforce": "restricted" });
        let space = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": SPACE, "labels": labels } });
        run("kubectl", &["create", "-f", "-"], &space.to_string()).await;
        let doors = [Door::open().await, Door::open().await, Door::open().await, Door::open().await];
        install(&values(&doors).await).await;
        Arc::new(Self {
            client: Client::try_default().await.unwrap(),
            audit: Audit::of(&format!("system:serviceaccount:{SPACE}:{SPACE}-tengine-operator")),
            http: reqwest::Client::new(),
            doors,
            starts: Semaphore::new(3),
            undo: Mutex::default(),
        })
    }

    /// Lets the operator watch these namespaces besides its own, and no others.
    pub async fn watches(&self, others: &[&str]) {
        let mut values = values(&self.doors).await;
        values["namespaces"] = json!([&[SPACE], others].concat());
        install(&values).await;
    }

    /// Shares the deployments among so many operators; [`Stage::watches`] makes it one again.
    pub async fn shards(&self, number: u8) {
        let mut values = values(&self.doors).await;
        values["shards"] = json!(number);
        install(&values).await;
    }

    /// A virtual host and a user of this name, whose password is the name too.
    pub async fn broker(&self, name: &str) {
        cluster(&["vhost", name]).await;
        let api = env("TENGINE_AMQP_API");
        for what in ["vhosts", "users"] {
            self.undo(format!("{api}/api/{what}/{name}"), "TENGINE_AMQP_ADMIN", "TENGINE_AMQP_PASSWORD");
        }
    }

    /// A database and a user of this name, whose password is the name too. It stays until the cluster is reset.
    pub async fn database(&self, name: &str) {
        cluster(&["database", name]).await;
    }

    /// Remembers to delete what is at a URL, as a user whose name and password these variables hold.
    pub fn undo(&self, url: String, user: &str, password: &str) {
        self.undo.lock().unwrap().push(Undo { url, user: (env(user), env(password)) });
    }

    /// Creates or changes an object of the namespace.
    pub async fn apply(&self, object: Value) {
        Self::apply_in(SPACE, object).await;
    }

    /// The same in another namespace.
    pub async fn apply_in(space: &str, object: Value) {
        let apply = ["-n", space, "apply", "--server-side", "--force-conflicts", "--field-manager=trials", "-f", "-"];
        run("kubectl", &apply, &object.to_string()).await;
    }

    /// A Secret with these values.
    pub async fn secret(&self, name: &str, values: Value) {
        self.apply(secret(name, &values)).await;
    }

    pub async fn kubectl(&self, args: &[&str]) -> String {
        run("kubectl", &[&["-n", SPACE], args].concat(), "").await
    }

    /// A story is over: its cores go, for the probes of many that nobody looks at any more would leave the others no processor.
    pub async fn leaves(&self, story: &str) {
        if !is_kept() {
            self.kubectl(&["delete", "tenginedeployments", "-l", &format!("{STORY}={story}"), "--wait=false"]).await;
        }
    }

    async fn tell(&self) {
        for args in [
            &["get", "tenginedeployments,tenginereleases,deployments,pods", "-o", "wide"][..],
            &["logs", "-l", "app.kubernetes.io/name=tengine-operator", "--tail=100"],
            &["logs", "-l", "app.kubernetes.io/component=core", "--tail=10", "--prefix", "--max-log-requests=100"],
        ] {
            eprintln!("$ kubectl -n {SPACE} {}\n{}", args.join(" "), self.kubectl(args).await);
        }
    }

    async fn clear(&self) {
        remove_space().await;
        let undo = std::mem::take(&mut *self.undo.lock().unwrap());
        for Undo { url, user: (name, password) } in undo {
            let answer = self.http.delete(&url).basic_auth(name, Some(password)).send().await;
            if let Err(error) = answer {
                eprintln!("{url} was not removed: {error}");
            }
        }
    }
}

/// Whether everything is left for looking at.
fn is_kept() -> bool {
    std::env::var_os("TENGINE_KEEP_TRIALS").is_some()
}

/// What this run or one before left. The operator goes first, so that nothing is made anew.
async fn remove_space() {
    attempt("helm", &["uninstall", SPACE, "--namespace", SPACE, "--ignore-not-found", "--wait"], "").await;
    let delete = ["delete", "namespace", SPACE, "--ignore-not-found"];
    run("kubectl", &[&delete[..], &["--wait=false"]].concat(), "").await;
    // Nobody makes pods there any more, and those that are left may have been given an hour to end.
    let now = ["--all", "--grace-period=1", "--wait=false"];
    run("kubectl", &[&["-n", SPACE, "delete", "pods"][..], &now].concat(), "").await;
    run("kubectl", &[&delete[..], &["--timeout=540s"]].concat(), "").await;
}

async fn install(values: &Value) {
    let chart = concat!(env!("CARGO_MANIFEST_DIR"), "/charts/tengine-operator");
    let install = ["upgrade", "--install", SPACE, chart, "--namespace", SPACE, "--take-ownership", "--wait"];
    run("helm", &[&install[..], &["--timeout", "3m", "--values", "-"]].concat(), &values.to_string()).await;
}

/// Values of the chart.
async fn values(doors: &[Door]) -> Value {
    let image = env("TENGINE_OPERATOR_IMAGE");
    let (repository, digest) = match image.split_once('@') {
        Some((repository, digest)) => (repository.to_owned(), digest.to_owned()),
        None => (
            image.rsplit_once(':').unwrap().0.to_owned(),
            run("crane", &["digest", &image], "").await.trim().to_owned(),
        ),
    };
    let registries = [env("TENGINE_REGISTRY"), env("TENGINE_AUTH_REGISTRY")];
    let registries = registries.into_iter().chain(doors.iter().map(|door| door.address.clone()));
    let registries: BTreeMap<_, _> = registries.map(|host| (host, json!({ "plainHttp": true }))).collect();
    json!({
        "image": { "repository": repository, "digest": digest },
        "namespaces": [SPACE],
        "hosts": { "registries": registries },
    })
}

/// A variable of `hack/cluster env`.
pub fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

async fn cluster(args: &[&str]) {
    run(concat!(env!("CARGO_MANIFEST_DIR"), "/hack/cluster"), args, "").await;
}

/// What a command prints.
pub async fn run(program: &str, args: &[&str], input: &str) -> String {
    let (success, told) = attempt(program, args, input).await;
    assert!(success, "{program} {args:?}: {told}");
    told
}

/// Whether a command succeeds, and what it prints; with its errors if it does not.
pub async fn attempt(program: &str, args: &[&str], input: &str) -> (bool, String) {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
    // What ends early has said why.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
    let Ok(output) = tokio::time::timeout(LONGEST, child.wait_with_output()).await else {
        return (false, format!("it has not ended within {} s", LONGEST.as_secs()));
    };
    let output = output.unwrap();
    let mut told = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        told.push_str(&String::from_utf8_lossy(&output.stderr));
    }
    (output.status.success(), told)
}

/// What `Ready` says, or another condition: status, reason, message.
pub fn condition(object: &TengineDeployment, kind: &str) -> Option<(String, String, String)> {
    let conditions = &object.status.as_ref()?.conditions;
    let found = conditions.iter().find(|condition| condition.type_ == kind)?;
    Some((found.status.clone(), found.reason.clone(), found.message.clone()))
}

/// A Secret of this name with these values.
pub fn secret(name: &str, values: &Value) -> Value {
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name }, "stringData": values })
}
