//! What the cores that wait beside those that serve are up to.

use super::super::hand_over;
use super::super::member;
use super::super::observed::{Pod, PodTrouble};
use super::super::reading::Reading;
use super::super::releases::Release;
use super::super::sight::Post;
use super::conditions::{Conditions, Truth};
use super::words::sentences;
use crate::api::v1alpha1::condition::{ConditionType, Reason};
use crate::api::v1alpha1::{Standby, StrategyType};

/// Says whether somebody is there to take over.
pub(super) fn ready(conditions: &mut Conditions<'_>, reading: &Reading<'_>) {
    let desired = reading.sight.desired;
    let Some(release) =
        reading.choice.release.filter(|_| desired.strategy == StrategyType::ActiveStandby && desired.fleet.is_none())
    else {
        return;
    };
    let kind = ConditionType::StandbyReady;
    if desired.replicas == 0 {
        return conditions.set(kind, Truth::No, Reason::Stopped, "replicas is 0");
    }
    let short = release.short();
    let Some(pods) = reading.rollout.standby.as_ref().filter(|_| reading.served.standby_taken.is_none()) else {
        let (reason, message) = nobody(reading, release);
        return conditions.set(kind, Truth::No, reason, &message);
    };
    let post = reading.sight.posts().find(|post| post.turn > reading.sight.active_turn());
    let template = post.as_ref().and_then(|post| post.workload.template.as_ref());
    let loaded = pods.iter().filter(|pod| hand_over::has_loaded(pod, template)).count();
    let serving = pods.iter().filter(|pod| pod.ready && !pod.is_deleting()).count();
    let message = match desired.standby {
        Standby::Waits => format!("{loaded} of {} cores have loaded {short} and wait to take over", desired.replicas),
        Standby::Serves => format!("{serving} of {} cores serve beside the others with {short}", desired.replicas),
    };
    let there = if desired.standby == Standby::Serves { serving } else { loaded };
    let stay = |post: &Post<'_>| post.workload.is_current && post.workload.updated >= desired.replicas;
    let stay = desired.standby == Standby::Serves || post.as_ref().is_none_or(stay);
    if stay && i32::try_from(there).is_ok_and(|there| there >= desired.replicas) {
        return conditions.set(kind, Truth::Yes, Reason::Succeeded, &message);
    }
    let deployment = post.map_or_else(String::new, |post| format!("Deployment {}", post.name));
    let (reason, words) = match post.map(|post| post.workload) {
        Some(workload) if workload.is_paused => (Reason::DeploymentPaused, format!("{deployment} is paused")),
        Some(workload) if workload.refused.is_some() => {
            (Reason::PodsRefused, workload.refused.clone().unwrap_or_default())
        }
        _ => pods
            .iter()
            .find_map(obstacle)
            .map_or((Reason::Progressing, String::new()), |(reason, words)| (reason, words.to_owned())),
    };
    conditions.set(kind, Truth::No, reason, &sentences(&[&message, &words]));
}

/// Why nobody is there.
fn nobody(reading: &Reading<'_>, release: &Release) -> (Reason, String) {
    let short = release.short();
    if let Some(taken) = &reading.served.standby_taken {
        return (taken.reason, sentences(&[&format!("nobody waits beside {short}"), &taken.message]));
    }
    if let (Some(gates), Some(serves)) = (at_gate(reading, release), reading.choice.serves()) {
        let beside = serves.short();
        let message = format!("nobody waits beside {beside}: {short} has the place, and waits to take over at {gates}");
        return (Reason::Progressing, sentences(&[&message]));
    }
    let until = member::waits_to_follow(reading.sight, release);
    let until = until.unwrap_or_else(|| "it serves alone and is verified".to_owned());
    (Reason::Progressing, sentences(&[&format!("nobody waits beside {short} until {until}")]))
}

/// The gates that keep a version from taking over that has loaded in their place.
fn at_gate(reading: &Reading<'_>, release: &Release) -> Option<String> {
    reading.passages.gates_of(release).filter(|_| reading.rollout.at_gate)
}

/// What keeps one of them from waiting.
fn obstacle(pod: &Pod) -> Option<(Reason, &str)> {
    match pod.trouble.as_ref()? {
        PodTrouble::Obstacle(obstacle, words) => Some((obstacle.reason(), words)),
        PodTrouble::PackageMissing => Some((Reason::PackageMissing, "")),
        PodTrouble::Crash(_) => Some((Reason::CoreFailed, "its process ended")),
        PodTrouble::Disconnected => None,
    }
}
