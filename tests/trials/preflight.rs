//! Tengine itself is asked before a pod of a release is started: what it refuses, and what is in its way.

use crate::repository::{GOOD, Repository};
use crate::stage::{SPACE, Stage, env, run};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use git2::Oid;
use serde_json::json;
use std::sync::Arc;
use tengine_operator::manifest;

pub const STORIES: &[Story] = &[Story {
    name: "preflight",
    cases: &[
        "a_scratch_database_that_may_not_be_made_is_said",
        "a_release_that_loads_serves_and_leaves_nothing_behind",
        "a_load_that_is_refused_touches_nothing",
        "a_load_without_end_says_where_it_is",
        "a_fix_goes_live_by_itself",
    ],
    tell: |stage, teller| Box::pin(preflight(stage, teller)),
}];

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
