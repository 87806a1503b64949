//! The core does not get to run: by its own doing, or for want of what it needs.

use crate::doors::Gate;
use crate::repository::{GOOD, Repository};
use crate::stage::{Stage, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use git2::Oid;
use kube::ResourceExt;
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[
    Story {
        name: "start",
        cases: &["core_raises", "no_node_fits", "core_dies"],
        tell: |stage, teller| Box::pin(start(stage, teller)),
    },
    Story { name: "hang", cases: &["core_never_ready"], tell: |stage, teller| Box::pin(hang(stage, teller)) },
    Story {
        name: "outage",
        cases: &["broker_down", "database_down"],
        tell: |stage, teller| Box::pin(outage(stage, teller)),
    },
];

/// A good file, and one with this line.
pub fn with_line(repository: &Repository, line: &str) -> Oid {
    repository.files(&[("good.rb", GOOD.as_bytes()), ("odd.rb", line.as_bytes())])
}

async fn start(stage: Arc<Stage>, teller: Teller) {
    let (td, repository, good) = Subject::healthy(&stage, "start").await;
    let push = |line: &'static str| {
        let repository = repository.clone();
        async move { drop(repository.push("Trouble", with_line(&repository, line)).await) }
    };

    let sign = Sign::new("CoreFailed", &["odd.rb:1", "NoMethodError", "hoge", "keeps serving", "Push a fix"]);
    let raises = td.endures(sign, push("send(:hoge)\n"), repository.reset(&good));
    teller.case("core_raises", raises).await;

    let nowhere = td.patch(json!({ "pod": { "nodeSelector": { "trials": "nowhere" } } }));
    let anywhere = td.patch(json!({ "pod": { "nodeSelector": null } }));
    let sign =
        Sign::new("Unschedulable", &["pod start-core-", "node", "keeps serving", "Make room, or correct spec.pod"]);
    teller.case("no_node_fits", td.endures(sign, nowhere, anywhere)).await;

    // Nothing in its log says why: it takes three ends in a row.
    let sign = Sign::new("CoreFailed", &["ended with exit code 3", "keeps serving", "Push a fix"]);
    let dies = td.endures(sign, push("Process.send(:exit!, 3)\n"), repository.reset(&good));
    teller.case("core_dies", dies).await;
}

async fn hang(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "hang").await, Repository::create(&stage, "hang").await);
    let good = repository.push("Trials", repository.good()).await;
    let mut spec = td.spec(&repository);
    spec["strategy"]["progressDeadline"] = json!("45s");
    td.starts(&spec, &good).await;
    let push = async { drop(repository.push("Trouble", with_line(&repository, "IO.send(:pipe).first.read\n")).await) };
    let sign =
        Sign::new("ProgressDeadlineExceeded", &["did not get ready", "strategy.progressDeadline", "keeps serving"]);
    teller.case("core_never_ready", td.endures(sign, push, repository.reset(&good))).await;
}

/// A commit that is pushed while something is down waits, and goes live once it is back.
async fn outage(stage: Arc<Stage>, teller: Teller) {
    let broker = Gate::open_to(format!("{}:{}", env("TENGINE_AMQP_HOST"), env("TENGINE_AMQP_PORT"))).await;
    let database = Gate::open_to(format!("{}:{}", env("TENGINE_PG_HOST"), env("TENGINE_PG_PORT"))).await;
    let (td, repository) = (Subject::prepare(&stage, "outage").await, Repository::create(&stage, "outage").await);
    let mut spec = td.spec(&repository);
    spec["tengine"]["eventQueue"]["port"] = json!(broker.port());
    spec["tengine"]["database"]["hosts"] = json!([database.address]);
    let commit = repository.push("Trials", repository.good()).await;
    td.starts(&spec, &commit).await;

    let sign = Sign::new("BrokerUnreachable", &["Bunny::", "Look at broker, address and Secret", "by themselves"]);
    teller.case("broker_down", waits(&td, &repository, &broker, sign)).await;
    let sign = Sign::new(
        "DatabaseUnreachable",
        &["PG::ConnectionBad", "Look at database, address and Secret", "by themselves"],
    );
    teller.case("database_down", waits(&td, &repository, &database, sign)).await;
}

async fn waits(td: &Subject, repository: &Repository, gate: &Gate, sign: Sign) {
    gate.shut();
    let line = format!("# while {} is shut\n{GOOD}", gate.address);
    let tree = repository.files(&[("good.rb", line.as_bytes())]);
    let before = td.running().await;
    let commit = repository.push("During an outage", tree).await;
    td.says(&sign).await;
    td.is_quiet().await;
    // A core may end itself for want of what it needs, and is started again in its pod; nobody takes the pod away.
    let now: Vec<_> = td.cores().await.iter().filter_map(ResourceExt::uid).collect();
    assert!(before.keys().all(|pod| now.contains(pod)), "{before:?} {now:?}");
    is_not_blamed(td, &commit).await;
    gate.open().await;
    td.serves(&commit).await;
    is_not_blamed(td, &commit).await;
}

/// None of its releases of this commit was refused.
pub async fn is_not_blamed(td: &Subject, commit: &str) {
    let mut releases = td.all_releases().await;
    releases.retain(|release| release.spec.commit == commit);
    assert!(!releases.is_empty(), "{}: no release of {commit}", td.name);
    for release in releases {
        let status = release.status.clone().unwrap();
        assert!(status.rejected_at.is_none(), "{} was refused: {status:?}", release.name_any());
    }
}
