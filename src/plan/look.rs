//! Is it time to ask Git host and registry again?

use super::attempts;
use super::desired::Desired;
use super::effect::{Effect, Track};
use super::observed::{Build, Look, Observed, SourceSeen, Step, Trouble};
use super::sight::Sight;
use crate::api::v1alpha1::{PassedRelease, PassedTag, TengineDeploymentStatus, TengineRelease, condition::Reason};
use crate::domain::{HostRelease, Lack, TagMismatch};
use jiff::Timestamp;
use std::time::Duration;

/// So many times the interval it takes until a ref is looked at again while what it was seen at is being built: where many wait for
/// the same host, looks that lead to nothing else would be most of what it does. A newer commit still takes the place of one whose build hangs.
const WHILE_BUILDING: u32 = 5;

/// But no longer than this, unless the interval is longer itself.
const AT_MOST: Duration = Duration::from_mins(5);

/// The looks that are due, and when the next one is.
pub fn look(sight: Sight<'_>) -> Track<()> {
    let Sight { desired, observed, now } = sight;
    let mut track = Track::found(());
    let Some(git) = desired.git().filter(|_| !desired.suspend) else { return track };
    let asked = asked(desired, Some(&observed.status));
    let of_source = match is_built(observed) {
        _ if is_outdated(observed) => Duration::ZERO,
        true => steady(desired, desired.interval.max(desired.interval.saturating_mul(WHILE_BUILDING).min(AT_MOST))),
        false => steady(desired, desired.interval),
    };
    let unless_refused =
        |asked: Option<Timestamp>, interval| if was_refused(observed, asked) { Duration::ZERO } else { interval };
    let of_push = unless_refused(observed.push.answer.as_ref().map(|((), at)| *at), Duration::MAX);
    let of_base = unless_refused(observed.base.answer.as_ref().map(|(_, at)| *at), steady(desired, git.base.interval));
    let waits = [
        (wait(&observed.source, of_source, asked, now), Effect::LookAtSource),
        (wait(&observed.base, of_base, asked, now), Effect::LookAtBase),
        // The right to push is asked for once per set of inputs, and where a build was refused since; else a push tells all later news.
        (wait(&observed.push, of_push, asked, now), Effect::CheckPush),
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

/// What the ref points at. Without an answer of this process, what the status says of this very spec counts, unless the
/// host had said no and is being asked again: then that is what the answer is about.
pub fn source(desired: &Desired, observed: &Observed) -> Option<SourceSeen> {
    let remembered = || {
        let status = observed.status.source.as_ref()?;
        let same_spec = observed.status.observed_generation == Some(desired.generation);
        let commit = status.commit.parse().ok()?;
        let asked_anew = status.refused_since.is_some() && observed.source.trouble.is_none();
        (same_spec && !asked_anew).then(|| SourceSeen {
            reference: status.reference.clone(),
            commit,
            passed_over: status.passed_over.as_ref().and_then(remembered_mismatch),
        })
    };
    observed.source.answer.as_ref().map(|(seen, _)| seen.clone()).or_else(remembered)
}

fn remembered_mismatch(passed: &PassedTag) -> Option<TagMismatch> {
    let lacks = match (&passed.counterpart, passed.release) {
        (Some(tag), _) => {
            let at = passed.counterpart_commit.as_ref().and_then(|commit| commit.parse().ok());
            Lack::Counterpart { tag: tag.clone(), at }
        }
        (None, Some(PassedRelease::Draft)) => Lack::Release(Some(HostRelease::Draft)),
        (None, Some(PassedRelease::PreRelease)) => Lack::Release(Some(HostRelease::PreRelease)),
        (None, Some(PassedRelease::Missing) | None) => Lack::Release(None),
    };
    Some(TagMismatch {
        tag: passed.tag.clone(),
        commit: passed.commit.parse().ok()?,
        lacks,
        more: passed.more.and_then(|more| usize::try_from(more).ok()).unwrap_or_default(),
    })
}

/// Whether what was asked before this process began has a whole answer, which is asked for again in its time: the host told a commit for
/// this very spec, has not refused since, and the commit has its image.
pub fn remembers(
    generation: i64,
    status: Option<&TengineDeploymentStatus>,
    mut releases: impl Iterator<Item = TengineRelease>,
) -> bool {
    let status = status.filter(|status| status.observed_generation == Some(generation));
    let source = status.and_then(|status| status.source.as_ref()).filter(|source| source.refused_since.is_none());
    let Some(source) = source else { return false };
    releases.any(|release| {
        let image = release.status.as_ref().and_then(|status| status.image.as_ref());
        release.spec.commit == source.commit && image.is_some()
    })
}

/// Whether the commit that was seen is being built for the first time, and nothing was in the way so far.
fn is_built(observed: &Observed) -> bool {
    let Some((seen, _)) = &observed.source.answer else { return false };
    let is_of_it = |name: &String| {
        let release = observed.releases.named(name);
        release.is_some_and(|release| release.spec.commit == seen.commit.as_ref() && release.status.image.is_none())
    };
    observed.builds.iter().any(|(name, build)| matches!(build, Build::Running(None)) && is_of_it(name))
}

/// Whether a registry refused who asks to a build since it was asked itself. Which registry, and whose credentials, a build does not tell.
fn was_refused(observed: &Observed, asked_at: Option<Timestamp>) -> bool {
    let troubles = observed.builds.values().filter_map(Build::trouble);
    troubles
        .filter(|(step, trouble)| *step == Step::Image && attempts::is_refusal(trouble))
        .any(|(_, trouble)| asked_at.is_some_and(|asked| asked <= trouble.at))
}

/// Whether a build did not get what the ref was seen at, and nobody has looked at the ref since: it may have moved in between.
fn is_outdated(observed: &Observed) -> bool {
    let seen_at = observed.source.answer.as_ref().map(|(_, at)| *at);
    not_given_out(observed).any(|trouble| seen_at.is_some_and(|seen| seen <= trouble.at))
}

/// The same, and nobody has since the first try either: then there is nothing to be said of that build.
pub(super) fn is_unconfirmed(observed: &Observed) -> bool {
    let seen_at = observed.source.answer.as_ref().map(|(_, at)| *at);
    not_given_out(observed).any(|trouble| seen_at.is_some_and(|seen| seen <= trouble.since))
}

fn not_given_out(observed: &Observed) -> impl Iterator<Item = &Trouble> {
    let troubles = observed.builds.values().filter_map(Build::trouble);
    let damaged =
        |(step, trouble): &(Step, &Trouble)| *step == Step::Source && trouble.reason == Reason::RepositoryDamaged;
    troubles.filter(damaged).map(|(_, trouble)| trouble)
}

/// The time after this wait; `None` for what never comes.
pub(super) fn after(now: Timestamp, wait: Duration) -> Option<Timestamp> {
    now.checked_add(jiff::SignedDuration::try_from(wait).ok()?).ok()
}

/// The request to look at once that the status does not tell to be served, not even by the process before.
pub fn asked<'a>(desired: &'a Desired, status: Option<&TengineDeploymentStatus>) -> Option<&'a str> {
    let handled = status.and_then(|status| status.last_handled_reconcile_at.as_deref());
    desired.reconcile_at.as_deref().filter(|asked| handled != Some(asked))
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

/// How long until this question is due; `None` while it is being asked, unless somebody asks by hand for what that began too early for.
pub(super) fn wait<T>(look: &Look<T>, interval: Duration, asked: Option<&str>, now: Timestamp) -> Option<Duration> {
    let is_open = |known: &Option<String>| asked.is_some() && asked != known.as_deref();
    if look.running {
        return (is_open(&look.served) && is_open(&look.serving)).then_some(Duration::ZERO);
    }
    if is_open(&look.served) {
        return Some(Duration::ZERO);
    }
    if let Some(at) = look.put_off {
        return Some(until(at, now));
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
