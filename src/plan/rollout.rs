//! How far the roll-out of the target is.

use super::lineup::Lineup;
use super::observed::{Pod, Workload};
use super::serve::Served;
use super::sight::Sight;
use crate::domain::Component;
use jiff::Timestamp;

/// How far the roll-out of the target is.
#[derive(Debug, Clone, Default)]
pub struct Rollout {
    /// All wanted pods of all components run the target, are ready, and nothing else runs.
    pub complete: bool,
    /// Core pods there are.
    pub replicas: i32,
    /// Core pods that are ready.
    pub ready: i32,
    /// Core pods that run the target's version.
    pub updated: i32,
    /// Since when all core pods of the target are ready.
    pub ready_since: Option<Timestamp>,
    /// The components, besides the core, that are not ready.
    pub waiting_for: Vec<Component>,
    /// Kubernetes' own words on why no pods can be made.
    pub refused: Option<String>,
    /// A Deployment that somebody paused.
    pub paused: Option<String>,
    /// How far cores are that take over from others, in words.
    pub hand_over: Option<String>,
    /// Whether all of them wait, and gates keep them from that.
    pub at_gate: bool,
    /// Core pods of the target.
    pub pods: Vec<Pod>,
    /// Core pods of other templates: of other releases, or of other Secrets.
    pub others: Vec<Pod>,
    /// Core pods that wait to take over from the target's, where some are to.
    pub standby: Option<Vec<Pod>>,
    /// Pods of what stands beside the core.
    pub beside: Vec<Pod>,
    /// Core pods that were told to end.
    pub ending: Vec<Pod>,
}

impl Rollout {
    /// Reads it off the Deployments and pods.
    pub fn of(sight: Sight<'_>, lineup: &Lineup<'_>, served: &Served) -> Self {
        let place = lineup.seats.first().map(|seat| seat.place);
        let core = sight.posts().find(|post| Some(post.place) == place).map(|post| post.workload);
        let waits = lineup.standby.map(|seat| seat.place);
        let others = || {
            let posts = sight.posts().filter(|post| Some(post.place) != place && Some(post.place) != waits);
            posts.map(|post| post.workload)
        };
        let standby = lineup.standby.and_then(|seat| seat.turn);
        let is_complete = |component| sight.workload(component).is_some_and(Workload::is_complete);
        let renders = |component: &Component| *component != Component::Core && served.renders(*component);
        let beside = || Component::ALL.into_iter().filter(|component| !served.is_not_made && renders(component));
        let all = || [Component::Core].into_iter().chain(beside());
        let waiting_for: Vec<Component> = beside().filter(|component| !is_complete(*component)).collect();
        let template = core.and_then(|core| core.template.as_ref()).filter(|_| served.core_is_told);
        let mut rollout = Self {
            complete: lineup.seats.iter().all(|seat| seat.is_whole)
                && served.in_sync
                && core.map_or(served.is_not_made, Workload::is_complete)
                && others().all(|other| other.wanted == 0)
                && waiting_for.is_empty(),
            replicas: core.into_iter().chain(others()).map(|cores| cores.replicas).sum(),
            ready: core.into_iter().chain(others()).map(|cores| cores.ready).sum(),
            updated: core.map_or(0, |core| core.updated),
            refused: all().find_map(|part| sight.workload(part)?.refused.clone()),
            paused: all().find_map(|part| {
                let held_up = sight.workload(part)?.is_paused && !is_complete(part);
                held_up.then(|| sight.deployment(part).map(|found| found.name.clone())).flatten()
            }),
            waiting_for,
            hand_over: lineup.words.clone(),
            at_gate: lineup.at_gate,
            standby: lineup.standby.map(|seat| sight.cores().filter(|pod| pod.turn == seat.turn).cloned().collect()),
            ..Self::default()
        };
        // Pods that ended for good are no pods any more: others take their place.
        for pod in sight.observed.pods.iter().filter(|pod| !pod.is_over) {
            let of_target = template.is_some() && pod.template.as_ref() == template;
            let place = match pod.component {
                Some(Component::Core) if pod.is_deleting() => &mut rollout.ending,
                Some(Component::Core) if of_target => &mut rollout.pods,
                Some(Component::Core) if standby.is_some() && pod.turn == standby => continue,
                Some(Component::Core) => &mut rollout.others,
                Some(Component::HeartbeatWatchd | Component::Atd) if !pod.is_deleting() => &mut rollout.beside,
                Some(Component::HeartbeatWatchd | Component::Atd) | None => continue,
            };
            place.push(pod.clone());
        }
        rollout.ready_since = rollout.pods.iter().filter_map(|pod| pod.ready_since).max();
        rollout
    }
}
