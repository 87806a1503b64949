//! `observe`: what is seen of the cluster, and what the board knows of the outside.
//!
//! Reads caches; asks the API server only for contents it has not seen before. Never waits for Git or a registry.

use super::board::{AtBase, AtImage, AtPush, AtSource, Board, Question, Subject};
use super::context::Context;
use super::error::Error;
use super::index::owner_key;
use super::{children, elsewhere, instances, jobs, neighbours, own_secret, pods, references};
use crate::api::v1alpha1::{TengineDeployment, TengineRelease};
use crate::domain::{ChildName, Digest, ImageRepository, KeyHasher, Place};
use crate::plan::desired::{Follow, WantedSource};
use crate::plan::observed::{Build, Look, Observed, ReplicaSet, Workload, is_controlled};
use crate::plan::people::Words;
use crate::plan::releases::Releases;
use crate::plan::{self, Desired, newness};
use crate::source::Reference;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What identifies each question on the board: another question drops the answer and the waiting time.
#[derive(Debug, Clone)]
pub struct Questions {
    /// Where images are built.
    pub git: Option<GitQuestions>,
    /// What the cluster was last told to run, and where that is.
    pub image: Option<(ImageRepository, Question<AtImage>)>,
    pub build: String,
    /// What is pushed for a commit that was verified, where, and by whom.
    pub passing: String,
    /// What the credentials are.
    pub credentials: CredentialHashes,
    /// What a person asks for by hand and was not served yet: what was long ago makes no question of today urgent.
    pub by_hand: Option<String>,
}

/// What has to be known for a build.
#[derive(Debug, Clone)]
pub struct GitQuestions {
    pub source: Question<AtSource>,
    pub base: Question<AtBase>,
    pub push: Question<AtPush>,
}

/// Stand for the content of the Secrets that the operator itself uses; equal content, equal hash.
#[derive(Debug, Clone, Default)]
pub struct CredentialHashes {
    pub source: String,
    pub releases: String,
    pub base: String,
    pub push: String,
    pub passing: String,
}

impl CredentialHashes {
    /// Of the Secrets as they are now.
    async fn of(context: &Context, desired: &Desired) -> Result<Self, Error> {
        let hash = |name| references::credentials(context, &desired.namespace, name);
        let git = desired.git();
        Ok(Self {
            source: hash(git.and_then(|git| git.source.secret.as_deref())).await?,
            releases: hash(git.and_then(|git| git.source.releases.as_ref()?.secret.as_deref())).await?,
            base: hash(git.and_then(|git| git.base.secret.as_deref())).await?,
            push: hash(desired.image_secret.as_deref()).await?,
            passing: hash(desired.passing.as_ref().map(|passing| passing.secret.as_str())).await?,
        })
    }
}

impl Questions {
    /// From the spec and the content of the Secrets it names.
    pub async fn of(context: &Context, object: &TengineDeployment, desired: &Desired) -> Result<Self, Error> {
        let git = desired.git();
        let credentials = CredentialHashes::of(context, desired).await?;
        let key = |what: &str, address: String, credentials: &str| {
            KeyHasher::default().part(what, address).part("credentials", credentials).all_digits()
        };
        // It is most likely the last one, and none is opened in vain.
        let releases = context.stores.releases.of(&desired.uid);
        let releases = releases.iter().rev().filter_map(|release| release.open().ok());
        let remembers = plan::remembers(desired.generation, object.status.as_ref(), releases);
        let git = git.map(|git| GitQuestions {
            source: Question {
                key: source_key(desired, &git.source, &credentials),
                aspect: reference(&git.source.follow),
                interval: desired.interval,
                remembers,
            },
            base: Question {
                key: key("reference", git.base.reference.to_string(), &credentials.base),
                aspect: (),
                interval: git.base.interval,
                remembers,
            },
            push: Question {
                key: key("repository", git.repository.to_string(), &credentials.push),
                aspect: (),
                interval: desired.interval,
                remembers,
            },
        });
        let image = told_image(context, desired).map(|(repository, digest)| {
            let key = key("image", repository.to_string(), &credentials.push);
            let interval = desired.interval;
            (repository, Question { key, aspect: digest, interval, remembers: false })
        });
        // Nothing is built where there is nothing to build from.
        let build = git.as_ref().map_or_else(String::new, |git| {
            let (source, base, push) = (&git.source, &git.base.key, &git.push.key);
            // Who asks for a look wants what failed to be tried again, too.
            let asked = desired.reconcile_at.as_deref().unwrap_or_default();
            format!("{}/{:?}/{base}/{push}/{}/{asked}", source.key, source.aspect, desired.generation)
        });
        let passing = git.as_ref().zip(desired.passing.as_ref()).map_or_else(String::new, |(git, wanted)| {
            let address = format!("{:?} {:?} {}", wanted.branch, wanted.tag, git.source.key);
            key("passing", address, &credentials.passing)
        });
        let by_hand = plan::asked(desired, object.status.as_ref()).map(str::to_owned);
        Ok(Self { git, image, build, passing, credentials, by_hand })
    }
}

/// Since when the ConfigMaps that speak of instances are these.
fn selected_since(board: &Board, object: &TengineDeployment, desired: &Desired) -> Option<Timestamp> {
    if instances::selector(object).is_none() {
        board.not_selected(&desired.uid);
        return None;
    }
    let ids = desired.instances().map(|instance| instance.id.clone()).collect();
    Some(board.selected(&desired.uid, ids, Timestamp::now()))
}

/// Stands for the repository, who asks there and how long they wait for an answer; and where releases are followed, for their list and
/// who asks for that.
fn source_key(desired: &Desired, source: &WantedSource, credentials: &CredentialHashes) -> String {
    let key = KeyHasher::default()
        .part("url", source.url.to_string())
        .part("deadline", desired.timeout.as_millis().to_string())
        .part("credentials", &credentials.source);
    let key = match &source.releases {
        None => key,
        Some(releases) => key
            .part("provider", format!("{:?}", releases.provider))
            .part("releases", releases.list.to_string())
            // What is wrong with a Secret is said of the field that names it.
            .part("own", releases.is_own.to_string())
            .part("credentials of releases", &credentials.releases),
    };
    key.all_digits()
}

/// The image of the release that the cores that came last were rendered from.
fn told_image(context: &Context, desired: &Desired) -> Option<(ImageRepository, Digest)> {
    let posts = Place::ALL.into_iter().filter_map(|place| {
        let name = ChildName::of_cores(&desired.name, place);
        let core = context.stores.workloads.open(&desired.namespace, name.as_ref())?;
        let ours = core.metadata.deletion_timestamp.is_none() && is_controlled(&core, &desired.uid);
        ours.then(|| (place, Workload::read(&core, &[])))
    });
    let newest = posts.max_by_key(|(place, core)| newness(desired.strategy, *place, core.turn));
    let release = newest?.1.release?;
    let release = context.stores.releases.open(&desired.namespace, &release)?;
    let (repository, digest) = release.status.as_ref()?.image.as_deref()?.split_once('@')?;
    Some((repository.parse().ok()?, digest.parse().ok()?))
}

/// What of a repository is wanted, in the words of `crate::source`.
fn reference(follow: &Follow) -> Reference {
    match follow {
        Follow::Default => Reference::Default,
        Follow::Branch(name) => Reference::Branch(name.clone()),
        Follow::Tag(name) => Reference::Tag(name.clone()),
        Follow::Commit(commit) => Reference::Commit(commit.clone()),
        Follow::Name(name) => Reference::Name(name.clone()),
        Follow::Newest(choice) => Reference::Newest(choice.clone()),
    }
}

/// Looks at everything.
pub async fn observe(
    context: &Context,
    object: &TengineDeployment,
    desired: &Desired,
    questions: &Questions,
) -> Result<Observed, Error> {
    let board = &context.board;
    let uid = &desired.uid;
    let releases = context.stores.releases.opened(uid)?;
    let builds = builds(context, desired, questions, &releases);
    let references = references::observe(context, desired, &releases).await?;
    let own = owner_key(&desired.namespace, &desired.name);
    let pods = context.stores.pods.opened(&own)?;
    let replica_sets = context.stores.replica_sets.of(&own);
    let replica_sets: Vec<_> = replica_sets.iter().filter_map(|set| ReplicaSet::read(set.as_ref())).collect();
    let actions: Vec<_> = context.stores.actions.of(&own).iter().map(|action| action.as_ref().clone()).collect();
    let words = Words::of(&actions, uid);
    let settings = desired.settings(None);
    let subject = Subject::of(desired);
    let everywhere = context.shared.everywhere.get().map_or(&[][..], Vec::as_slice);
    let git = questions.git.as_ref();
    let jobs = jobs::observe(context, desired, &releases, &pods).await?;
    // Before there is an image, nothing is started: nobody's name is in the way.
    let has_image = releases.iter().any(|release| release.status.as_ref().is_some_and(|it| it.image.is_some()))
        || builds.values().any(Build::is_finished)
        || desired.promotion().is_some();
    let children = children::observe(context, desired, &releases, (&replica_sets, &pods), has_image).await?;
    Ok(Observed {
        builds,
        selected_since: selected_since(board, object, desired),
        references,
        source: in_own_words(git.map(|git| board.look(&subject, &git.source)), desired),
        base: in_own_words(git.map(|git| board.look(&subject, &git.base)), desired),
        push: in_own_words(git.map(|git| board.look(&subject, &git.push)), desired),
        image: in_own_words(questions.image.as_ref().map(|(_, question)| board.look(&subject, question)), desired),
        passing: board.passing(uid, &questions.passing),
        vacancy: context.shared.leadership.vacancy(),
        leaving: children::leaving(context, desired, &children)?,
        children,
        jobs: jobs.of_releases,
        connections: jobs.connections,
        queries: board.queries(uid),
        pods: pods::observe(context, uid, &pods, &replica_sets, &settings).await?,
        neighbours: neighbours::of(object, everywhere),
        upstreams: instances::seen(context, desired, elsewhere::observe(desired, everywhere))?,
        releases: releases.into_iter().collect::<Releases>().amended(&words),
        actions,
        words,
        vouching: context.shared.policy.vouching(),
        status: object.status.clone().unwrap_or_default(),
    })
}

/// What many were told, in the words of one.
fn in_own_words<T>(look: Option<Look<T>>, desired: &Desired) -> Look<T> {
    let mut look = look.unwrap_or_default();
    if let Some(trouble) = &mut look.trouble {
        trouble.message = own_secret::named(desired, &trouble.message);
    }
    look
}

/// What the board knows of builds, but for what the caches show.
fn builds(
    context: &Context,
    desired: &Desired,
    questions: &Questions,
    releases: &[TengineRelease],
) -> BTreeMap<String, Build> {
    let is_decided = |release: &&TengineRelease| {
        release.status.as_ref().is_some_and(|status| status.image.is_some() || status.rejected_at.is_some())
    };
    let decided: Vec<String> = releases.iter().filter(is_decided).map(kube::ResourceExt::name_any).collect();
    context.board.shown(&desired.uid, decided.iter().map(String::as_str));
    context.board.builds(&desired.uid, &questions.build)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1alpha1::TengineDeployment;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;

    fn key(releases: &Value, hash: &str) -> String {
        let mut object: Value = serde_json::from_str(include_str!("../../tests/chart/data/deployment.json")).unwrap();
        object["spec"]["source"]["git"]["ref"] = releases.clone();
        let object: TengineDeployment = serde_json::from_value(object).unwrap();
        let desired = plan::validate(&object).unwrap();
        let credentials = CredentialHashes { releases: hash.to_owned(), ..CredentialHashes::default() };
        source_key(&desired, &desired.git().unwrap().source, &credentials)
    }

    #[test]
    fn who_asks_another_api_or_with_another_secret_asks_another_question() {
        let of = |releases: Value| json!({ "releases": releases });
        let gitea = of(json!({ "pattern": "v*", "stage": "Full", "provider": "Gitea" }));
        let keys = [
            key(&json!({ "branch": "main" }), ""),
            key(&gitea, "one"),
            key(&gitea, "other"),
            key(&of(json!({ "pattern": "v*", "stage": "Full", "provider": "GitHub" })), "one"),
            key(
                &of(json!({ "pattern": "v*", "stage": "Full", "provider": "Gitea", "secretRef": { "name": "list" } })),
                "one",
            ),
            key(
                &of(json!({ "pattern": "v*", "stage": "Full", "provider": "Gitea", "apiUrl": "https://h/api/v1" })),
                "one",
            ),
        ];
        assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{keys:?}");
        let slow = CredentialHashes { releases: "one".to_owned(), ..CredentialHashes::default() };
        let mut object: Value = serde_json::from_str(include_str!("../../tests/chart/data/deployment.json")).unwrap();
        object["spec"]["source"]["git"]["ref"] = gitea;
        object["spec"]["source"]["timeout"] = json!("1s");
        let desired = plan::validate(&serde_json::from_value(object).unwrap()).unwrap();
        let impatient = source_key(&desired, &desired.git().unwrap().source, &slow);
        assert_ne!(impatient, keys[1], "who gives up earlier gives up for nobody else");
        let staging = of(json!({ "pattern": "v*", "stage": "PreRelease", "provider": "Gitea" }));
        assert_eq!(key(&staging, "one"), keys[1], "both stages are answered by one question");
    }
}
