//! What policy wants, as far as it is known: the inputs of a release.

use super::observed::SourceSeen;
use super::{desired::Desired, observed::Observed, sight::Sight};
use crate::api::v1alpha1::{BaseUpdate, DefinitionCheck, Settings};
use crate::domain::{Digest, KeyHasher, ReleaseKey};

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
pub fn want(sight: Sight<'_>) -> Wanted {
    let Sight { desired, observed, .. } = sight;
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
pub fn source(desired: &Desired, observed: &Observed) -> Option<SourceSeen> {
    let remembered = || {
        let status = observed.status.source.as_ref()?;
        let same_spec = observed.status.observed_generation == Some(desired.generation);
        let commit = status.commit.parse().ok()?;
        let asked_anew = status.refused_since.is_some() && observed.source.trouble.is_none();
        (same_spec && !asked_anew).then(|| SourceSeen { reference: status.reference.clone(), commit })
    };
    observed.source.answer.as_ref().map(|(seen, _)| seen.clone()).or_else(remembered)
}

fn base(desired: &Desired, observed: &Observed) -> Option<Digest> {
    let of_this_base =
        observed.releases.iter().filter(|release| release.spec.build.base == desired.base.reference.to_string());
    let newest = of_this_base
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
pub fn unusual_check(desired: &Desired) -> Option<DefinitionCheck> {
    Some(desired.definition_check).filter(|check| *check != DefinitionCheck::default())
}
