//! `plan`: what to do, from what is wanted and what is seen.
//!
//! Pure and total: no client, no clock (`now` is a parameter), no logging; it cannot fail, it can only say what it
//! waits for. Each track answers one question on its own, so that a failed build never stops the repair of what
//! runs:
//!
//! | track | question |
//! |---|---|
//! | [`look`] | is it time to ask Git host and registry again? |
//! | [`release`] | is there a release for the wanted commit and inputs, and how far is it? |
//! | [`target`] | which release should run? |
//! | [`serve`] | does the cluster run it? |
//! | [`verify`] | did it prove itself, or show that its content is wrong? |
//! | [`record`] | how far is each release, and what is to be written down of it? |
//! | [`history`] | which releases and configuration files may go? |
//!
//! [`status`] then says it all in conditions.

mod conditions;
pub mod desired;
pub mod evidence;
mod history;
mod look;
pub mod observed;
mod ready;
mod record;
mod release;
mod rollout;
mod serve;
mod status;
mod target;
#[cfg(test)]
mod tests;
mod verify;

pub use desired::{Desired, Problem, validate};
pub use look::spread;
pub use observed::Observed;
pub use release::Wanted;
pub(crate) use serve::fingerprint;
pub use status::{blocked, invalid, report};

use crate::api::v1alpha1::{TengineRelease, TengineReleaseStatus};
use crate::manifest::Child;
use jiff::Timestamp;
use std::time::Duration;

/// One thing to do. Every one of them can be repeated without harm.
#[derive(Debug, Clone)]
pub enum Action {
    /// Ask the Git host what the ref points at.
    LookAtSource,
    /// Ask the registry what the base image's tag points at.
    LookAtBase,
    /// Ask the registry for the right to push.
    CheckPush,
    /// Make a release.
    CreateRelease(Box<TengineRelease>),
    /// Fetch, check, pack, append and push what this release holds.
    Build {
        /// The release's name.
        release: String,
        /// The release that serves, to say what changes.
        against: Option<String>,
    },
    /// Write down how far a release got.
    RecordRelease {
        /// The release's name.
        release: String,
        /// All of its status.
        status: Box<TengineReleaseStatus>,
    },
    /// Create or change a child.
    Apply(Box<Child>),
    /// Remove a child.
    Delete {
        /// Its kind.
        kind: observed::LiveKind,
        /// Its name.
        name: String,
    },
    /// Remove a release beyond the history's limit.
    DeleteRelease {
        /// The release's name.
        release: String,
    },
}

/// What to do now, what to wait for, and when to look again.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In this order.
    pub actions: Vec<Action>,
    /// The status that follows from what was seen.
    pub status: crate::api::v1alpha1::TengineDeploymentStatus,
    /// When to plan again if nothing happens before.
    pub next: Duration,
}

/// Decides.
pub fn plan(desired: &Desired, observed: &Observed, now: Timestamp) -> Plan {
    let wanted = release::wanted(desired, observed);
    let candidate = release::candidate(&wanted, observed);
    let target = target::choose(desired, observed, candidate);
    let served = serve::serve(desired, observed, target.release);
    let rollout = rollout::Rollout::of(desired, observed, target.release, &served);
    let verdict = verify::judge(observed, target.release, &rollout);

    let mut actions = look::due(desired, observed, now);
    actions.extend(release::advance(desired, observed, &wanted, (candidate, target.current), now));
    actions.extend(served.actions.iter().cloned());
    actions.extend(record::record(observed, candidate, &target, &rollout, &verdict, now));
    actions.extend(history::expire(desired, observed, candidate, &target, &rollout));

    let situation = status::Situation {
        desired,
        observed,
        wanted: &wanted,
        candidate,
        target: &target,
        served: &served,
        rollout: &rollout,
        verdict: &verdict,
        now,
    };
    Plan { actions, status: report(&situation), next: look::next(desired, observed, now) }
}
