//! Is there a release for the wanted commit and inputs, and how far is it?

use super::observed::{Build, SourceSeen};
use super::{Action, Desired, Observed, record};
use crate::api::v1alpha1::{
    self as api, BaseUpdate, DefinitionCheck, ReleaseReason, ReleaseState, Settings, TengineRelease,
    TengineReleaseSpec,
    condition::{ConditionType, Reason},
};
use crate::domain::{Digest, KeyHasher, ReleaseKey, ReleaseName};
use crate::manifest;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Resource as _, ResourceExt as _};

/// The label by which a release's key is found.
pub const KEY_LABEL: &str = "tengine.dev/key";

/// What policy wants, as far as it is known.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Commit, base image or configuration are not known (yet): nothing new is wanted.
    Unknown,
    /// These inputs.
    Known(Box<Inputs>),
}

/// Everything that decides a release.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// Stands for all of it.
    pub key: ReleaseKey,
    /// The commit and its ref.
    pub source: SourceSeen,
    /// What the base image is.
    pub base: Digest,
    /// The settings.
    pub settings: Settings,
}

/// What policy wants now. What was known before a restart counts until the first look.
pub(super) fn wanted(desired: &Desired, observed: &Observed) -> Wanted {
    if desired.suspend {
        return Wanted::Unknown;
    }
    let settings = match (desired.config_ref(), &observed.references.config) {
        (Some(_), None) => return Wanted::Unknown,
        (Some(_), Some(config)) => desired.settings(Some(config.clone())),
        (None, _) => desired.settings(None),
    };
    let (Some(source), Some(base)) = (source(desired, observed), base(desired, observed)) else {
        return Wanted::Unknown;
    };
    let key = key(desired, &source, &base, &settings);
    Wanted::Known(Box::new(Inputs { key, source, base, settings }))
}

/// What the ref points at. Without an answer of this process, what the status says of this very spec counts, unless the
/// host had said no and is being asked again: then that is what the answer is about.
pub(super) fn source(desired: &Desired, observed: &Observed) -> Option<SourceSeen> {
    let remembered = || {
        let status = observed.status.source.as_ref()?;
        let same_spec = observed.status.observed_generation == Some(desired.generation);
        let commit = status.commit.parse().ok()?;
        let asked_anew = was_refused(observed) && observed.source.trouble.is_none();
        (same_spec && !asked_anew).then(|| SourceSeen { reference: status.reference.clone(), commit })
    };
    observed.source.answer.as_ref().map(|(seen, _)| seen.clone()).or_else(remembered)
}

/// Whether the last that was written of the Git host is a no, as opposed to its being out of reach.
fn was_refused(observed: &Observed) -> bool {
    let said = observed.status.conditions.iter().find(|said| said.type_ == ConditionType::SourceReady.to_string());
    said.is_some_and(|said| {
        said.status == "False" && !Reason::from_word(&said.reason).is_some_and(Reason::passes_by_itself)
    })
}

fn base(desired: &Desired, observed: &Observed) -> Option<Digest> {
    let newest = observed
        .releases
        .iter()
        .filter(|release| release.spec.build.base == desired.base.reference.to_string())
        .max_by_key(|release| release.spec.number)
        .and_then(|release| release.spec.build.base_digest.parse().ok());
    let pinned = newest.clone().filter(|_| desired.base.update == BaseUpdate::Pin);
    let answer = observed.base.answer.as_ref().map(|(digest, _)| digest.clone());
    let refused = observed.base.trouble.as_ref().is_some_and(|trouble| trouble.definite);
    let remembered = newest.filter(|_| !refused);
    desired.base.reference.digest.clone().filter(|_| !refused).or(pinned).or(answer).or(remembered)
}

/// Replicas, strategy, intervals and `suspend` are left out: they never make a release.
fn key(desired: &Desired, source: &SourceSeen, base: &Digest, settings: &Settings) -> ReleaseKey {
    // Maps in the settings are sorted, so equal settings give equal text.
    let settings = serde_json::to_vec(settings).unwrap_or_default();
    let mut key = KeyHasher::default()
        .part("commit", source.commit.to_string())
        .part("path", desired.source.path.to_string())
        .part("repository", desired.repository.to_string())
        .part("base", base.to_string())
        .part("settings", settings);
    // Left out where it is the default, so that releases made before it existed keep their keys.
    if let Some(check) = unusual_check(desired) {
        key = key.part("definitionCheck", format!("{check:?}"));
    }
    key.release_key()
}

/// What comes of errors in the definitions, where that is not the default.
fn unusual_check(desired: &Desired) -> Option<DefinitionCheck> {
    Some(desired.definition_check).filter(|check| *check != DefinitionCheck::default())
}

/// The release that has the wanted inputs.
pub(super) fn candidate<'a>(wanted: &Wanted, observed: &'a Observed) -> Option<&'a TengineRelease> {
    let Wanted::Known(inputs) = wanted else { return None };
    observed
        .releases
        .iter()
        .filter(|release| release.spec.key == inputs.key.as_ref() && !deleting(release))
        .min_by_key(|release| release.spec.number)
}

pub(super) fn deleting(release: &TengineRelease) -> bool {
    release.meta().deletion_timestamp.is_some()
}

/// Makes the release, starts its build, and writes the build's outcome down.
pub(super) fn advance(
    desired: &Desired,
    observed: &Observed,
    wanted: &Wanted,
    (candidate, current): (Option<&TengineRelease>, Option<&TengineRelease>),
    now: Timestamp,
) -> Vec<Action> {
    let Wanted::Known(inputs) = wanted else { return Vec::new() };
    let Some(release) = candidate else {
        return vec![Action::CreateRelease(Box::new(make(desired, observed, inputs)))];
    };
    let status = release.status.clone().unwrap_or_default();
    if status.image.is_some() || status.rejected_at.is_some() {
        return Vec::new();
    }
    let name = release.name_any();
    let start = || {
        let against = current.map(TengineRelease::name_any).filter(|current| *current != name);
        vec![Action::Build { release: name.clone(), against }]
    };
    match observed.builds.get(&name) {
        None => start(),
        Some(Build::Trouble(_, trouble)) if trouble.retry_at <= now => start(),
        Some(Build::Running(_) | Build::Trouble(..)) => Vec::new(),
        Some(Build::Built(built)) => vec![record::built(name, status, built)],
        Some(Build::Refused(refused)) => vec![record::refused(name, status, refused, now)],
    }
}

fn make(desired: &Desired, observed: &Observed, inputs: &Inputs) -> TengineRelease {
    let newest = observed.releases.iter().max_by_key(|release| release.spec.number);
    let remembered = [
        observed.status.current.as_ref().map(|running| running.release.as_str()),
        observed.status.next.as_ref().map(|next| next.release.as_str()),
    ];
    let remembered = remembered.into_iter().flatten().filter_map(|name| name.parse::<ReleaseName>().ok()?.number());
    let number = 1 + newest.map(|release| release.spec.number).into_iter().chain(remembered).max().unwrap_or(0);
    let reason = match newest {
        Some(newest) if newest.spec.commit != inputs.source.commit.as_ref() => ReleaseReason::Commit,
        Some(newest)
            if newest.spec.build.base_digest != inputs.base.as_ref()
                && newest.spec.build.base == desired.base.reference.to_string() =>
        {
            ReleaseReason::BaseImage
        }
        Some(_) => ReleaseReason::Spec,
        None => ReleaseReason::Commit,
    };
    let commit = &inputs.source.commit;
    let name = ReleaseName::new(&desired.name, number, commit);
    let spec = TengineReleaseSpec {
        deployment: desired.name.clone(),
        number,
        key: inputs.key.to_string(),
        commit: commit.to_string(),
        reference: inputs.source.reference.clone(),
        revision: revision(&inputs.source),
        reason,
        build: api::Build {
            url: desired.source.url.to_string(),
            path: desired.source.path.to_string(),
            base: desired.base.reference.to_string(),
            base_digest: inputs.base.to_string(),
            repository: desired.repository.to_string(),
            definition_check: unusual_check(desired),
        },
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

/// The reference that makes Kubernetes remove what belongs to a deployment together with it.
pub(super) fn owner(desired: &Desired) -> OwnerReference {
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

/// The state that stands for a refusal.
pub(super) fn refused_state(reason: Reason) -> ReleaseState {
    match reason {
        Reason::PathNotFound => ReleaseState::PathNotFound,
        Reason::NoDefinition => ReleaseState::NoDefinition,
        Reason::TreeRefused | Reason::TooLarge => ReleaseState::TreeRefused,
        Reason::PackageMissing => ReleaseState::PackageMissing,
        Reason::CoreFailed => ReleaseState::CoreFailed,
        Reason::ProgressDeadlineExceeded => ReleaseState::ProgressDeadlineExceeded,
        _ => ReleaseState::DefinitionInvalid,
    }
}

/// The reason by which a refusal is known once it is written down; before that, too, so that it has one name.
pub(super) fn lasting(reason: Reason) -> Reason {
    refusal(refused_state(reason)).unwrap_or(reason)
}

/// The reason that a refused release's state stands for; `None` where it was not refused.
pub(super) fn refusal(state: ReleaseState) -> Option<Reason> {
    match state {
        ReleaseState::DefinitionInvalid => Some(Reason::DefinitionInvalid),
        ReleaseState::PathNotFound => Some(Reason::PathNotFound),
        ReleaseState::NoDefinition => Some(Reason::NoDefinition),
        ReleaseState::TreeRefused => Some(Reason::TreeRefused),
        ReleaseState::PackageMissing => Some(Reason::PackageMissing),
        ReleaseState::CoreFailed => Some(Reason::CoreFailed),
        ReleaseState::ProgressDeadlineExceeded => Some(Reason::ProgressDeadlineExceeded),
        ReleaseState::Building
        | ReleaseState::Built
        | ReleaseState::RollingOut
        | ReleaseState::Verified
        | ReleaseState::Superseded => None,
    }
}

/// Whether this release was refused, and why.
pub(super) fn rejected(release: &TengineRelease) -> Option<Reason> {
    let status = release.status.as_ref()?;
    status.rejected_at.as_ref()?;
    status.state.and_then(refusal).or(Some(Reason::DefinitionInvalid))
}
