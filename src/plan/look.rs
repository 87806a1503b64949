//! Is it time to ask Git host and registry again?

use super::{
    Action, Desired, Observed,
    observed::{Build, Look},
};
use jiff::Timestamp;
use std::time::Duration;

/// The longest time without a plan; nothing depends on it, it only bounds surprises.
const LONGEST: Duration = Duration::from_mins(10);

/// The looks that are due.
pub(super) fn due(desired: &Desired, observed: &Observed, now: Timestamp) -> Vec<Action> {
    if desired.suspend {
        return Vec::new();
    }
    let asked = asked(desired, observed);
    let mut actions = Vec::new();
    if wait(&observed.source, steady(desired, desired.source.interval), asked, now).is_some_and(|wait| wait.is_zero()) {
        actions.push(Action::LookAtSource);
    }
    if wait(&observed.base, steady(desired, desired.base.interval), asked, now).is_some_and(|wait| wait.is_zero()) {
        actions.push(Action::LookAtBase);
    }
    // The right to push is asked for once per set of inputs; a push tells all later news.
    if wait(&observed.push, Duration::MAX, asked, now).is_some_and(|wait| wait.is_zero()) {
        actions.push(Action::CheckPush);
    }
    actions
}

/// How long until something is due by the clock.
pub(super) fn next(desired: &Desired, observed: &Observed, now: Timestamp) -> Duration {
    if desired.suspend {
        return LONGEST;
    }
    let asked = asked(desired, observed);
    let builds = observed.builds.values().filter_map(|build| match build {
        Build::Trouble(_, trouble) => Some(until(trouble.retry_at, now)),
        Build::Running(_) | Build::Built(_) | Build::Refused(_) => None,
    });
    [
        wait(&observed.source, steady(desired, desired.source.interval), asked, now),
        wait(&observed.base, steady(desired, desired.base.interval), asked, now),
        wait(&observed.push, Duration::MAX, asked, now),
    ]
    .into_iter()
    .flatten()
    .chain(builds)
    .min()
    // What is due now is under way once the actions of this plan are carried out; its end wakes us.
    .map_or(LONGEST, |wait| wait.clamp(Duration::from_secs(1), LONGEST))
}

/// The request to look at once that was not served yet, not even by the process before.
fn asked<'a>(desired: &'a Desired, observed: &Observed) -> Option<&'a str> {
    desired.reconcile_at.as_deref().filter(|asked| observed.status.last_handled_reconcile_at.as_deref() != Some(asked))
}

/// The interval, up to 5 % shorter, always by the same part for one deployment: what began together drifts apart.
fn steady(desired: &Desired, interval: Duration) -> Duration {
    interval.mul_f64(1.0 - 0.05 * spread(&desired.uid))
}

/// From 0 to 1, evenly over all deployments and always the same for one.
pub fn spread(uid: &str) -> f64 {
    // FNV-1a with Murmur's last mixing: no secret, no stranger's choice worth defending against, and the same after a restart.
    let hash = uid.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mixed = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35);
    f64::from(mixed ^ (mixed >> 16)) / f64::from(u32::MAX)
}

/// How long until this question is due; `None` while it is being asked.
fn wait<T>(look: &Look<T>, interval: Duration, asked: Option<&str>, now: Timestamp) -> Option<Duration> {
    if look.running {
        return None;
    }
    if asked.is_some() && asked != look.served.as_deref() {
        return Some(Duration::ZERO);
    }
    Some(match (&look.trouble, &look.answer) {
        (Some(trouble), _) => until(trouble.retry_at, now),
        (None, Some((_, at))) => {
            let age = Duration::try_from(now.duration_since(*at)).unwrap_or_default();
            interval.saturating_sub(age)
        }
        (None, None) => look.not_before.map_or(Duration::ZERO, |at| until(at, now)),
    })
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}
