//! Children that die, hang, talk nonsense or never stop talking.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Value, json};
use tengine_operator::worker::{Bounds, Ended, WorkerError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;

use super::*;

/// A program of ours that behaves as its name says.
fn child(name: &str) -> Worker {
    Worker::at(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/source/children").join(name))
}

async fn ask(worker: &Worker, deadline: Duration) -> Result<Value, WorkerError> {
    let room = worker.room()?;
    worker.ask(room.path(), &json!({ "question": "what" }), deadline).await
}

#[tokio::test]
async fn a_killed_child_is_said_to_be_killed_in_its_step() {
    let error = ask(&child("killed"), PATIENCE).await.unwrap_err();
    assert_eq!(error.to_string(), "the worker process was ended by signal 9, in the step \"check\"");
    assert_eq!(error.reason(), "WorkerFailed");
}

#[tokio::test]
async fn a_failing_childs_last_words_are_kept_for_the_log() {
    let error = ask(&child("failing"), PATIENCE).await.unwrap_err();
    let WorkerError::Died { how, stderr, .. } = error else { panic!("{error}") };
    assert_eq!((how, stderr.as_str()), (Ended::Code(3), "this went wrong\n"));
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    assert!(matches!(ask(&child("nonsense"), PATIENCE).await, Err(WorkerError::Garbage)));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let bounds = Bounds { answer_bytes: 10_000, ..Bounds::default() };
    let error = ask(&child("endless").within(bounds), PATIENCE).await.unwrap_err();
    assert!(matches!(error, WorkerError::TooLarge { limit: 10_000 }), "{error}");
}

#[tokio::test]
async fn a_hanging_child_is_ended_in_its_step() {
    let error = ask(&child("hanging"), Duration::from_millis(700)).await.unwrap_err();
    assert_eq!(error.reason(), "TimedOut");
    assert!(error.to_string().ends_with("it was not done after 700ms, in the step \"fetch\""), "{error}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_not_started() {
    let error = ask(&child("no-such-program"), PATIENCE).await.unwrap_err();
    assert_eq!(error.reason(), "WorkerFailed");
}

#[tokio::test]
async fn a_child_inherits_nothing_and_sees_no_secret_in_its_arguments() {
    let worker = child("telling");
    let room = worker.room().unwrap();
    let told: Value = worker.ask(room.path(), &json!("the password"), PATIENCE).await.unwrap();
    assert_eq!(told["home"], room.path().to_str().unwrap());
    assert_eq!((told["arguments"].as_str(), told["inherited"].as_str()), (Some("worker"), Some("nothing")));
}

/// A commit that nobody has.
fn nothing_seen() -> Seen {
    Seen::new("refs/heads/main", "0123456789".repeat(4).parse().unwrap())
}

#[tokio::test]
async fn a_child_that_needs_too_much_memory_is_one_failed_attempt() {
    let bounds = Bounds { address_space: 1 << 20, ..Bounds::default() };
    let worker = the_worker().within(bounds);
    let nowhere = remote("http://127.0.0.1:1/billing.git");
    let place = Place { seen: nothing_seen(), path: at("") };
    let packed =
        source::pack(&worker, &nowhere, (&place, false), (CheckLevel::Error.into(), &Limits::default()), PATIENCE)
            .await;
    let error = packed.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), ("WorkerFailed", false), "{error}");
}

#[tokio::test]
async fn a_child_ends_when_nobody_waits_for_it_any_more() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let remote = remote(&format!("http://{}/billing.git", listener.local_addr().unwrap()));
    let (seen, limits) = (nothing_seen(), Limits::default());
    let mut connection = tokio::select! {
        answered = pack_seen(&remote, &seen, "", &limits) => panic!("{answered:?}"),
        accepted = listener.accept() => accepted.unwrap().0,
    };
    // The future is dropped; the connection ends with the child.
    let mut request = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, connection.read_to_end(&mut request)).await;
    assert!(ended.is_ok());
}

#[tokio::test]
async fn a_child_ends_when_its_parent_dies() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/billing.git", listener.local_addr().unwrap());
    let question = json!({
        "cpu_seconds": 10,
        "bounds": { "addressSpace": 1_u64 << 31, "fileBytes": 1 << 20, "answerBytes": 1 << 20 },
        "question": { "Pack": {
            "remote": { "url": url, "username": null, "password": null, "proxy": null,
                        "deadline": { "secs": 60, "nanos": 0 } },
            "place": { "seen": nothing_seen(), "path": "" },
            "by_name": false,
            "check": { "level": "Error", "ruby": null },
            "limits": Limits::default(),
        } },
    });
    let room = the_worker().room().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tengine-operator"))
        .arg("worker")
        .current_dir(room.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(format!("{question}\n").as_bytes()).await.unwrap();
    let _asked = tokio::time::timeout(PATIENCE, listener.accept()).await.expect("it asks").unwrap();
    drop(stdin);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends").unwrap();
    assert_eq!((status.signal(), status.success()), (None, false));
}
