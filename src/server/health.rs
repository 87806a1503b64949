//! What the probes are told.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often a watched loop shows that it is alive.
const BEAT: Duration = Duration::from_secs(2);
/// A loop that shows nothing for this long is taken for dead.
const SILENCE: Duration = Duration::from_secs(30);

/// Where the process is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Flags read, nothing asked of the cluster yet. Not ready.
    Starting,
    /// Another replica leads; this one could take over. Ready.
    Standby,
    /// This replica leads; its caches are being filled. Not ready.
    Syncing,
    /// This replica leads and works. Ready.
    Leading,
}

const PHASES: [Phase; 4] = [Phase::Starting, Phase::Standby, Phase::Syncing, Phase::Leading];

/// Shared between the probes and those they ask about. Cloning gives another handle.
#[derive(Debug, Clone)]
pub struct Health(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    started: Instant,
    phase: AtomicU8,
    /// Milliseconds from `started` to the last beat.
    beat: AtomicU64,
    /// What keeps a leader from its work.
    complaint: Mutex<Option<String>>,
}

impl Default for Health {
    fn default() -> Self {
        Self(Arc::new(Inner {
            started: Instant::now(),
            phase: AtomicU8::new(Phase::Starting as u8),
            beat: AtomicU64::new(0),
            complaint: Mutex::default(),
        }))
    }
}

impl Health {
    /// Moves on to `phase`.
    pub fn enter(&self, phase: Phase) {
        self.0.phase.store(phase as u8, Ordering::Release);
    }

    /// Where the process is.
    pub fn phase(&self) -> Phase {
        PHASES[usize::from(self.0.phase.load(Ordering::Acquire))]
    }

    /// What keeps the leader from its work, in a sentence; `None` where nothing does.
    pub fn complain(&self, complaint: Option<String>) {
        *self.0.complaint.lock().unwrap_or_else(PoisonError::into_inner) = complaint;
    }

    fn complaint(&self) -> Option<String> {
        self.0.complaint.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows that the main loop is alive.
    pub fn beat(&self) {
        let elapsed = self.0.started.elapsed().as_millis();
        self.0.beat.store(u64::try_from(elapsed).unwrap_or(u64::MAX), Ordering::Release);
    }

    /// Runs `work` and beats in the same task: when that task is blocked, ends or panics, the
    /// beats end with it and `/livez` turns bad.
    pub async fn beat_while<F: Future>(&self, work: F) -> F::Output {
        let mut work = pin!(work);
        let mut ticks = tokio::time::interval(BEAT);
        loop {
            tokio::select! {
                biased;
                _ = ticks.tick() => self.beat(),
                output = &mut work => return output,
            }
        }
    }

    /// Whether the main loop was heard of lately; else since when not.
    pub fn alive(&self) -> Result<(), String> {
        let beat = Duration::from_millis(self.0.beat.load(Ordering::Acquire));
        let silence = self.0.started.elapsed().saturating_sub(beat);
        if silence <= SILENCE {
            Ok(())
        } else {
            Err(format!("the main loop has been silent for {} s", silence.as_secs()))
        }
    }

    /// Whether this replica works, or could take over at once; else what it is busy with.
    pub fn ready(&self) -> Result<(), String> {
        match self.phase() {
            Phase::Standby => Ok(()),
            Phase::Leading => self.complaint().map_or(Ok(()), Err),
            Phase::Starting => Err("starting".into()),
            Phase::Syncing => Err("filling caches".into()),
        }
    }
}
