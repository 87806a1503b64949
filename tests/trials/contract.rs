//! The core as it really behaves, faults included, and what the operator makes of that.

use crate::events::{
    Stream, answers, are_handled_once, ask, close_connections, delete_queue, drivers, fire, publish, remove_head,
    version,
};
use crate::repository::Repository;
use crate::runtime::is_not_blamed;
use crate::stage::{SPACE, Stage};
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Running, Sign, Subject, container};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams};
use kube::runtime::watcher;
use kube::{ResourceExt as _, runtime::WatchStreamExt as _};
use serde_json::json;
use std::sync::Arc;

pub const STORIES: &[Story] = &[
    Story {
        name: "contract_stop",
        cases: &[
            "hup_stalls_in_a_roll_out",
            "hup_stalls_in_a_roll_back",
            "stopped_in_a_handler",
            "sigterm_in_a_handler",
            "handlers_longer_than_heartbeats",
        ],
        tell: |stage, teller| Box::pin(stop(stage, teller)),
    },
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

/// Longer than anybody waits here: a core that needed it was never told to end in a way that it heeds.
const GRACE: u32 = 3600;
/// How long the long handler takes, in seconds, and after how many the broker gives a silent core up. `make soak` takes three minutes.
const HANDLER: u32 = 12;
const HEARTBEAT: u32 = 2;

fn handler_seconds() -> u32 {
    std::env::var("TENGINE_TRIAL_HANDLER").map_or(HANDLER, |seconds| seconds.parse().unwrap())
}

/// Cores that would sleep for ever after one HUP: an idle one is woken by nothing but a second.
async fn stop(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "stop").await, Repository::create(&stage, "stop").await);
    let seconds = handler_seconds();
    let first = repository.push("First", drivers(&repository, "first", seconds)).await;
    let mut spec = td.spec(&repository);
    spec["replicas"] = json!(2);
    spec["tengine"]["heartbeat"] = json!({ "interval": "1h" });
    let variable = |name: &str, value: u32| json!({ "name": name, "value": value.to_string() });
    spec["pod"] = json!({
        "terminationGracePeriodSeconds": GRACE,
        "env": [variable("TENGINED_IDLE_STOP_SECONDS", 100_000), variable("TENGINED_BROKER_HEARTBEAT_SECONDS", HEARTBEAT)],
    });
    td.starts(&spec, &first).await;

    let rolled_out = async {
        let (before, stream) = (begins(&td).await, Stream::of(&td));
        let second = repository.push("Second", drivers(&repository, "second", seconds)).await;
        td.serves(&second).await;
        are_gone(&td, &before).await;
        are_handled_once(&td, stream.ends().await).await;
    };
    teller.case("hup_stalls_in_a_roll_out", rolled_out).await;

    let rolled_back = async {
        let (before, stream) = (begins(&td).await, Stream::of(&td));
        td.decided("RollBack", Some(&td.release_of(&first).await.name_any())).await;
        td.until("the first version", |object| {
            object
                .status
                .as_ref()
                .and_then(|status| status.current.as_ref())
                .is_some_and(|current| current.commit == first)
        })
        .await;
        are_gone(&td, &before).await;
        are_handled_once(&td, stream.ends().await).await;
    };
    teller.case("hup_stalls_in_a_roll_back", rolled_back).await;

    let stopped = async {
        begins(&td).await;
        let pod = works_on(&td, "long", "stopped").await;
        td.stage.kubectl(&["delete", "pod", &pod, "--wait=false"]).await;
        td.is_replaced(&pod, 2).await;
        are_gone(&td, &[(pod, 0)].into()).await;
        are_handled_once(&td, 1).await;
        was_aborted(&td, 0).await;
    };
    teller.case("stopped_in_a_handler", stopped).await;

    let aborted = async {
        let before = td.running().await;
        let pod = works_on(&td, "long", "aborted").await;
        td.stage.kubectl(&["exec", &pod, "-c", "tengined", "--", "sh", "-c", "kill -TERM 1"]).await;
        was_aborted(&td, 1).await;
        assert_eq!(td.running().await, before, "it goes on");
        fire(&td, "tick", "after").await;
        answers(&td, "select count(*) from handled_events where event_key = 'after' and finished_at is not null", "1")
            .await;
    };
    teller.case("sigterm_in_a_handler", aborted).await;

    let long = async {
        begins(&td).await;
        let before = td.running().await;
        let (_, fired) = is_cut_off(&td, "alone").await;
        // It comes back by itself, and its event comes again, and is dropped.
        are_handled_once(&td, fired).await;
        td.is_replaced("nobody", 2).await;
        assert_eq!(td.running().await, before, "a handler that takes long restarts nothing");
        let (pod, more) = is_cut_off(&td, "told").await;
        td.stage.kubectl(&["delete", "pod", &pod, "--wait=false"]).await;
        td.is_replaced(&pod, 2).await;
        are_gone(&td, &[(pod, 0)].into()).await;
        are_handled_once(&td, fired + more).await;
        is_not_blamed(&td, &first).await;
    };
    teller.case("handlers_longer_than_heartbeats", long).await;
}

/// Nothing is on record; says who runs, by name.
async fn begins(td: &Subject) -> Running {
    ask(td, "delete from handled_events").await;
    td.cores().await.iter().map(|pod| (pod.name_any(), 0)).collect()
}

/// Fires an event whose handler takes long, and waits until a core works on it: its pod.
async fn works_on(td: &Subject, kind: &str, key: &str) -> String {
    fire(td, kind, key).await;
    answers(td, &format!("select count(*) from handled_events where event_key = '{key}'"), "1").await;
    ask(td, &format!("select server from handled_events where event_key = '{key}'")).await.trim().to_owned()
}

/// Waits until so many handlers were aborted.
async fn was_aborted(td: &Subject, times: u32) {
    answers(td, "select count(*) from events where event_type_name = 'long.error.tengined'", &times.to_string()).await;
}

/// Fires events whose handlers take long, one after the other, until a core is seen without its connection while it works on one, as
/// its own probe finds: on a slow machine the probe may come late. Its pod, and how many events there were.
async fn is_cut_off(td: &Subject, key: &str) -> (String, usize) {
    let looks = 5 * handler_seconds();
    let look = format!(
        "for _ in $(seq {looks}); do grep -x 'tengined is disconnected' /dev/termination-log && break; sleep 0.2; done"
    );
    for number in 1..10 {
        let pod = works_on(td, "long", &format!("{key}-{number}")).await;
        let seen = td.stage.kubectl(&["exec", &pod, "-c", "tengined", "--", "sh", "-c", &look]).await;
        if !seen.is_empty() {
            return (pod, number);
        }
    }
    panic!("{}: no core loses its connection; {}", td.name, td.state().await)
}

/// Waits until these pods are gone.
async fn are_gone(td: &Subject, pods: &Running) {
    let api = Api::<Pod>::namespaced(td.stage.client.clone(), SPACE);
    let ours = format!("tengine.dev/deployment={}", td.name);
    let mut changes =
        std::pin::pin!(watcher::watcher(api.clone(), watcher::Config::default().labels(&ours)).default_backoff());
    let gone = async {
        loop {
            let there = api.list(&ListParams::default().labels(&ours)).await.unwrap().items;
            if there.iter().all(|pod| !pods.contains_key(&pod.name_any())) {
                return;
            }
            changes.next().await;
        }
    };
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    assert!(gone.is_ok(), "{}: {pods:?} do not end; {}", td.name, td.state().await);
}

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
    let before = td.running().await;
    cut_off.await;
    let host = format!("virtual host \"trials-{}\"", td.name);
    td.says(&Sign::new("Disconnected", &["no connection to broker", &host, "was deleted", "started again"])).await;
    is_not_blamed(td, commit).await;
    td.is_well().await;
    is_not_blamed(td, commit).await;
    let again: Running = before.into_iter().map(|(pod, ends)| (pod, ends + 1)).collect();
    assert_eq!(td.running().await, again, "it was started again, once");
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

/// Waits until a core has ended more often than any condemned one would.
async fn ends_often(td: &Subject) {
    const OFTEN: i32 = 4;
    let api = Api::<Pod>::namespaced(td.stage.client.clone(), SPACE);
    let ours = format!("tengine.dev/deployment={}", td.name);
    let mut changes = std::pin::pin!(watcher::watcher(api, watcher::Config::default().labels(&ours)).default_backoff());
    let often = async {
        while !td.cores().await.iter().any(|pod| container(pod).is_some_and(|core| core.restart_count >= OFTEN)) {
            changes.next().await;
        }
    };
    let often = tokio::time::timeout(PATIENCE, often).await;
    assert!(often.is_ok(), "{}: no core ends often; {}", td.name, td.state().await);
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

async fn nobody_died(td: &Subject) {
    let running = td.running().await;
    assert_eq!(running.values().copied().collect::<Vec<_>>(), [0; 4], "{}: {}", td.name, td.state().await);
}
