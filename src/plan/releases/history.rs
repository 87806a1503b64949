//! Which releases and configuration files may go?

use super::super::effect::Effect;
use super::super::observed::{LiveKind, Observed};
use super::super::people;
use super::super::reading::Reading;
use super::Release;
use std::collections::BTreeSet;

/// Everything beyond the limit, oldest first. Never what runs, should run (a pinned one, too), served last, last proved itself, or is wanted.
pub fn expire(reading: &Reading<'_>) -> Vec<Effect> {
    let observed = reading.sight.observed;
    let kept = [reading.candidate, reading.choice.release, reading.choice.serves(), observed.releases.last_verified()];
    let kept: BTreeSet<&str> = kept.into_iter().flatten().map(|release| release.name.as_str()).collect();
    // A person may be asking for any of them just now.
    let is_asked = observed.actions.iter().any(|action| !people::is_answered(action));
    let releases = observed.releases.iter().filter(|_| !is_asked);
    let mut rest: Vec<&Release> =
        releases.filter(|release| !release.deleting && !kept.contains(release.name.as_str())).collect();
    // What a gate opens for by itself before long is not lost to a stream of newer ones.
    rest.retain(|release| reading.passages.shut(release).is_none_or(|(_, shut)| shut.opens_at.is_none()));
    rest.sort_by_key(|release| std::cmp::Reverse(release.spec.number));
    let old = rest.into_iter().skip(reading.sight.desired.history_limit).rev();
    let mut effects: Vec<Effect> = old.map(|release| Effect::DeleteRelease { release: release.name.clone() }).collect();
    // While old pods may still start again, they need their configuration.
    if reading.rollout.complete {
        effects.extend(unused_configs(observed));
    }
    effects
}

fn unused_configs(observed: &Observed) -> Vec<Effect> {
    let workloads = || observed.children.iter().filter_map(|child| child.workload.as_ref());
    observed
        .children
        .iter()
        .filter(|child| child.kind == LiveKind::ConfigMap && child.ours && !child.deleting)
        .filter(|child| child.object.pointer("/data/serves").is_none())
        .filter(|child| !workloads().any(|workload| workload.config_maps.contains(&child.name)))
        .map(|child| Effect::Delete { kind: child.kind, name: child.name.clone() })
        .collect()
}
