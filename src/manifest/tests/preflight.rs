//! The Job in which Tengine loads the definitions: how it differs from a core, and what it must never differ in.

use super::{PLATFORM, plain, settings, with};
use crate::api::v1alpha1::Settings;
use crate::domain::ChildName;
use crate::manifest::config::{self, FOLDER};
use crate::manifest::script::preflight::CONFIGURATION;
use crate::manifest::script::{self, RUN_FOLDER};
use crate::manifest::{ConnectionPod, PreflightPod, children, connection_job, load_job, scratch};
use rstest::rstest;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

fn preflight<'a>(owner: (&'a str, &'a str), image: &'a str, settings: &'a Settings) -> PreflightPod<'a> {
    PreflightPod {
        namespace: "production",
        deployment: "billing",
        owner,
        image,
        platform: Some(&PLATFORM),
        settings,
        timeout: Duration::from_mins(1),
        after: None,
    }
}

/// The Job for these settings.
fn job(value: Value) -> Value {
    let settings = settings(value);
    let load = preflight(("billing-0041-4f2c1a9", "u-41"), "r.example.com/ops/billing@sha256:aa", &settings);
    load_job(&load, &ChildName::of_preflight("billing", "1"))
}

/// The Job of the connection test for these settings.
fn connection(value: Value) -> Value {
    let settings = settings(value);
    let test = ConnectionPod {
        pod: preflight(("billing", "u-1"), "r.example.com/core@sha256:bb", &settings),
        pull_secret: Some("base"),
        begun: Some("2026-01-01T00:00:00Z".parse().unwrap()),
    };
    connection_job(&test, &ChildName::of_connection("billing", "1"))
}

fn pod(job: &Value) -> &Value {
    &job["spec"]["template"]["spec"]
}

/// What the configuration of a preflight comes to, by a real Ruby; `None` where there is none. An error is what Ruby says.
fn read(core: &str) -> Option<Result<Value, String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("tengined.yml.erb"), core).unwrap();
    let text = CONFIGURATION.replace(FOLDER, path);
    let script = r#"require "erb"; require "yaml"; require "json"
        puts JSON.generate(YAML.load(ERB.new(ENV["TEXT"], trim_mode: "-").result(TOPLEVEL_BINDING.dup)))"#;
    let secrets = ["TENGINE_MQ_USERNAME", "TENGINE_MQ_PASSWORD", "TENGINE_DB_USERNAME", "TENGINE_DB_PASSWORD"];
    let output = Command::new("ruby")
        .args(["-e", script])
        .env("TEXT", text)
        .env("TENGINE_SCRATCH", "tengine_preflight_1")
        .envs(secrets.map(|name| (name, "<%= exit %>")))
        .output()
        .ok()?;
    let said = String::from_utf8(output.stderr).unwrap();
    Some(if output.status.success() { Ok(serde_json::from_slice(&output.stdout).unwrap()) } else { Err(said) })
}

#[test]
fn the_names_of_production_are_replaced_and_nothing_else() {
    let settings = settings(plain());
    let Some(read) = read(&config::generated(&settings.tengine)) else { return };
    let read = read.unwrap();
    let session = &read["db"]["sessions"]["default"];
    assert_eq!(session["database"], "tengine_preflight_1");
    assert_eq!(session["hosts"], json!(["mongo-0:27017", "mongo-1:27017"]));
    assert_eq!(session["password"], "<%= exit %>");
    assert_eq!(read["event_queue"]["queue"], json!({ "name": "tengine_preflight_1", "durable": true }));
    assert_eq!(read["event_queue"]["exchange"]["name"], "tengine_preflight_1");
    assert_eq!(read["event_queue"]["connection"]["vhost"], "/billing");
}

#[rstest]
#[case("db: { host: h, database: production }", json!({ "host": "h", "database": "tengine_preflight_1" }))]
#[case(
    "db: { sessions: { default: { database: a, hosts: [x] }, other: { database: b } } }",
    json!({ "sessions": { "default": { "database": "tengine_preflight_1", "hosts": ["x"] }, "other": { "database": "tengine_preflight_1" } } })
)]
fn a_file_of_the_users_own_has_its_databases_replaced(#[case] core: &str, #[case] want: Value) {
    let Some(read) = read(core) else { return };
    assert_eq!(read.unwrap()["db"], want);
}

/// Rather no preflight than one in production's database.
#[rstest]
#[case("event_queue: {}", "does not find the name of the database")]
#[case("db: mongodb://production", "does not find the name of the database")]
#[case(
    "db: { sessions: { default: { uri: \"mongodb://production\", database: a } } }",
    "does not find the name of the database"
)]
#[case("db: { sessions: { default: { hosts: [x] } } }", "does not find the name of the database")]
#[case("db: { database: tengine_preflight_1 }", "called as a preflight's is")]
fn a_file_that_is_not_understood_is_refused(#[case] core: &str, #[case] words: &str) {
    let Some(read) = read(core) else { return };
    let said = read.unwrap_err();
    assert!(said.contains(words), "{said}");
}

/// Its environment, its rights and its place are those of the cores.
#[test]
fn it_is_like_a_core_but_for_its_configuration() {
    let mut value = with(
        "/pod/env",
        json!([{ "name": "TZ", "value": "Asia/Tokyo" }, { "name": "TENGINE_SCRATCH", "value": "billing" }]),
    );
    value["pod"]["nodeSelector"] = json!({ "disk": "ssd" });
    let settings = settings(value.clone());
    let core = children(&super::workload(&settings)).into_iter().nth(1).unwrap().object;
    let (core, job) = (pod(&core).clone(), job(value));
    let (theirs, ours) = (&core["containers"][0], &pod(&job)["containers"][0]);
    for field in ["resources", "securityContext", "volumeMounts"] {
        assert_eq!(theirs[field], ours[field], "{field}");
    }
    for field in ["securityContext", "nodeSelector", "imagePullSecrets", "automountServiceAccountToken"] {
        assert_eq!(core[field], pod(&job)[field], "{field}");
    }
    let ours = ours["env"].as_array().unwrap();
    let missing: Vec<_> = theirs["env"].as_array().unwrap().iter().filter(|it| !ours.contains(it)).collect();
    assert_eq!(missing, [&json!({ "name": "TENGINE_SCRATCH", "value": "billing" })], "which is not the user's to say");
    let scratch = scratch("production", "billing");
    assert!(ours.contains(&json!({ "name": "TENGINE_SCRATCH", "value": scratch })));
    assert_eq!(job["metadata"]["annotations"]["tengine.dev/scratch"], json!(scratch));
    assert!(pod(&job)["volumes"].as_array().unwrap().iter().all(|volume| volume["configMap"].is_null()));
}

#[test]
fn a_connection_test_differs_from_a_load_in_what_it_asks_and_whose_it_is() {
    let (load, test) = (job(plain()), connection(plain()));
    let (theirs, ours) = (&pod(&load)["containers"][0], &pod(&test)["containers"][0]);
    for field in ["resources", "securityContext", "volumeMounts"] {
        assert_eq!(theirs[field], ours[field], "{field}");
    }
    let args: Vec<&str> = ours["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(args[..6], ["-k", "test", "-f", "/etc/tengine/preflight.yml.erb", "-G", "1"]);
    assert!(!args.contains(&"-T"), "it brings a definition of its own");
    assert_eq!(ours["image"], "r.example.com/core@sha256:bb");
    assert_eq!(pod(&test)["imagePullSecrets"], json!([{ "name": "registry" }, { "name": "base" }]));
    assert_eq!(test["metadata"]["ownerReferences"][0]["kind"], "TengineDeployment");
    assert_eq!(
        test["metadata"]["annotations"]["tengine.dev/scratch"],
        load["metadata"]["annotations"]["tengine.dev/scratch"]
    );
    assert_eq!(test["metadata"]["annotations"]["tengine.dev/begun"], "2026-01-01T00:00:00Z");
    let items = pod(&test)["volumes"][0]["downwardAPI"]["items"].as_array().unwrap();
    let files: Vec<&str> = items.iter().map(|item| item["path"].as_str().unwrap()).collect();
    assert_eq!(files, ["tengined.yml.erb", "preflight.yml.erb", "preflight.rb", "connection.rb"]);
}

/// The shell that starts it has the word: 0 needs a proof.
#[rstest]
#[case("exit 0", 75)]
#[case(": > \"$TENGINE_PREFLIGHT_PROOF\"", 0)]
#[case(": > \"$TENGINE_PREFLIGHT_PROOF\"; exit 3", 3)]
#[case("kill -KILL $$", 137)]
fn an_end_with_0_is_passed_on_with_a_proof_only(#[case] core: &str, #[case] code: i32) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tengined");
    std::fs::write(&path, format!("#!/bin/sh\n{core}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let start = script::connection::START.replace(RUN_FOLDER, folder.path().to_str().unwrap());
    let status = Command::new("/bin/sh").args(["-c", &start]).arg(&path).env("RUBYOPT", "").status().unwrap();
    assert_eq!(status.code(), Some(code));
}

/// `$$` would become `$`, and `$(NAME)` the value of a variable.
#[test]
fn kubernetes_finds_nothing_to_expand_in_its_command() {
    for job in [job(plain()), connection(plain())] {
        let container = &pod(&job)["containers"][0];
        let words = [&container["command"], &container["args"]].map(|words| words.as_array().unwrap().clone()).concat();
        assert!(
            words.iter().all(|word| !word.as_str().unwrap().contains("$$") && !word.as_str().unwrap().contains("$("))
        );
    }
}
