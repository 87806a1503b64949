//! Looks where references are, as `git ls-remote` does: over HTTP by the operator's own client, without libgit2 and without a
//! process; over SSH in a worker process, since what speaks it there is C.
//!
//! What it guarantees:
//!
//! - The first look at a host that speaks protocol version 2 is two requests with small answers, however many references a repository
//!   has, and each further one at any of its repositories a single request, for some minutes. Hosts that speak 0 or 1 answer with one list, which is read as it comes and never kept whole.
//! - One look answers for any number of references of one repository.
//! - It ends by its deadline, whatever the host does, and reads no more than it is willing to.
//!
//! A reference that is not there costs one more request: for the name that was meant.

mod advertisement;
mod ls_refs;
mod offers;
mod released;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::http::{Clients, Conversation};
use super::refs::{self, Advertised, Hearing, Near};
use super::wire::{Answer, Question, Resolved, WireRemote};
use super::{Reference, ReleaseList, Remote, Seen, SourceError, mixed_up};
use crate::domain::GitScheme;
use crate::worker::Worker;
use advertisement::Spoken;
use offers::{Known, Offer, Offers};

/// Keeps connections between looks, and how repositories are asked. A clone shares both.
#[derive(Debug, Clone)]
pub struct Looker {
    clients: Clients,
    offers: Offers,
    worker: Worker,
}

impl Looker {
    /// Looks over SSH are done by children of `worker`.
    pub fn new(worker: Worker) -> Self {
        Self { clients: Clients::default(), offers: Offers::default(), worker }
    }

    /// Whether this repository's host said a moment ago that it gives out a commit by its name; over SSH, where nothing is remembered, never.
    pub fn gives_by_name(&self, remote: &Remote) -> bool {
        if remote.url.scheme() == GitScheme::Ssh {
            return false;
        }
        let who = Conversation::with(remote, &self.clients).ok().map(|conversation| conversation.who());
        who.and_then(|who| self.offers.of(who)).is_some_and(|offered| offered.gives_by_name)
    }

    /// The next look at this repository begins with how it is asked.
    pub fn begin_anew(&self, remote: &Remote) {
        if let Ok(conversation) = Conversation::with(remote, &self.clients) {
            self.offers.begin_anew(conversation.who());
        }
    }
}

/// Where each of the references is, or why it cannot be said; the error is one that holds for all of them.
pub type Found = BTreeMap<Reference, Result<Seen, SourceError>>;

/// Looks where `references` are now, without fetching anything.
///
/// [`Reference::Commit`] is answered with that commit once the repository has answered at all: that proves address and
/// credentials. Whether it has the commit, only [`pack()`](super::pack) can tell, since hosts do not list commits.
pub async fn look(
    looker: &Looker,
    remote: &Remote,
    references: &BTreeSet<Reference>,
    deadline: Duration,
) -> Result<Found, SourceError> {
    look_with_releases(looker, (remote, None), references, deadline).await
}

/// The same, where the host also tells which tags are releases. Without its list, no tag counts that has to be one.
pub async fn look_with_releases(
    looker: &Looker,
    (remote, releases): (&Remote, Option<&ReleaseList>),
    references: &BTreeSet<Reference>,
    deadline: Duration,
) -> Result<Found, SourceError> {
    if remote.url.scheme() == GitScheme::Ssh {
        return over_ssh(looker, (remote, releases), references, deadline).await;
    }
    let found = tokio::time::timeout(deadline, ask(looker, (remote, releases), references, deadline)).await;
    found.unwrap_or_else(|_| Err(SourceError::TimedOut { host: remote.url.authority().to_owned(), after: deadline }))
}

async fn over_ssh(
    looker: &Looker,
    (remote, releases): (&Remote, Option<&ReleaseList>),
    references: &BTreeSet<Reference>,
    deadline: Duration,
) -> Result<Found, SourceError> {
    let started = Instant::now();
    let resolved = ask_a_child(&looker.worker, remote, references, deadline).await?;
    let mut found: Found = resolved.found.into_iter().collect();
    if let Some(list) = releases {
        let undecided =
            references.iter().filter(|one| matches!(one, Reference::Newest(choice) if choice.stage().is_some()));
        let mut hearing = Hearing::of(undecided.clone());
        for (tag, commit) in &resolved.tags {
            hearing.hear(Advertised::of_tag(tag, commit));
        }
        released::hold(&looker.clients, list, &mut hearing, what_is_left(deadline, started)).await?;
        let url = remote.url.as_ref();
        // Where no tag is of the pattern, the child has seen what is there instead.
        let answers = undecided.filter(|_| !resolved.tags.is_empty());
        found.extend(answers.map(|one| (one.clone(), hearing.answer(one, url, || None))));
    }
    Ok(found)
}

async fn ask_a_child(
    worker: &Worker,
    remote: &Remote,
    references: &BTreeSet<Reference>,
    deadline: Duration,
) -> Result<Resolved, SourceError> {
    if remote.credentials.is_none() {
        return Err(SourceError::AuthenticationRequired { host: remote.url.authority().to_owned() });
    }
    let room = worker.room()?;
    let references = references.iter().cloned().collect();
    let question = Question::Resolve { remote: WireRemote::of(remote, deadline)?, references };
    match worker.ask(room.path(), &question, deadline).await {
        Ok(Answer::Resolved(answer)) => answer,
        Ok(Answer::Packed(_) | Answer::Compared(_) | Answer::PassedOn(_)) => Err(mixed_up().into()),
        Err(error) => Err(SourceError::of_worker(error, remote)),
    }
}

async fn ask(
    looker: &Looker,
    (remote, releases): (&Remote, Option<&ReleaseList>),
    references: &BTreeSet<Reference>,
    deadline: Duration,
) -> Result<Found, SourceError> {
    let started = Instant::now();
    let mut conversation = Conversation::with(remote, &looker.clients)?;
    let (mut hearing, spoken) = hear(looker, &mut conversation, references).await?;
    if let Some(list) = releases {
        released::hold(&looker.clients, list, &mut hearing, what_is_left(deadline, started)).await?;
    }
    let missing: Vec<&Reference> = references.iter().filter(|one| hearing.found(one).is_none()).collect();
    let mut near = Meant::default();
    // Where tags were heard of which none counts, nothing else may have been meant.
    let is_named = |one: &&Reference| !matches!(one, Reference::Newest(_));
    if hearing.is_empty() || missing.iter().any(is_named) {
        // Nor may what is only a hint take the time of those whose references were heard.
        let left = deadline.saturating_sub(started.elapsed());
        let within = if hearing.is_empty() { left } else { left / 4 };
        let meant = tokio::time::timeout(within, meant(&mut conversation, &spoken, &missing)).await;
        let late = |_| Err(SourceError::TimedOut { host: remote.url.authority().to_owned(), after: deadline });
        near = match meant.unwrap_or_else(late) {
            Ok(near) => near,
            Err(empty @ SourceError::EmptyRepository { .. }) => return Err(empty),
            // What was heard stands: what may have been meant is a hint.
            Err(_) if !hearing.is_empty() => Meant::default(),
            Err(error) => return Err(error),
        };
    }
    let answer =
        |reference: &Reference| hearing.answer(reference, remote.url.as_ref(), || near.0.get(reference).cloned());
    Ok(references.iter().map(|reference| (reference.clone(), answer(reference))).collect())
}

/// Hears of all that they may stand for. A repository that was asked a moment ago is asked as it said then, and one that was not as its host
/// said of another one, unless nothing comes of that.
async fn hear<'r>(
    looker: &Looker,
    conversation: &mut Conversation<'_>,
    references: &'r BTreeSet<Reference>,
) -> Result<(Hearing<'r>, Spoken), SourceError> {
    let (who, host) = (conversation.who(), conversation.host_asked());
    let beginnings: BTreeSet<String> = references.iter().flat_map(refs::beginnings).collect();
    let prefixes = ls_refs::prefixes(&beginnings);
    if let Some(Known { offered, offer, is_of_others }) = looker.offers.take(who, host) {
        let mut hearing = Hearing::of(references);
        match ls_refs::ask(conversation, offered, &prefixes, &mut |one| hearing.hear(one)).await {
            Ok(()) if !hearing.is_empty() => {
                looker.offers.keep(who, offer);
                return Ok((hearing, Spoken::Second(offered)));
            }
            Err(error)
                if !(error.may_be_of_how_it_was_asked() || is_of_others && error.may_be_of_another_program()) =>
            {
                return Err(error);
            }
            Ok(()) | Err(_) => {}
        }
    }
    let mut hearing = Hearing::of(references);
    let mut keep = |one: Advertised| hearing.hear(one);
    let spoken = advertisement::read(conversation, &mut keep).await?;
    if let Spoken::Second(offered) = spoken {
        ls_refs::ask(conversation, offered, &prefixes, &mut keep).await?;
        if !hearing.is_empty() && !conversation.is_elsewhere() {
            looker.offers.keep(who, Offer::of(offered));
            looker.offers.keep(host, Offer::of(offered));
        }
    }
    Ok((hearing, spoken))
}

/// How long the list of releases may take: less than all of the question, so that it is said who did not answer.
fn what_is_left(deadline: Duration, started: Instant) -> Duration {
    deadline.saturating_sub(started.elapsed()) * 9 / 10
}

/// For references that are not there, those that were meant.
#[derive(Default)]
struct Meant(BTreeMap<Reference, String>);

/// Reads all names once more; a repository without any is empty.
async fn meant(
    conversation: &mut Conversation<'_>,
    spoken: &Spoken,
    missing: &[&Reference],
) -> Result<Meant, SourceError> {
    let mut near: Vec<_> = missing.iter().filter_map(|one| Some((*one, Near::to(one)?))).collect();
    let mut count = 0_usize;
    let mut see = |one: Advertised| {
        // A HEAD that stands for nothing yet is no reference.
        count += usize::from(one.name != "HEAD");
        for (_, near) in &mut near {
            near.see(&one);
        }
    };
    match spoken {
        Spoken::First => {
            advertisement::read(conversation, &mut see).await?;
        }
        Spoken::Second(offered) => ls_refs::ask(conversation, *offered, &ls_refs::everything(), &mut see).await?,
    }
    if count == 0 {
        return Err(SourceError::EmptyRepository { url: conversation.repository() });
    }
    let best = near.into_iter().filter_map(|(reference, near)| Some((reference.clone(), near.best()?)));
    Ok(Meant(best.collect()))
}
