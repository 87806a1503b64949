//! Leader election on a `coordination.k8s.io/v1` Lease: of all replicas, one works.
//!
//! The algorithm is that of Kubernetes' own client (`client-go`, `tools/leaderelection`):
//!
//! - A candidate never compares its clock with the holder's. It takes a lease over when it has seen
//!   the same resourceVersion for the lease's whole duration, measured by its own monotonic clock.
//! - Every write carries the resourceVersion it was decided on, so of two that want the lease one
//!   gets a conflict.
//! - The holder stops believing in its lease `renew_deadline` after it *sent* the last successful
//!   renewal; as that is shorter than the duration, it stops before anybody else may begin.
//! - At shutdown the lease is given back, so that the next one need not wait.
//!
//! Assumes that clocks run at the same rate, and that an identity is used by one process at a
//! time. A pod's name fulfils this, and lets a restarted container go on at once with the lease
//! that it held before. Where processes hold a lease together ([`Claim`]), they share an identity
//! on purpose: each goes by its own renewals alone.
//!
//! Not guaranteed: that a process which is stopped for longer than the duration and then goes on
//! sends nothing before it notices. It asks [`Leadership::holds`] before each write, and a change or
//! removal of what somebody else wrote meanwhile is refused: it carries the UID and the
//! resourceVersion of what it was decided on. Only what was not there can be made too late, where it
//! is there by then or gone again; who leads finds that, and puts it right.

mod claim;
mod decide;
mod leadership;

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Api, PostParams};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use decide::{Decision, Record, Sighting, decide};
use leadership::Term;

pub use claim::Claim;
pub use leadership::Leadership;

/// How the election is run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the Lease is.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Who we are; no two live processes may share it.
    pub identity: String,
    /// How long a lease lasts that is not renewed. Whole seconds, as the API has it.
    pub duration: Duration,
    /// How long the holder goes on without a successful renewal. Shorter than `duration`.
    pub renew_deadline: Duration,
    /// The time between two attempts to get or renew. Shorter than `renew_deadline`.
    pub retry_period: Duration,
}

/// Durations that would let two replicas lead, or none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "lease durations must fall: duration ({duration:?}, whole seconds) > renew deadline ({renew_deadline:?}) > 1.2 x retry period ({retry_period:?})"
)]
pub struct Unordered {
    duration: Duration,
    renew_deadline: Duration,
    retry_period: Duration,
}

impl Config {
    /// Refuses durations that cannot work together.
    pub fn check(&self) -> Result<(), Unordered> {
        let whole = self.duration.subsec_nanos() == 0 && !self.duration.is_zero();
        let falling = self.duration > self.renew_deadline && self.renew_deadline > self.retry_period.mul_f64(JITTER);
        if whole && falling {
            return Ok(());
        }
        Err(Unordered { duration: self.duration, renew_deadline: self.renew_deadline, retry_period: self.retry_period })
    }
}

/// Attempts are spread over up to this multiple of the retry period.
const JITTER: f64 = 1.2;
/// How long giving the lease back may take.
const RELEASE_DEADLINE: Duration = Duration::from_secs(5);

/// Why a replica no longer leads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// Another replica holds the lease.
    #[error("the lease is held by {holder}")]
    Taken {
        /// Its identity.
        holder: String,
    },
    /// No renewal succeeded within the deadline.
    #[error("the lease could not be renewed within {within:?}")]
    NotRenewed {
        /// The renew deadline.
        within: Duration,
    },
}

#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error("the API server did not answer within {0:?}")]
    Silent(Duration),
    #[error("the API server refused")]
    Refused(#[source] Box<kube::Error>),
}

enum Attempt {
    Held,
    HeldBy(String),
    /// Somebody else wrote at the same time, or we saw something for the first time: look again.
    Again,
}

/// One candidate. [`acquire`](Self::acquire), then [`hold`](Self::hold), at last [`release`](Self::release).
pub struct Candidate {
    api: Api<Lease>,
    config: Config,
    sighting: Option<Sighting>,
    term: Term,
    /// Whether others of the same identity renew it too, so that what was written last is not what is there.
    together: bool,
    /// When the last successful write was sent.
    renewed: Instant,
    /// From when until when nobody held it before we did.
    vacancy: Option<(Timestamp, Timestamp)>,
}

impl Candidate {
    /// A candidate that has not asked the cluster anything yet.
    pub fn new(client: kube::Client, config: Config) -> Self {
        Self {
            api: Api::namespaced(client, &config.namespace),
            config,
            sighting: None,
            term: Term::default(),
            together: false,
            renewed: Instant::now(),
            vacancy: None,
        }
    }

    /// One of several of the same identity, who hold the lease together. None of them gives it back.
    fn one_of_many(client: kube::Client, config: Config) -> Self {
        Self { together: true, ..Self::new(client, config) }
    }

    /// A handle that follows this candidate's fate.
    pub fn leadership(&self) -> Leadership {
        Leadership::of(&self.term, None).after(self.vacancy)
    }

    /// Tries until the lease is ours. May be dropped at any point; call [`release`](Self::release) then.
    pub async fn acquire(&mut self) {
        let mut seen: Option<String> = None;
        loop {
            match Box::pin(self.attempt()).await {
                Ok(Attempt::Held) => {
                    tracing::info!(lease = %self.config.name, identity = %self.config.identity, "leading");
                    return;
                }
                Ok(Attempt::HeldBy(holder)) => {
                    if seen.as_ref() != Some(&holder) {
                        tracing::info!(lease = %self.config.name, %holder, "standing by");
                    }
                    seen = Some(holder);
                    sleep(self.pause()).await;
                }
                Ok(Attempt::Again) => sleep(self.config.retry_period / 10).await,
                Err(error) => {
                    self.warn(&error, "cannot look at the lease");
                    sleep(self.pause()).await;
                }
            }
        }
    }

    /// Renews the lease until it is lost; calls `renewed` after each success.
    pub async fn hold(&mut self, renewed: impl Fn() + Send) -> Lost {
        renewed();
        let mut pause = self.pause();
        loop {
            let deadline = self.renewed + self.config.renew_deadline;
            let not_renewed = Lost::NotRenewed { within: self.config.renew_deadline };
            let next = async {
                sleep(pause).await;
                Box::pin(self.attempt()).await
            };
            let outcome = timeout_at(deadline, next).await;
            pause = self.pause();
            let lost = match outcome {
                Ok(Ok(Attempt::Held)) => {
                    renewed();
                    continue;
                }
                Ok(Ok(Attempt::HeldBy(holder))) => Lost::Taken { holder },
                Ok(Ok(Attempt::Again)) => {
                    pause = self.config.retry_period / 10;
                    continue;
                }
                Ok(Err(error)) => {
                    self.warn(&error, "cannot renew the lease");
                    continue;
                }
                Err(_elapsed) => not_renewed,
            };
            self.term.until(None);
            return lost;
        }
    }

    /// Gives the lease back if it is ours. Best effort: if it fails, the lease runs out by itself.
    pub async fn release(self) {
        self.term.until(None);
        match timeout(RELEASE_DEADLINE, self.give_back()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                self.warn(&error, "cannot give the lease back; it runs out by itself");
            }
            Err(_elapsed) => {
                self.warn(&CallError::Silent(RELEASE_DEADLINE), "cannot give the lease back; it runs out by itself");
            }
        }
    }

    async fn give_back(&self) -> Result<(), CallError> {
        let Some(lease) = self.call(self.api.get_opt(&self.config.name)).await? else {
            return Ok(());
        };
        let record = Record::of(&lease);
        if record.holder.as_deref() != Some(&*self.config.identity) {
            return Ok(());
        }
        let freed = decide::freed(lease);
        self.call(self.api.replace(&self.config.name, &PostParams::default(), &freed)).await?;
        tracing::info!(lease = %self.config.name, "gave the lease back");
        Ok(())
    }

    async fn attempt(&mut self) -> Result<Attempt, CallError> {
        let ours = self.term.holds() && self.sighting.is_some() && !self.together;
        if !ours {
            self.look().await?;
        }
        let sent = Instant::now();
        let decision = decide(&self.config.identity, self.sighting.as_ref(), sent);
        let spec = &self.config;
        let now = Timestamp::now();
        let (was_ours, before) = (self.term.holds(), self.sighting.as_ref().and_then(Sighting::renewed_at));
        let written = match decision {
            Decision::Wait { holder } => return Ok(Attempt::HeldBy(holder)),
            Decision::Create => {
                let lease = decide::created(spec, now);
                self.call(self.api.create(&PostParams::default(), &lease)).await
            }
            Decision::Take(lease) => self.replace(&decide::taken(spec, *lease, now)).await,
            Decision::Renew(lease) => self.replace(&decide::renewed(spec, *lease, now)).await,
        };
        match written {
            Ok(lease) => {
                self.sighting = Some(Sighting::new(lease, sent));
                self.renewed = sent;
                if !was_ours && self.vacancy.is_none() {
                    self.vacancy = before.map(|before| (before.min(now), now));
                }
                self.term.until(Some(sent + self.config.renew_deadline));
                Ok(Attempt::Held)
            }
            Err(CallError::Refused(error)) if lost_a_race(&error) => {
                self.look().await?;
                match decide(&self.config.identity, self.sighting.as_ref(), Instant::now()) {
                    Decision::Wait { holder } => Ok(Attempt::HeldBy(holder)),
                    Decision::Create | Decision::Take(_) | Decision::Renew(_) => Ok(Attempt::Again),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, CallError> {
        self.call(self.api.replace(&self.config.name, &PostParams::default(), lease)).await
    }

    async fn look(&mut self) -> Result<(), CallError> {
        let lease = self.call(self.api.get_opt(&self.config.name)).await?;
        let now = Instant::now();
        self.sighting = lease.map(|lease| Sighting::again(self.sighting.take(), lease, now));
        Ok(())
    }

    async fn call<T>(&self, call: impl Future<Output = kube::Result<T>>) -> Result<T, CallError> {
        let limit = self.config.renew_deadline / 2;
        let answer = timeout(limit, call).await.map_err(|_| CallError::Silent(limit))?;
        answer.map_err(|error| CallError::Refused(Box::new(error)))
    }

    /// The retry period, stretched by a share that differs between replicas and attempts.
    fn pause(&self) -> Duration {
        let nanos = Timestamp::now().subsec_nanosecond().unsigned_abs();
        let share = f64::from(nanos % 1_000) / 1_000.0;
        self.config.retry_period.mul_f64(1.0 + (JITTER - 1.0) * share)
    }

    fn warn(&self, error: &CallError, what: &str) {
        tracing::warn!(lease = %self.config.name, error = error as &dyn std::error::Error, "{what}");
    }
}

fn lost_a_race(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409 || status.code == 404)
}

#[cfg(test)]
mod tests;
