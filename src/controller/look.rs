//! Background looks: at the Git ref, at the base image, at the right to push.

mod failure;
mod secrets;

pub(super) use failure::{image_failure, source_failure};
pub(super) use secrets::{Named, registry_credentials};

use super::board::{
    About, AtBase, AtImage, AtPush, AtSource, Call, Failure, InTheWay, Outcome, Party, SOON, Subject, Turn, Turns,
    Urgency,
};
use super::context::{Context, Shared};
use super::observe::{CredentialHashes, Questions};
use super::own_secret::Role;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::{Digest, ImageRepository, RepositoryUrl};
use crate::image::ImageSeen;
use crate::metrics::Look;
use crate::plan::Desired;
use crate::plan::desired::{FromGit, WantedSource};
use crate::plan::observed::{Presence, SourceSeen};
use crate::source::{self, HostAccess, Reference, ReleaseList, Remote, SecretContent};
use failure::base_failure;
use futures::TryFutureExt as _;
use secrets::{invalid, secret_data};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often who keeps a place for long looks whether somebody waits.
const AGAIN: Duration = Duration::from_secs(5);

/// Between the hosts that are asked together.
const OR: &str = " or ";

/// How long a question to a registry may take, the wait for its turn included.
const REGISTRY: Duration = Duration::from_mins(2);

/// Asks the Git host what the refs point at that anybody follows with this address and these credentials.
pub fn at_source(context: &Context, desired: &Desired, questions: &Questions, subject: &Subject) {
    let Some(git) = desired.git().cloned() else { return };
    let (shared, desired_then) = (Arc::clone(&context.shared), desired.clone());
    let credentials = questions.credentials.clone();
    let ask = move |references, call: Call| async move {
        let host = host_of(&git.source);
        let deadline = desired_then.timeout;
        let asked = (&references, call.by_hand);
        let work = source(&shared, (&desired_then, &git.source), &credentials, asked);
        let turns = shared.turns_over(git.source.url.scheme());
        in_turn((&shared, turns), Look::Source, (host, &desired_then, call), deadline, work).await
    };
    context.board.ask::<AtSource, _>(subject, questions.by_hand.clone(), ask);
}

/// Whose places a look takes. One that asks the API of another host, too, takes none of the Git host's: that API may hang, and then it
/// is not the Git host that does.
fn host_of(source: &WantedSource) -> String {
    let host = source.url.authority();
    let api = source.releases.as_ref().map(|releases| releases.list.authority()).filter(|api| *api != host);
    api.map_or_else(|| host.to_owned(), |api| format!("{host}{OR}{api}"))
}

/// Asks the registry what the base image is.
pub fn at_base(context: &Context, desired: &Desired, questions: &Questions, subject: &Subject) {
    let Some(FromGit { base, .. }) = desired.git().cloned() else { return };
    let (shared, desired_then) = (Arc::clone(&context.shared), desired.clone());
    let credentials = questions.credentials.clone();
    let ask = move |_, call| async move {
        let work = async {
            let (namespace, name) = (desired_then.namespace.as_str(), base.secret.as_deref());
            let secret = Named { role: Role::Base, namespace, name, hash: &credentials.base };
            let credentials = registry_credentials(&shared, secret).await?;
            let look = shared.registries.look_at_base(&base.reference, credentials.as_ref()).await;
            look.map(|seen| seen.digest).map_err(|error| base_failure(&error))
        };
        let host = base.reference.repository.registry().to_owned();
        let work = work.map_ok(|digest| BTreeMap::from([((), Ok(digest))]));
        of_registry(&shared, Look::Base, (host, &desired_then, call), work).await
    };
    context.board.ask::<AtBase, _>(subject, questions.by_hand.clone(), ask);
}

/// Asks the registry for the right to push.
pub fn at_push(context: &Context, desired: &Desired, questions: &Questions, subject: &Subject) {
    let Some(FromGit { repository, .. }) = desired.git().cloned() else { return };
    let (shared, desired_then) = (Arc::clone(&context.shared), desired.clone());
    let credentials = questions.credentials.clone();
    let ask = move |_, call| async move {
        let work = async {
            let name = desired_then.image_secret.as_deref();
            let secret = Named { role: Role::Push, namespace: &desired_then.namespace, name, hash: &credentials.push };
            let credentials = registry_credentials(&shared, secret).await?;
            let check = shared.registries.check_push(&repository, credentials.as_ref()).await;
            check.map_err(|error| image_failure(&error))
        };
        let host = repository.registry().to_owned();
        let work = work.map_ok(|()| BTreeMap::from([((), Ok(()))]));
        of_registry(&shared, Look::Push, (host, &desired_then, call), work).await
    };
    context.board.ask::<AtPush, _>(subject, questions.by_hand.clone(), ask);
}

/// Asks the registry which images are still there that anybody was told to run from this repository.
pub fn for_image(context: &Context, desired: &Desired, questions: &Questions, subject: &Subject) {
    // Nothing was told any more.
    let Some((repository, _)) = questions.image.clone() else { return };
    let (shared, desired_then) = (Arc::clone(&context.shared), desired.clone());
    let credentials = questions.credentials.clone();
    let ask = move |digests, call| async move {
        let host = repository.registry().to_owned();
        let work = images(&shared, &desired_then, &credentials, (&repository, &digests));
        of_registry(&shared, Look::Image, (host, &desired_then, call), work).await
    };
    context.board.ask::<AtImage, _>(subject, None, ask);
}

async fn images(
    shared: &Shared,
    desired: &Desired,
    credentials: &CredentialHashes,
    (repository, digests): (&ImageRepository, &BTreeSet<Digest>),
) -> Outcome<Digest, Presence> {
    let (namespace, name) = (desired.namespace.as_str(), desired.image_secret.as_deref());
    let secret = Named { role: Role::Push, namespace, name, hash: &credentials.push };
    let credentials = registry_credentials(shared, secret).await?;
    let mut found = BTreeMap::new();
    for digest in digests {
        let seen = shared.registries.look_for_image(repository, digest, credentials.as_ref()).await;
        let seen = seen.map_err(|error| image_failure(&error)).map(|seen| match seen {
            ImageSeen::Whole => Presence::Whole,
            ImageSeen::Gone(what) => Presence::Gone(what),
        });
        match seen {
            // It would say the same of each of them.
            Err(failure) if is_of_all(&failure) => return Err(failure),
            seen => found.insert(digest.clone(), seen),
        };
    }
    Ok(found)
}

/// Whether a registry said it of who asks, and not of the image that it was asked for.
const fn is_of_all(failure: &Failure) -> bool {
    matches!(failure.reason, Reason::AuthenticationFailed | Reason::AuthenticationRequired | Reason::RateLimited)
}

/// Asks a registry once it is its turn.
async fn of_registry<A, T>(
    shared: &Shared,
    what: Look,
    asked: (String, &Desired, Call),
    work: impl Future<Output = Outcome<A, T>>,
) -> Outcome<A, T> {
    in_turn((shared, &shared.turns), what, asked, REGISTRY, work).await
}

/// Waits for a turn and asks; both together take no longer than the deadline, which begins anew for who asks for the first time, and waits for
/// nobody but its host, whenever that answered somebody. Of who waited for half of it, it is not said that the host was late.
pub(super) async fn in_turn<A, T>(
    (shared, turns): (&Shared, &Arc<Turns>),
    what: Look,
    (host, desired, call): (String, &Desired, Call),
    deadline: Duration,
    work: impl Future<Output = Outcome<A, T>>,
) -> Outcome<A, T> {
    let started = Instant::now();
    let party = Party::new(host.split(OR), &desired.namespace);
    let outcome = match turn(turns, &party, &call, deadline).await {
        Some((turn, waited)) => {
            call.begins();
            in_its_turn(&host, (&turn, waited), deadline, work).await
        }
        None => Err(not_asked(turns, (&host, &party), &call, deadline)),
    };
    if matches!(&outcome, Err(failure) if failure.reason == Reason::TimedOut) {
        turns.stays_late(&call.question);
    }
    shared.metrics.looked(what, word(&outcome), started.elapsed());
    outcome
}

/// A turn, and how much of the deadline had passed when it came; none once all of it has.
async fn turn(turns: &Arc<Turns>, party: &Party, call: &Call, deadline: Duration) -> Option<(Turn, Duration)> {
    let arrived = Instant::now();
    let since = || match call.urgency {
        // Others are answered meanwhile: there are many, and nothing is wrong with the host.
        Urgency::First => turns.answered(party).map_or(arrived, |at| at.max(arrived)),
        Urgency::Repeat => arrived,
    };
    let mut taken = pin!(turns.take(party.clone(), &call.question, call.urgency));
    loop {
        let counted = since();
        match tokio::time::timeout_at(counted + deadline, &mut taken).await {
            Ok(turn) => return Some((turn, since().elapsed())),
            Err(_) if since() > counted && turns.waits_for_host(party, &call.question) => {}
            Err(_) => return None,
        }
    }
}

async fn in_its_turn<A, T>(
    host: &str,
    (turn, waited): (&Turn, Duration),
    deadline: Duration,
    work: impl Future<Output = Outcome<A, T>>,
) -> Outcome<A, T> {
    let began = Instant::now();
    let asking = async { if turn.is_for_long() { work.await } else { unless_in_the_way(host, turn, work).await } };
    let Ok(outcome) = tokio::time::timeout(deadline.saturating_sub(waited), asking).await else {
        let seconds = deadline.as_secs();
        let message = if waited < deadline / 2 {
            turn.is_late(true);
            format!("{host} gave no answer within {seconds} s")
        } else {
            let left = format!("{host} gave no answer in what was left of {seconds} s when it was asked");
            format!("{left}: other questions kept it waiting")
        };
        return Err(Failure::new(Reason::TimedOut, message, false));
    };
    // As long as it takes long there, it is not to be cut short elsewhere.
    let took_long = turn.is_for_long() && began.elapsed() > SOON;
    if outcome.is_ok() {
        turn.is_answered();
    }
    match &outcome {
        Err(failure) if failure.about == About::Asker => {}
        outcome => turn.is_late(took_long || matches!(outcome, Err(failure) if failure.reason == Reason::TimedOut)),
    }
    outcome
}

fn not_asked(turns: &Turns, (host, party): (&str, &Party), call: &Call, deadline: Duration) -> Failure {
    let way = turns.in_the_way(party, &call.question);
    let about = if way == InTheWay::Namespace { About::Namespace } else { About::All };
    let message = format!("{host} was not asked within {} s: {}", deadline.as_secs(), way.words());
    Failure { about, unasked: true, ..Failure::new(Reason::TimedOut, message, false) }
}

/// What comes of work, which is given up where it takes longer than [`SOON`] and somebody waits for whom its place would do.
async fn unless_in_the_way<A, T>(host: &str, turn: &Turn, work: impl Future<Output = Outcome<A, T>>) -> Outcome<A, T> {
    let is_in_the_way = async {
        tokio::time::sleep(SOON).await;
        while !turn.is_waited_for() {
            tokio::time::sleep(AGAIN).await;
        }
    };
    tokio::select! {
        biased;
        outcome = work => outcome,
        () = is_in_the_way => {
            let message = format!("{host} gave no answer for a minute, and others wait for their turn: it is asked again in a place for what takes long");
            Err(Failure::new(Reason::TimedOut, message, false))
        }
    }
}

fn word<T>(outcome: &Result<T, Failure>) -> &'static str {
    match outcome {
        Ok(_) => "Succeeded",
        Err(failure) => failure.reason.word(),
    }
}

async fn source(
    shared: &Shared,
    (desired, wanted): (&Desired, &WantedSource),
    credentials: &CredentialHashes,
    (references, by_hand): (&BTreeSet<Reference>, bool),
) -> Outcome<Reference, SourceSeen> {
    let remote = remote(shared, (&desired.namespace, wanted), credentials).await?;
    if by_hand {
        shared.looker.begin_anew(&remote);
    }
    let releases = release_list(shared, (&desired.namespace, wanted), credentials).await?;
    let asked = (&remote, releases.as_ref());
    let found = source::look_with_releases(&shared.looker, asked, references, desired.timeout).await;
    let found = found.map_err(|error| source_failure(&error, wanted, Role::Source))?;
    let told = found.into_iter().map(|(reference, seen)| {
        let seen = seen.map(|seen| SourceSeen {
            reference: seen.reference,
            commit: seen.commit,
            passed_over: seen.passed_over,
        });
        (reference, seen.map_err(|error| source_failure(&error, wanted, Role::Source)))
    });
    Ok(told.collect())
}

/// The repository with the credentials of who fetches, read just now.
pub(super) async fn remote(
    shared: &Shared,
    (namespace, wanted): (&str, &WantedSource),
    credentials: &CredentialHashes,
) -> Result<Remote, Failure> {
    let secret = Named { role: Role::Source, namespace, name: wanted.secret.as_deref(), hash: &credentials.source };
    remote_of(shared, &wanted.url, ("spec.source.git.secretRef", secret)).await
}

/// The same with the credentials of a Secret that a field names.
pub(super) async fn remote_of(
    shared: &Shared,
    url: &RepositoryUrl,
    (field, secret): (&str, Named<'_>),
) -> Result<Remote, Failure> {
    let content = match secret.name {
        None => SecretContent::default(),
        Some(name) => {
            let found = secret_data(shared, secret, name).await?;
            source::read_secret(url, &found.1)
                .map_err(|fault| invalid(format!("{field}: Secret {} {fault}", secret.word())))?
        }
    };
    Ok(reached(shared, url.clone(), content))
}

/// The list of the repository's releases, where only such tags are followed, with its own credentials.
async fn release_list(
    shared: &Shared,
    (namespace, wanted): (&str, &WantedSource),
    credentials: &CredentialHashes,
) -> Result<Option<ReleaseList>, Failure> {
    let Some(releases) = &wanted.releases else { return Ok(None) };
    let (provider, url) = (releases.provider, releases.list.clone());
    let (role, name) = (Role::Releases, releases.secret.as_deref());
    let secret = Named { role, namespace, name, hash: &credentials.releases };
    let content = match secret.name {
        None => SecretContent::default(),
        Some(name) => {
            let found = secret_data(shared, secret, name).await?;
            let field = if releases.is_own { "spec.source.git.ref.releases" } else { "spec.source.git" };
            source::read_release_secret(&url, provider, &found.1)
                .map_err(|fault| invalid(format!("{field}.secretRef: Secret {} {fault}", secret.word())))?
        }
    };
    Ok(Some(ReleaseList { provider, remote: reached(shared, url, content) }))
}

/// How the operator reaches this address with what a Secret says.
fn reached(shared: &Shared, url: RepositoryUrl, content: SecretContent) -> Remote {
    let SecretContent { credentials, certificate, ca } = content;
    let host = shared.settings.hosts.git_host(url.authority());
    let access = HostAccess { ca_file: host.ca_file, ca, certificate, proxy: host.proxy };
    Remote { url, credentials, access }
}
