//! What the two nodes of a pair are up to.

use super::super::sight::Sight;
use crate::api::v1alpha1::{Nodes, StrategyType};
use crate::domain::Place;

/// Both of them; `None` of what is no pair.
pub fn nodes(sight: Sight<'_>) -> Option<Nodes> {
    let is_pair = sight.desired.strategy == StrategyType::ActiveStandby && sight.desired.fleet.is_none();
    is_pair.then(|| Nodes { primary: node(sight, Place::First), secondary: node(sight, Place::Second) })
}

fn node(sight: Sight<'_>, place: Place) -> String {
    let Some(post) = sight.posts().find(|post| post.place == place) else { return "none".to_owned() };
    let workload = post.workload;
    let cores = || sight.cores().filter(|pod| pod.turn == post.turn);
    let what = if workload.wanted == 0 {
        if workload.replicas == 0 && cores().next().is_none() {
            return "none".to_owned();
        }
        "ending"
    } else if sight.ready_in(post.turn).next().is_some() {
        "active"
    } else if cores().any(|pod| pod.is_silent) {
        "silent"
    } else if post.turn.is_none_or(|turn| turn <= sight.turn()) {
        "starting"
    } else if cores().any(|pod| pod.is_loaded && !pod.is_deleting()) {
        "standby"
    } else {
        "loading"
    };
    let release = workload.release.as_deref().and_then(|name| sight.observed.releases.named(name));
    let version =
        release.map_or_else(|| "of a release that is gone".to_owned(), |release| release.spec.revision.clone());
    format!("{what} {version}")
}
