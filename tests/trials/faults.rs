//! Faults of broker and database that Tengine's core does not survive, or does not notice, and what the operator makes of that.

use crate::events::{answers, close_connections, delete_queue, fire, forget, publish, remove_head, version};
use crate::repository::Repository;
use crate::runtime::is_not_blamed;
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{Running, Sign, Subject, container, ready};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt as _;
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[
    Story {
        name: "contract_closed",
        cases: &["connection_closed"],
        tell: |stage, teller| Box::pin(closed(stage, teller)),
    },
    Story {
        name: "contract_queueless",
        cases: &["queue_deleted"],
        tell: |stage, teller| Box::pin(queueless(stage, teller)),
    },
    Story {
        name: "contract_rotation",
        cases: &["wrong_password_after_a_rotation"],
        tell: |stage, teller| Box::pin(rotation(stage, teller)),
    },
    Story {
        name: "contract_poison",
        cases: &["poison_message"],
        tell: |stage, teller| Box::pin(poison(stage, teller)),
    },
    Story {
        name: "contract_race",
        cases: &["four_new_cores", "four_of_the_next_version", "four_at_once"],
        tell: |stage, teller| Box::pin(race(stage, teller)),
    },
];

async fn closed(stage: Arc<Stage>, teller: Teller) {
    let (td, _repository, commit) = Subject::healthy(&stage, "closed").await;
    teller.case("connection_closed", recovers(&td, &commit, close_connections(&td))).await;
}

async fn queueless(stage: Arc<Stage>, teller: Teller) {
    let (td, _repository, commit) = Subject::healthy(&stage, "queueless").await;
    teller.case("queue_deleted", recovers(&td, &commit, delete_queue(&td))).await;
}

/// A core that says `running` for ever, and consumes nothing: that is said, and it is started again where it is, in its pod.
async fn recovers(td: &Subject, commit: &str, cut_off: impl Future<Output = ()>) {
    forget(td).await;
    let before = td.running().await;
    cut_off.await;
    let host = format!("virtual host \"trials-{}\"", td.name);
    td.says(&Sign::new("Disconnected", &["no connection to broker", &host, "was deleted", "started again"])).await;
    is_not_blamed(td, commit).await;
    // A probe that asks whether the broker is there has a connection of its own for a moment: ready alone says little.
    let again: Running = before.into_iter().map(|(pod, ends)| (pod, ends + 1)).collect();
    td.cores_are("a core that was started again, once", |cores| ready(cores) == again).await;
    td.is_well().await;
    is_not_blamed(td, commit).await;
    fire(td, "ping", "after").await;
    answers(td, "select count(*) from handled_events where event_key = 'after' and finished_at is not null", "1").await;
}

/// A core that is refused hangs and says nothing.
async fn rotation(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "rotation").await, Repository::create(&stage, "rotation").await);
    let commit = repository.push("Trials", repository.good()).await;
    let mut spec = td.spec(&repository);
    spec["strategy"]["progressDeadline"] = json!("45s");
    td.starts(&spec, &commit).await;
    let login = |password: &'static str| {
        let (stage, user) = (Arc::clone(&stage), "trials-rotation");
        async move { stage.secret("rotation-mq", json!({ "username": user, "password": password })).await }
    };
    let words =
        ["broker", "virtual host \"trials-rotation\"", "Secret rotation-mq", "Look at broker, address and Secret"];
    let sign = Sign::new("BrokerUnreachable", &words);
    let case = async {
        td.endures(sign, login("wrong horse"), login("trials-rotation")).await;
        is_not_blamed(&td, &commit).await;
    };
    teller.case("wrong_password_after_a_rotation", case).await;
}

/// A message that no core survives: the next one gets it, too.
async fn poison(stage: Arc<Stage>, teller: Teller) {
    const ARRAY: &str = "[1]";
    let (td, repository, first) = Subject::healthy(&stage, "poison").await;
    let case = async {
        publish(&td, ARRAY).await;
        let words = [
            "NoMethodError",
            "after it was running",
            "tengine_event_queue",
            "virtual host \"trials-poison\"",
            "remove it",
        ];
        td.says(&Sign::new("PoisonMessage", &words)).await;
        // Whose core is ready, and then ends of it, too.
        let second = repository.push("Good", version(&repository, "second")).await;
        ends_often(&td).await;
        is_not_blamed(&td, &first).await;
        is_not_blamed(&td, &second).await;
        remove_head(&td, ARRAY).await;
        td.serves(&second).await;
        is_not_blamed(&td, &second).await;
    };
    teller.case("poison_message", case).await;
}

/// Waits until a core has ended more often than any condemned one would: for each end anew, as Kubernetes starts it again later from time
/// to time, and the message may be in the hand of another core meanwhile.
async fn ends_often(td: &Subject) {
    const OFTEN: i32 = 4;
    for often in 1..=OFTEN {
        let is_often = |pod: &Pod| container(pod).is_some_and(|core| core.restart_count >= often);
        td.cores_are(&format!("a core that ended {often} times"), |cores| cores.iter().any(is_often)).await;
    }
}

/// Cores of a version that the database does not know, with time enough between a look for a driver and its making for all others:
/// one that starts beside another dies.
async fn race(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "race").await, Repository::create(&stage, "race").await);
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["replicas"] = json!(4);
    spec["pod"]["env"] = json!([{ "name": "TENGINED_RACE_SECONDS", "value": "3" }]);
    let fresh = async {
        td.starts(&spec, &first).await;
        nobody_died(&td).await;
    };
    teller.case("four_new_cores", fresh).await;

    let next = async {
        let second = repository.push("Second", version(&repository, "second")).await;
        td.serves(&second).await;
        nobody_died(&td).await;
    };
    teller.case("four_of_the_next_version", next).await;

    let at_once = async {
        td.patch(json!({ "strategy": { "type": "Recreate" } })).await;
        td.is_well().await;
        let third = repository.push("Third", version(&repository, "third")).await;
        td.serves(&third).await;
        nobody_died(&td).await;
    };
    teller.case("four_at_once", at_once).await;
}

/// None of the four lost the race. What else may have ended one, as the database did that took too long to answer on a busy machine, is
/// not asked here.
async fn nobody_died(td: &Subject) {
    let cores = td.cores().await;
    assert_eq!(ready(&cores).len(), 4, "{}: {}", td.name, td.state().await);
    for core in &cores {
        let words = td.last_words(core).await;
        assert!(!words.contains("Driveable::Mongo"), "{}: {words}", core.name_any());
    }
}
