//! Work in the background: what is seen of it, what ends it, what wakes.

use super::*;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::observed::CommitFacts;
use futures::StreamExt as _;
use futures::channel::mpsc::{self, UnboundedReceiver};
use tokio::sync::oneshot;

const MINUTE: Duration = Duration::from_mins(1);

struct Desk {
    board: Arc<Board>,
    woken: UnboundedReceiver<ObjectRef<TengineDeployment>>,
    subject: Subject,
}

impl Desk {
    fn new() -> Self {
        let (wake, woken) = mpsc::unbounded();
        let object = ObjectRef::new("billing").within("production");
        Self { board: Board::new(wake), woken, subject: Subject { uid: "1".into(), object } }
    }

    fn push(&self, question: &str) -> Look<()> {
        self.board.look("1", |looks| &mut looks.push, question)
    }

    fn ask(&self, work: impl Future<Output = Result<(), Failure>> + Send + 'static) {
        self.board.ask(&self.subject, |looks| &mut looks.push, (Some("now".into()), MINUTE), work);
    }

    fn build(&self, release: &str, work: impl Future<Output = BuildOutcome> + Send + 'static) {
        self.board.build(&self.subject, release, "inputs", work);
    }

    async fn woken(&mut self) {
        assert_eq!(self.woken.next().await, Some(self.subject.object.clone()));
    }
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
    let mut desk = Desk::new();
    assert!(desk.push("a").answer.is_none());
    desk.ask(async { Ok(()) });
    assert!(desk.push("a").running, "from the moment it is asked");
    desk.woken().await;
    let seen = desk.push("a");
    assert!(seen.answer.is_some() && !seen.running && seen.served.as_deref() == Some("now"));
    assert!(desk.push("b").answer.is_none(), "another question");
    assert!(desk.push("a").answer.is_none(), "and the old answer is gone with it");
}

#[tokio::test]
async fn another_question_ends_the_work_on_the_first() {
    let desk = Desk::new();
    desk.push("a");
    let (alive, mut ended) = oneshot::channel::<()>();
    desk.ask(async move {
        std::future::pending::<()>().await;
        drop(alive);
        Ok(())
    });
    assert!(ended.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    assert!(!desk.push("b").running);
    assert!(ended.await.is_err(), "the work was dropped");
}

#[tokio::test]
async fn a_question_is_asked_once_at_a_time() {
    let mut desk = Desk::new();
    desk.push("a");
    desk.ask(async { Err(unreachable()) });
    desk.ask(async { Ok(()) });
    desk.woken().await;
    assert!(desk.push("a").answer.is_none(), "the second was not started");
}

#[tokio::test]
async fn trouble_keeps_the_time_it_began_and_an_answer_ends_it() {
    let mut desk = Desk::new();
    desk.push("a");
    desk.ask(async { Err(unreachable()) });
    desk.woken().await;
    let first = desk.push("a").trouble.expect("trouble");
    desk.ask(async { Err(unreachable()) });
    desk.woken().await;
    let second = desk.push("a").trouble.expect("trouble");
    assert_eq!(first.since, second.since);
    assert!(second.retry_at > first.retry_at, "later each time");
    desk.ask(async { Ok(()) });
    desk.woken().await;
    assert!(desk.push("a").trouble.is_none());
}

#[tokio::test]
async fn a_retry_is_no_later_than_the_interval_but_never_before_what_the_other_side_asked() {
    let mut desk = Desk::new();
    desk.push("a");
    let start = Timestamp::now();
    for _ in 0..20 {
        desk.ask(async { Err(unreachable()) });
        desk.woken().await;
    }
    let bounded = desk.push("a").trouble.expect("trouble").retry_at;
    assert!(bounded.duration_since(start) < jiff::SignedDuration::from_secs(62), "{bounded} after {start}");
    desk.ask(async { Err(Failure { retry_after: Some(Duration::from_mins(10)), ..unreachable() }) });
    desk.woken().await;
    let asked = desk.push("a").trouble.expect("trouble").retry_at;
    assert!(asked.duration_since(start) >= jiff::SignedDuration::from_secs(600), "{asked} after {start}");
}

#[tokio::test]
async fn a_panic_is_one_failed_attempt() {
    let mut desk = Desk::new();
    desk.push("a");
    desk.ask(async { panic!("in a look") });
    desk.woken().await;
    let seen = desk.push("a");
    assert!(!seen.running, "it can be asked again");
    assert_eq!(seen.trouble.map(|trouble| trouble.reason), Some(Reason::WorkerFailed));

    desk.build("billing-0001", async { panic!("in a build") });
    desk.woken().await;
    let builds = desk.board.builds("1", "inputs");
    let Some(Build::Trouble(_, trouble)) = builds.get("billing-0001") else { panic!("{builds:?}") };
    assert_eq!(trouble.reason, Reason::WorkerFailed);
}

#[tokio::test]
async fn a_newer_candidate_ends_the_build_of_the_older() {
    let mut desk = Desk::new();
    let (alive, ended) = oneshot::channel::<()>();
    desk.build("billing-0001", async move {
        std::future::pending::<()>().await;
        drop(alive);
        refused()
    });
    desk.build("billing-0002", async { refused() });
    assert!(ended.await.is_err());
    desk.woken().await;
    let builds = desk.board.builds("1", "inputs");
    assert!(matches!(builds.get("billing-0002"), Some(Build::Refused(_))), "{builds:?}");
    assert_eq!(builds.len(), 1);
    desk.board.recorded("1", "billing-0002");
    assert!(desk.board.builds("1", "inputs").is_empty(), "what is written down need not be kept");
}

#[tokio::test]
async fn a_deployment_that_is_gone_ends_all_its_work() {
    let desk = Desk::new();
    desk.push("a");
    let (looking, look_ended) = oneshot::channel::<()>();
    desk.ask(async move {
        std::future::pending::<()>().await;
        drop(looking);
        Ok(())
    });
    let (building, build_ended) = oneshot::channel::<()>();
    desk.build("billing-0001", async move {
        std::future::pending::<()>().await;
        drop(building);
        refused()
    });
    desk.board.keep_only(&HashSet::from(["1".to_owned()]));
    assert!(desk.push("a").running);
    desk.board.keep_only(&HashSet::new());
    assert!(look_ended.await.is_err() && build_ended.await.is_err());
    assert!(desk.board.builds("1", "inputs").is_empty());
}

#[tokio::test]
async fn a_deployment_that_is_removed_is_forgotten() {
    let mut desk = Desk::new();
    desk.push("a");
    desk.ask(async { Ok(()) });
    desk.woken().await;
    desk.board.forget("1");
    assert!(desk.push("a").answer.is_none());
}

#[tokio::test]
async fn trouble_of_other_inputs_is_forgotten() {
    let mut desk = Desk::new();
    desk.build("billing-0001", async { BuildOutcome::Failed(Step::Image, unreachable()) });
    desk.woken().await;
    assert_eq!(desk.board.builds("1", "inputs").len(), 1);
    assert!(desk.board.builds("1", "a repaired Secret").is_empty(), "tried at once");
}
