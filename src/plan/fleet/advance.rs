//! How far the instances may go, and what follows from how far they are.

use super::super::desired::WantedFleet;
use super::super::effect::Track;
use super::super::member::phase;
use super::super::observed::Upstream;
use super::super::people;
use super::super::releases::Release;
use super::super::rollout::Rollout;
use super::super::sight::Sight;
use super::super::verify::Verdict;
use super::pause::paused;
use super::reports::{Report, late_at, overdue_at, reports, stood_still, too_many_left_out};
use super::serve::may_come_back;
use crate::api::v1alpha1::condition::Reason;
use crate::api::v1alpha1::{InstanceStatus, PhaseName, Phases, Standby};
use crate::plan::texts;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// So many instances are named in a message.
const NAMED: usize = 3;

/// What all instances are up to.
#[derive(Debug)]
pub struct Fleet<'a> {
    /// What they are told to run; none while nothing can be chosen.
    pub release: Option<&'a Release>,
    /// What that release's record is to say.
    pub phases: Option<Phases>,
    reports: Vec<Report<'a>>,
    /// Whether that is what they were told, as far as the record is read.
    pub is_told: bool,
    last: i32,
    max_failed: usize,
    held: bool,
    /// Whether an instance that nothing speaks of is waited for: its ConfigMap may only be replaced.
    misses_one: bool,
    /// What of the deployment's own cores is still there, from before it had instances.
    own_cores: Option<String>,
    /// The phase that a person has to begin.
    pub paused: Option<PhaseName>,
}

/// Takes the chosen release one step on, where it is time for that. `None` where there are no instances.
///
/// `held`: gates keep it from taking over.
pub fn advance<'a>(sight: Sight<'a>, chosen: Option<&'a Release>, held: bool) -> Track<Option<Fleet<'a>>> {
    let Some(wanted) = &sight.desired.fleet else { return Track::found(None) };
    let (last, max_failed) = (wanted.last_phase(), wanted.max_failed);
    let mut fleet = Fleet {
        release: chosen,
        phases: None,
        reports: Vec::new(),
        is_told: false,
        last,
        max_failed,
        held,
        misses_one: false,
        own_cores: own_cores(sight),
        paused: None,
    };
    let Some(release) = chosen else { return Track::found(Some(fleet)) };
    let begins =
        || Phases { passage: next_passage(sight), begun: 1, done: 0, last, since: Time(sight.now), stood_still: None };
    let told = phases_told(sight, release);
    let is_told = told.is_some();
    let phases = told.cloned().unwrap_or_else(begins);
    (fleet.is_told, fleet.last) = (is_told, phases.last);
    fleet.paused = told.and_then(|told| paused(sight, &sight.observed.words, release, told));
    fleet.reports = reports(sight, release, &phases);
    // Also between two phases, and behind the last one, an instance may turn out to be late.
    let lates = fleet.reports.iter().filter_map(|report| late_at(sight, report, &phases));
    let under_way =
        fleet.reports.iter().filter(|report| phases.begun > phases.done && !report.is_through(phases.begun));
    let overdue = under_way.filter_map(|report| overdue_at(sight, report, &phases));
    let due = overdue.chain(lates).filter(|at| *at > sight.now).min();
    let waits = may_come_back(sight);
    fleet.misses_one = waits.is_some();
    let phases = Phases { stood_still: stood_still(sight, &phases), ..phases };
    fleet.phases = Some(if is_told && waits.is_none() { step(sight, wanted, &fleet, &phases) } else { phases });
    Track { due: due.into_iter().chain(waits).min(), ..Track::found(Some(fleet)) }
}

/// One step: the phase that has begun ends, or the next one begins.
fn step(sight: Sight<'_>, wanted: &WantedFleet, fleet: &Fleet<'_>, phases: &Phases) -> Phases {
    let (begun, done, reports) = (phases.begun, phases.done, &fleet.reports);
    let since = Time(sight.now);
    if begun > done {
        let through = reports.iter().filter(|report| report.is_through(begun)).count();
        let left_out = reports.iter().filter(|report| report.is_left_out(begun)).count();
        let has_ended =
            through + left_out == reports.len() && through > 0 && !too_many_left_out(wanted.max_failed, reports, begun);
        return if has_ended { Phases { done: begun, since, ..phases.clone() } } else { phases.clone() };
    }
    // One more phase may have been taken away meanwhile. Where both nodes are to serve, it comes even after the others.
    let serves = sight.desired.standby == Standby::Serves;
    let last = if serves { wanted.last_phase() } else { phases.last.min(wanted.last_phase()) }.max(begun);
    let is_held = fleet.held && begun + 1 == phase::SWITCHED || fleet.paused.is_some();
    let is_kept = sight.desired.suspend || sight.desired.replicas == 0 || is_held;
    let are_too_few = too_many_left_out(wanted.max_failed, reports, begun + 1);
    // A person may be about to say that it comes to nothing.
    if begun < last && !is_kept && !are_too_few && !people::are_open(&sight.observed.actions) {
        return Phases { begun: begun + 1, last, since, ..phases.clone() };
    }
    Phases { last, ..phases.clone() }
}

/// How far the instances are with a release, where that is what they were told last. Not where instances know a later passage: then the record
/// of what they were told was removed.
pub fn phases_told<'a>(sight: Sight<'_>, release: &'a Release) -> Option<&'a Phases> {
    let phases = release.status.phases.as_ref().filter(|phases| phases.passage + 1 == next_passage(sight))?;
    sight.observed.releases.told_to_instances().is_some_and(|told| told.is(release)).then_some(phases)
}

/// A number that no passage ever had, as far as releases and instances know.
fn next_passage(sight: Sight<'_>) -> i64 {
    let passage = |release: &Release| release.status.phases.as_ref().map(|phases| phases.passage);
    let seen = |upstream: &Upstream| match upstream {
        Upstream::Seen(seen) => seen.releases.iter().filter_map(passage).max(),
        Upstream::NotWatched | Upstream::NotRead | Upstream::Missing | Upstream::NotGranted => None,
    };
    let own = sight.observed.releases.iter().filter_map(passage).max();
    let instances = sight.desired.instances().filter_map(|instance| sight.observed.upstreams.get(&instance.deployment));
    // A person's word on a passage is about no other one, also where all else that is left of it was removed.
    let said = sight.observed.words.starts.as_ref().map(|start| start.passage);
    instances.filter_map(seen).chain(own).chain(said).max().unwrap_or(0) + 1
}

impl Fleet<'_> {
    /// In the words of a roll-out: an instance counts as a core does.
    pub fn rollout(&self) -> Rollout {
        let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        let through = count(self.reports.iter().filter(|report| report.is_through(self.last)).count());
        let complete = self.phases.as_ref().is_some_and(|phases| phases.done >= self.last);
        Rollout {
            complete,
            replicas: count(self.reports.len()),
            ready: through,
            updated: through,
            at_gate: self.held && self.phases.as_ref().is_some_and(|phases| phases.begun == phases.done),
            hand_over: self.phases.as_ref().filter(|_| !complete).map(|phases| self.words(phases)),
            ..Rollout::default()
        }
    }

    /// Whether the version proved itself, or what keeps it from going on.
    pub fn verdict(&self) -> Verdict {
        let Some(phases) = &self.phases else { return Verdict::Pending };
        if phases.done >= self.last {
            return Verdict::Proven;
        }
        match self.stuck(phases) {
            Some(message) => Verdict::InTheWay { reason: Reason::InstancesFailed, message },
            None => Verdict::Pending,
        }
    }

    /// Instances that do not have the version though all phases are over, or are in trouble; and whether all of them are only on their way.
    pub fn behind(&self) -> Option<(bool, String)> {
        if let Some(own) = &self.own_cores {
            return Some((true, format!("nothing is told to instances before {own} is gone")));
        }
        let behind: Vec<&Report<'_>> =
            self.reports.iter().filter(|report| !report.is_through(self.last) || report.message.is_some()).collect();
        (!behind.is_empty()).then(|| {
            let well = self.reports.len() - behind.len();
            let words = format!("{well} of {} instances are well with it; {}", self.reports.len(), named(&behind));
            (!behind.iter().any(|report| report.is_ill()), words)
        })
    }

    /// Those in which nobody serves.
    pub fn idle(&self) -> Option<String> {
        // Later ones begin by themselves.
        self.phases.as_ref().filter(|phases| phases.begun < phase::SWITCHED)?;
        let idle: Vec<&str> =
            self.reports.iter().filter(|report| report.is_idle).map(|report| report.instance.id.as_str()).collect();
        let more = idle.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = idle.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        (!idle.is_empty()).then(|| format!("nobody serves in {named}{more} before phase 2"))
    }

    /// What is wrong with instances, whatever they run.
    pub fn troubles(&self) -> Option<String> {
        let troubled: Vec<&Report<'_>> = self.reports.iter().filter(|report| report.is_ill()).collect();
        (!troubled.is_empty()).then(|| named(&troubled))
    }

    /// How many of them have core pods, and of how many.
    pub fn with_cores(&self) -> (usize, usize) {
        (self.reports.iter().filter(|report| report.has_core_pods).count(), self.reports.len())
    }

    /// A line for each.
    pub fn lines(&self) -> Vec<InstanceStatus> {
        let line = |report: &Report<'_>| InstanceStatus {
            id: report.instance.id.clone(),
            deployment: report.instance.deployment.name.clone(),
            phase: report.phase,
            failed: report.failed,
            missing_since: report.missing_since.map(Time),
            message: report.message.as_deref().map(texts::line),
        };
        self.reports.iter().map(line).collect()
    }

    /// Why the next phase does not begin, where that is for the sake of those that failed.
    fn stuck(&self, phases: &Phases) -> Option<String> {
        let phase = phases.done + 1;
        let failed: Vec<&Report<'_>> = self.reports.iter().filter(|report| report.is_left_out(phase)).collect();
        too_many_left_out(self.max_failed, &self.reports, phase).then(|| {
            format!(
                "{} of {} instances failed {} phase {phase} (strategy.activeStandby.maxFailed is {}): {}",
                failed.len(),
                self.reports.len(),
                if phases.begun == phase { "in" } else { "before" },
                self.max_failed,
                named(&failed)
            )
        })
    }

    fn words(&self, phases: &Phases) -> String {
        let what = match phases.begun {
            1 => "the version is loaded beside what serves",
            2 => "it takes over",
            3 => "it is loaded where the one before served",
            _ => "the primary nodes serve again",
        };
        let through = self.reports.iter().filter(|report| report.is_through(phases.begun)).count();
        let ill: Vec<&Report<'_>> =
            self.reports.iter().filter(|report| !report.is_through(phases.begun) && report.is_ill()).collect();
        let ill = if ill.is_empty() { String::new() } else { format!("; {}", named(&ill)) };
        let missed =
            if self.misses_one { "; a ConfigMap of one more is gone, and is waited for, for a minute" } else { "" };
        let own = self.own_cores.as_ref().map(|own| format!("; nothing is told to them before {own} is gone"));
        let own = own.unwrap_or_default();
        format!(
            "phase {} of {} ({what}): {through} of {} instances{ill}{missed}{own}",
            phases.begun,
            self.last,
            self.reports.len()
        )
    }
}

/// A pod or a Deployment with the labels of a core, which may be on the queue of an instance.
fn own_cores(sight: Sight<'_>) -> Option<String> {
    let pod = sight.cores().next().map(|pod| format!("core pod {}", pod.name));
    pod.or_else(|| sight.posts().next().map(|post| format!("Deployment {} of this deployment's own cores", post.name)))
}

/// The first of them, with what is wrong.
fn named(reports: &[&Report<'_>]) -> String {
    let mut words: Vec<String> = reports
        .iter()
        .take(NAMED)
        .map(|report| {
            let why = report.message.as_deref().map_or_else(|| "not through yet".to_owned(), texts::line);
            format!("{}: {why}", report.instance.id)
        })
        .collect();
    let more = reports.len().saturating_sub(NAMED);
    words.extend((more > 0).then(|| format!("and {more} more")));
    words.join("; ")
}
