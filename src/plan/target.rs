//! Which release should run?

use super::{Desired, Observed, release, rollout::Rollout};
use crate::api::v1alpha1::TengineRelease;
use crate::domain::{ChildName, Component};
use crate::manifest;
use kube::ResourceExt as _;

/// The release that should run, and the one that does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    /// Should run.
    pub release: Option<&'a TengineRelease>,
    /// Serves: the last one whose roll-out was complete.
    pub current: Option<&'a TengineRelease>,
}

impl Target<'_> {
    /// Whether `release` is the one that serves, given what the roll-out looks like.
    pub fn current_after(&self, rollout: &Rollout, release: &TengineRelease) -> bool {
        let serving = if rollout.complete { self.release } else { self.current };
        serving.is_some_and(|serving| serving.name_any() == release.name_any())
    }
}

/// The candidate if it has an image and was not refused; else what the cluster was last told to run, unless
/// that was refused; else the last one that proved itself. Where somebody removed the release that the cluster was told,
/// nothing is chosen while it is made again: what runs stays, instead of an older release coming back for that time.
pub(super) fn choose<'a>(
    desired: &Desired,
    observed: &'a Observed,
    candidate: Option<&'a TengineRelease>,
) -> Target<'a> {
    let name = told(desired, observed);
    let told = name.and_then(|name| observed.releases.iter().find(|release| release.name_any() == name));
    let on_its_way = candidate.is_none_or(|release| !has_image(release) && release::rejected(release).is_none());
    if name.is_some() && told.is_none() && on_its_way {
        return Target { release: None, current: None };
    }
    let proven = last_proven(observed);
    let current = observed
        .status
        .current
        .as_ref()
        .and_then(|running| observed.releases.iter().find(|release| release.name_any() == running.release))
        .or(proven);
    let eligible = |release: &&TengineRelease| has_image(release) && release::rejected(release).is_none();
    // A refused release that is alone stays: taking it away would bring nothing back.
    let release = candidate.filter(eligible).or_else(|| told.filter(eligible)).or(proven).or(told);
    Target { release, current }
}

/// The name of the release in the core's Deployment.
fn told<'a>(desired: &Desired, observed: &'a Observed) -> Option<&'a str> {
    let name = ChildName::of_component(&desired.name, Component::Core);
    let core = observed.children.iter().find(|child| child.ours && child.name == name.as_ref())?;
    core.object.pointer("/metadata/annotations")?.get(manifest::RELEASE_ANNOTATION)?.as_str()
}

fn last_proven(observed: &Observed) -> Option<&TengineRelease> {
    observed
        .releases
        .iter()
        .filter(|release| has_image(release) && release::rejected(release).is_none())
        .filter_map(|release| Some((release.status.as_ref()?.verified_at.as_ref()?.0, release)))
        .max_by_key(|(at, release)| (*at, release.spec.number))
        .map(|(_, release)| release)
}

pub(super) fn has_image(release: &TengineRelease) -> bool {
    release.status.as_ref().is_some_and(|status| status.image.is_some())
}
