//! What may be read of another deployment, or why it may not.

use super::observed::{LAST_PHASE, Upstream, UpstreamSeen, phase_word_of, word_of};
use super::sight::Sight;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::DeploymentName;

/// Why another deployment's words cannot be had: a reason, and a sentence.
pub type Obstacle = (Reason, String);

/// The other deployment.
///
/// # Errors
/// Why it cannot be asked.
pub fn reachable<'a>(sight: Sight<'a>, from: &DeploymentName) -> Result<&'a UpstreamSeen, Obstacle> {
    match sight.observed.upstreams.get(from) {
        Some(Upstream::Seen(seen)) => Ok(seen),
        None | Some(Upstream::NotRead) => {
            Err((Reason::WaitingForStatus, format!("namespace {} is being read", from.namespace)))
        }
        Some(Upstream::NotWatched) => {
            let message = format!("namespace {} is not among those that this operator watches", from.namespace);
            Err((Reason::UpstreamMissing, message))
        }
        Some(Upstream::Missing) => {
            let message = format!("there is no TengineDeployment {} in namespace {}", from.name, from.namespace);
            Err((Reason::UpstreamMissing, message))
        }
        Some(Upstream::NotGranted) => {
            let message = format!("{from} does not grant namespace {} to read its words", sight.desired.namespace);
            Err((Reason::NotGranted, message))
        }
    }
}

/// A word that is never attached is not waited for in silence.
pub fn undeclared(words: &[String], from: &DeploymentName, seen: &UpstreamSeen) -> Option<Obstacle> {
    let environment = seen.environment.as_deref();
    let word = environment.map(word_of);
    let phases = |wanted: &String| {
        let mut of_phases = (1..LAST_PHASE).filter(|_| seen.has_phases);
        environment.is_some_and(|environment| of_phases.any(|phase| phase_word_of(environment, phase) == *wanted))
    };
    let unknown = words.iter().find(|wanted| word.as_ref() != Some(wanted) && !phases(wanted))?;
    let message = match word {
        Some(word) => format!("{from} never gives {unknown}: its word is {word}"),
        None => format!("{from} never gives {unknown}: it has no environment"),
    };
    Some((Reason::StatusUnknown, message))
}

/// Whether a deployment that is asked has not been read yet: what was known of it is all that is known.
pub fn are_unread(sight: Sight<'_>) -> bool {
    sight.desired.asks().any(|other| matches!(sight.observed.upstreams.get(other), None | Some(Upstream::NotRead)))
}

/// What serves, where a deployment that let it pass has rejected its version since.
pub fn revoked(sight: Sight<'_>, serving: &super::releases::Release) -> Option<String> {
    let digest = serving.digest()?;
    sight.desired.asks().find_map(|from| {
        let seen = reachable(sight, from).ok()?;
        let rejected = seen.releases.rejected_version(digest)?;
        let state = rejected.status.state.map_or_else(String::new, |state| format!(": {state:?}"));
        Some(format!("{}, which serves, was rejected by {from} since{state}", serving.short()))
    })
}
