//! Cores that are told to stop, idle or with an event in hand, and as they really do: what an idle one makes of one HUP, of TERM in a
//! handler, and of a handler that outlives its connection.

use crate::events::{Stream, answers, are_handled_once, ask, drivers, fire, forget};
use crate::repository::Repository;
use crate::runtime::is_not_blamed;
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{Running, Subject};
use kube::ResourceExt as _;
use serde_json::{Value, json};
use std::sync::Arc;

pub const STORIES: &[Story] = &[
    Story {
        name: "contract_stop",
        cases: &[
            "hup_stalls_in_a_roll_out",
            "hup_stalls_in_a_roll_back",
            "stopped_in_a_handler",
            "sigterm_in_a_handler",
            "hup_stalls_in_a_hand_over",
        ],
        tell: |stage, teller| Box::pin(stop(stage, teller)),
    },
    Story {
        name: "contract_long",
        cases: &["handler_longer_than_heartbeats", "stopped_in_a_handler_longer_than_heartbeats"],
        tell: |stage, teller| Box::pin(long(stage, teller)),
    },
];

/// Longer than anybody waits here: a core that needed it was never told to end in a way that it heeds.
const GRACE: u32 = 3600;
/// How long the long handler takes, in seconds. `make soak` takes three minutes.
const HANDLER: u32 = 12;
/// After two of them, in seconds, the broker gives up a core that is silent in its handler.
const HEARTBEAT: u32 = 2;

fn handler_seconds() -> u32 {
    std::env::var("TENGINE_TRIAL_HANDLER").map_or(HANDLER, |seconds| seconds.parse().unwrap())
}

/// Two cores, with a variable of the stand-in's.
fn two(td: &Subject, repository: &Repository, variable: (&str, u32)) -> Value {
    let mut spec = td.spec(repository);
    spec["replicas"] = json!(2);
    spec["tengine"]["heartbeat"] = json!({ "interval": "1h" });
    let (name, value) = variable;
    let variable = json!({ "name": name, "value": value.to_string() });
    spec["pod"] = json!({ "terminationGracePeriodSeconds": GRACE, "env": [variable] });
    spec
}

/// Cores that would sleep for ever after one HUP: an idle one is woken by nothing but a second.
async fn stop(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "stop").await, Repository::create(&stage, "stop").await);
    let first = repository.push("First", drivers(&repository, "first", handler_seconds())).await;
    td.starts(&two(&td, &repository, ("TENGINED_IDLE_STOP_SECONDS", 100_000)), &first).await;
    teller.case("hup_stalls_in_a_roll_out", rolled_out(&td, &repository)).await;
    teller.case("hup_stalls_in_a_roll_back", rolled_back(&td, &first)).await;
    teller.case("stopped_in_a_handler", stopped(&td)).await;
    teller.case("sigterm_in_a_handler", aborted(&td)).await;
    teller.case("hup_stalls_in_a_hand_over", handed_over(&td, &repository)).await;
}

async fn rolled_out(td: &Subject, repository: &Repository) {
    let (before, stream) = (begins(td).await, Stream::of(td));
    let second = repository.push("Second", drivers(repository, "second", handler_seconds())).await;
    td.serves(&second).await;
    are_gone(td, &before).await;
    are_handled_once(td, stream.ends().await).await;
}

/// Under that strategy the next version begins only when the cores before it are gone.
async fn handed_over(td: &Subject, repository: &Repository) {
    td.patch(json!({ "strategy": { "type": "HandOver" } })).await;
    // It was rolled back before.
    td.decided("Resume", None).await;
    td.is_well().await;
    let (before, stream) = (begins(td).await, Stream::of(td));
    let third = repository.push("Third", drivers(repository, "third", handler_seconds())).await;
    td.serves(&third).await;
    are_gone(td, &before).await;
    are_handled_once(td, stream.ends().await).await;
}

async fn rolled_back(td: &Subject, first: &str) {
    let (before, stream) = (begins(td).await, Stream::of(td));
    td.decided("RollBack", Some(&td.release_of(first).await.name_any())).await;
    td.until("the first version", |object| {
        let current = object.status.as_ref().and_then(|status| status.current.as_ref());
        current.is_some_and(|current| current.commit == first)
    })
    .await;
    are_gone(td, &before).await;
    are_handled_once(td, stream.ends().await).await;
}

async fn stopped(td: &Subject) {
    begins(td).await;
    let pod = works_on(td, "stopped").await;
    is_deleted(td, pod).await;
    are_handled_once(td, 1).await;
    was_aborted(td, 0).await;
}

async fn aborted(td: &Subject) {
    let before = td.running().await;
    let pod = works_on(td, "aborted").await;
    td.stage.kubectl(&["exec", &pod, "-c", "tengined", "--", "sh", "-c", "kill -TERM 1"]).await;
    was_aborted(td, 1).await;
    assert_eq!(td.running().await, before, "it goes on");
    fire(td, "tick", "after").await;
    let handled = "select count(*) from handled_events where event_key = 'after' and finished_at is not null";
    answers(td, handled, "1").await;
}

async fn long(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "long").await, Repository::create(&stage, "long").await);
    let commit = repository.push("Long", drivers(&repository, "long", handler_seconds())).await;
    let mut spec = two(&td, &repository, ("TENGINED_BROKER_HEARTBEAT_SECONDS", HEARTBEAT));
    // A HUP between the end of the handler and the new connection lets a core hang, and nothing but its time ends that: nobody can say
    // that it has no handler in hand.
    spec["pod"]["terminationGracePeriodSeconds"] = json!(60 + 2 * handler_seconds());
    td.starts(&spec, &commit).await;
    forget(&td).await;
    let before = td.running().await;
    let mut fired = 0;
    let alone = async {
        let (_, events) = is_cut_off(&td, "alone").await;
        fired = events;
        // It comes back by itself, and its event comes again, and is dropped.
        are_handled_once(&td, fired).await;
        td.is_replaced("nobody", 2).await;
        assert_eq!(td.running().await, before, "a handler that takes long restarts nothing");
    };
    teller.case("handler_longer_than_heartbeats", alone).await;

    let told = async {
        let (pod, events) = is_cut_off(&td, "told").await;
        is_deleted(&td, pod).await;
        are_handled_once(&td, fired + events).await;
        is_not_blamed(&td, &commit).await;
        td.is_well().await;
    };
    teller.case("stopped_in_a_handler_longer_than_heartbeats", told).await;
}

/// Nothing is on record; says who runs, by name.
async fn begins(td: &Subject) -> Running {
    forget(td).await;
    td.cores().await.iter().map(|pod| (pod.name_any(), 0)).collect()
}

/// Fires an event whose handler takes long, and waits until a core works on it: its pod.
async fn works_on(td: &Subject, key: &str) -> String {
    fire(td, "long", key).await;
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
        let pod = works_on(td, &format!("{key}-{number}")).await;
        let seen = td.stage.kubectl(&["exec", &pod, "-c", "tengined", "--", "sh", "-c", &look]).await;
        if !seen.is_empty() {
            return (pod, number);
        }
    }
    panic!("{}: no core loses its connection; {}", td.name, td.state().await)
}

/// Deletes a pod, and waits until it is gone and another has its place.
async fn is_deleted(td: &Subject, pod: String) {
    td.stage.kubectl(&["delete", "pod", &pod, "--wait=false"]).await;
    td.is_replaced(&pod, 2).await;
    are_gone(td, &[(pod, 0)].into()).await;
}

/// Waits until these pods are gone.
async fn are_gone(td: &Subject, pods: &Running) {
    td.cores_are("the end of others", |cores| cores.iter().all(|core| !pods.contains_key(&core.name_any()))).await;
}
