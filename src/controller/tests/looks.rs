//! Questions to the outside take their turn, and the wait for it is part of their time.

use super::Scene;
use crate::api::v1alpha1::TengineDeploymentStatus;
use crate::api::v1alpha1::condition::Reason;
use crate::controller::LOOKS;
use crate::controller::board::{About, Call, Failure, Outcome, Party, Subject, Turn, Turns, Urgency};
use crate::controller::look::{at_source, in_turn, source_failure};
use crate::controller::own_secret::Role;
use crate::metrics::Look;
use crate::plan::desired::RECONCILE_AT;
use crate::plan::validate;
use crate::worker::WorkerError;
use futures::{FutureExt as _, StreamExt as _};
use serde_json::json;
use std::collections::BTreeMap;
use std::future::{Future, pending, ready};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const HOST: &str = "git.example.com";
const QUESTION: &str = "the repository";
const DEADLINE: Duration = Duration::from_secs(20);

type Asked = Outcome<(), ()>;
type Work = std::pin::Pin<Box<dyn Future<Output = Asked>>>;

/// As many places with the host as there are at once for a question, each for a namespace that nobody else is in.
fn places(scene: &Scene, question: &str) -> Vec<Turn> {
    let place = |number: usize| place(scene, &number.to_string(), question);
    (0..LOOKS.host).filter_map(place).collect()
}

fn place(scene: &Scene, namespace: &str, question: &str) -> Option<Turn> {
    let party = Party { host: HOST.into(), namespace: namespace.into() };
    scene.context.shared.turns.take(party, question, Urgency::First).now_or_never()
}

async fn ask(scene: &Scene, work: impl Future<Output = Asked>) -> Asked {
    ask_within(scene, DEADLINE, work).await
}

async fn ask_within(scene: &Scene, deadline: Duration, work: impl Future<Output = Asked>) -> Asked {
    let asked = (HOST.to_owned(), &scene.desired, Call::new(QUESTION, Urgency::Repeat));
    let shared = &scene.context.shared;
    let asking = in_turn((shared, &shared.turns), Look::Source, asked, deadline, work);
    tokio::time::timeout(2 * deadline, asking).await.expect("it ends by its deadline")
}

fn failure(asked: Asked) -> (Reason, String) {
    let failure = asked.unwrap_err();
    assert!(!failure.definite, "it is tried again");
    (failure.reason, failure.message)
}

/// Fifty repositories of a host that hangs, and two hundred of hosts that answer, all in one namespace, and all from the beginning, when nobody knows
/// yet who hangs.
#[tokio::test(start_paused = true)]
async fn beside_a_host_that_hangs_all_others_are_looked_at_in_time() {
    const INTERVAL: Duration = Duration::from_mins(1);
    let scene = Scene::new(Vec::new());
    let (scene, shared) = (&scene, &scene.context.shared);
    let look = async |host: String, number: usize, urgency: Urgency, work: &mut dyn FnMut() -> Work| {
        let asked = (host, &scene.desired, Call::new(number.to_string(), urgency));
        in_turn((shared, &shared.turns), Look::Source, asked, DEADLINE, work()).await
    };
    let hanging = (0..50).map(async |number| {
        loop {
            let asked = look(HOST.to_owned(), number, Urgency::First, &mut || Box::pin(pending())).await;
            assert!(asked.is_err());
            tokio::time::sleep(INTERVAL).await;
        }
    });
    let healthy = (0..200).map(async |number| {
        let (mut latest, mut before, mut urgency) = (Duration::ZERO, Instant::now(), Urgency::First);
        let mut answer: Box<dyn FnMut() -> Work> = Box::new(|| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(BTreeMap::new())
            })
        });
        for _ in 0..10 {
            let asked = look(format!("host{}.example.com", number % 20), number, urgency, &mut answer).await;
            assert!(asked.is_ok());
            latest = latest.max(before.elapsed());
            (before, urgency) = (Instant::now(), Urgency::Repeat);
            tokio::time::sleep(INTERVAL).await;
        }
        latest
    });
    let all = tokio::select! {
        _ = futures::future::join_all(hanging) => unreachable!("they hang"),
        all = futures::future::join_all(healthy) => all,
    };
    assert_eq!(all.len(), 200);
    for latest in all {
        assert!(latest <= INTERVAL + Duration::from_secs(2), "{latest:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_gets_no_turn_ends_by_its_deadline_and_says_who_is_in_the_way() {
    let scene = Scene::new(Vec::new());
    let held = places(&scene, "another");
    assert_eq!(held.len(), LOOKS.host);
    let (reason, message) = failure(ask(&scene, async { panic!("it has no turn") }).await);
    assert_eq!(reason, Reason::TimedOut);
    assert_eq!(message, "git.example.com was not asked within 20 s: it keeps other questions waiting");
    drop(held);
    let answered = ask(&scene, ready(Ok(BTreeMap::from([((), Ok(()))])))).await;
    assert!(answered.is_ok(), "and no place is lost");
}

/// A host that answers everybody, one after the other, is not out of order because a thousand ask for the first time.
#[tokio::test(start_paused = true)]
async fn nobody_is_told_that_a_host_is_late_who_waits_beside_those_it_answers() {
    let scene = Scene::new(Vec::new());
    let shared = &scene.context.shared;
    let ask = async |number: usize, work: Work| {
        let asked = (HOST.to_owned(), &scene.desired, Call::new(number.to_string(), Urgency::First));
        in_turn((shared, &shared.turns), Look::Source, asked, DEADLINE, work).await
    };
    let answers = || async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(BTreeMap::new())
    };
    let began = Instant::now();
    let asked = futures::future::join_all((0..1_000).map(|number| ask(number, Box::pin(answers())))).await;
    assert!(asked.iter().all(Result::is_ok));
    assert!(began.elapsed() > 10 * DEADLINE);

    let asked = futures::future::join_all((0..1_000).map(|number| ask(number, Box::pin(pending())))).await;
    assert!(asked.into_iter().all(|asked| failure(asked).0 == Reason::TimedOut), "once it answers nobody any more");
    assert!(began.elapsed() < 15 * DEADLINE);
}

#[tokio::test(start_paused = true)]
async fn a_question_that_was_late_has_one_place_until_it_is_answered_and_others_have_theirs() {
    let timed_out = || Failure::new(Reason::TimedOut, "", false);
    let scene = Scene::new(Vec::new());
    for hangs in [true, false] {
        assert_eq!(places(&scene, QUESTION).len(), LOOKS.host);
        let asked = if hangs { ask(&scene, pending()).await } else { ask(&scene, ready(Err(timed_out()))).await };
        assert_eq!(failure(asked).0, Reason::TimedOut);
        assert_eq!(places(&scene, QUESTION).len(), 1, "of the deadline, or of its own: {hangs}");
        assert_eq!(places(&scene, "another").len(), LOOKS.host, "another repository of the host");
        assert!(ask(&scene, ready(Ok(BTreeMap::new()))).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_late_who_was_kept_waiting_for_his_turn() {
    let scene = Scene::new(Vec::new());
    let held = places(&scene, "another");
    let goes_away = async {
        tokio::time::sleep(std::time::Duration::from_secs(19)).await;
        drop(held);
    };
    let (asked, ()) = tokio::join!(ask(&scene, pending()), goes_away);
    let (reason, message) = failure(asked);
    assert_eq!(reason, Reason::TimedOut);
    assert_eq!(
        message,
        "git.example.com gave no answer in what was left of 20 s when it was asked: other questions kept it waiting"
    );
    assert_eq!(places(&scene, QUESTION).len(), LOOKS.host);
}

/// Or two namespaces that have all places could keep them for so long.
#[tokio::test(start_paused = true)]
async fn who_gives_a_host_an_hour_keeps_nobody_from_an_ordinary_place_for_more_than_a_minute() {
    const HOUR: Duration = Duration::from_hours(1);
    let scene = Scene::new(Vec::new());
    let slow = || async {
        tokio::time::sleep(Duration::from_mins(50)).await;
        Ok(BTreeMap::new())
    };
    let mut held = places(&scene, "another");
    held.pop();
    assert!(ask_within(&scene, HOUR, slow()).await.is_ok(), "nobody waits");
    let waits = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let party = Party::new([HOST], "somebody");
        let started = tokio::time::Instant::now();
        drop(scene.context.shared.turns.take(party, "else", Urgency::First).await);
        started.elapsed()
    };
    let (asked, waited) = tokio::join!(ask_within(&scene, HOUR, pending()), waits);
    assert!(waited <= Duration::from_secs(36), "{waited:?}");
    let (reason, message) = failure(asked);
    assert_eq!(reason, Reason::TimedOut);
    assert_eq!(
        message,
        "git.example.com gave no answer for a minute, and others wait for their turn: it is asked again in a place for what takes long"
    );
    drop(held);
    assert!(ask_within(&scene, HOUR, slow()).await.is_ok(), "there it has all its time");
    assert_eq!(places(&scene, QUESTION).len(), 1, "and stays as long as it takes long");
    assert!(ask_within(&scene, HOUR, ready(Ok(BTreeMap::new()))).await.is_ok());
    assert_eq!(places(&scene, QUESTION).len(), LOOKS.host);
    let (_, message) = failure(ask_within(&scene, HOUR, pending()).await);
    assert_eq!(message, "git.example.com gave no answer within 3600 s", "nobody waits");
}

/// The wait for a place is theirs who share a namespace, not theirs who share a question.
#[tokio::test(start_paused = true)]
async fn a_namespace_without_a_place_is_what_its_questions_are_about() {
    let scene = Scene::new(Vec::new());
    let party = |number: usize| Party { host: number.to_string(), namespace: scene.desired.namespace.clone() };
    let turns = &scene.context.shared.turns;
    let held: Vec<_> = (0..LOOKS.namespace)
        .filter_map(|number| turns.take(party(number), "q", Urgency::First).now_or_never())
        .collect();
    assert_eq!(held.len(), LOOKS.namespace);
    let failed = ask(&scene, async { panic!("it has no turn") }).await.unwrap_err();
    assert_eq!(failed.about, About::Namespace, "{}", failed.message);
    drop(held);
    let held = places(&scene, "another");
    let failed = ask(&scene, async { panic!("it has no turn") }).await.unwrap_err();
    assert_eq!((failed.about, held.len()), (About::All, LOOKS.host), "{}", failed.message);
}

/// Or whoever shares its question waits with it without end.
#[tokio::test(start_paused = true)]
async fn who_waits_for_a_place_of_its_namespace_ends_by_its_deadline_though_its_host_answers_others() {
    let scene = Scene::new(Vec::new());
    let (shared, turns) = (&scene.context.shared, &scene.context.shared.turns);
    let party = |number: usize| Party { host: number.to_string(), namespace: scene.desired.namespace.clone() };
    let _held: Vec<_> = (0..LOOKS.namespace)
        .filter_map(|number| turns.take(party(number), "q", Urgency::First).now_or_never())
        .collect();
    let answers = async {
        loop {
            let others = Party { host: HOST.into(), namespace: "others".into() };
            turns.take(others, "other", Urgency::First).await.is_answered();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let asked = (HOST.to_owned(), &scene.desired, Call::new(QUESTION, Urgency::First));
    let asking = in_turn((shared, turns), Look::Source, asked, DEADLINE, pending::<Asked>());
    let asked = tokio::select! {
        asked = tokio::time::timeout(2 * DEADLINE, asking) => asked.expect("it ends by its deadline"),
        () = answers => unreachable!("it goes on"),
    };
    assert_eq!(asked.unwrap_err().about, About::Namespace);
}

/// Hours of waiting for the one place that all late questions of a host share make nobody take an ordinary one.
#[tokio::test(start_paused = true)]
async fn a_question_that_was_late_stays_so_while_it_waits_in_vain() {
    let scene = Scene::new(Vec::new());
    ask(&scene, pending()).await.unwrap_err();
    let mut held = places(&scene, QUESTION);
    assert_eq!(held.len(), 1, "it was late");
    // Twice an hour it gets no place, or one so late that it has no time.
    for round in 0..8 {
        tokio::time::sleep(std::time::Duration::from_mins(25)).await;
        let goes_away = async {
            if round % 2 == 1 {
                tokio::time::sleep(std::time::Duration::from_secs(19)).await;
                held.clear();
            }
        };
        let (asked, ()) = tokio::join!(ask(&scene, pending()), goes_away);
        assert_eq!(failure(asked).0, Reason::TimedOut);
        held = if held.is_empty() { places(&scene, QUESTION) } else { held };
        assert_eq!(held.len(), 1, "{round}");
    }
}

#[tokio::test]
async fn a_look_that_ended_shows_in_the_metrics_by_its_reason() {
    let scene = Scene::with(super::Caches::default(), &json!({}), Vec::new());
    let refused = Failure::new(Reason::AuthenticationFailed, "", true);
    ask(&scene, ready(Err(refused))).await.unwrap_err();
    let text = scene.context.shared.metrics.encode().unwrap();
    assert!(text.contains(r#"looks_total{what="Source",outcome="AuthenticationFailed"} 1"#), "{text}");
}

#[tokio::test]
async fn a_worker_that_cannot_start_is_no_trouble_of_the_host() {
    let scene = Scene::new(Vec::new());
    let broken = || std::io::Error::other("no such program");
    for error in [WorkerError::Room(broken()), WorkerError::Start(broken()), WorkerError::Pipe(broken())] {
        let failure = source_failure(&error.into(), &scene.desired.git().unwrap().source, Role::Source);
        assert_eq!((failure.reason, failure.definite), (Reason::WorkerFailed, false));
        assert!(!failure.reason.advice().contains("host"), "{}", failure.reason.advice());
    }
}

#[tokio::test]
async fn what_was_asked_by_hand_and_served_long_ago_is_asked_by_nobody_now() {
    let mut scene = Scene::new(Vec::new());
    scene.object.metadata.annotations = Some([(RECONCILE_AT.to_owned(), "now".to_owned())].into());
    scene.desired = validate(&scene.object).unwrap();
    assert_eq!(scene.questions().await.by_hand.as_deref(), Some("now"));
    let handled = |at: &str| TengineDeploymentStatus {
        last_handled_reconcile_at: Some(at.to_owned()),
        ..TengineDeploymentStatus::default()
    };
    scene.object.status = Some(handled("before"));
    assert_eq!(scene.questions().await.by_hand.as_deref(), Some("now"));
    scene.object.status = Some(handled("now"));
    assert_eq!(scene.questions().await.by_hand, None);
}

/// What is told of a repository over SSH whose spec names no Secret: with a turn, that it needs one; no process is started for that.
async fn told_of_no_key(scene: &mut Scene) -> (Reason, String) {
    let (questions, subject) = (scene.questions().await, Subject::of(&scene.desired));
    let question = &questions.git.as_ref().unwrap().source;
    scene.context.board.look(&subject, question);
    at_source(&scene.context, &scene.desired, &questions, &subject);
    assert!(scene.woken.next().await.is_some());
    let trouble = scene.context.board.look(&subject, question).trouble.unwrap();
    (trouble.reason, trouble.message)
}

#[tokio::test(start_paused = true)]
async fn looks_over_ssh_are_as_few_as_workers_and_wait_for_no_build_and_for_no_other_look() {
    let spec = json!({ "source": { "git": { "url": "ssh://git@git.example.com/ops/jobs.git" }, "timeout": "20s" } });
    let mut scene = Scene::with(super::Caches::default(), &spec, Vec::new());
    let shared = Arc::clone(&scene.context.shared);
    let workers = shared.settings.worker.concurrency;
    let all_of = |turns: &Arc<Turns>| {
        let party = |namespace: usize| Party { host: HOST.into(), namespace: namespace.to_string() };
        let places = (0..1_000).map_while(|number| turns.take(party(number), QUESTION, Urgency::First).now_or_never());
        places.collect::<Vec<_>>()
    };
    let (builds, looks) = (all_of(&shared.children), all_of(&shared.turns));
    assert_eq!((builds.len(), looks.len()), (workers, LOOKS.host), "with one host");
    assert_eq!(told_of_no_key(&mut scene).await.0, Reason::AuthenticationRequired);
    let last = Party { host: "other.example.com".into(), namespace: "of-others".into() };
    assert!(
        shared.children.take(last, QUESTION, Urgency::First).now_or_never().is_some(),
        "others have a place to build"
    );
    drop((builds, looks));
    let over_ssh = all_of(&shared.over_ssh);
    assert_eq!(over_ssh.len(), workers, "with one host");
    let (reason, message) = told_of_no_key(&mut scene).await;
    assert_eq!(reason, Reason::TimedOut);
    assert_eq!(message, "git.example.com was not asked within 20 s: it keeps other questions waiting");
    let elsewhere = Party { host: "other.example.com".into(), namespace: "production".into() };
    assert!(
        shared.over_ssh.take(elsewhere, QUESTION, Urgency::Repeat).now_or_never().is_some(),
        "other hosts have places"
    );
    drop(over_ssh);
    assert_eq!(told_of_no_key(&mut scene).await.0, Reason::AuthenticationRequired);
    scene.script.end();
}
