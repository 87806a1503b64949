//! `strategy.type: ActiveStandby`: cores wait beside those that serve, and take over while events keep coming. Who handled what, and when,
//! say the cores' own records.

use crate::events::{
    Stream, answers, are_handled, are_handled_once, ask, forget, never_at_once, version, wait_in_queue,
};
use crate::repository::Repository;
use crate::stage::Stage;
use crate::story::{Story, Teller};
use crate::subject::{PATIENCE, Sign, Subject, container, is_ready};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

pub const STORIES: &[Story] = &[Story {
    name: "standby",
    cases: &[
        "handed_over",
        "served_on_after_a_core_was_deleted",
        "taken_over_from_a_core_that_was_killed_while_the_spec_is_invalid",
        "held_by_a_gate_until_somebody_approves",
        "changed_over_by_hand",
        "nobody_takes_over_from_a_core_that_stands_still_before_it_has_ended",
    ],
    tell: |stage, teller| Box::pin(standby(stage, teller)),
}];

/// So long cores have to have run before they take over, as `docs/continuity.md` says.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);
/// The longest time between two events, in seconds, while a core takes over: about 2 where nothing else works. It is for machines on which the
/// kubelet is slow to say that a pod has ended. That no core starts in it is shown by when they started, not by this.
const GAP: f64 = 30.0;

async fn standby(stage: Arc<Stage>, teller: Teller) {
    let (td, repository) = (Subject::prepare(&stage, "standby").await, Repository::create(&stage, "standby").await);
    let first = repository.push("First", version(&repository, "first")).await;
    let mut spec = td.spec(&repository);
    spec["strategy"]["type"] = json!("ActiveStandby");
    td.starts(&spec, &first).await;
    somebody_waits(&td, &first).await;

    let handed_over = async {
        forget(&td).await;
        let stream = Stream::of(&td);
        let second = repository.push("Second", version(&repository, "second")).await;
        td.serves(&second).await;
        are_handled_once(&td, stream.ends().await).await;
        one_after_the_other(&td).await;
        somebody_waits(&td, &second).await;
        td.is_quiet().await;
    };
    teller.case("handed_over", handed_over).await;

    let deleted = async {
        let (serves, _, stream) = before(&td).await;
        td.stage.kubectl(&["delete", "pod", &serves.name_any(), "--wait=false"]).await;
        // Who waited, or the pod that Kubernetes made, where that has loaded its definitions sooner than the other one has ended.
        let others = format!("select count(*) > 10 from handled_events where server <> '{}'", serves.name_any());
        answers(&td, &others, "t").await;
        are_handled_once(&td, stream.ends().await).await;
        one_after_the_other(&td).await;
    };
    teller.case("served_on_after_a_core_was_deleted", deleted).await;

    let killed = async {
        let (serves, waits, stream) = before(&td).await;
        // Who waits need not wait for a spec that can be carried out.
        let no_zone = json!([{ "name": "hours", "window": { "open": [{ "schedule": "0 9 * * 1-5", "duration": "8h", "timeZone": "Europe/Atlantis" }] } }]);
        td.patch(json!({ "gates": no_zone })).await;
        td.says(&Sign::new("InvalidSpec", &["Europe/Atlantis"])).await;
        kill(&serves);
        is_taken_over_by(&td, &waits).await;
        let fired = stream.ends().await;
        // What it had in hand is gone with it, whatever its strategy.
        are_handled(&td, fired - 1).await;
        one_after_the_other(&td).await;
        td.patch(json!({ "gates": null })).await;
        td.is_well().await;
    };
    teller.case("taken_over_from_a_core_that_was_killed_while_the_spec_is_invalid", killed).await;
    teller.case("held_by_a_gate_until_somebody_approves", held(&td, &repository)).await;
    teller.case("changed_over_by_hand", changed_over(&td)).await;
    let still = stands_still(&td);
    teller.case("nobody_takes_over_from_a_core_that_stands_still_before_it_has_ended", still).await;
}

/// A version has loaded and waits, and nothing else is touched, until an approval lets it take over.
async fn held(td: &Subject, repository: &Repository) {
    let (serves, _, stream) = before(td).await;
    stream.ends().await;
    td.patch(json!({ "gates": [{ "name": "ops", "before": "SwitchOver", "approval": { "required": 1 } }] })).await;
    let next = repository.push("Approved", version(repository, "approved")).await;
    let words = [&next[..7], "has loaded, and waits to take over at gate ops: 0 of 1 approvals", "keeps serving"];
    td.says(&Sign::new("WaitingForApproval", &words).of("Ready", "True")).await;
    td.is_quiet().await;
    let (serve, wait): (Vec<_>, Vec<_>) = td.cores().await.into_iter().partition(is_ready);
    assert!(serve.len() == 1 && serve[0].name_any() == serves.name_any() && wait.len() == 1, "{}", td.state().await);
    forget(td).await;
    let stream = Stream::of(td);
    answers(td, "select count(*) > 10 from handled_events", "t").await;
    td.is_done("Approve", json!({ "release": td.release_of(&next).await.name_any() })).await;
    is_taken_over_by(td, &wait[0]).await;
    td.serves(&next).await;
    are_handled_once(td, stream.ends().await).await;
    one_after_the_other(td).await;
    somebody_waits(td, &next).await;
}

/// Who waits takes over because a person says so, and what served waits then; once for each time.
async fn changed_over(td: &Subject) {
    let (serves, waits, stream) = before(td).await;
    td.is_done("SwitchOver", json!({})).await;
    is_taken_over_by(td, &waits).await;
    td.says(&Sign::new("Succeeded", &["wait to take over"]).of("StandbyReady", "True")).await;
    are_handled_once(td, stream.ends().await).await;
    one_after_the_other(td).await;
    td.is_well().await;
    td.is_quiet().await;
    let (serve, wait): (Vec<_>, Vec<_>) = td.cores().await.into_iter().partition(is_ready);
    assert!(serve.len() == 1 && serve[0].name_any() == waits.name_any(), "{}", td.state().await);
    assert!(wait.len() == 1 && wait[0].name_any() != serves.name_any(), "{}", td.state().await);
}

/// Who serves does nothing, as on a machine that was halted, and it may go on any moment: who waits, and was told to take over, does not begin
/// beside it, however many events wait.
async fn stands_still(td: &Subject) {
    let (serves, waits, stream) = before(td).await;
    signal(&serves, Signal::STOP);
    td.is_done("SwitchOver", json!({})).await;
    let is_told_to_end = |cores: &[Pod]| {
        cores.iter().any(|core| core.name_any() == serves.name_any() && core.metadata.deletion_timestamp.is_some())
    };
    td.cores_are("one that is told to end", is_told_to_end).await;
    wait_in_queue(td, 30).await;
    let of_others = format!("select count(*) from handled_events where server <> '{}'", serves.name_any());
    assert_eq!(ask(td, &of_others).await.trim(), "0");
    signal(&serves, Signal::CONT);
    is_taken_over_by(td, &waits).await;
    are_handled_once(td, stream.ends().await).await;
    one_after_the_other(td).await;
    td.is_well().await;
}

/// One core serves this commit, and another one waits beside it.
async fn somebody_waits(td: &Subject, commit: &str) {
    td.says(&Sign::new("Succeeded", &[&commit[..7], "wait to take over"]).of("StandbyReady", "True")).await;
    let cores = td.cores().await;
    assert_eq!((cores.len(), cores.iter().filter(|core| is_ready(core)).count()), (2, 1), "{}", td.state().await);
}

/// The core that serves and the one that waits, which has for long enough; and a stream of events that began.
pub async fn before(td: &Subject) -> (Pod, Pod, Stream) {
    td.says(&Sign::new("Succeeded", &["wait to take over"]).of("StandbyReady", "True")).await;
    let mut look = tokio::time::interval(Duration::from_secs(1));
    let settled = async {
        loop {
            look.tick().await;
            let (serve, wait): (Vec<_>, Vec<_>) = td.cores().await.into_iter().partition(is_ready);
            if let ([serves], [waits]) = (&serve[..], &wait[..])
                && began(waits).is_some_and(|began| Timestamp::now().duration_since(began) > SETTLED)
            {
                return (serves.clone(), waits.clone());
            }
        }
    };
    let (serves, waits) = tokio::time::timeout(PATIENCE, settled).await.expect("somebody who waits");
    forget(td).await;
    let stream = Stream::of(td);
    answers(td, "select count(*) > 10 from handled_events", "t").await;
    (serves, waits, stream)
}

fn began(core: &Pod) -> Option<Timestamp> {
    Some(container(core)?.state.as_ref()?.running.as_ref()?.started_at.as_ref()?.0)
}

/// The one that waited serves, without having been started again, and handles what comes.
pub async fn is_taken_over_by(td: &Subject, waits: &Pod) {
    let took_over = |core: &Pod| core.name_any() == waits.name_any() && is_ready(core) && began(core) == began(waits);
    td.cores_are("the one that waited", |cores| cores.iter().any(took_over)).await;
    let handles = format!("select count(*) > 0 from handled_events where server = '{}'", waits.name_any());
    answers(td, &handles, "t").await;
}

/// Nobody handled anything before the one before it had ended, and there was hardly a pause.
pub async fn one_after_the_other(td: &Subject) {
    never_at_once(td, "server").await;
    let gap = "select max(extract(epoch from started_at - before)) from \
               (select started_at, lag(started_at) over (order by started_at) before from handled_events) e";
    let gap: f64 = ask(td, gap).await.trim().parse().unwrap();
    eprintln!("standby: {gap:.2} s without a core");
    assert!(gap < GAP, "{gap} s without a core");
}

/// Kills the core's processes in this pod, as the kernel would that has no memory left.
pub fn kill(core: &Pod) {
    signal(core, Signal::KILL);
}

/// Sends this to the core's processes.
fn signal(core: &Pod, signal: Signal) {
    let uid = core.uid().unwrap();
    let of_core = |pid: &i32| {
        let read = |file: &str| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        let (cgroup, command) = (read("cgroup"), read("cmdline"));
        let command = String::from_utf8_lossy(&command).into_owned();
        String::from_utf8_lossy(&cgroup).contains(&uid) && command.contains("tengined")
    };
    let pids =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    let pids: Vec<i32> = pids.filter(of_core).collect();
    assert!(!pids.is_empty(), "{} has a core", core.name_any());
    for pid in pids {
        let _ = kill_process(Pid::from_raw(pid).unwrap(), signal);
    }
}
