//! What policy wants, as far as it is known: the inputs of a release.

use super::desired::{Desired, FromGit, Origin, WantedPromotion};
use super::look;
use super::member;
use super::observed::{Observed, SourceSeen};
use super::promote::{self, Version};
use super::sight::Sight;
use super::train;
use crate::api::v1alpha1::{BaseUpdate, Build, DefinitionCheck, ReleaseTag, Settings};
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
    /// What decides the image besides the commit.
    pub build: Build,
    /// The settings.
    pub settings: Settings,
    /// The tag, where the newest of some is followed.
    pub tag: Option<ReleaseTag>,
    /// The image, where another deployment made and proved it.
    pub version: Option<Version>,
}

/// What policy wants now. What was known before a restart counts until the first look.
pub fn want(sight: Sight<'_>) -> Wanted {
    let desired = sight.desired;
    if desired.suspend {
        return Wanted::Unknown;
    }
    let Some(settings) = settings(sight) else { return Wanted::Unknown };
    let inputs = match &desired.origin {
        Origin::Git(git) => to_build(sight, git, settings),
        Origin::Promotion(promotion) => to_promote(sight, promotion, settings),
    };
    inputs.map_or(Wanted::Unknown, |inputs| Wanted::Known(Box::new(inputs)))
}

/// What the cores would be started with, where that is known.
pub fn settings(Sight { desired, observed, .. }: Sight<'_>) -> Option<Settings> {
    match (desired.config_ref(), &observed.references.config) {
        (Some(_), None) => None,
        (Some(_), Some(config)) => Some(desired.settings(Some(config.clone()))),
        (None, _) => Some(desired.settings(None)),
    }
}

fn to_build(sight: Sight<'_>, git: &FromGit, settings: Settings) -> Option<Inputs> {
    let Sight { desired, observed, .. } = sight;
    let seen = look::source(desired, observed)?;
    let (source, tag) = match train::judge(sight, &seen) {
        None => (seen, None),
        Some(stand) => train::wanted(sight, stand, seen)?,
    };
    let base = base(git, observed)?;
    let build = Build {
        url: git.source.url.to_string(),
        path: git.source.path.to_string(),
        base: git.base.reference.to_string(),
        base_digest: base.to_string(),
        repository: git.repository.to_string(),
        definition_check: unusual_check(desired),
    };
    let key = key((&source, tag.as_ref()), &build, &settings);
    Some(Inputs { key, source, build, settings, tag, version: None })
}

fn to_promote(sight: Sight<'_>, promotion: &WantedPromotion, settings: Settings) -> Option<Inputs> {
    let version = promote::wanted(sight, promotion)?;
    let settings = member::with_config_of_release(sight, settings);
    // With the number: what is proven again after something else is another release, and newer than that.
    let promoted = &version.promoted;
    let key = KeyHasher::default()
        .part("image", &promoted.image)
        .part("promoted", format!("{} {}", promoted.uid, promoted.number))
        .part("settings", text(&settings))
        .release_key();
    Some(Inputs {
        key,
        source: version.source.clone(),
        build: version.build.clone(),
        settings,
        tag: None,
        version: Some(version),
    })
}

/// The base image, as far as it is known.
pub fn base(git: &FromGit, observed: &Observed) -> Option<Digest> {
    let base = &git.base;
    let of_this_base = observed.releases.iter().filter(|release| release.spec.build.base == base.reference.to_string());
    let newest = of_this_base
        .max_by_key(|release| release.spec.number)
        .and_then(|release| release.spec.build.base_digest.parse().ok());
    let pinned = newest.clone().filter(|_| base.update == BaseUpdate::Pin);
    let answer = observed.base.answer.as_ref().map(|(digest, _)| digest.clone());
    let refused = observed.base.trouble.as_ref().is_some_and(|trouble| trouble.definite);
    let remembered = newest.filter(|_| !refused);
    base.reference.digest.clone().filter(|_| !refused).or(pinned).or(answer).or(remembered)
}

/// Replicas, strategy, intervals and `suspend` are left out: they never make a release.
fn key((source, tag): (&SourceSeen, Option<&ReleaseTag>), build: &Build, settings: &Settings) -> ReleaseKey {
    let mut key = KeyHasher::default()
        .part("commit", source.commit.to_string())
        .part("path", &build.path)
        .part("repository", &build.repository)
        .part("base", &build.base_digest)
        .part("settings", text(settings));
    if let Some(tag) = tag {
        key = key.part("tag", &tag.name);
        // What was accepted is a release of its own, also where the commit is one that the tag was on before.
        if let Some(number) = tag.accepted {
            key = key.part("accepted", number.to_string());
        }
    }
    // Left out where it is the default, so that releases made before it existed keep their keys.
    if let Some(check) = build.definition_check {
        key = key.part("definitionCheck", format!("{check:?}"));
    }
    key.release_key()
}

/// Maps in the settings are sorted, so equal settings give equal text.
pub fn text(settings: &Settings) -> Vec<u8> {
    serde_json::to_vec(settings).unwrap_or_default()
}

/// What comes of errors in the definitions, where that is not the default.
fn unusual_check(desired: &Desired) -> Option<DefinitionCheck> {
    Some(desired.definition_check).filter(|check| *check != DefinitionCheck::default())
}
