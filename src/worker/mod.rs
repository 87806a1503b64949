//! Work on untrusted content, done in a child process of this same binary.
//!
//! libgit2 can hang (a server that sends one byte a second never trips its time-out), its settings are global to the
//! process, and a C parser may abort on hostile input. In a child, each of these is one failed attempt with a reason.
//!
//! What a run guarantees:
//!
//! - It ends by its deadline: the child is killed and reaped. It also ends when the future is dropped, and when the
//!   parent dies (the child watches its standard input).
//! - The child inherits no environment but [`KEPT_ENV`], has the room as its HOME, dumps no core, is the first
//!   choice of the kernel when memory runs out, and stays within its [`Bounds`].
//! - The question travels on standard input only, so no secret is in an argument or in the environment, where others on the
//!   machine could read it.
//! - The answer is one JSON document of at most [`Bounds::answer_bytes`]; whatever else comes back is a [`WorkerError`].
//!
//! - An attacker who runs code in it finds it closed in (see [`enclosure`]), where the kernel can do that.
//!
//! What it does not guarantee: the child has the same user as the parent, and within its ports and its room it may do anything.

mod child;
mod enclosure;
mod error;
mod parent;
mod room;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::WorkerLimits;

pub use child::{enter_step, serve};
pub use enclosure::{Needs, shut_network};
pub use error::{Ended, WorkerError};

/// The hidden subcommand that runs a child.
pub const SUBCOMMAND: &str = "worker";

/// The variables a child keeps: where to find the certificates that the whole process trusts.
pub const KEPT_ENV: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Bytes of address space for a look over SSH; the chart counts with them. The program itself is most of what is used.
const LOOK: u64 = 128 << 20;

/// Starts children of one program.
#[derive(Debug, Clone)]
pub struct Worker {
    program: PathBuf,
    scratch: PathBuf,
    bounds: Bounds,
    observer: Option<Observer>,
}

/// Is told how each child ended, and after how long.
#[derive(Clone)]
struct Observer(Arc<Observe>);

/// What is told of a child that ended: its error, if it had one, and how long it ran.
type Observe = dyn Fn(Option<&WorkerError>, Duration) + Send + Sync;

impl std::fmt::Debug for Observer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

/// What a child may use; more ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bounds {
    /// Bytes of address space. Stacks of threads and mapped files count, so this is well above what is really used.
    pub address_space: u64,
    /// Bytes of the largest file it may write.
    pub file_bytes: u64,
    /// Bytes of its answer.
    pub answer_bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { address_space: 2 << 30, file_bytes: 1 << 30, answer_bytes: 4 << 20 }
    }
}

impl From<&WorkerLimits> for Bounds {
    /// What is fetched is indexed beside it, so the limit of the fetch itself is reached first.
    fn from(limits: &WorkerLimits) -> Self {
        Self { address_space: limits.memory, file_bytes: limits.fetch.saturating_mul(2), ..Self::default() }
    }
}

impl Bounds {
    /// Of looks over SSH: some megabytes are used, and many look at a time.
    pub fn of_looks(limits: &WorkerLimits) -> Self {
        Self { address_space: LOOK.min(limits.memory), ..Self::from(limits) }
    }
}

impl Worker {
    /// Children of the running binary, in the system's folder for temporary files. The first call removes what operators
    /// that were killed have left there.
    pub fn current() -> std::io::Result<Self> {
        static SWEPT: Once = Once::new();
        let worker = Self::at(std::env::current_exe()?);
        SWEPT.call_once(|| room::sweep(&worker.scratch, std::process::id()));
        Ok(worker)
    }

    /// Children of the binary at `program`.
    pub fn at(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), scratch: std::env::temp_dir(), bounds: Bounds::default(), observer: None }
    }

    /// The same, with other bounds.
    #[must_use]
    pub fn within(mut self, bounds: Bounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// The same, and `observer` is told of each child that ended: its error, if it gave no answer, and the time it took.
    #[must_use]
    pub fn observed_by(mut self, observer: impl Fn(Option<&WorkerError>, Duration) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer(Arc::new(observer)));
        self
    }

    /// The same, with rooms made below `folder`.
    #[must_use]
    pub fn with_scratch(mut self, folder: impl Into<PathBuf>) -> Self {
        self.scratch = folder.into();
        self
    }

    /// A new room: an empty folder of its own for one child, removed when it is dropped.
    pub fn room(&self) -> Result<tempfile::TempDir, WorkerError> {
        room::make(&self.scratch).map_err(WorkerError::Room)
    }

    fn environment(&self, room: &Path) -> Vec<(OsString, OsString)> {
        // Each arena but the first reserves 128 MiB of the address space that the bound counts.
        let arenas = if self.bounds.address_space <= LOOK { "1" } else { "2" };
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("HOME".into(), room.into()),
            ("TMPDIR".into(), room.into()),
            ("MALLOC_ARENA_MAX".into(), arenas.into()),
        ];
        let kept = KEPT_ENV.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?)));
        environment.extend(kept);
        environment
    }
}

/// What the parent writes to the child, as one line.
#[derive(Debug, Serialize, Deserialize)]
struct Envelope<Q> {
    bounds: Bounds,
    /// Seconds of processor time.
    cpu_seconds: u64,
    question: Q,
}

/// Seconds of processor time a child may use: its deadline on each of two cores, and a little to start and end.
fn cpu_seconds(deadline: Duration) -> u64 {
    deadline.as_secs().saturating_mul(2).saturating_add(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is fetched is one file, and the index is written beside it: the limit of a file is no limit of a fetch.
    #[test]
    fn a_fetch_of_more_than_a_gibibyte_may_be_written() {
        for fetch in [1_u64 << 20, 1 << 30, 3 << 30, 40 << 30] {
            let bounds = Bounds::from(&WorkerLimits { fetch, ..WorkerLimits::default() });
            assert!(bounds.file_bytes >= 2 * fetch, "{fetch}: {bounds:?}");
        }
        let endless = WorkerLimits { fetch: u64::MAX, ..WorkerLimits::default() };
        assert_eq!(Bounds::from(&endless).file_bytes, u64::MAX);
    }
}
