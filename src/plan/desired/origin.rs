//! Where images come from, as values that cannot be wrong.

use super::check::Check;
use super::{FromGit, Origin, WantedBase, WantedPromotion, WantedReleases, WantedSource, gates};
use crate::api::v1alpha1::{
    DeploymentReference, GitSource, ImageSpec, PromotionSource, Provider, ReleasesReference, TengineDeploymentSpec,
};
use crate::domain::{GitProvider, RepositoryUrl, is_of_the_same_host};

/// Reads it, with the Secret for the image; `own` is the deployment's namespace and name.
pub(super) fn read(
    check: &mut Check,
    spec: &TengineDeploymentSpec,
    own: (&str, &str),
) -> (Option<Origin>, Option<String>) {
    match (&spec.source.git, &spec.source.promotion, &spec.image) {
        (Some(git), None, Some(image)) => {
            let secret = image.secret_ref.as_ref().map(|secret| secret.name.clone());
            (from_git(check, git, image).map(|git| Origin::Git(Box::new(git))), secret)
        }
        (None, Some(promotion), None) => {
            if spec.checks.as_ref().is_some_and(|checks| checks.definition.is_some()) {
                let message = "the definitions are checked where they are built; leave it out, or set it there";
                check.complain(format!("spec.checks.definition: {message}"));
            }
            let secret = promotion.secret_ref.as_ref().map(|secret| secret.name.clone());
            (Some(Origin::Promotion(promoted(check, promotion, own))), secret)
        }
        (Some(_), None, None) => {
            check.complain("spec.image: say what the definitions of source.git are put on");
            (None, None)
        }
        (None, Some(_), Some(_)) => {
            check.complain("spec.image: what source.promotion takes is an image already; leave it out");
            (None, None)
        }
        _ => {
            check.complain("spec.source: give exactly one of git and promotion");
            (None, None)
        }
    }
}

fn from_git(check: &mut Check, git: &GitSource, image: &ImageSpec) -> Option<FromGit> {
    let url = check.parse("spec.source.git.url", &git.url);
    let follow = check.follow(git.reference.as_ref());
    let path = check.parse("spec.source.git.path", git.path.as_deref().unwrap_or_default());
    let reference = check.parse("spec.image.base.reference", &image.base.reference);
    let interval = check.span("spec.image.base.interval", image.base.interval.as_deref(), 600, 5);
    let repository = check.parse("spec.image.repository", &image.repository);
    let secret = git.secret_ref.as_ref().map(|secret| secret.name.clone());
    let releases = match (git.reference.as_ref().and_then(|reference| reference.releases.as_ref()), &url) {
        (Some(wanted), Some(url)) => Some(releases(check, url, wanted, secret.as_deref())?),
        (_, _) => None,
    };
    Some(FromGit {
        source: WantedSource { url: url?, follow: follow?, path: path?, secret, releases },
        base: WantedBase {
            reference: reference?,
            update: image.base.update.unwrap_or_default(),
            interval,
            secret: image.base.secret_ref.as_ref().map(|secret| secret.name.clone()),
        },
        repository: repository?,
    })
}

/// Where the host lists the repository's releases, and who asks.
fn releases(
    check: &mut Check,
    url: &RepositoryUrl,
    wanted: &ReleasesReference,
    of_git: Option<&str>,
) -> Option<WantedReleases> {
    let given = wanted.provider.map(|provider| match provider {
        Provider::Gitea => GitProvider::Gitea,
        Provider::GitHub => GitProvider::GitHub,
        Provider::GitLab => GitProvider::GitLab,
    });
    let Some(provider) = given.or_else(|| GitProvider::certain_of(url)) else {
        let message = "say whose API the host has, Gitea, GitHub or GitLab; its name does not tell";
        check.complain(format!("spec.source.git.ref.releases.provider: {message}"));
        return None;
    };
    let api = match &wanted.api_url {
        Some(api) => Some(check.parse("spec.source.git.ref.releases.apiUrl", api)?),
        None => None,
    };
    let Some(list) = provider.release_list(url, api.as_ref()) else {
        let message = "say where the API begins; it does not follow from source.git.url, \
             or that does not lead to a repository of an owner or a group";
        check.complain(format!("spec.source.git.ref.releases.apiUrl: {message}"));
        return None;
    };
    let own = wanted.secret_ref.as_ref().map(|secret| secret.name.clone());
    let shared = of_git.filter(|_| own.is_none() && is_of_the_same_host(url, &list)).map(ToOwned::to_owned);
    Some(WantedReleases { provider, list, is_own: own.is_some(), secret: own.or(shared) })
}

fn promoted(check: &mut Check, promotion: &PromotionSource, (namespace, name): (&str, &str)) -> WantedPromotion {
    let release = promotion.release.clone().zip(promotion.passage);
    if promotion.statuses.is_empty() && release.is_none() {
        check.complain("spec.source.promotion.statuses: give at least one word, such as Staging_OK");
    }
    let from = DeploymentReference { namespace: promotion.namespace.clone(), name: promotion.name.clone() };
    let from = gates::named(&from, namespace);
    if from.namespace == namespace && from.name == name {
        check
            .complain("spec.source.promotion: this is the deployment itself; name the one that proves versions for it");
    }
    WantedPromotion { from, words: promotion.statuses.clone(), release }
}
