//! Is it time to ask Git host and registry again?

use super::desired::Desired;
use super::effect::{Effect, Track};
use super::observed::{Look, Observed};
use super::sight::Sight;
use jiff::Timestamp;
use std::time::Duration;

/// The looks that are due, and when the next one is.
pub fn look(sight: Sight<'_>) -> Track<()> {
    let Sight { desired, observed, now } = sight;
    let mut track = Track::found(());
    if desired.suspend {
        return track;
    }
    let asked = asked(desired, observed);
    let waits = [
        (wait(&observed.source, steady(desired, desired.source.interval), asked, now), Effect::LookAtSource),
        (wait(&observed.base, steady(desired, desired.base.interval), asked, now), Effect::LookAtBase),
        // The right to push is asked for once per set of inputs; a push tells all later news.
        (wait(&observed.push, Duration::MAX, asked, now), Effect::CheckPush),
    ];
    for (wait, effect) in waits {
        match wait {
            None => continue,
            Some(Duration::ZERO) => track.effects.push(effect),
            Some(_) => {}
        }
        track.due = track.due.into_iter().chain(wait.and_then(|wait| after(now, wait))).min();
    }
    track
}

/// The time after this wait; `None` for what never comes.
pub(super) fn after(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(jiff::SignedDuration::try_from(wait).ok()?).ok()
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
pub(super) fn wait<T>(look: &Look<T>, interval: Duration, asked: Option<&str>, now: Timestamp) -> Option<Duration> {
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
