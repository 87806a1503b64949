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
    let asked = desired.reconcile_at.as_deref();
    let mut actions = Vec::new();
    if wait(&observed.source, desired.source.interval, asked, now).is_some_and(|wait| wait.is_zero()) {
        actions.push(Action::LookAtSource);
    }
    if wait(&observed.base, desired.base.interval, asked, now).is_some_and(|wait| wait.is_zero()) {
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
    let asked = desired.reconcile_at.as_deref();
    let builds = observed.builds.values().filter_map(|build| match build {
        Build::Trouble(_, trouble) => Some(until(trouble.retry_at, now)),
        Build::Running(_) | Build::Built(_) | Build::Refused(_) => None,
    });
    [
        wait(&observed.source, desired.source.interval, asked, now),
        wait(&observed.base, desired.base.interval, asked, now),
        wait(&observed.push, Duration::MAX, asked, now),
    ]
    .into_iter()
    .flatten()
    .chain(builds)
    .min()
    // What is due now is under way once the actions of this plan are carried out; its end wakes us.
    .map_or(LONGEST, |wait| wait.clamp(Duration::from_secs(1), LONGEST))
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
        (None, None) => Duration::ZERO,
    })
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default()
}
