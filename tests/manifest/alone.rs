//! The core's scripts by themselves, in the shells that images have, around a core that is a shell script: what they make of its status
//! file and of the kernel's tables, and which signals they send. They run as in a container, where the core is PID 1; where a
//! process may not have namespaces of its own, these tests say so and pass.

use crate::stage::rendered;
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tengine_operator::api::v1alpha1::{Settings, StrategyType};
use tengine_operator::manifest::Seat;

/// Beyond this something hangs, in seconds.
const LONGEST: &str = "120";
/// How long a handler may take, in seconds.
const GRACE: u32 = 4;
/// The turn of a core that waits for one.
const TURN: i64 = 7;
/// A port that nobody has a connection to.
const NOBODYS: u16 = 1;

/// What the core notes of itself, for the tests.
const CORE: &str = r#"#!/bin/sh
is() { printf %s "$1" >/var/run/tengine/status/tengined_1.status; }
hear() { echo "$1" >>"$BOX/heard"; }
trap 'hear HUP; on_hup' HUP
trap 'hear TERM; exit 0' TERM
trap 'exit 0' USR1
on_hup() { :; }
. "$BOX/core"
while :; do /bin/sleep 0.1; done
"#;

/// Becomes PID 1, with folders like those of a pod; the story is told beside it.
const CONTAINER: &str = r#"set -eu
mount -t tmpfs none "$(readlink -f /var/run)"
mkdir -p /var/run/tengine "$BOX/dev"
mount -t tmpfs none "$BOX/dev"
touch "$BOX/dev/null" "$BOX/dev/termination-log"
mount --bind /dev/null "$BOX/dev/null"
mount --rbind "$BOX/dev" /dev
export PATH="$BOX/bin:$PATH"
(
  until [ -e "$BOX/ready" ]; do /bin/sleep 0.1; done
  . "$BOX/story"
  kill -USR1 1
) >"$BOX/told" 2>&1 &
exec "$BOX/bin/sh" "$BOX/bin/begin"
"#;

/// A container of a core that does as `core` says, in which `story` happens once `: >"$BOX/ready"` was said.
struct Alone {
    folder: TempDir,
}

impl Alone {
    /// `None` where this machine lets nobody have namespaces, or lacks the shell.
    fn with(shell: &str, port: u16) -> Option<Self> {
        Self::of(shell, &core(port, GRACE, Seat::default()))
    }

    fn of(shell: &str, container: &Value) -> Option<Self> {
        let allowed = namespaces().arg("true").output().is_ok_and(|output| output.status.success());
        if !allowed || !Path::new(shell).exists() {
            eprintln!("skipped: no namespaces, or no {shell}");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        // What it is called says what it is.
        std::os::unix::fs::symlink(shell, bin.join("sh")).unwrap();
        let alone = Self { folder };
        alone.program("tengined", CORE);
        let hook = |path: &str| container.pointer(path).unwrap().as_array().unwrap().clone();
        for (name, command) in [
            ("begin", hook("/command")),
            ("stop", hook("/lifecycle/preStop/exec/command")),
            ("is_ready", hook("/readinessProbe/exec/command")),
            ("is_alive", hook("/livenessProbe/exec/command")),
        ] {
            alone.file(&format!("{name}.sh"), command[2].as_str().unwrap());
            let rest: Vec<_> = command[3..].iter().map(|word| quoted(word.as_str().unwrap())).collect();
            let line = format!("exec \"$BOX/bin/sh\" -c \"$(cat \"$BOX/{name}.sh\")\" {}\n", rest.join(" "));
            alone.program(name, &format!("#!/bin/sh\n{line}"));
        }
        Some(alone)
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn program(&self, name: &str, text: &str) {
        let path = self.folder.path().join("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Plays it; says which signals the core heard.
    fn play(&self, core: &str, story: &str) -> Vec<String> {
        self.file("core", core);
        self.file("story", story);
        let output = self.run();
        let read = |name: &str| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let said = format!("{}\n{}{}", read("told"), text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{said}\n{:?}", read("heard"));
        assert!(!read("told").contains("NOT OK"), "{said}");
        read("heard").lines().map(str::to_owned).collect()
    }

    fn run(&self) -> Output {
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", LONGEST]).args(NAMESPACES).args(["sh", "-c", CONTAINER]);
        command.env("BOX", self.folder.path()).env("TENGINE_TURN", TURN.to_string()).output().unwrap()
    }
}

const NAMESPACES: [&str; 5] = ["unshare", "--mount", "--pid", "--fork", "--mount-proc"];

fn namespaces() -> Command {
    let mut command = Command::new(NAMESPACES[0]);
    command.args(&NAMESPACES[1..]);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The core's container, as it is rendered for a broker at this port and handlers of so many seconds.
fn core(port: u16, grace: u32, seat: Seat) -> Value {
    let settings: Settings = serde_json::from_value(json!({
        "tengine": { "eventQueue": { "host": "127.0.0.1", "port": port } },
        "pod": { "terminationGracePeriodSeconds": grace },
        "progressDeadlineSeconds": 60,
    }))
    .unwrap();
    let children = rendered("alone", "image", &settings, (1, StrategyType::RollingUpdate), seat);
    children[1].object.pointer("/spec/template/spec/containers/0").unwrap().clone()
}

#[rstest]
#[case::dash("/bin/dash")]
#[case::busybox("/bin/busybox")]
#[case::bash("/bin/bash")]
fn a_handler_is_finished_though_no_connection_is_ever_seen(#[case] shell: &str) {
    let Some(alone) = Alone::with(shell, NOBODYS) else { return };
    // A socket whose port was translated: the tables show another.
    let core = r#"on_hup() { is shutting_down; }
is running
: >"$BOX/ready"
"#;
    let story = r#"is_ready || echo NOT OK: it is running
stop
[ "$(cat /var/run/tengine/status/tengined_1.status)" = shutting_down ] || echo NOT OK: it was not told
"#;
    assert_eq!(alone.play(core, story), ["HUP", "HUP"]);
}

#[rstest]
#[case::dash("/bin/dash")]
#[case::busybox("/bin/busybox")]
fn a_status_that_is_being_written_for_long_cuts_no_handler(#[case] shell: &str) {
    let Some(alone) = Alone::with(shell, NOBODYS) else { return };
    let core = r#"on_hup() { is ""; sleep 4; is shutting_down; }
is running
: >"$BOX/ready"
"#;
    let heard = alone.play(core, "stop\n");
    assert!(heard.iter().all(|signal| signal == "HUP") && heard.len() >= 2, "{heard:?}");
}

#[rstest]
#[case::dash("/bin/dash")]
#[case::busybox("/bin/busybox")]
fn a_core_that_loads_is_ended(#[case] shell: &str) {
    let Some(alone) = Alone::with(shell, NOBODYS) else { return };
    assert_eq!(alone.play(": >\"$BOX/ready\"\n", "stop\n"), ["TERM"]);
}

/// An image whose `sleep` takes whole seconds only: the second HUP may not come on the heels of the first, or they are one.
#[test]
fn a_sleep_that_knows_no_fractions_is_slept_all_the_same() {
    let Some(alone) = Alone::with("/bin/dash", NOBODYS) else { return };
    alone.program("sleep", "#!/bin/sh\ncase $1 in *.*) echo invalid >&2; exit 1 ;; esac\nexec /bin/sleep \"$1\"\n");
    let core = r#"on_hup() { date +%s%N >>"$BOX/times"; }
is running
: >"$BOX/ready"
while :; do /bin/sleep 0.05; done
"#;
    // What hears a signal notes the time of it a moment later.
    let story = r#"stop 2>"$BOX/complaints"
[ ! -s "$BOX/complaints" ] || echo NOT OK: it complains
until [ "$(wc -l <"$BOX/times")" -ge 2 ]; do /bin/sleep 0.05; done
"#;
    let heard = alone.play(core, story);
    assert_eq!(heard, ["HUP", "HUP"]);
    let times = fs::read_to_string(alone.folder.path().join("times")).unwrap();
    let times: Vec<u64> = times.lines().map(|time| time.parse().unwrap()).collect();
    assert!(times[1] - times[0] > 300_000_000, "{times:?}");
}

/// Over IPv4, IPv6, and IPv4 in a socket of IPv6: a core has its connection, loses it, is not ready, and ends after its time.
#[rstest]
#[case::v4("/bin/dash", "127.0.0.1:0", "")]
#[case::v6("/bin/dash", "[::1]:0", "")]
#[case::mapped("/bin/dash", "127.0.0.1:0", "::ffff:")]
#[case::busybox("/bin/busybox", "[::1]:0", "")]
fn a_core_without_its_connection_is_told_apart(#[case] shell: &str, #[case] address: &str, #[case] prefix: &str) {
    let Ok(broker) = TcpListener::bind(address) else { return eprintln!("skipped: no {address}") };
    let port = broker.local_addr().unwrap().port();
    let Some(alone) = Alone::with(shell, port) else { return };
    let host = broker.local_addr().unwrap().ip();
    let to = if prefix.is_empty() { host.to_string() } else { format!("{prefix}{host}") };
    let connection = TcpStream::connect((to.as_str(), port)).unwrap();
    let folder = alone.folder.path().to_owned();
    // The connection is this process's; it is closed once the story says so.
    let closing = std::thread::spawn(move || {
        told(&folder, "close");
        drop((connection, broker));
        fs::write(folder.join("closed"), "").unwrap();
    });
    let story = r#"is_ready || echo NOT OK: it is connected
is_alive || echo NOT OK: it lives
: >"$BOX/close"
until [ -e "$BOX/closed" ]; do sleep 0.1; done
! is_ready || echo NOT OK: it is ready without a connection
[ "$(cat /dev/termination-log)" = "tengined is disconnected" ] || echo NOT OK: it does not say so
is_alive || echo NOT OK: its broker is away, so it may come back
stop
"#;
    let heard = alone.play("is running\n: >\"$BOX/ready\"\n", story);
    closing.join().unwrap();
    assert_eq!(heard, ["HUP", "TERM"]);
}

/// Whoever asks whether the broker is there has a connection to it, which is not the core's.
#[rstest]
#[case::dash("/bin/dash")]
#[case::busybox("/bin/busybox")]
fn the_question_of_a_probe_is_nobodys_connection(#[case] shell: &str) {
    let Some((alone, broker, own)) = connected(shell) else { return };
    let address = broker.local_addr().unwrap();
    let folder = alone.folder.path().to_owned();
    let connections = std::thread::spawn(move || {
        told(&folder, "close");
        drop(own);
        fs::write(folder.join("closed"), "").unwrap();
        told(&folder, "ask");
        let question = TcpStream::connect(address).unwrap();
        fs::write(folder.join("asked"), "").unwrap();
        told(&folder, "end");
        drop((question, broker));
    });
    let ruby = r#"#!/bin/sh
: >"$BOX/ask"
until [ -e "$BOX/asked" ]; do sleep 0.1; done
! is_ready || echo NOT OK: it is ready by the connection of a probe
"#;
    alone.program("ruby", ruby);
    let story = r#"is_ready || echo NOT OK: it is connected
: >"$BOX/close"
until [ -e "$BOX/closed" ]; do sleep 0.1; done
! is_alive || echo NOT OK: its broker is there, so it will not come back
[ -e "$BOX/asked" ] || echo NOT OK: nobody asked
is_ready || echo NOT OK: what stays open is its own
: >/var/run/tengine/probe/asking
! is_ready || echo NOT OK: somebody asks
is_alive || echo NOT OK: it has its connection
is_ready || echo NOT OK: a probe that was ended is in the way for ever
: >"$BOX/end"
"#;
    let heard = alone.play("is running\n: >\"$BOX/ready\"\n", story);
    connections.join().unwrap();
    assert!(heard.is_empty(), "{heard:?}");
}

/// A probe that was ended leaves its mark behind, and the kubelet starts none of a core that is to end: what has its connection again
/// finishes its work all the same.
#[rstest]
#[case::dash("/bin/dash")]
#[case::busybox("/bin/busybox")]
fn a_core_that_is_back_finishes_its_work_though_a_probe_left_its_mark(#[case] shell: &str) {
    let Some((alone, _broker, _connection)) = connected(shell) else { return };
    let story = r"is_ready || echo NOT OK: it is connected
echo 9999 >/var/run/tengine/probe/lost
: >/var/run/tengine/probe/asking
stop
";
    assert_eq!(alone.play("is running\n: >\"$BOX/ready\"\n", story), ["HUP", "HUP"]);
}

/// It waits for its turn for ever. Told to begin, it has a moment; where it does not begin though its broker is there, it never will.
#[rstest]
#[case::dash("/bin/dash")]
#[case::busybox("/bin/busybox")]
fn a_core_whose_turn_has_come_and_that_does_not_begin_is_started_again(#[case] shell: &str) {
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    let in_turn = Seat { turn: Some(TURN), ..Seat::default() };
    let container = core(broker.local_addr().unwrap().port(), 300, in_turn);
    let Some(alone) = Alone::of(shell, &container) else { return };
    alone.program("ruby", "#!/bin/sh\n[ ! -e \"$BOX/away\" ]\n");
    let story = r#"is_alive || echo NOT OK: it waits for its turn
: >/var/run/tengine/probe/told
: >"$BOX/away"
is_alive || echo NOT OK: its broker is away
rm "$BOX/away"
! is_alive || echo NOT OK: its broker is there, and it does not begin
stop
"#;
    assert_eq!(alone.play("is waiting_activation\n: >\"$BOX/ready\"\n", story), ["TERM"]);
}

/// A container whose core has its connection, with the broker and that connection.
fn connected(shell: &str) -> Option<(Alone, TcpListener, TcpStream)> {
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = broker.local_addr().unwrap();
    let alone = Alone::with(shell, address.port())?;
    Some((alone, broker, TcpStream::connect(address).unwrap()))
}

/// Waits until the story has made this file.
fn told(folder: &Path, file: &str) {
    let until = Instant::now() + Duration::from_mins(1);
    while !folder.join(file).exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
}
