//! What the tests ask the cluster, in the words of `kubectl`.

use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What one of them may take, in seconds: a command in a container may wait for ever.
const LONGEST: &str = "120";

/// Runs `kubectl` in a namespace and says what it printed.
///
/// # Panics
/// When it fails, or warns: a warning is how Pod Security and unknown fields show.
pub fn kubectl(namespace: &str, args: &[&str], input: Option<&Value>) -> String {
    let output = attempt(namespace, args, input);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !told.contains("Warning"), "kubectl {args:?}: {told}");
    String::from_utf8(output.stdout).unwrap()
}

pub fn attempt(namespace: &str, args: &[&str], input: Option<&Value>) -> Output {
    let mut command = Command::new("timeout");
    command
        .args([LONGEST, "kubectl", "-n", namespace])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("timeout and kubectl");
    if let Some(input) = input {
        child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    }
    child.wait_with_output().unwrap()
}

/// Asks again until there is an answer; says how long that took.
pub fn wait_for<T>(what: &str, at_most: Duration, mut look: impl FnMut() -> Option<T>) -> (T, Duration) {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return (found, begun.elapsed());
        }
        assert!(begun.elapsed() < at_most, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Asks again and again whether something holds, for as long as it has to.
pub fn holds_for(what: &str, time: Duration, mut look: impl FnMut() -> bool) {
    let begun = Instant::now();
    while begun.elapsed() < time {
        assert!(look(), "{what}: no longer, after {:?}", begun.elapsed());
        std::thread::sleep(Duration::from_millis(200));
    }
}
