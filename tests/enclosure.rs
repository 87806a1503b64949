//! A worker that tries what it must not do. This very program is the worker, too: started with the worker's subcommand, it
//! answers by trying.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use landlock::{ABI, Access, AccessFs, Ruleset, RulesetAttr, RulesetStatus, Scope};
use libtest_mimic::{Arguments, Failed, Trial};
use serde::{Deserialize, Serialize};
use tengine_operator::worker::{self, Needs, Worker};

/// What the worker goes for.
#[derive(Serialize, Deserialize)]
struct Attempt {
    /// A file of the operator's, such as its token.
    token: PathBuf,
    /// A folder beside the room.
    beside: PathBuf,
    /// The port of the host in question.
    host: u16,
    /// The port of somebody else.
    other: u16,
    operator: i32,
}

impl Needs for Attempt {
    fn ports(&self) -> Vec<u16> {
        vec![self.host]
    }
}

type Outcomes = BTreeMap<String, bool>;

/// What came of each attempt: whether it succeeded. `shut` is what stands between the fetch and the last of them.
fn try_all(attempt: &Attempt, shut: impl FnOnce()) -> Outcomes {
    let reads = |path: &Path| std::fs::read(path).is_ok();
    let connects = |port: u16| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
    let of_operator = |file: &str| PathBuf::from(format!("/proc/{}/{file}", attempt.operator));
    let operator = rustix::process::Pid::from_raw(attempt.operator).unwrap();
    let mut outcomes: Outcomes = [
        ("write in the room", std::fs::write("mine", "x").is_ok() && reads(Path::new("mine"))),
        ("resolve a name", std::net::ToSocketAddrs::to_socket_addrs("localhost:80").is_ok()),
        ("connect to the host", connects(attempt.host)),
        ("start a thread", std::thread::Builder::new().spawn(|| ()).is_ok_and(|thread| thread.join().is_ok())),
        ("read the token", reads(&attempt.token)),
        ("write beside the room", std::fs::write(attempt.beside.join("x"), "x").is_ok()),
        ("list the folder of rooms", std::fs::read_dir(&attempt.beside).is_ok()),
        ("read the operator's environment", reads(&of_operator("environ"))),
        ("read the operator's memory map", reads(&of_operator("maps"))),
        ("connect elsewhere", connects(attempt.other)),
        ("listen", TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).is_ok()),
        ("open a local socket", UnixDatagram::unbound().is_ok()),
        ("run a program", Command::new("/bin/true").status().is_ok()),
        ("reach the operator with a signal", rustix::process::test_kill_process(operator).is_ok()),
    ]
    .map(|(what, done)| (what.to_owned(), done))
    .into();
    shut();
    outcomes.insert("connect to the host after the fetch".into(), connects(attempt.host));
    outcomes
}

/// What a worker needs for its work.
const ALLOWED: &[&str] = &["connect to the host", "resolve a name", "start a thread", "write in the room"];

fn a_worker_that_tries_gets_nowhere() -> Result<(), Failed> {
    if !kernel_closes_everything() {
        eprintln!("skipped: this kernel has no Landlock that knows files, ports and signals");
        return Ok(());
    }
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (host, other) = (listen(), listen());
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let beside = tempfile::tempdir().unwrap();
    let token = beside.path().join("token");
    std::fs::write(&token, "secret").unwrap();
    let attempt = Attempt {
        token,
        beside: beside.path().into(),
        host: port(&host),
        other: port(&other),
        operator: std::process::id().try_into().unwrap(),
    };
    let open = try_all_here(&attempt);
    assert!(open.values().all(|done| *done), "the world offers all of it: {open:?}");
    let worker = Worker::at(std::env::current_exe().unwrap()).with_scratch(beside.path());
    let room = worker.room()?;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let outcomes: Outcomes = runtime
        .block_on(worker.ask(room.path(), &attempt, Duration::from_secs(30)))
        .map_err(|error| error.to_string())?;
    let done: Vec<&str> = outcomes.iter().filter(|(_, done)| **done).map(|(what, _)| what.as_str()).collect();
    assert_eq!(done, ALLOWED);
    Ok(())
}

/// The same attempts by a process that is not closed in.
fn try_all_here(attempt: &Attempt) -> Outcomes {
    let output = Command::new(std::env::current_exe().unwrap())
        .env(OPEN, serde_json::to_string(attempt).unwrap())
        .current_dir(&attempt.beside)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Asks for the attempts without a worker around them.
const OPEN: &str = "TRY_IN_THE_OPEN";

/// Asked of a thread, which is closed in by it and ends.
fn kernel_closes_everything() -> bool {
    let asked = || {
        let ruleset = Ruleset::default().handle_access(AccessFs::from_all(ABI::V6))?.scope(Scope::from_all(ABI::V6))?;
        ruleset.create()?.restrict_self()
    };
    let status = std::thread::spawn(asked).join().unwrap();
    status.is_ok_and(|status| status.ruleset == RulesetStatus::FullyEnforced)
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(worker::SUBCOMMAND) {
        return worker::serve(|attempt: Attempt| try_all(&attempt, worker::shut_network));
    }
    if let Ok(attempt) = std::env::var(OPEN) {
        let outcomes = try_all(&serde_json::from_str(&attempt).unwrap(), || ());
        println!("{}", serde_json::to_string(&outcomes).unwrap());
        return ExitCode::SUCCESS;
    }
    let trials = vec![Trial::test("a_worker_that_tries_gets_nowhere", a_worker_that_tries_gets_nowhere)];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
