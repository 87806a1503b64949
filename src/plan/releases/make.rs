//! Makes a release.

use super::super::want::Inputs;
use super::super::{desired::Desired, observed::SourceSeen, sight::Sight};
use super::Release;
use crate::api::v1alpha1::{self as api, ReleaseReason, TengineRelease, TengineReleaseSpec};
use crate::domain::ReleaseName;
use crate::manifest;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Resource as _;

/// The label by which a release's key is found.
const KEY_LABEL: &str = "tengine.dev/key";

/// The release of these inputs, with the next number.
pub fn make(sight: Sight<'_>, inputs: &Inputs) -> TengineRelease {
    let Sight { desired, observed, .. } = sight;
    let newest = observed.releases.newest();
    let remembered = [
        observed.status.current.as_ref().map(|running| running.release.as_str()),
        observed.status.next.as_ref().map(|next| next.release.as_str()),
    ];
    let remembered = remembered.into_iter().flatten().filter_map(|name| name.parse::<ReleaseName>().ok()?.number());
    let number = 1 + newest.map(|release| release.spec.number).into_iter().chain(remembered).max().unwrap_or(0);
    let reason = reason(newest, inputs);
    let commit = &inputs.source.commit;
    let name = ReleaseName::new(&desired.name, number, commit);
    let spec = TengineReleaseSpec {
        deployment: desired.name.clone(),
        number,
        key: inputs.key.to_string(),
        commit: commit.to_string(),
        reference: inputs.source.reference.clone(),
        revision: revision(&inputs.source),
        tag: inputs.tag.clone(),
        reason,
        build: inputs.build.clone(),
        promoted: inputs.version.as_ref().map(|version| version.promoted.clone()),
        settings: inputs.settings.clone(),
        rendering: manifest::RENDERING,
    };
    let mut release = TengineRelease::new(name.as_ref(), spec);
    release.metadata.namespace = Some(desired.namespace.clone());
    release.metadata.labels = Some(
        [
            (manifest::DEPLOYMENT_LABEL, desired.name.as_str()),
            (KEY_LABEL, inputs.key.as_ref()),
            (manifest::MANAGED_BY_LABEL, manifest::MANAGER),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into(),
    );
    release.metadata.owner_references = Some(vec![owner(desired)]);
    release
}

/// What is other than in the newest release.
fn reason(newest: Option<&Release>, inputs: &Inputs) -> ReleaseReason {
    let taken = inputs.version.as_ref().map(|version| version.promoted.image.as_str());
    match newest {
        newest if taken.is_some() && newest.and_then(Release::image) != taken => ReleaseReason::Promotion,
        Some(newest) if newest.spec.commit != inputs.source.commit.as_ref() => ReleaseReason::Commit,
        Some(newest) if inputs.tag.is_some() && newest.spec.tag != inputs.tag => ReleaseReason::Commit,
        Some(newest)
            if newest.spec.build.base_digest != inputs.build.base_digest
                && newest.spec.build.base == inputs.build.base =>
        {
            ReleaseReason::BaseImage
        }
        Some(_) => ReleaseReason::Spec,
        None => ReleaseReason::Commit,
    }
}

/// The reference that makes Kubernetes remove what belongs to a deployment together with it.
fn owner(desired: &Desired) -> OwnerReference {
    OwnerReference {
        api_version: api::TengineDeployment::api_version(&()).into_owned(),
        kind: api::TengineDeployment::kind(&()).into_owned(),
        name: desired.name.clone(),
        uid: desired.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// `main@4f2c1a9`.
fn revision(source: &SourceSeen) -> String {
    let short = source.commit.short();
    let name = ["refs/heads/", "refs/tags/"].iter().find_map(|prefix| source.reference.strip_prefix(prefix));
    match name.unwrap_or(&source.reference) {
        "" => short.to_owned(),
        name => format!("{name}@{short}"),
    }
}
