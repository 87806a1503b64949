//! Work in the background: what is seen of it, what ends it, what wakes.

mod passing;
mod questions;
mod trouble;
mod unread;
mod urgent;
mod whole;

use super::*;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{ReleaseState, TengineReleaseStatus};
use crate::plan::observed::{Build, Built, CommitFacts, Refused, SourceSeen, Step};
use crate::source::Reference;
use futures::StreamExt as _;
use futures::channel::mpsc::{self, UnboundedReceiver};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
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

    /// What is known of the build of the only release there is.
    fn built(&self) -> Option<Build> {
        self.board.builds("1", "inputs").remove("billing-0001")
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
    let seen = SourceSeen::new("refs/heads/main", commit);
    Ok(references.into_iter().map(|reference| (reference, Ok(seen.clone()))).collect())
}

fn unreachable() -> Failure {
    Failure::new(Reason::Unreachable, "no route", false)
}

fn refused() -> BuildOutcome {
    let facts = CommitFacts::default();
    let (reason, message, evidence) = (Reason::NoDefinition, "nothing here".to_owned(), String::new());
    BuildOutcome::Refused(Box::new(Refused { reason, message, evidence, facts, content: None }))
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
    room.board.recorded("1", "billing-0002", &TengineReleaseStatus::default());
    assert_eq!(room.board.builds("1", "inputs").len(), 1, "no cache shows it yet, and it would be built again");
    room.board.shown("1", ["billing-0001", "billing-0002"].into_iter());
    assert!(room.board.builds("1", "inputs").is_empty(), "what is written down need not be kept");
}

#[tokio::test]
async fn a_record_that_is_written_between_two_tries_of_a_build_begins_none() {
    let mut room = Room::new();
    room.build("billing-0001", async { panic!("in a build") });
    room.woken().await;
    room.board.recorded("1", "billing-0001", &TengineReleaseStatus::default());
    let builds = room.board.builds("1", "inputs");
    assert!(matches!(builds.get("billing-0001"), Some(Build::Trouble(..))), "its next try has a time: {builds:?}");
    let state = Some(ReleaseState::Superseded);
    room.board.recorded("1", "billing-0001", &TengineReleaseStatus { state, ..TengineReleaseStatus::default() });
    assert!(room.board.builds("1", "inputs").is_empty(), "it was given up: who wants it again waits for nothing");
}

#[tokio::test]
async fn what_is_in_the_way_of_a_release_that_was_given_up_meanwhile_is_not_waited_for_when_it_is_wanted_again() {
    let mut room = Room::new();
    let (go, waits) = oneshot::channel::<()>();
    room.build("billing-0001", async move {
        waits.await.expect("told to go on");
        panic!("in a build")
    });
    let aborted =
        TengineReleaseStatus { rejected_at: Some(Time(Timestamp::UNIX_EPOCH)), ..TengineReleaseStatus::default() };
    room.board.recorded("1", "billing-0001", &aborted);
    room.board.shown("1", ["billing-0001"].into_iter());
    assert!(matches!(room.built(), Some(Build::Running(_))), "it is under way, and ends by itself");
    go.send(()).expect("it waits");
    room.woken().await;
    room.board.shown("1", ["billing-0001"].into_iter());
    // A person says Retry.
    room.board.recorded("1", "billing-0001", &TengineReleaseStatus::default());
    let left = room.built();
    assert!(left.is_none(), "{left:?}");
}

#[tokio::test]
async fn what_keeps_an_image_from_being_made_again_outlasts_records_and_not_a_question() {
    let mut room = Room::new();
    room.board.build(&room.subject, ("billing-0001", true), "inputs", async { refused() });
    room.woken().await;
    let image = TengineReleaseStatus {
        image: Some("r.example.com/billing@sha256:1".into()),
        ..TengineReleaseStatus::default()
    };
    room.board.recorded("1", "billing-0001", &image);
    room.board.shown("1", ["billing-0001"].into_iter());
    assert!(matches!(room.built(), Some(Build::Refused(_))), "no record tells it");
    assert!(room.board.builds("1", "asked again").is_empty());
}

/// The roll-out goes on meanwhile.
#[tokio::test]
async fn that_an_image_was_made_again_is_kept_until_a_record_says_when() {
    let mut room = Room::new();
    let built = Built::of_a_test("r.example.com/billing@sha256:1");
    let image = TengineReleaseStatus { image: Some(built.image.clone()), ..TengineReleaseStatus::default() };
    let work = async move { BuildOutcome::Built(Box::new(built)) };
    room.board.build(&room.subject, ("billing-0001", true), "inputs", work);
    room.woken().await;
    let before = TengineReleaseStatus { image_made_at: Some(Time(Timestamp::UNIX_EPOCH)), ..image.clone() };
    for decided_before in [&image, &before] {
        room.board.recorded("1", "billing-0001", decided_before);
        assert!(matches!(room.built(), Some(Build::Built(_))));
    }
    let says_when = TengineReleaseStatus { image_made_at: Some(Time(Timestamp::now())), ..image };
    room.board.recorded("1", "billing-0001", &says_when);
    assert!(room.built().is_none());
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

/// Also of a pod that went while no watch was open, of which nobody is told.
#[tokio::test]
async fn what_is_kept_of_a_pod_goes_with_it() {
    let Room { board, .. } = Room::new();
    for pod in ["stays", "gone"] {
        board.keep_check_log("1", pod, "1 of 3 failed".into());
        board.keep_end("1", pod, 1, Crash::default());
    }
    board.keep_pods("1", |pod| pod == "stays");
    let kept = ["stays", "gone"].map(|pod| board.check_log("1", pod).is_some());
    assert_eq!(kept, [true, false], "the log of a check");
    let kept = ["stays", "gone"].map(|pod| board.ends("1", pod) != Ends::default());
    assert_eq!(kept, [true, false], "the end of a core");
}
