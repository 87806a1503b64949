//! A verification that asks a real Prometheus, of the operator's own numbers and of the broker's.

use crate::events::{drivers, fire};
use crate::repository::Repository;
use crate::runtime::is_not_blamed;
use crate::stage::{SPACE, Stage, condition, env};
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Sign, Subject, is_ready};
use kube::ResourceExt as _;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

pub const STORIES: &[Story] = &[Story {
    name: "measured",
    cases: &[
        "within_its_thresholds_it_serves",
        "a_backlog_brings_the_one_before_back",
        "a_fix_goes_live_by_itself",
        "an_answer_that_is_no_number_condemns_nobody",
        "put_right_it_goes_live",
    ],
    tell: |stage, teller| Box::pin(measured(stage, teller)),
}];

/// More messages than this are too many to wait in the queue.
const MOST: u32 = 5;
/// A handler that outlives the story, in seconds.
const FOR_EVER: u32 = 600;

async fn measured(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "measured").await, Repository::create(&stage, "measured").await);
    let first = repository.push("First", repository.good()).await;
    let within = async {
        let mut spec = td.spec(&repository);
        spec["checks"] = json!({ "verification": { "minReady": "1s", "checks": [looks(), backlog()] } });
        td.starts(&spec, &first).await;
        assert_eq!(verification(&td, &first).await, "Done");
        td.is_quiet().await;
    };
    teller.case("within_its_thresholds_it_serves", within).await;
    teller.case("a_backlog_brings_the_one_before_back", held_back(&td, &repository, &first)).await;

    let mended = async {
        // What is left was dropped by the cores that came back.
        is_measured(&td, &waiting(), |number| number < 1.0).await;
        td.patch(checks("1s", &[looks(), backlog()])).await;
        let second = repository.push("Fix", drivers(&repository, "quick", 1)).await;
        td.serves(&second).await;
    };
    teller.case("a_fix_goes_live_by_itself", mended).await;

    let mut third = String::new();
    let unanswered = async { third = numberless(&td, &repository).await };
    teller.case("an_answer_that_is_no_number_condemns_nobody", unanswered).await;
    let right = async {
        let before = td.running().await;
        td.patch(checks("1s", &[looks(), backlog()])).await;
        td.serves(&third).await;
        assert_eq!(verification(&td, &third).await, "Done");
        let now = td.running().await;
        assert!(now.iter().all(|core| before.get(core.0) == Some(core.1)), "cores were restarted by the correction");
    };
    teller.case("put_right_it_goes_live", right).await;
}

/// Its cores are ready and handle nothing any more: only the broker's numbers show it.
async fn held_back(td: &Subject, repository: &Repository, first: &str) {
    // The messages come once the new cores are alone, and their number has to reach Prometheus.
    td.patch(checks("40s", &[looks(), backlog()])).await;
    let old = td.cores().await.first().expect("a core").name_any();
    let stuck = repository.push("Stuck", drivers(repository, "stuck", FOR_EVER)).await;
    let alone = |cores: &[_]| matches!(cores, [core] if is_ready(core) && core.name_any() != old);
    td.cores_are("the new core alone", alone).await;
    for number in 0..2 * MOST {
        fire(td, "long", &format!("{stuck}-{number}")).await;
    }
    is_measured(td, &waiting(), |number| number > f64::from(MOST)).await;
    td.says(&Sign::new("VerificationFailed", &["check backlog failed", &waiting(), "at most 5 is asked for"])).await;
    let object = td
        .until("the release before", |object| {
            object.status.as_ref().and_then(|status| status.current.as_ref()).is_some_and(|now| now.commit == first)
        })
        .await;
    let (_, _, message) = condition(&object, "Ready").expect("Ready");
    let told = message.split_once(&format!("{} is ", waiting())).and_then(|(_, rest)| rest.split_once(','));
    let number: u32 = told.and_then(|(number, _)| number.parse().ok()).unwrap_or_else(|| panic!("{message}"));
    assert!((MOST + 1..=2 * MOST).contains(&number), "{message}");
    td.says(&Sign::new("FellBack", &["check backlog failed"]).of("HeldBack", "True")).await;
    assert_eq!(verification(td, &stuck).await, "Failed");
}

/// One commit waits through all that Prometheus may say but a number, and through none that says anything.
async fn numberless(td: &Subject, repository: &Repository) -> String {
    let nobody = format!("http://{}:1", env("TENGINE_HOST"));
    let registry = format!("http://{}", env("TENGINE_REGISTRY"));
    let prometheus = env("TENGINE_PROMETHEUS");
    let wrong: [(&str, &str, &[&str]); 9] = [
        (&prometheus, "sum(nobody_measures_this)", &["the query gives nothing"]),
        (&prometheus, "up", &["the query gives", "series: ask for one number"]),
        (&prometheus, "0 / 0", &["the query gives NaN"]),
        (&prometheus, "vector(1) / 0", &["the query gives +Inf"]),
        (&prometheus, "\"text\"", &["the query gives a text"]),
        (&prometheus, "up[1m]", &["the query gives a range"]),
        (&prometheus, "sum(up", &["Prometheus refuses the query", "parse error"]),
        (&registry, "up", &["is not one of Prometheus' API"]),
        (&nobody, "up", &["Prometheus cannot be reached"]),
    ];
    let mut third = None;
    for (url, expression, words) in wrong {
        let asked = json!({ "name": "asked", "query": { "url": url, "expression": expression, "atMost": "1000" } });
        td.patch(checks("1s", &[asked])).await;
        if third.is_none() {
            third = Some(repository.push("Third", drivers(repository, "third", 1)).await);
        }
        td.says(&Sign::new("QueryFailed", &[&["check asked"], words].concat())).await;
    }
    td.is_quiet().await;
    let third = third.expect("a commit");
    let object = td.api.get(&td.name).await.unwrap();
    assert_eq!(json!(object.status)["current"]["commit"], json!(third), "its cores are ready, and serve");
    is_not_blamed(td, &third).await;
    assert_eq!(verification(td, &third).await, "Running");
    third
}

/// A merge patch: these checks, when all cores were ready for so long.
fn checks(ready: &str, checks: &[Value]) -> Value {
    json!({ "checks": { "verification": { "minReady": ready, "checks": checks } } })
}

/// The operator has looked at its sources, and says so.
fn looks() -> Value {
    query("looks", &format!("sum(tengine_operator_looks_total{{namespace=\"{SPACE}\"}})"), ("atLeast", "1"))
}

fn backlog() -> Value {
    query("backlog", &waiting(), ("atMost", &MOST.to_string()))
}

/// The messages in the queue of the cores, those in hand included.
fn waiting() -> String {
    "sum(rabbitmq_detailed_queue_messages{vhost=\"trials-measured\",queue=\"tengine_event_queue\"})".into()
}

fn query(name: &str, expression: &str, (bound, number): (&str, &str)) -> Value {
    json!({ "name": name, "query": { "url": env("TENGINE_PROMETHEUS"), "expression": expression, bound: number } })
}

/// How far the verification of this commit's release is.
async fn verification(td: &Subject, commit: &str) -> String {
    let steps = json!(td.release_of(commit).await.status.expect("a status").steps);
    let step = steps.as_array().and_then(|steps| steps.iter().find(|step| step["name"] == "Verification"));
    step.and_then(|step| step["state"].as_str()).unwrap_or("not there").to_owned()
}

/// Waits until Prometheus itself has this number.
async fn is_measured(td: &Subject, expression: &str, is_so: impl Fn(f64) -> bool) {
    let mut url = reqwest::Url::parse(&format!("{}/api/v1/query", env("TENGINE_PROMETHEUS"))).unwrap();
    url.query_pairs_mut().append_pair("query", expression);
    let asking = async {
        let mut look = tokio::time::interval(Duration::from_secs(1));
        loop {
            look.tick().await;
            let asked = td.stage.http.get(url.clone()).send().await.unwrap();
            let answer: Value = serde_json::from_slice(&asked.bytes().await.unwrap()).unwrap();
            let number = answer["data"]["result"][0]["value"][1].as_str().and_then(|number| number.parse().ok());
            if number.is_some_and(&is_so) {
                return;
            }
        }
    };
    let measured = tokio::time::timeout(PATIENCE, asking).await;
    assert!(measured.is_ok(), "{}: waited in vain for {expression}; {}", td.name, td.state().await);
}
