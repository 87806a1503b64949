//! What the settings refer to is not there, or belongs to another deployment too.

use crate::repository::Repository;
use crate::stage::{Stage, condition, env};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use serde_json::{Value, json};
use std::sync::Arc;

pub const STORIES: &[Story] = &[
    Story {
        name: "settings",
        cases: &["config_missing", "config_key_missing", "config_of_ones_own"],
        tell: |stage, teller| Box::pin(config(stage, teller)),
    },
    Story {
        name: "neighbours",
        cases: &["one_queue", "one_database"],
        tell: |stage, teller| Box::pin(neighbours(stage, teller)),
    },
];

async fn config(stage: Arc<Stage>, teller: Teller) {
    let (td, _repository, commit) = Subject::healthy(&stage, "settings").await;
    let own = json!({ "eventQueue": null, "database": null, "configRef": { "name": "settings-file" } });
    let sign = Sign::new(
        "ConfigMapMissing",
        &["ConfigMap settings-file", "spec.tengine.configRef", "is not there", "Create the ConfigMap"],
    );
    teller.case("config_missing", td.told(sign, td.patch(json!({ "tengine": own })))).await;

    let sign = Sign::new(
        "ConfigMapMissing",
        &["ConfigMap settings-file", "spec.tengine.configRef", "no key tengined.yml.erb"],
    );
    teller.case("config_key_missing", td.told(sign, config_map(&stage, json!({ "tengined.yml": "" })))).await;

    let repaired = async {
        let before = td.running().await;
        config_map(&stage, json!({ "tengined.yml.erb": file() })).await;
        td.serves(&commit).await;
        // Other settings are another release.
        assert_eq!(td.releases().await.len(), 2);
        assert!(td.running().await.keys().all(|pod| !before.contains_key(pod)));
    };
    teller.case("config_of_ones_own", repaired).await;
}

async fn config_map(stage: &Stage, data: Value) {
    let metadata = json!({ "name": "settings-file" });
    stage.apply(json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data })).await;
}

fn file() -> String {
    let (user, queue) = ("trials-settings", "tengine_event");
    let (broker, database) =
        (env("TENGINE_AMQP_HOST"), format!("{}:{}", env("TENGINE_PG_HOST"), env("TENGINE_PG_PORT")));
    let connection = json!({ "host": broker, "port": 5672, "vhost": user, "user": user, "pass": user });
    let exchange = json!({ "name": format!("{queue}_exchange"), "type": "direct", "durable": true });
    let default = json!({ "database": user, "hosts": [database], "username": user, "password": user });
    json!({
        "db": { "sessions": { "default": default } },
        "event_queue": { "connection": connection, "exchange": exchange, "queue": { "name": format!("{queue}_queue"), "durable": true } },
    })
    .to_string()
}

async fn neighbours(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "ours").await;
    repository.push("Trials", repository.good()).await;
    let (ours, theirs) = (Subject::prepare(&stage, "ours").await, Subject::prepare(&stage, "theirs").await);
    let stopped = |td: &Subject| {
        let mut spec = td.spec(&repository);
        spec["replicas"] = json!(0);
        spec
    };
    ours.create(&stopped(&ours)).await;
    ours.is_well().await;

    let vhost = |name: &str| theirs.patch(json!({ "tengine": { "eventQueue": { "vhost": name } } }));
    let one_queue = async {
        let mut spec = stopped(&theirs);
        spec["tengine"]["eventQueue"]["vhost"] = json!("trials-ours");
        theirs.create(&spec).await;
        theirs.is_well().await;
        let words = ["uses the same message broker and virtual host", "take each other's events"];
        are_warned(&ours, &theirs, "QueueShared", &words).await;
        vhost("trials-theirs").await;
        are_apart(&ours, &theirs).await;
    };
    teller.case("one_queue", one_queue).await;

    let database = |name: &str| theirs.patch(json!({ "tengine": { "database": { "name": name } } }));
    let one_database = async {
        database("trials-ours").await;
        are_warned(&ours, &theirs, "DatabaseShared", &["uses the same database", "misfile each other's drivers"]).await;
        database("trials-theirs").await;
        are_apart(&ours, &theirs).await;
    };
    teller.case("one_database", one_database).await;
}

/// Each names the other; both are well besides.
async fn are_warned(ours: &Subject, theirs: &Subject, reason: &'static str, words: &[&str]) {
    for (td, other) in [(ours, theirs), (theirs, ours)] {
        let other = format!("trials/{}", other.name);
        let words = [&[other.as_str()], words].concat();
        td.says(&Sign::new(reason, &words).of("SharedBackend", "True")).await;
        td.is_well().await;
    }
    ours.is_quiet().await;
}

async fn are_apart(ours: &Subject, theirs: &Subject) {
    for td in [ours, theirs] {
        td.until("no warning", |object| condition(object, "SharedBackend").is_none()).await;
        td.is_well().await;
    }
}
