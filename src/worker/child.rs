//! The child's side: bound yourself, read the question, answer.

use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Envelope;
use super::enclosure::{self, Needs};

/// What a line on standard error begins with that names the step the child is in.
pub(super) const STEP_MARK: &str = "@step ";

/// Tells the parent what this child is about to do, so that a hang or a crash can be said to be in it.
pub fn enter_step(step: &str) {
    // Not to be heard is no reason to stop.
    let _ = writeln!(io::stderr(), "{STEP_MARK}{step}");
}

/// A child's whole life: reads one question from standard input, closes itself in, and writes the answer to standard output.
pub fn serve<Q, A>(answer: impl FnOnce(Q) -> A) -> ExitCode
where
    Q: DeserializeOwned + Needs,
    A: Serialize,
{
    log_to_the_parent();
    match exchange(answer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The text names what failed and never quotes the question, which holds credentials.
            let _ = writeln!(io::stderr(), "worker: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is logged here reaches the parent's log, at level debug.
fn log_to_the_parent() {
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).without_time().with_target(false);
    // In a process that logs already there is nothing to set up.
    let _ = lines.with_env_filter("tengine_operator=debug").try_init();
}

fn exchange<Q, A>(answer: impl FnOnce(Q) -> A) -> io::Result<()>
where
    Q: DeserializeOwned + Needs,
    A: Serialize,
{
    let envelope: Envelope<Q> = read_question()?;
    bound(&envelope)?;
    // Before there is a second thread, which would stay outside.
    enclosure::close_in(&envelope.question);
    end_with_the_parent();
    let answer = serde_json::to_vec(&answer(envelope.question)).map_err(io::Error::other)?;
    let mut out = io::stdout().lock();
    out.write_all(&answer)?;
    out.flush()
}

fn read_question<Q: DeserializeOwned>() -> io::Result<Envelope<Q>> {
    let mut line = Vec::new();
    io::stdin().lock().read_until(b'\n', &mut line)?;
    // serde_json's own message can quote the input.
    serde_json::from_slice(&line)
        .map_err(|error| io::Error::other(format!("the question is not one I know (column {})", error.column())))
}

fn bound<Q>(envelope: &Envelope<Q>) -> io::Result<()> {
    let limits = [
        (Resource::Core, 0),
        (Resource::As, envelope.bounds.address_space),
        (Resource::Fsize, envelope.bounds.file_bytes),
        (Resource::Cpu, envelope.cpu_seconds),
    ];
    for (resource, limit) in limits {
        let both = Rlimit { current: Some(limit), maximum: Some(limit) };
        setrlimit(resource, both)?;
    }
    // Where /proc is hidden the kernel chooses as it always does.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

/// Ends this process when the parent's end of standard input closes: the parent died, however it died.
fn end_with_the_parent() {
    std::thread::spawn(|| {
        let mut rest = [0; 64];
        loop {
            match io::stdin().lock().read(&mut rest) {
                Ok(0) => std::process::exit(1),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => std::process::exit(1),
            }
        }
    });
}
