//! Tengine itself is asked before a pod of a release is started: what it refuses, and what is in its way; and before any release,
//! whether it gets through to broker and database.

use crate::events;
use crate::repository::{GOOD, Repository};
use crate::stage::{SPACE, Stage, condition, env, run};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject, ready};
use git2::Oid;
use serde_json::json;
use std::sync::Arc;
use tengine_operator::api::v1alpha1::TengineDeployment;
use tengine_operator::manifest;

pub const STORIES: &[Story] = &[
    Story {
        name: "preflight",
        cases: &[
            "a_scratch_database_that_may_not_be_made_is_said",
            "a_release_that_loads_serves_and_leaves_nothing_behind",
            "a_load_that_no_node_takes_is_said",
            "a_load_that_is_refused_touches_nothing",
            "a_load_without_end_says_where_it_is",
            "a_fix_goes_live_by_itself",
        ],
        tell: |stage, teller| Box::pin(preflight(stage, teller)),
    },
    Story {
        name: "connection",
        cases: &[
            "a_test_that_no_node_takes_is_said",
            "a_test_whose_image_no_node_pulls_is_said",
            "a_database_that_may_not_be_made_is_said_before_any_release",
            "a_virtual_host_that_is_not_there_is_said",
            "a_database_that_is_not_there_is_said",
            "a_wrong_password_is_said_and_nothing_is_started",
            "a_corrected_secret_goes_live_and_nothing_is_left_behind",
            "a_changed_password_reaches_cores_once_it_was_tested",
            "tests_beside_three_busy_cores_take_no_event_of_theirs",
        ],
        tell: |stage, teller| Box::pin(connection(stage, teller)),
    },
];

async fn preflight(stage: Arc<Stage>, teller: Teller) {
    let name = "preflight";
    let (td, repository) = (Subject::prepare(&stage, name).await, Repository::create(&stage, name).await);
    let first = repository.push("First", tree(&repository, 1, "")).await;
    let scratch = manifest::scratch(SPACE, name);

    // A run before may have left both behind.
    sql(&format!("ALTER ROLE \"trials-{name}\" NOCREATEDB")).await;
    sql(&format!("DROP DATABASE IF EXISTS {scratch}")).await;
    let refused = async {
        let mut spec = td.spec(&repository);
        // Warnings and errors are left to the core: it is what is tried here.
        spec["checks"] = json!({ "definition": "Off", "preflight": { "load": true, "timeout": "1m" } });
        td.create(&spec).await;
        td.says(&Sign::new("ScratchDatabaseRefused", &[&scratch, "does not exist"])).await;
        td.is_quiet().await;
    };
    teller.case("a_scratch_database_that_may_not_be_made_is_said", refused).await;

    let passes = async {
        sql(&format!("ALTER ROLE \"trials-{name}\" CREATEDB")).await;
        td.serves(&first).await;
        assert_eq!(steps(&td, &first).await[..2], ["Build Done", "Preflight Done"]);
        assert_eq!(sql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{scratch}'")).await, "0");
        td.is_quiet().await;
    };
    teller.case("a_release_that_loads_serves_and_leaves_nothing_behind", passes).await;

    let homeless = async {
        let before = td.running().await;
        td.patch(json!({ "pod": { "nodeSelector": { "trials": "nowhere" } } })).await;
        td.says(&Sign::new("Unschedulable", &["load", "node", "keeps serving"])).await;
        td.is_quiet().await;
        td.patch(json!({ "pod": { "nodeSelector": null } })).await;
        td.is_well().await;
        assert_eq!(td.running().await, before, "what ran was touched");
    };
    teller.case("a_load_that_no_node_takes_is_said", homeless).await;

    let unloadable = async {
        let before = (td.running().await, version(name).await);
        repository.push("Unknown word", tree(&repository, 2, "hoge\n")).await;
        let line = GOOD.lines().count() + 1;
        td.says(&Sign::new("LoadFailed", &[&format!("good.rb:{line}"), "NameError", "hoge", "keeps serving"])).await;
        assert_eq!((td.running().await, version(name).await), before, "what ran was touched");
        assert_eq!(sql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{scratch}'")).await, "0");
        td.is_quiet().await;
    };
    teller.case("a_load_that_is_refused_touches_nothing", unloadable).await;

    let endless = async {
        let before = td.running().await;
        repository.push("Without end", tree(&repository, 3, "sleep\n")).await;
        // Which line that is depends on how far a busy machine gets within the minute.
        td.says(&Sign::new("LoadFailed", &["good.rb:", "it did not end within 60 s"])).await;
        assert_eq!(td.running().await, before, "what ran was touched");
    };
    teller.case("a_load_without_end_says_where_it_is", endless).await;

    let mended = async {
        let fourth = repository.push("Fourth", tree(&repository, 4, "")).await;
        td.serves(&fourth).await;
        assert_eq!(sql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{scratch}'")).await, "0");
    };
    teller.case("a_fix_goes_live_by_itself", mended).await;
}

async fn connection(stage: Arc<Stage>, teller: Teller) {
    let name = "connection";
    let (td, repository) = (Subject::prepare(&stage, name).await, Repository::create(&stage, name).await);
    let first = repository.push("First", events::version(&repository, "first")).await;
    let scratch = manifest::scratch(SPACE, name);
    let right = td.spec(&repository)["tengine"].clone();
    let (host, port) = (env("TENGINE_AMQP_HOST"), env("TENGINE_AMQP_PORT"));
    let broker = format!("broker {host}:{port}, virtual host trials-connection, Secret connection-mq");

    sql(&format!("ALTER ROLE \"trials-{name}\" NOCREATEDB")).await;
    sql(&format!("DROP DATABASE IF EXISTS {scratch}")).await;
    let homeless = async {
        let mut spec = td.spec(&repository);
        // Whatever is refused is told at once; a busy machine may take its time for the rest.
        spec["checks"] = json!({ "preflight": { "connection": true, "timeout": "4m" } });
        spec["pod"]["nodeSelector"] = json!({ "trials": "nowhere" });
        td.create(&spec).await;
        td.says(&Sign::new("Unschedulable", &["connection test", "node"])).await;
        td.says(&Sign::new("Unschedulable", &["node"]).of("TargetReady", "False")).await;
    };
    teller.case("a_test_that_no_node_takes_is_said", homeless).await;

    let unpulled = async {
        // Nodes know nothing of this registry.
        let (registry, door) = (env("TENGINE_REGISTRY"), &stage.doors[3].address);
        let base = |reference: String| json!({ "image": { "base": { "reference": reference } }, "pod": { "nodeSelector": null } });
        td.patch(base(env("TENGINE_CORE_IMAGE").replace(&registry, door))).await;
        td.says(&Sign::new("PullFailed", &["connection test", door])).await;
        td.says(&Sign::new("PullFailed", &[door]).of("TargetReady", "False")).await;
        assert!(td.cores().await.is_empty(), "nothing was started");
        td.patch(base(env("TENGINE_CORE_IMAGE"))).await;
    };
    teller.case("a_test_whose_image_no_node_pulls_is_said", unpulled).await;

    let unmade = async {
        td.says(&Sign::new("ScratchDatabaseRefused", &["connection test", &scratch])).await;
        td.says(&Sign::new("ScratchDatabaseRefused", &[&scratch]).of("TargetReady", "False")).await;
        td.is_quiet().await;
    };
    teller.case("a_database_that_may_not_be_made_is_said_before_any_release", unmade).await;

    let no_host = async {
        sql(&format!("ALTER ROLE \"trials-{name}\" CREATEDB")).await;
        td.patch(json!({ "tengine": { "eventQueue": { "vhost": "nowhere" } } })).await;
        td.says(&Sign::new("ConnectionTestFailed", &["530", "virtual host nowhere, Secret connection-mq"])).await;
    };
    teller.case("a_virtual_host_that_is_not_there_is_said", no_host).await;

    let no_database = async {
        let hosts = format!("{}:1", env("TENGINE_PG_HOST"));
        td.patch(json!({ "tengine": { "eventQueue": right["eventQueue"], "database": { "hosts": [hosts] } } })).await;
        let at = format!("database at {hosts}, Secret connection-db");
        td.says(&Sign::new("ConnectionTestFailed", &["[PG::ConnectionBad]", &at])).await;
        nothing_is_left(&td, &scratch).await;
    };
    teller.case("a_database_that_is_not_there_is_said", no_database).await;

    let no_password = async {
        stage.secret("connection-mq", json!({ "username": "trials-connection", "password": "wrong" })).await;
        td.patch(json!({ "tengine": right })).await;
        td.says(&Sign::new("ConnectionTestFailed", &["[Broker::Refused] 403 ACCESS_REFUSED", &broker])).await;
        td.says(&Sign::new("ConnectionTestFailed", &["403", &broker]).of("TargetReady", "False")).await;
        assert!(td.cores().await.is_empty(), "nothing was started");
        let status = td.release_of(&first).await.status.unwrap();
        assert!(status.rejected_at.is_none(), "no commit is blamed");
    };
    teller.case("a_wrong_password_is_said_and_nothing_is_started", no_password).await;

    let corrected = async {
        stage
            .secret("connection-mq", json!({ "username": "trials-connection", "password": "trials-connection" }))
            .await;
        td.serves(&first).await;
        td.says(&Sign::new("Succeeded", &[]).of("TargetReady", "True")).await;
        nothing_is_left(&td, &scratch).await;
        td.is_quiet().await;
    };
    teller.case("a_corrected_secret_goes_live_and_nothing_is_left_behind", corrected).await;

    let rotated = async {
        let before = td.running().await;
        stage.secret("connection-mq", json!({ "username": "trials-connection", "password": "rotated" })).await;
        td.says(&Sign::new("ConnectionTestFailed", &["403 ACCESS_REFUSED", &first[..7], "keeps serving"])).await;
        td.is_quiet().await;
        assert_eq!(td.running().await, before, "what serves was touched");
        events::give_password(&td, "rotated").await;
        // Whoever was refused is asked again by whoever removes the test; by itself it takes its time.
        stage.kubectl(&["delete", &job(&td).await]).await;
        td.cores_are("cores with the new password", |cores| {
            let now = ready(cores);
            !now.is_empty() && before.keys().all(|pod| !now.contains_key(pod))
        })
        .await;
        td.is_well().await;
        nothing_is_left(&td, &scratch).await;
    };
    teller.case("a_changed_password_reaches_cores_once_it_was_tested", rotated).await;

    let busy = async {
        td.patch(json!({ "replicas": 3 })).await;
        td.is_well().await;
        let before = (td.running().await, version(name).await);
        events::forget(&td).await;
        let stream = events::Stream::of(&td);
        for _ in 0..2 {
            let test = job(&td).await;
            stage.kubectl(&["delete", &test]).await;
            td.until("another test", |td| says_of_target(td, "TestingConnection")).await;
            td.says(&Sign::new("Succeeded", &[]).of("TargetReady", "True")).await;
        }
        let fired = stream.ends().await;
        events::are_handled_once(&td, fired).await;
        assert_eq!((td.running().await, version(name).await), before, "what runs was touched");
        nothing_is_left(&td, &scratch).await;
    };
    teller.case("tests_beside_three_busy_cores_take_no_event_of_theirs", busy).await;
}

fn says_of_target(td: &TengineDeployment, reason: &str) -> bool {
    condition(td, "TargetReady").is_some_and(|(_, why, _)| why == reason)
}

/// The Job of the connection test, as kubectl calls it.
async fn job(td: &Subject) -> String {
    let label = format!("tengine.dev/deployment={}", td.name);
    let all = td.stage.kubectl(&["get", "jobs", "-l", &label, "-o", "name"]).await;
    let mut all = all.lines().filter(|name| name.contains("-connection-"));
    let first = all.next().unwrap().to_owned();
    assert_eq!(all.next(), None, "one for what is wanted");
    first
}

/// Neither the queue, the exchange nor the database of a test.
async fn nothing_is_left(td: &Subject, scratch: &str) {
    assert!(!events::there_is(td, "queues", scratch).await, "its queue");
    assert!(!events::there_is(td, "exchanges", scratch).await, "its exchange");
    assert_eq!(sql(&format!("SELECT count(*) FROM pg_database WHERE datname = '{scratch}'")).await, "0");
}

/// A definition of its own for each number, and what comes after it.
fn tree(repository: &Repository, number: usize, more: &str) -> Oid {
    let text = format!("{}\n{more}", GOOD.replace(":trials", &format!(":trials_{number}")).trim_end());
    repository.files(&[("good.rb", text.as_bytes())])
}

async fn steps(td: &Subject, commit: &str) -> Vec<String> {
    let status = td.release_of(commit).await.status.unwrap();
    let steps = json!(status.steps);
    let steps = steps.as_array().unwrap().iter();
    steps.map(|step| format!("{} {}", step["name"].as_str().unwrap(), step["state"].as_str().unwrap())).collect()
}

/// The version that production's database says was loaded last.
async fn version(name: &str) -> String {
    sql_in(&format!("trials-{name}"), "SELECT value FROM settings WHERE name = 'dsl_version'").await
}

/// Asks as the administrator.
async fn sql(query: &str) -> String {
    sql_in("postgres", query).await
}

async fn sql_in(database: &str, query: &str) -> String {
    let user = format!("{}:{}", env("TENGINE_PG_ADMIN"), env("TENGINE_PG_PASSWORD"));
    let address = format!("postgresql://{user}@{}:{}/{database}", env("TENGINE_PG_HOST"), env("TENGINE_PG_PORT"));
    run("psql", &["-XqAt", &address, "-c", query], "").await.trim().to_owned()
}
