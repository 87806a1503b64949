//! How far each instance is.

use super::super::desired::{WantedFleet, WantedInstance};
use super::super::observed::{Upstream, UpstreamSeen};
use super::super::releases::Release;
use super::super::sight::Sight;
use crate::api::v1alpha1::Phases;
use jiff::{SignedDuration, Timestamp};

/// How an instance stands in a passage.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// Which.
    pub instance: &'a WantedInstance,
    /// The last phase that it has been through.
    pub phase: i32,
    /// Whether nobody waits for it any more: it refused the version, or took too long.
    pub failed: bool,
    /// What is wrong with it, or what it waits for.
    pub message: Option<String>,
}

impl Report<'_> {
    /// Whether it is through this phase.
    pub fn is_through(&self, phase: i32) -> bool {
        self.phase >= phase
    }

    /// Whether this phase goes on without it.
    pub fn is_left_out(&self, phase: i32) -> bool {
        self.failed && !self.is_through(phase)
    }
}

/// How all instances stand with what they were told, in the order of the spec.
pub fn reports<'a>(sight: Sight<'a>, told: &Release, phases: &Phases) -> Vec<Report<'a>> {
    sight.desired.instances().map(|instance| report(sight, instance, told, phases)).collect()
}

/// Whether no more failed than may.
pub fn are_within(sight: Sight<'_>, fleet: &WantedFleet, told: &Release, phases: &Phases) -> bool {
    let left_out = reports(sight, told, phases).iter().filter(|report| report.is_left_out(phases.begun)).count();
    left_out <= fleet.max_failed
}

/// Until when an instance may take for the phase that has begun: in each, cores have to load once or twice.
pub fn overdue_at(sight: Sight<'_>, phases: &Phases) -> Option<Timestamp> {
    phases.since.0.checked_add(SignedDuration::try_from(sight.desired.progress_deadline * 2).ok()?).ok()
}

fn report<'a>(sight: Sight<'a>, instance: &'a WantedInstance, told: &Release, phases: &Phases) -> Report<'a> {
    let waits = |message: &str| Report { instance, phase: 0, failed: false, message: Some(message.to_owned()) };
    let report = match sight.observed.upstreams.get(&instance.deployment) {
        None | Some(Upstream::NotRead) => return waits("it is being read"),
        Some(Upstream::NotWatched | Upstream::NotGranted | Upstream::Missing) => waits("it is being made"),
        Some(Upstream::Seen(seen)) => of_seen(sight, instance, (told, phases), seen),
    };
    let under_way = phases.begun > phases.done && !report.is_through(phases.begun);
    let overdue = overdue_at(sight, phases).is_some_and(|at| at <= sight.now);
    if report.failed || !(under_way && overdue) {
        return report;
    }
    let why = report.message.map(|message| format!(": {message}")).unwrap_or_default();
    let message = format!("phase {} took longer than twice strategy.progressDeadline{why}", phases.begun);
    Report { failed: true, message: Some(message), ..report }
}

fn of_seen<'a>(
    sight: Sight<'a>,
    instance: &'a WantedInstance,
    (told, phases): (&Release, &Phases),
    seen: &UpstreamSeen,
) -> Report<'a> {
    let is_told = |release: &&Release| {
        let promoted = release.spec.promoted.as_ref();
        promoted.is_some_and(|from| from.uid == sight.desired.uid && from.number == told.spec.number)
    };
    let theirs = seen.releases.iter().filter(is_told).max_by_key(|release| release.spec.number);
    let Some(theirs) = theirs else {
        return Report { instance, phase: 0, failed: false, message: seen.trouble.clone() };
    };
    let own = theirs.status.phases.as_ref().filter(|own| own.passage == phases.passage);
    let phase = own.map_or(0, |own| own.done);
    match theirs.rejection() {
        Some(reason) => {
            let message = theirs.status.message.clone().unwrap_or_default();
            Report { instance, phase, failed: true, message: Some(format!("{reason}: {message}")) }
        }
        None => Report { instance, phase, failed: false, message: seen.trouble.clone() },
    }
}
