//! The background build of one release: fetch, check and pack in a child process; append and push.

mod compare;
mod told;

use super::board::{BuildOutcome, Failure, Party, Shelf, Subject};
use super::context::{Context, Shared};
use super::look::{Named, image_failure, registry_credentials, remote, source_failure};
use super::made::Made;
use super::observe::{CredentialHashes, Questions};
use super::own_secret::{self, Role};
use super::ruby;
use crate::api::v1alpha1::{DefinitionCheck, TengineRelease, TengineReleaseSpec, condition::Reason};
use crate::domain::{ImageRepository, KeyHasher, Malformed, Platform};
use crate::dsl::Summary;
use crate::image::{self, Append, Appended, Credentials, LayerContent};
use crate::plan::Desired;
use crate::plan::desired::FromGit;
use crate::plan::observed::{Built, Step};
use crate::source::{self, CheckLevel, Checking, Limits, PackError, Packed, Place, Reference, Remote, Seen};
use compare::{COMPARING, Room, changes, question};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::{Duration, Instant};
use told::{content, evidence, facts, refused};

/// Starts the build of a release, unless it is under way; `against` is the release that serves.
pub fn start(
    (context, desired, questions): (&Context, &Desired, &Questions),
    subject: &Subject,
    release: &str,
    against: Option<&str>,
) {
    let find = |name: &str| context.stores.releases.open(&desired.namespace, name).map(Arc::new);
    // Removed meanwhile: the next plan makes it again.
    let Some(found) = find(release) else { return };
    let against = against.and_then(find);
    let Some(git) = desired.git().cloned() else { return };
    let shared = Arc::clone(&context.shared);
    let since = found.metadata.creation_timestamp.as_ref().map(|made| made.0);
    let order = Order { desired: desired.clone(), git, credentials: questions.credentials.clone(), made: since };
    // A release that has an image is built again because the image is gone.
    let anew = found.status.as_ref().is_some_and(|status| status.image.is_some());
    let work = async move {
        let started = Instant::now();
        let before = against.filter(|before| before.spec.build.url == found.spec.build.url);
        let before = before.and_then(|before| place(&before.spec).ok());
        let (mut outcome, pushed, mine) = made((&shared, &order), &found, before, anew).await;
        if let BuildOutcome::Failed(_, failure) = &mut outcome {
            failure.message = own_secret::named(&order.desired, &failure.message);
        }
        let word = match &outcome {
            BuildOutcome::Built(_) => "Succeeded",
            BuildOutcome::Refused(refused) => refused.reason.word(),
            BuildOutcome::Failed(_, failure) => failure.reason.word(),
        };
        if mine {
            shared.metrics.built(word, started.elapsed(), pushed);
        }
        let seconds = started.elapsed().as_secs_f64();
        tracing::info!(
            namespace = order.desired.namespace,
            name = order.desired.name,
            commit = found.spec.commit,
            outcome = word,
            pushed,
            shared = !mine,
            seconds,
            "built"
        );
        outcome
    };
    context.board.build(subject, (release, anew), &questions.build, work);
}

/// What comes of the build that all share who want the same; with what it changes against what is there `before`. How many bytes went to the registry
/// for this one, and whether it did any of the work.
async fn made(
    (shared, order): (&Arc<Shared>, &Order),
    found: &Arc<TengineRelease>,
    before: Option<Place>,
    anew: bool,
) -> (BuildOutcome, u64, bool) {
    let run = async |key: String, anew| {
        let wish = before.clone().map(|before| shared.wishes.add(&key, before));
        let own = wish.as_ref().map(|wish| wish.name().clone());
        let work = || {
            let (shared, order, found) = (Arc::clone(shared), order.clone(), Arc::clone(found));
            let (key, own) = (key.clone(), own.clone());
            async move { build(&shared, &order, &found.spec, (&key, own.as_deref())).await }
        };
        let (made, mine) = shared.builds.share(&key, anew, work, Made::worth).await;
        (made, mine, own)
    };
    let key = key(order, &found.spec);
    let (mut all, mut mine, own) = run(key.clone(), anew).await;
    let mut pushed = if mine { all.pushed } else { 0 };
    // It came too late to be compared with what this one has. Its image is there by now, and is not pushed again.
    if let Some(own) = own.as_ref().filter(|own| all.lacks(own))
        && let Ok((once_more, is_mine, _)) = tokio::time::timeout(COMPARING, run(format!("{key} {own}"), false)).await
    {
        pushed += if is_mine { once_more.pushed } else { 0 };
        (all.compared, mine) = (once_more.compared, mine || is_mine);
    }
    if let (BuildOutcome::Built(built), Some(own)) = (&mut all.outcome, own) {
        built.changes = all.compared.and_then(|mut compared| compared.remove(&own)).flatten();
    }
    (all.outcome, pushed, mine)
}

/// What is built, and by whose credentials.
#[derive(Debug, Clone)]
struct Order {
    desired: Desired,
    git: FromGit,
    credentials: CredentialHashes,
    /// When the release was made: somebody had just seen its commit.
    made: Option<Timestamp>,
}

/// Builds of equal keys have equal outcomes: all that goes into the image and into what is said of it, and the credentials by
/// their content, so that nobody gets what other credentials were given. What changes is told to each by itself.
fn key(order: &Order, release: &TengineReleaseSpec) -> String {
    let (build, credentials) = (&release.build, &order.credentials);
    KeyHasher::default()
        .part("url", &build.url)
        .part("reference", &release.reference)
        .part("commit", &release.commit)
        .part("path", &build.path)
        .part("base", &build.base)
        .part("base digest", &build.base_digest)
        .part("repository", &build.repository)
        .part("check", format!("{:?}", build.definition_check))
        .part("deadline", order.desired.timeout.as_millis().to_string())
        .part("source credentials", &credentials.source)
        .part("base credentials", &credentials.base)
        .part("push credentials", &credentials.push)
        .all_digits()
}

/// Builds it, and compares it with what those have who wait for the build of this key.
async fn build(shared: &Shared, order: &Order, release: &TengineReleaseSpec, (key, own): (&str, Option<&str>)) -> Made {
    let started = Instant::now();
    let repository: ImageRepository = match parse(&release.build.repository) {
        Ok(repository) => repository,
        Err(failure) => return Made::nothing(BuildOutcome::Failed(Step::Image, failure)),
    };
    // Before the long way: others that wait for the same build have Secrets of their own.
    let access = match access(shared, order).await {
        Ok(access) => access,
        Err(failure) => return Made::nothing(BuildOutcome::Failed(Step::Image, failure)),
    };
    let (packed, shelf, place, remote) =
        match pack(shared, order, (release, access[0].as_ref()), repository.registry()).await {
            Ok(packed) => packed,
            Err(outcome) => return Made::nothing(outcome),
        };
    step_done(&order.desired, release, started, "packed");
    let room = Arc::new(Room { layer: packed.layer, _shelf: shelf });
    let is_loaded = packed.checked.as_ref().is_some_and(is_loaded);
    let wished = if is_loaded { shared.wishes.of(key, own) } else { Vec::new() };
    let comparing = changes((shared, &order.desired.namespace), &remote, (Arc::clone(&room), &place), wished);
    let appending = append((shared, access), order, (release, repository), (room, &packed.version), &place);
    let (appended, compared) = tokio::join!(appending, comparing);
    let (image, platform, appended) = match appended {
        Ok(appended) => appended,
        Err(failure) => return Made::nothing(BuildOutcome::Failed(Step::Image, failure)),
    };
    let built = Built {
        image,
        platform,
        evidence: evidence(&packed.findings, packed.checked.as_ref()),
        tree: packed.tree,
        dsl_version: packed.version,
        facts: facts(packed.commit),
        content: packed.checked.as_ref().map(content).unwrap_or_default(),
        changes: None,
        notes: packed.notes.into_iter().chain(appended.notes).collect(),
    };
    let compared = is_loaded.then_some(compared);
    Made { outcome: BuildOutcome::Built(Box::new(built)), pushed: appended.bytes_pushed, compared }
}

/// Whether a core has anything of it. Of a definition that none loads, such as one that raises, though the check lets it through,
/// nothing is said to be added or removed.
const fn is_loaded(checked: &Summary) -> bool {
    checked.errors == 0
}

/// So that the log tells where the time of a build goes.
fn step_done(desired: &Desired, release: &TengineReleaseSpec, started: Instant, step: &'static str) {
    let (namespace, name, commit) = (&desired.namespace, &desired.name, &release.commit);
    tracing::info!(namespace, name, commit, seconds = started.elapsed().as_secs_f64(), "{step}");
}

/// Fetch, check and pack; with the shelf of what goes to this registry.
async fn pack(
    shared: &Shared,
    order: &Order,
    (release, of_base): (&TengineReleaseSpec, Option<&Credentials>),
    registry: &str,
) -> Result<(Packed, Option<Shelf>, Place, Remote), BuildOutcome> {
    let Order { desired, git: FromGit { source: wanted, .. }, credentials, .. } = order;
    let failed = |failure| BuildOutcome::Failed(Step::Source, failure);
    let remote = remote(shared, (&desired.namespace, wanted), credentials).await.map_err(failed)?;
    let place = place(release).map_err(failed)?;
    let limits = Limits::from(&shared.settings.worker);
    let checking = checking(shared, release, of_base).await;
    let party = Party::new([wanted.url.authority()], &desired.namespace);
    let question = question(&desired.namespace, &wanted.url);
    let (child, shelf) = shared.children.take_with_shelf(party, &question, registry).await;
    let place_told = (&place, is_given_by_name(shared, order, (&remote, &place.seen)).await);
    let packed = source::pack(&shared.worker, &remote, place_told, (checking, &limits), desired.timeout).await;
    child.is_late(matches!(&packed, Err(PackError::Source(error)) if error.reason() == Reason::TimedOut.word()));
    drop(child);
    match packed {
        Ok(packed) => Ok((packed, shelf, place, remote)),
        Err(PackError::Refused { refusal, commit }) => Err(BuildOutcome::Refused(Box::new(refused(&refusal, commit)))),
        Err(PackError::Source(error)) => Err(failed(source_failure(&error, wanted, Role::Source))),
        Err(PackError::Worker(error)) => {
            let reason = Reason::from_word(error.reason()).unwrap_or(Reason::WorkerFailed);
            Err(failed(Failure::new(reason, error.to_string(), false)))
        }
    }
}

/// Whether a commit may be asked for by its name: its reference was at it within the interval, or still is. Who took one away by force has it built by
/// no one who looked before, however long that waited for its turn.
async fn is_given_by_name(shared: &Shared, order: &Order, (remote, seen): (&Remote, &Seen)) -> bool {
    if !shared.looker.gives_by_name(remote) {
        return false;
    }
    let age = order.made.map(|made| Timestamp::now().duration_since(made));
    if age.and_then(|age| Duration::try_from(age).ok()).is_some_and(|age| age < order.desired.interval) {
        return true;
    }
    let Ok(name) = seen.reference.parse().map(Reference::Name) else { return false };
    let found = source::look(&shared.looker, remote, &[name.clone()].into(), order.desired.timeout).await;
    found.is_ok_and(|found| matches!(&found[&name], Ok(now) if now.commit == seen.commit))
}

/// How strictly, and for which Ruby.
async fn checking(shared: &Shared, release: &TengineReleaseSpec, of_base: Option<&Credentials>) -> Checking {
    let level = match release.build.definition_check.unwrap_or_default() {
        DefinitionCheck::Error => CheckLevel::Error,
        DefinitionCheck::Strict => CheckLevel::Strict,
        DefinitionCheck::Warning => CheckLevel::Warning,
        DefinitionCheck::Off => return CheckLevel::Off.into(),
    };
    Checking { level, ruby: ruby::of_base(shared, release, of_base).await }
}

/// Where the definitions of a release are.
fn place(release: &TengineReleaseSpec) -> Result<Place, Failure> {
    let seen = Seen::new(release.reference.clone(), parse(&release.commit)?);
    Ok(Place { seen, path: parse(&release.build.path)? })
}

/// Who pulls the base, and who pushes.
type Access = [Option<Credentials>; 2];

async fn access(shared: &Shared, order: &Order) -> Result<Access, Failure> {
    let Order { desired, git, credentials, .. } = order;
    let secret = |role, name, hash| Named { role, namespace: &desired.namespace, name, hash };
    let base = secret(Role::Base, git.base.secret.as_deref(), &credentials.base);
    let push = secret(Role::Push, desired.image_secret.as_deref(), &credentials.push);
    Ok([registry_credentials(shared, base).await?, registry_credentials(shared, push).await?])
}

/// The image by digest, what it runs on, and what came of it.
async fn append(
    (shared, [base_credentials, credentials]): (&Shared, Access),
    order: &Order,
    (release, repository): (&TengineReleaseSpec, ImageRepository),
    (room, version): (Arc<Room>, &str),
    place: &Place,
) -> Result<(String, Platform, Appended), Failure> {
    let base_digest = parse(&release.build.base_digest)?;
    let platform: Platform = shared.settings.platform.clone();
    let request = Append {
        base: parse(&release.build.base)?,
        base_credentials,
        credentials,
        tag: image::tag(&place.seen.commit, &place.path, &base_digest, &platform),
        layer_digest: room.layer.digest.clone(),
        layer_size: room.layer.size,
        layer: LayerContent::File(room),
        version: version.to_owned(),
        repository: repository.clone(),
        base_digest,
        platform: platform.clone(),
    };
    let started = Instant::now();
    let appended = shared.registries.append(request).await.map_err(|error| image_failure(&error))?;
    step_done(&order.desired, release, started, "appended");
    Ok((format!("{repository}@{}", appended.digest), platform, appended))
}

/// A release's spec was written by us; what does not parse was written by somebody else.
pub(super) fn parse<T: std::str::FromStr<Err = Malformed>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|malformed: Malformed| {
        Failure::new(Reason::InvalidSpec, format!("the release was changed by hand: {malformed}"), true)
    })
}

#[cfg(test)]
mod tests;
