//! The parent's side: start, ask, listen, and end it in time.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Once;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

use super::child::STEP_MARK;
use super::enclosure::GAP_MARK;
use super::{Ended, Envelope, Observer, SUBCOMMAND, Worker, WorkerError, cpu_seconds};

/// How much of a child's standard error is kept: its end, in bytes.
const STDERR_KEPT: usize = 16 << 10;

impl Worker {
    /// Asks a new child one question and waits for its answer, at most until `deadline` from now.
    ///
    /// `room` is the child's HOME and the place for what is too big for an answer; the caller keeps it.
    pub async fn ask<Q, A>(&self, room: &Path, question: &Q, deadline: Duration) -> Result<A, WorkerError>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        let started = Instant::now();
        let answer = self.ask_unobserved(room, question, deadline).await;
        if let Some(Observer(tell)) = &self.observer {
            tell(answer.as_ref().err(), started.elapsed());
        }
        answer
    }

    async fn ask_unobserved<Q, A>(&self, room: &Path, question: &Q, deadline: Duration) -> Result<A, WorkerError>
    where
        Q: Serialize,
        A: DeserializeOwned,
    {
        let envelope = Envelope { bounds: self.bounds, cpu_seconds: cpu_seconds(deadline), question };
        let mut line = serde_json::to_vec(&envelope).map_err(|error| WorkerError::Pipe(error.into()))?;
        line.push(b'\n');
        let mut child = self.start(room)?;
        let mut stderr = Tail::default();
        let conversation = converse(&mut child, &line, self.bounds.answer_bytes, &mut stderr);
        let heard = tokio::time::timeout(deadline, conversation).await;
        stderr.tell_of_gaps();
        stderr.pass_on();
        let (answer, status) = match heard {
            Ok(Ok(heard)) => heard,
            Ok(Err(error)) => {
                end(&mut child).await;
                return Err(error);
            }
            Err(_) => {
                end(&mut child).await;
                return Err(WorkerError::TimedOut { after: deadline, step: stderr.last_step() });
            }
        };
        judge(&answer, status, &stderr)
    }

    fn start(&self, room: &Path) -> Result<Child, WorkerError> {
        Command::new(&self.program)
            .arg(SUBCOMMAND)
            .env_clear()
            .envs(self.environment(room))
            .current_dir(room)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(WorkerError::Start)
    }
}

/// Writes the question and reads everything until the child has ended.
async fn converse(
    child: &mut Child,
    line: &[u8],
    limit: u64,
    stderr: &mut Tail,
) -> Result<(Vec<u8>, ExitStatus), WorkerError> {
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(errors)) = pipes else {
        return Err(WorkerError::Pipe(std::io::Error::other("a pipe is missing")));
    };
    let (stdin, answer, ()) = tokio::try_join!(tell(stdin, line), hear(stdout, limit), stderr.follow(errors))?;
    let status = child.wait().await.map_err(WorkerError::Pipe)?;
    // Open until here: the child ends itself when this closes.
    drop(stdin);
    Ok((answer, status))
}

/// A child that ended before it read everything is judged by how it ended, so a broken pipe is no error here.
async fn tell(mut stdin: ChildStdin, line: &[u8]) -> Result<ChildStdin, WorkerError> {
    let _ = stdin.write_all(line).await;
    let _ = stdin.flush().await;
    Ok(stdin)
}

async fn hear(stdout: ChildStdout, limit: u64) -> Result<Vec<u8>, WorkerError> {
    let mut answer = Vec::new();
    let mut bounded = stdout.take(limit.saturating_add(1));
    bounded.read_to_end(&mut answer).await.map_err(WorkerError::Pipe)?;
    if answer.len() as u64 > limit {
        return Err(WorkerError::TooLarge { limit });
    }
    Ok(answer)
}

async fn end(child: &mut Child) {
    // It may have ended by itself meanwhile; either way it is reaped.
    let _ = child.kill().await;
}

fn judge<A: DeserializeOwned>(answer: &[u8], status: ExitStatus, stderr: &Tail) -> Result<A, WorkerError> {
    let how = match (status.code(), status.signal()) {
        (Some(0), _) => {
            return serde_json::from_slice(answer).map_err(|error| {
                tracing::debug!(%error, "a worker process answered something that is not an answer");
                WorkerError::Garbage
            });
        }
        (_, Some(signal)) => Ended::Signal(signal),
        (code, None) => Ended::Code(code.unwrap_or(-1)),
    };
    tracing::debug!(%how, stderr = stderr.text(), "a worker process died");
    Err(WorkerError::Died { how, step: stderr.last_step(), stderr: stderr.text() })
}

/// The end of a stream, however long the stream is, and the last step that was told in all of it.
#[derive(Debug, Default)]
struct Tail {
    kept: Vec<u8>,
    /// What came of a line that has not ended yet, as far as it may tell a step.
    line: Vec<u8>,
    step: Option<String>,
}

/// The longest line that tells a step, in bytes; longer ones are something else.
const LONGEST_STEP: usize = 64;

impl Tail {
    async fn follow(&mut self, mut stream: ChildStderr) -> Result<(), WorkerError> {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut piece).await {
            self.take(&piece[..read]);
        }
        Ok(())
    }

    fn take(&mut self, piece: &[u8]) {
        for byte in piece {
            if *byte == b'\n' {
                let line = std::mem::take(&mut self.line);
                let told = std::str::from_utf8(&line).ok().filter(|line| line.len() <= LONGEST_STEP);
                let step = told.and_then(|line| line.strip_prefix(STEP_MARK));
                self.step = step.map(str::to_owned).or_else(|| self.step.take());
            } else if self.line.len() <= LONGEST_STEP {
                self.line.push(*byte);
            }
        }
        self.kept.extend_from_slice(piece);
        let excess = self.kept.len().saturating_sub(STDERR_KEPT);
        self.kept.drain(..excess);
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }

    /// What of a worker is open is a matter of the kernel, so it is logged once.
    fn tell_of_gaps(&self) {
        static TOLD: Once = Once::new();
        let text = self.text();
        let gaps: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(GAP_MARK)).collect();
        if !gaps.is_empty() {
            TOLD.call_once(|| tracing::warn!(open = gaps.join("; "), "workers are not closed in on all sides"));
        }
    }

    /// What the child logged.
    fn pass_on(&self) {
        let text = self.text();
        let marked = |line: &&str| line.starts_with(STEP_MARK) || line.starts_with(GAP_MARK);
        let lines: Vec<&str> = text.lines().filter(|line| !marked(line)).collect();
        if !lines.is_empty() {
            tracing::debug!(lines = lines.join("; "), "a worker process says");
        }
    }

    fn last_step(&self) -> Option<String> {
        self.step.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_is_known_however_much_is_said_after_it() {
        let mut tail = Tail::default();
        tail.take(b"@step fet");
        tail.take(b"ch\n@step read\n");
        for _ in 0..10_000 {
            tail.take(b"a line of a library's\n");
        }
        assert_eq!((tail.last_step().as_deref(), tail.kept.len()), (Some("read"), STDERR_KEPT));
        tail.take(&[b"@step ".as_slice(), &vec![b'x'; 100_000], b"\n"].concat());
        tail.take(b"no @step check\n@step pack");
        assert_eq!(tail.last_step().as_deref(), Some("read"));
        tail.take(b"\n");
        assert_eq!(tail.last_step().as_deref(), Some("pack"));
    }
}
