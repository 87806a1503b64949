//! Engines go from one version to the next in four phases, each begun by a person, under an operator of their own that is killed after each of
//! its writes, and events go on all the while: by the cores' own records none is lost, none is handled twice, and never do two cores of an
//! engine work at once. Undisturbed, so many events are handled in each phase as a busy hour has.

use crate::events::{Stream, answers, are_handled, are_handled_once, ask, forget, never_at_once, version};
use crate::instances::{engine, stand, words};
use crate::mortal::{Kills, Mortal, log_of};
use crate::repository::Repository;
use crate::stage::{Stage, run};
use crate::standby::{before, is_taken_over_by, kill, one_after_the_other};
use crate::story::{Story, Teller};
use crate::subject::{Sign, Subject};
use serde_json::{Value, json};
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "phased",
    cases: &["killed_after_each_write", "a_pair_killed_after_each_write", "a_thousand_events_a_phase"],
    tell: |stage, teller| Box::pin(phased(stage, teller)),
}];

/// An upgrade in four phases has more writes than this.
const WRITES: usize = 20;

/// The phases that wait for a person, and what was said of the version before each.
const BEGUN: [(&str, &str); 3] =
    [("SwitchOver", "Trials_Phase1_OK"), ("SecondUpgrade", "Trials_Phase2_OK"), ("SwitchBack", "Trials_Phase3_OK")];

async fn phased(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "phased").await;
    let killed = async {
        let killed = play(&stage, &repository, "phased-each", Kills::Each, 30).await;
        assert!(killed > WRITES, "killed {killed} times only");
    };
    teller.case("killed_after_each_write", killed).await;
    teller.case("a_pair_killed_after_each_write", pair(&stage, &repository)).await;
    let undisturbed = async {
        play(&stage, &repository, "phased-not", Kills::Never, 1_000).await;
    };
    teller.case("a_thousand_events_a_phase", undisturbed).await;
}

/// How often the operator was killed; `events` are handled by each engine in each phase.
async fn play(stage: &Arc<Stage>, repository: &Repository, space: &str, kills: Kills, events: usize) -> usize {
    let td = begins(stage, space, "phased").await;
    let engines =
        [Subject::prepare_in(stage, space, "phased-001").await, Subject::prepare_in(stage, space, "phased-002").await];
    let first = repository.push("First", version(repository, &format!("first in {space}"))).await;
    let operator = Mortal::starts(space, kills).await;
    eprintln!("the operator of {space} says what it does in {}", log_of(space));
    td.create(&spec(&td, &engines, repository, space)).await;
    td.serves(&first).await;
    stand(&td, engines.len(), &first).await;
    let begun = BEGUN.map(|(phase, _)| phase);
    td.patch(json!({ "strategy": { "activeStandby": { "pauseBefore": begun } } })).await;

    let mut streams = Vec::new();
    for own in &engines {
        forget(own).await;
        streams.push(Stream::of(own));
    }
    let second = repository.push("Second", version(repository, &format!("second in {space}"))).await;
    for (phase, said) in BEGUN {
        let waits = format!("waits for StartPhase {phase}");
        td.says(&Sign::new("WaitingForStart", &[&second[..7], &waits]).of("Ready", "True")).await;
        assert_eq!(words(&td, &second).await, [said]);
        handle(&engines, events).await;
        td.is_done("StartPhase", json!({ "phase": phase })).await;
    }
    handle(&engines, events).await;
    td.serves(&second).await;
    stand(&td, engines.len(), &second).await;
    assert_eq!(words(&td, &second).await, ["Trials_OK"]);
    for (own, stream) in engines.iter().zip(streams) {
        are_handled_once(own, stream.ends().await).await;
        match kills {
            Kills::Never => one_after_the_other(own).await,
            // Nobody looks after who takes over while no operator lives, so there is no saying how long a pause may be.
            Kills::Each | Kills::At(_) => never_at_once(own, "server").await,
        }
    }
    let killed = operator.killed();
    eprintln!("{space}: {} writes, killed {killed} times", operator.writes().len());
    drop(operator);
    run("kubectl", &["delete", "namespace", space, "--wait=false"], "").await;
    killed
}

/// With an image repository of the namespace's own.
fn spec_in(space: &str, td: &Subject, repository: &Repository) -> Value {
    let mut spec = td.spec(repository);
    spec["image"]["repository"] = json!(format!("{}/{space}", spec["image"]["repository"].as_str().unwrap()));
    spec
}

fn spec(td: &Subject, engines: &[Subject], repository: &Repository, space: &str) -> Value {
    let mut spec = spec_in(space, td, repository);
    spec["environment"] = json!({ "name": "Trials" });
    let instances: Vec<Value> = engines.iter().map(|own| engine(own, repository)).collect();
    spec["strategy"] = json!({
        "type": "ActiveStandby", "progressDeadline": "5m", "activeStandby": { "instances": instances },
    });
    spec
}

/// One pair, under an operator that is killed after each of its writes: a person has the one that waits take over, and then the one that
/// serves dies.
async fn pair(stage: &Arc<Stage>, repository: &Repository) {
    const SPACE: &str = "phased-pair";
    let td = begins(stage, SPACE, "pair").await;
    let commit = repository.push("Pair", version(repository, "a pair")).await;
    let operator = Mortal::starts(SPACE, Kills::Each).await;
    let mut spec = spec_in(SPACE, &td, repository);
    spec["strategy"] = json!({ "type": "ActiveStandby" });
    td.create(&spec).await;
    td.serves(&commit).await;
    for by_hand in [true, false] {
        let killed = operator.killed();
        let (serves, waits, stream) = before(&td).await;
        if by_hand {
            td.is_done("SwitchOver", json!({})).await;
        } else {
            kill(&serves);
        }
        is_taken_over_by(&td, &waits).await;
        td.is_well().await;
        let fired = stream.ends().await;
        // The one that a core had in hand that was killed is gone with it.
        are_handled(&td, if by_hand { fired } else { fired - 1 }).await;
        never_at_once(&td, "server").await;
        assert!(operator.killed() > killed, "the operator lived through it");
    }
    eprintln!("{SPACE}: {} writes, killed {} times", operator.writes().len(), operator.killed());
    drop(operator);
    run("kubectl", &["delete", "namespace", SPACE, "--wait=false"], "").await;
}

/// Queue and database of this one in a new namespace.
async fn begins(stage: &Arc<Stage>, space: &str, name: &str) -> Subject {
    run("kubectl", &["delete", "namespace", space, "--ignore-not-found", "--timeout=180s"], "").await;
    run("kubectl", &["create", "namespace", space], "").await;
    Subject::prepare_in(stage, space, name).await
}

/// Each engine handles so many more.
async fn handle(engines: &[Subject; 2], events: usize) {
    let before = [handled(&engines[0]).await, handled(&engines[1]).await];
    for (own, before) in engines.iter().zip(before) {
        answers(own, &format!("select count(*) >= {} from handled_events", before + events), "t").await;
    }
}

async fn handled(own: &Subject) -> usize {
    ask(own, "select count(*) from handled_events").await.trim().parse().unwrap()
}
