//! Work in the background: what is seen of it, what ends it, what wakes.

use super::*;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::{CommitFacts, SourceSeen};
use crate::source::Reference;
use futures::StreamExt as _;
use futures::channel::mpsc::{self, UnboundedReceiver};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::oneshot;

const MINUTE: Duration = Duration::from_mins(1);

struct Room {
    board: Arc<Board>,
    woken: UnboundedReceiver<ObjectRef<TengineDeployment>>,
    subject: Subject,
}

fn subject(number: usize) -> Subject {
    let object = ObjectRef::new(&format!("billing{number}")).within("production");
    Subject { uid: number.to_string(), object }
}

impl Room {
    fn new() -> Self {
        let (wake, woken) = mpsc::unbounded();
        Self { board: Board::new(Arc::default(), wake), woken, subject: subject(1) }
    }

    fn push(&self, key: &str) -> Look<()> {
        self.board.look(&self.subject, &push(key))
    }

    fn ask(&self, work: impl Future<Output = Result<(), Failure>> + Send + 'static) {
        self.serve("now", work);
    }

    fn serve(&self, asked: &str, work: impl Future<Output = Result<(), Failure>> + Send + 'static) {
        let ask = |_, _| async { Ok(BTreeMap::from([((), work.await)])) };
        self.board.ask::<AtPush, _>(&self.subject, Some(asked.into()), ask);
    }

    fn build(&self, release: &str, work: impl Future<Output = BuildOutcome> + Send + 'static) {
        self.board.build(&self.subject, (release, false), "inputs", work);
    }

    async fn woken(&mut self) {
        assert_eq!(self.woken.next().await, Some(self.subject.object.clone()));
    }

    /// Everybody that was woken until now.
    fn all_woken(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.woken.try_recv().ok()).map(|object| object.name).collect()
    }
}

fn push(key: &str) -> Question<AtPush> {
    Question { key: key.into(), aspect: (), interval: MINUTE, remembers: false }
}

fn branch(key: &str, name: &str) -> Question<AtSource> {
    let aspect = Reference::Branch(name.parse().expect("a branch"));
    Question { key: key.into(), aspect, interval: MINUTE, remembers: false }
}

/// A Git host on which every branch is at a commit that tells which round this is.
#[expect(clippy::unnecessary_wraps, reason = "it is what a round of questions answers")]
fn answer(references: BTreeSet<Reference>, round: usize) -> Outcome<Reference, SourceSeen> {
    let commit = format!("{round:040}").parse().expect("a commit");
    let seen = SourceSeen { reference: "refs/heads/main".into(), commit };
    Ok(references.into_iter().map(|reference| (reference, Ok(seen.clone()))).collect())
}

fn unreachable() -> Failure {
    Failure { reason: Reason::Unreachable, message: "no route".into(), definite: false, retry_after: None }
}

fn refused() -> BuildOutcome {
    let facts = CommitFacts::default();
    let (reason, message, evidence) = (Reason::NoDefinition, "nothing here".to_owned(), String::new());
    BuildOutcome::Refused(Box::new(Refused { reason, message, evidence, facts, content: None }))
}

#[tokio::test]
async fn an_answer_wakes_and_belongs_to_its_question() {
    let mut room = Room::new();
    assert!(room.push("a").answer.is_none());
    room.ask(async { Ok(()) });
    assert!(room.push("a").running, "from the moment it is asked");
    room.woken().await;
    let seen = room.push("a");
    assert!(seen.answer.is_some() && !seen.running && seen.served.as_deref() == Some("now"));
    assert!(room.push("b").answer.is_none(), "another question");
    assert!(room.push("a").answer.is_none(), "and the old answer is gone with it");
}

#[tokio::test]
async fn another_question_ends_the_work_on_the_first() {
    let room = Room::new();
    room.push("a");
    let (alive, mut ended) = oneshot::channel::<()>();
    room.ask(async move {
        std::future::pending::<()>().await;
        drop(alive);
        Ok(())
    });
    assert!(ended.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    assert!(!room.push("b").running);
    assert!(ended.await.is_err(), "the work was dropped");
}

#[tokio::test]
async fn a_question_is_asked_once_at_a_time_unless_by_hand_since() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    room.ask(async { Err(unreachable()) });
    room.ask(async { Ok(()) });
    room.woken().await;
    assert!(room.push("a").answer.is_none(), "the third was not started");

    // What was pushed before this request may have been pushed after the look under way.
    room.ask(async { Err(unreachable()) });
    room.serve("again", async { Ok(()) });
    room.woken().await;
    let seen = room.push("a");
    assert!(seen.answer.is_some() && seen.served.as_deref() == Some("again"), "{seen:?}");
}

/// A thousand deployments on as many branches of one repository, and one of other credentials.
#[tokio::test]
async fn one_round_answers_all_that_share_the_key_and_nobody_else() {
    let mut room = Room::new();
    let rounds = Arc::new(AtomicUsize::new(0));
    let everybody = || (0..1_000).map(|number| (subject(number), branch("shared", &format!("b{number}"))));
    for (subject, question) in everybody() {
        assert!(room.board.look(&subject, &question).answer.is_none());
    }
    let stranger = (subject(1_000), branch("other credentials", "b1"));
    room.board.look(&stranger.0, &stranger.1);
    for (subject, _) in everybody() {
        let rounds = Arc::clone(&rounds);
        let ask = move |references: BTreeSet<Reference>, _| async move {
            tokio::task::yield_now().await;
            answer(references, rounds.fetch_add(1, Ordering::SeqCst))
        };
        room.board.ask::<AtSource, _>(&subject, None, ask);
    }
    for _ in 0..1_000 {
        room.woken.next().await;
    }
    assert_eq!(rounds.load(Ordering::SeqCst), 1);
    for (subject, question) in everybody() {
        let seen = room.board.look(&subject, &question);
        assert!(seen.answer.is_some() && !seen.running);
    }
    assert!(room.board.look(&stranger.0, &stranger.1).answer.is_none(), "never what other credentials were told");

    // One asks again and is told nothing new: nobody else is woken, and everybody's answer is as fresh.
    let again = |round| move |references, _| async move { answer(references, round) };
    let (first, question) = (subject(7), branch("shared", "b7"));
    let before = room.board.look(&first, &question).answer.expect("an answer").1;
    room.board.ask::<AtSource, _>(&subject(8), None, again(0));
    room.woken.next().await;
    assert_eq!(room.all_woken(), Vec::<String>::new());
    assert!(room.board.look(&first, &question).answer.expect("an answer").1 > before);
    // Something new: everybody.
    room.board.ask::<AtSource, _>(&subject(8), None, again(1));
    room.woken.next().await;
    assert_eq!(room.all_woken().len(), 999);
}

#[tokio::test]
async fn who_comes_while_others_are_asked_about_gets_a_round_that_asks_for_it() {
    let mut room = Room::new();
    let (old, new) = (branch("shared", "old"), branch("shared", "new"));
    room.board.look(&subject(1), &old);
    let (answered, wait) = oneshot::channel::<()>();
    let ask = |references: BTreeSet<Reference>, _| async move {
        wait.await.expect("the test goes on");
        answer(references, 0)
    };
    room.board.ask::<AtSource, _>(&subject(1), None, ask);
    tokio::task::yield_now().await;
    room.board.look(&subject(2), &new);
    room.board.ask::<AtSource, _>(&subject(2), None, |references, _| async move { answer(references, 1) });
    answered.send(()).expect("it is waited for");
    room.woken.next().await;
    while room.board.look(&subject(2), &new).running {
        room.woken.next().await;
    }
    assert!(room.board.look(&subject(2), &new).answer.is_some());
}

#[tokio::test]
async fn the_work_goes_on_while_anybody_wants_to_know() {
    let room = Room::new();
    for number in [1, 2] {
        room.board.look(&subject(number), &push("shared"));
    }
    let (alive, mut ended) = oneshot::channel::<()>();
    room.ask(async move {
        let _alive = alive;
        std::future::pending().await
    });
    room.board.forget("1");
    tokio::task::yield_now().await;
    assert_eq!(ended.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    room.board.forget("2");
    assert!(ended.await.is_err());
}

#[tokio::test]
async fn repeats_after_a_start_are_spread_but_a_changed_secret_asks_at_once() {
    let room = Room::new();
    let now = Timestamp::now();
    let question = |key: &str| Question { remembers: true, ..push(key) };
    let first_times: Vec<_> = (0..100)
        .map(|number| room.board.look(&subject(number), &question(&number.to_string())).not_before.expect("a time"))
        .collect();
    let quarters: HashSet<_> = first_times.iter().map(|at| at.duration_since(now).as_secs() / 15).collect();
    assert_eq!(quarters, HashSet::from([0, 1, 2, 3]), "spread over the minute");
    assert_eq!(room.board.look(&subject(1), &question("another Secret")).not_before, None);
}

#[tokio::test]
async fn refused_credentials_are_not_tried_every_interval() {
    let mut room = Room::new();
    room.push("a");
    let refused = || Failure { reason: Reason::AuthenticationFailed, definite: true, ..unreachable() };
    let mut waits = Vec::new();
    for _ in 0..8 {
        room.ask(async move { Err(refused()) });
        room.woken().await;
        let trouble = room.push("a").trouble.expect("trouble");
        waits.push(trouble.retry_at.duration_since(Timestamp::now()).as_secs().div_euclid(60) + 1);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60], "in minutes");
    let other = room.push("another Secret");
    assert!(other.trouble.is_none() && other.answer.is_none(), "asked at once");
}

#[tokio::test]
async fn trouble_says_how_old_the_last_answer_is() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { Ok(()) });
    room.woken().await;
    let at = room.push("a").answer.expect("an answer").1.round(jiff::Unit::Second).expect("a second");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    assert_eq!(room.push("a").trouble.expect("trouble").message, format!("no route (last answer: {at})"));
}

#[tokio::test]
async fn trouble_keeps_the_time_it_began_and_an_answer_ends_it() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    let first = room.push("a").trouble.expect("trouble");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    let second = room.push("a").trouble.expect("trouble");
    assert_eq!(first.since, second.since);
    assert!(second.retry_at > first.retry_at, "later each time");
    room.ask(async { Ok(()) });
    room.woken().await;
    assert!(room.push("a").trouble.is_none());
}

#[tokio::test]
async fn a_retry_is_no_later_than_the_interval_but_never_before_what_the_other_side_asked() {
    let mut room = Room::new();
    room.push("a");
    let start = Timestamp::now();
    for _ in 0..20 {
        room.ask(async { Err(unreachable()) });
        room.woken().await;
    }
    let bounded = room.push("a").trouble.expect("trouble").retry_at;
    assert!(bounded.duration_since(start) < jiff::SignedDuration::from_secs(62), "{bounded} after {start}");
    room.ask(async { Err(Failure { retry_after: Some(Duration::from_mins(10)), ..unreachable() }) });
    room.woken().await;
    let asked = room.push("a").trouble.expect("trouble").retry_at;
    assert!(asked.duration_since(start) >= jiff::SignedDuration::from_secs(600), "{asked} after {start}");
}

#[tokio::test]
async fn a_panic_is_one_failed_attempt() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { panic!("in a look") });
    room.woken().await;
    let seen = room.push("a");
    assert!(!seen.running, "it can be asked again");
    assert_eq!(seen.trouble.map(|trouble| trouble.reason), Some(Reason::WorkerFailed));

    room.build("billing-0001", async { panic!("in a build") });
    room.woken().await;
    let builds = room.board.builds("1", "inputs");
    let Some(Build::Trouble(_, trouble)) = builds.get("billing-0001") else { panic!("{builds:?}") };
    assert_eq!(trouble.reason, Reason::WorkerFailed);
}

#[tokio::test]
async fn a_newer_candidate_ends_the_build_of_the_older() {
    let mut room = Room::new();
    let (alive, ended) = oneshot::channel::<()>();
    room.build("billing-0001", async move {
        std::future::pending::<()>().await;
        drop(alive);
        refused()
    });
    room.build("billing-0002", async { refused() });
    assert!(ended.await.is_err());
    room.woken().await;
    let builds = room.board.builds("1", "inputs");
    assert!(matches!(builds.get("billing-0002"), Some(Build::Refused(_))), "{builds:?}");
    assert_eq!(builds.len(), 1);
    room.board.recorded("1", "billing-0002");
    assert!(room.board.builds("1", "inputs").is_empty(), "what is written down need not be kept");
}

#[tokio::test]
async fn a_deployment_that_is_gone_ends_all_its_work() {
    let room = Room::new();
    room.push("a");
    let (looking, look_ended) = oneshot::channel::<()>();
    room.ask(async move {
        std::future::pending::<()>().await;
        drop(looking);
        Ok(())
    });
    let (building, build_ended) = oneshot::channel::<()>();
    room.build("billing-0001", async move {
        std::future::pending::<()>().await;
        drop(building);
        refused()
    });
    room.board.keep_only(&HashSet::from(["1".to_owned()]));
    assert!(room.push("a").running);
    room.board.keep_only(&HashSet::new());
    assert!(look_ended.await.is_err() && build_ended.await.is_err());
    assert!(room.board.builds("1", "inputs").is_empty());
}

#[tokio::test]
async fn a_deployment_that_is_removed_is_forgotten() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { Ok(()) });
    room.woken().await;
    room.board.forget("1");
    assert!(room.push("a").answer.is_none());
}

#[tokio::test]
async fn trouble_of_other_inputs_is_forgotten() {
    let mut room = Room::new();
    room.build("billing-0001", async { BuildOutcome::Failed(Step::Image, unreachable()) });
    room.woken().await;
    assert_eq!(room.board.builds("1", "inputs").len(), 1);
    assert!(room.board.builds("1", "a repaired Secret").is_empty(), "tried at once");
}
