//! How far each instance is.

use super::super::desired::{WantedFleet, WantedInstance};
use super::super::member::phase;
use super::super::observed::{Upstream, UpstreamSeen};
use super::super::releases::Release;
use super::super::releases::took::whole;
use super::super::sight::Sight;
use super::serve::{InUse, in_use, waits_for_backend};
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{Phases, StoodStill};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// What a Lease takes to change hands counts as any time does.
const BRIEF: SignedDuration = SignedDuration::from_secs(30);

/// How an instance stands in a passage.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// Which.
    pub instance: &'a WantedInstance,
    /// The last phase that it has been through.
    pub phase: i32,
    /// Whether nobody waits for it any more: it refused the version, or took too long.
    pub failed: bool,
    /// Whether it refused the version: then it is through nothing with it, whatever it was through before.
    refused: bool,
    /// Whether nobody serves in it: it was made anew, or has not had a version yet.
    pub is_idle: bool,
    /// Whether it is not there yet, and nothing is known to be in the way but that.
    comes: bool,
    /// Whether there are core pods of it.
    pub has_core_pods: bool,
    /// What is wrong with it, or what it waits for.
    pub message: Option<String>,
    /// Since when it is where it is; since it knows of the version, where it does not go through the phases with it; since it was made, where it
    /// does not know of it; since it is missing, where it is not there.
    since: Option<Timestamp>,
    /// Since when it is not there.
    pub missing_since: Option<Timestamp>,
}

impl<'a> Report<'a> {
    /// Of one of which nothing is known.
    const fn of(instance: &'a WantedInstance) -> Self {
        Self {
            instance,
            phase: 0,
            failed: false,
            refused: false,
            is_idle: false,
            comes: false,
            has_core_pods: false,
            message: None,
            since: None,
            missing_since: None,
        }
    }

    /// Whether it is through this phase.
    pub fn is_through(&self, phase: i32) -> bool {
        self.phase >= phase && !self.refused
    }

    /// Whether something is wrong with it. Who is about to be made has nothing to say yet.
    pub fn is_ill(&self) -> bool {
        self.failed || self.message.is_some() && !self.comes
    }

    /// Whether this phase goes on without it.
    pub fn is_left_out(&self, phase: i32) -> bool {
        self.failed && !self.is_through(phase)
    }
}

/// How all instances stand with what they were told, in the order of the spec.
pub fn reports<'a>(sight: Sight<'a>, told: &Release, phases: &Phases) -> Vec<Report<'a>> {
    let in_use = in_use(sight);
    sight.desired.instances().map(|instance| report(sight, instance, (told, phases), &in_use)).collect()
}

/// Whether no more failed than may, in the phase that is under way or comes next.
pub fn are_within(sight: Sight<'_>, fleet: &WantedFleet, told: &Release, phases: &Phases) -> bool {
    !too_many_left_out(fleet.max_failed, &reports(sight, told, phases), phases.done + 1)
}

/// Whether a phase would go on, or begin, without more instances than may be left out, or without all.
pub fn too_many_left_out(most: usize, reports: &[Report<'_>], phase: i32) -> bool {
    let left_out = reports.iter().filter(|report| report.is_left_out(phase)).count();
    left_out > most || left_out > 0 && left_out == reports.len()
}

/// Until when an instance may take for the phase that has begun. One that came to it while it was under way has its own time.
pub fn overdue_at(sight: Sight<'_>, report: &Report<'_>, phases: &Phases) -> Option<Timestamp> {
    let came = report.since.filter(|_| report.phase < phases.begun);
    let since = came.map_or(phases.since.0, |came| came.max(phases.since.0));
    allowed(sight, phases, since)
}

/// Until when one that was not through the phases that are over is waited for: what came late, such as an instance that was added meanwhile, has
/// its own time.
pub fn late_at(sight: Sight<'_>, report: &Report<'_>, phases: &Phases) -> Option<Timestamp> {
    let since = report.since.filter(|_| report.phase < phases.done)?;
    allowed(sight, phases, since)
}

/// What the record is to say of a time in which nothing could get on: no cores are wanted, or were, or no operator led. Once all phases are over, no
/// more is written of that.
pub fn stood_still(sight: Sight<'_>, phases: &Phases) -> Option<StoodStill> {
    let cores = unwanted(sight, phases);
    if phases.done < phases.last { with_vacancy(sight, phases, cores) } else { cores }
}

/// With the time before this process in which nobody led; a record has whole seconds.
fn with_vacancy(sight: Sight<'_>, phases: &Phases, still: Option<StoodStill>) -> Option<StoodStill> {
    let vacancy = sight.observed.vacancy.map(|(from, until)| (whole(from), whole(until)));
    let Some((from, until)) = vacancy.filter(|(from, until)| until.duration_since(*from) > BRIEF) else { return still };
    let from = match &still {
        None => from,
        // As if both had been one time that ends last. What was lost before this phase began is nobody's who came to it in time.
        Some(StoodStill { from: Some(first), until: Some(last) }) if last.0 < until => {
            let before = last.0.duration_since(first.0.max(phases.since.0)).max(SignedDuration::ZERO);
            from.checked_sub(before).unwrap_or(from)
        }
        Some(_) => return still,
    };
    Some(StoodStill { from: Some(Time(from)), until: Some(Time(until)) })
}

/// The same for the cores alone.
fn unwanted(sight: Sight<'_>, phases: &Phases) -> Option<StoodStill> {
    let before = phases.stood_still.clone();
    let now = Time(sight.now);
    match (sight.desired.replicas, before) {
        (0, None) => Some(StoodStill { from: Some(now), until: None }),
        (0, Some(StoodStill { from: Some(from), until: Some(until) })) => {
            // As if all of it had been one time that ends last.
            let from = sight.now.checked_sub(until.0.duration_since(from.0)).unwrap_or(from.0);
            Some(StoodStill { from: Some(Time(from)), until: None })
        }
        (0, Some(StoodStill { from, .. })) => Some(StoodStill { from: from.or(Some(now)), until: None }),
        (_, Some(StoodStill { from, until: None })) => Some(StoodStill { from, until: Some(now) }),
        (_, before) => before,
    }
}

/// Nobody is late where no cores are wanted, nor for the time in which none were.
fn allowed(sight: Sight<'_>, phases: &Phases, since: Timestamp) -> Option<Timestamp> {
    let fleet = sight.desired.fleet.as_ref().filter(|_| sight.desired.replicas > 0)?;
    // The record does not say it yet in the first moment after, or says no more of it.
    let lost = with_vacancy(sight, phases, phases.stood_still.clone()).and_then(|still| {
        let until = still.until.as_ref().map_or(sight.now, |until| until.0);
        Some(until.duration_since(still.from.as_ref()?.0.max(since)))
    });
    let lost = lost.unwrap_or_default().max(SignedDuration::ZERO);
    since.checked_add(SignedDuration::try_from(fleet.allowance).ok()?.saturating_add(lost)).ok()
}

fn report<'a>(
    sight: Sight<'a>,
    instance: &'a WantedInstance,
    (told, phases): (&Release, &Phases),
    in_use: &InUse,
) -> Report<'a> {
    let waits = |message: &str, since: Option<Timestamp>| {
        let message = Some(message.to_owned());
        Report { message, since, missing_since: since, comes: true, ..Report::of(instance) }
    };
    let known = missing_since(sight, instance);
    let missing = known.or(Some(whole(sight.now)));
    let report = match sight.observed.upstreams.get(&instance.deployment) {
        None | Some(Upstream::NotRead) => return waits("it is being read", known),
        Some(_) if sight.is_taken(instance) => {
            let name = &instance.deployment.name;
            let why = format!(
                "TengineDeployment {name} belongs to somebody else: remove it, or give this instance another id"
            );
            Report { failed: true, ..waits(&why, missing) }
        }
        // Something may be in the way for good: a quota, a policy, a finalizer of the one that was there before.
        Some(Upstream::NotWatched | Upstream::NotGranted | Upstream::Missing) => waits("it is being made", missing),
        Some(Upstream::Seen(seen)) => of_seen(sight, instance, (told, phases), seen),
    };
    let report = match waits_for_backend(in_use, instance, (told, phases)) {
        Some(why) => Report { message: Some(why), comes: false, ..report },
        None => report,
    };
    let under_way = phases.begun > phases.done && !report.is_through(phases.begun);
    let overdue = overdue_at(sight, &report, phases).is_some_and(|at| at <= sight.now);
    let why = || report.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    let message = match late_at(sight, &report, phases) {
        _ if report.failed => return report,
        // Once left out, it is not waited for again in each phase, nor forgotten between two of them and behind the last one.
        Some(late) if late <= sight.now => format!("it was left out in phase {}{}", report.phase + 1, why()),
        None if under_way && overdue => format!("phase {} takes longer than it may{}", phases.begun, why()),
        _ => return report,
    };
    Report { failed: true, message: Some(message), ..report }
}

/// Since when an instance has not been there, by the status that was written last: nothing else is left of it.
fn missing_since(sight: Sight<'_>, instance: &WantedInstance) -> Option<Timestamp> {
    let mut lines = sight.observed.status.instances.iter();
    let line = lines.find(|line| line.id == instance.id && line.deployment == instance.deployment.name)?;
    line.missing_since.as_ref().map(|since| since.0)
}

fn of_seen<'a>(
    sight: Sight<'a>,
    instance: &'a WantedInstance,
    (told, phases): (&Release, &Phases),
    seen: &UpstreamSeen,
) -> Report<'a> {
    let theirs = made_of_it(sight, instance, (told, phases), seen);
    let is_idle = !seen.releases.iter().any(Release::is_live);
    let (has_core_pods, message, since) = (seen.has_core_pods, seen.trouble.clone(), seen.made);
    let report = Report { is_idle, has_core_pods, message, since, ..Report::of(instance) };
    // Somebody has it run another version, until they say that it need not: it is not waited for.
    let pin = seen.pinned.as_ref().filter(|pin| theirs.is_none_or(|theirs| theirs.name != pin.release));
    let kept = pin.map(|pin| {
        let version = seen.releases.named(&pin.release).map_or(pin.release.as_str(), Release::short);
        format!("{}: {}. {}", Reason::Pinned, pin.in_words(version), Reason::Pinned.advice())
    });
    let Some(theirs) = theirs else {
        return Report { failed: kept.is_some(), message: kept.or(report.message), ..report };
    };
    let own = theirs.status.phases.as_ref().filter(|own| own.passage == phases.passage);
    let phase = own.map_or(0, |own| own.done);
    let report = Report { phase, since: own.map(|own| own.since.0).or(theirs.made), ..report };
    match theirs.rejection() {
        Some(reason) => {
            let message = Some(format!("{reason}: {}", theirs.status.message.clone().unwrap_or_default()));
            Report { failed: true, refused: true, message, ..report }
        }
        None if kept.is_some() => Report { failed: true, message: kept, ..report },
        // It went on to another version since.
        None if phase >= phase::SWITCHED && !theirs.is_live() => {
            let message = report.message.or_else(|| Some("it runs another version".to_owned()));
            Report { message, ..report }
        }
        None => report,
    }
}

/// What an instance made of the release that it was told. Where its settings were changed meanwhile, that is more than one; and where the change
/// was taken back, it is not the last one that counts.
fn made_of_it<'a>(
    sight: Sight<'_>,
    instance: &WantedInstance,
    (told, phases): (&Release, &Phases),
    seen: &'a UpstreamSeen,
) -> Option<&'a Release> {
    let is_told = |release: &&Release| {
        let promoted = release.spec.promoted.as_ref();
        promoted.is_some_and(|from| from.uid == sight.desired.uid && from.number == told.spec.number)
    };
    let all: Vec<&Release> = seen.releases.iter().filter(is_told).collect();
    if all.len() < 2 {
        return all.first().copied();
    }
    let settings = &told.spec.settings;
    let spec = instance.spec((&told.name, phases.passage), settings);
    all.into_iter().max_by_key(|release| {
        let own = &release.spec.settings;
        let is_as_told = (&own.tengine, &own.pod, &own.pull_secret, own.progress_deadline_seconds)
            == (&spec.tengine, &settings.pod, &settings.pull_secret, settings.progress_deadline_seconds);
        (is_as_told, is_as_told && release.is_live(), release.spec.number)
    })
}
