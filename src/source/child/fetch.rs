//! Brings the objects of one commit, with as little history as the host lets us.

use git2::{ObjectType, Oid};

use super::by_name;
use super::commit::Commit;
use super::host::{FetchError, Host, MEMORY, TIP};
use crate::source::pack_error::PackFault;
use crate::source::refs::Advertised;
use crate::source::{Limits, Refusal, Seen, SourceError};
use rustix::process::{Resource, getrlimit};

/// How many commits of a reference are asked for to find one that is near its tip.
pub(super) const NEAR: i32 = 50;

/// A way to get at a commit.
#[derive(Debug, PartialEq, Eq)]
struct Way {
    refspecs: Vec<String>,
    /// How many commits deep; 0 is the whole history.
    depth: i32,
}

/// The name by which a single object is fetched.
const OBJECT: &str = "refs/wanted/object";

impl Way {
    fn asks_for_an_object(&self) -> bool {
        self.refspecs.iter().any(|refspec| refspec.ends_with(OBJECT))
    }
}

/// The very commit that was seen, whatever the reference is at now.
pub(super) fn fetch(host: &Host<'_>, seen: &Seen, limits: &Limits) -> Result<Commit, PackFault> {
    fetch_by(&ways(&host.list()?, seen), host, seen, limits)?.ok_or_else(|| left(host, seen).into())
}

/// The same in one question, of a host that gives a commit out by its name; none where that does not bring it.
///
/// A commit that was seen at a reference, and not one that somebody wrote down: hosts give out by name what no reference has, and what
/// others pushed to a copy of the repository.
pub(super) fn fetch_by_name(host: &Host<'_>, seen: &Seen, limits: &Limits) -> Result<Option<Commit>, PackFault> {
    let Ok(wanted) = Oid::from_str(seen.commit.as_ref()) else { return Ok(None) };
    if seen.reference == seen.commit.as_ref() {
        return Ok(None);
    }
    match by_name::fetch(host, wanted, limits) {
        Ok(()) => {
            let damaged = |error: git2::Error| host.damaged(&error);
            let found = Commit::find(&host.repository, wanted).map_err(damaged)?;
            if found.is_some() {
                host.has_tip(wanted).map_err(damaged)?;
            }
            Ok(found)
        }
        Err(FetchError::OverLimit(what)) => Err(too_large(what, limits).into()),
        // Who was refused as the one who asks does not ask twice, and of what keeps others from asking, too, there is no more to hear.
        Err(FetchError::Source(
            error @ (SourceError::AuthenticationFailed { .. }
            | SourceError::RateLimited { .. }
            | SourceError::TimedOut { .. }
            | SourceError::Local { .. }),
        )) => Err(error.into()),
        Err(FetchError::NotOffered | FetchError::Source(_)) => Ok(None),
    }
}

/// The same for a commit that is nice to have: it may be there already, and the host is not asked for much of its history.
pub(super) fn fetch_near(host: &Host<'_>, seen: &Seen, limits: &Limits) -> Result<Commit, PackFault> {
    let there = Oid::from_str(seen.commit.as_ref()).and_then(|wanted| Commit::find(&host.repository, wanted));
    if let Ok(Some(commit)) = there {
        return Ok(commit);
    }
    fetch_by(&ways_near(&host.list()?, seen), host, seen, limits)?.ok_or_else(|| not_found(host, seen).into())
}

/// So many last commits of this one, and of what `beside` names; 0 is all there are.
pub(super) fn fetch_history(
    host: &Host<'_>,
    (advertised, seen): (&[Advertised], &Seen),
    beside: &str,
    depth: i32,
    limits: &Limits,
) -> Result<Commit, PackFault> {
    let mut ways = ways(advertised, seen);
    for way in &mut ways {
        way.refspecs.push(beside.to_owned());
        way.depth = depth;
    }
    // Those that differed in their depth only.
    ways.dedup();
    fetch_by(&ways, host, seen, limits)?.ok_or_else(|| left(host, seen).into())
}

fn fetch_by(ways: &[Way], host: &Host<'_>, seen: &Seen, limits: &Limits) -> Result<Option<Commit>, PackFault> {
    let wanted = Oid::from_str(seen.commit.as_ref()).map_err(|_| not_found(host, seen))?;
    for way in ways {
        match host.fetch(&way.refspecs, way.depth, limits) {
            // Servers refuse objects in their own words; the next way may still do.
            Ok(()) | Err(FetchError::NotOffered | FetchError::Source(SourceError::HostRefused { .. })) => {}
            // Over SSH, Gitea's ends the connection at an object that it does not have; one that is out of reach will not do the next either.
            Err(FetchError::Source(SourceError::Unreachable { .. })) if way.asks_for_an_object() => {}
            Err(FetchError::OverLimit(what)) => return Err(too_large(what, limits).into()),
            Err(FetchError::Source(error)) => return Err(error.into()),
        }
        match Commit::find(&host.repository, wanted).map_err(|error| host.damaged(&error))? {
            Some(commit) => return Ok(Some(commit)),
            // Not brought, or a tag of something that is no commit.
            None => is_no_other(host, wanted, seen)?,
        }
    }
    Ok(None)
}

/// From the cheapest to the one that always works, if the commit is to be had at all.
fn ways(advertised: &[Advertised], seen: &Seen) -> Vec<Way> {
    let mut ways = Vec::new();
    let at_the_commit = || advertised.iter().filter(|one| one.object == seen.commit.as_ref());
    let tip = at_the_commit().find(|one| one.fetched_by() == seen.reference).or_else(|| at_the_commit().next());
    if let Some(tip) = tip.map(Advertised::fetched_by).filter(|name| fetchable(name)) {
        let refspecs = vec![format!("+{tip}:{TIP}")];
        ways.push(Way { refspecs: refspecs.clone(), depth: 1 });
        ways.push(Way { refspecs, depth: 0 });
    } else {
        ways.push(Way { refspecs: vec![format!("+{}:{OBJECT}", seen.commit)], depth: 1 });
    }
    let name = &seen.reference;
    if fetchable(name) && advertised.iter().any(|one| one.name == *name) {
        ways.push(Way { refspecs: vec![format!("+{name}:refs/wanted/reference")], depth: 0 });
    }
    let everything = ["+refs/heads/*:refs/wanted/heads/*", "+refs/tags/*:refs/wanted/tags/*"];
    ways.push(Way { refspecs: everything.map(str::to_owned).to_vec(), depth: 0 });
    ways
}

/// By its name, else among the last commits of its reference.
fn ways_near(advertised: &[Advertised], seen: &Seen) -> Vec<Way> {
    let by_name = |way: &Way| way.depth == 1;
    let name = &seen.reference;
    let deeper = (fetchable(name) && advertised.iter().any(|one| one.name == *name))
        .then(|| Way { refspecs: vec![format!("+{name}:refs/wanted/near")], depth: NEAR });
    ways(advertised, seen).into_iter().filter(by_name).chain(deeper).collect()
}

/// Whether the name can stand in a refspec for itself only.
fn fetchable(name: &str) -> bool {
    git2::Reference::is_valid_name(name) && !name.contains([':', '*'])
}

/// Whether what was brought is nothing else than a commit; a tag may be on a folder or a file.
fn is_no_other(host: &Host<'_>, wanted: Oid, seen: &Seen) -> Result<(), SourceError> {
    let kind = host.repository.find_object(wanted, None).ok().and_then(|object| object.kind());
    let found = match kind {
        Some(ObjectType::Tree) => "a folder",
        Some(ObjectType::Blob) => "a file",
        Some(ObjectType::Tag) => "a tag by itself",
        _ => return Ok(()),
    };
    let (url, reference) = (host.remote.url.to_string(), seen.reference.clone());
    Err(SourceError::NotACommit { url, reference, found: found.to_owned() })
}

fn not_found(host: &Host<'_>, seen: &Seen) -> SourceError {
    SourceError::CommitNotFound { url: host.remote.url.to_string(), commit: seen.commit.to_string() }
}

/// A commit that somebody wrote down is wrong; one that a reference was at a moment ago was left by it.
fn left(host: &Host<'_>, seen: &Seen) -> SourceError {
    let (url, commit, reference) = (host.remote.url.to_string(), seen.commit.to_string(), seen.reference.clone());
    if reference == commit { not_found(host, seen) } else { SourceError::CommitLeft { url, commit, reference } }
}

fn too_large(what: &str, limits: &Limits) -> Refusal {
    let what = match what {
        "objects" => format!("The repository sends more than {} objects", limits.received_objects),
        MEMORY => {
            format!("What the repository sends for this commit does not fit into {} once it is unpacked", memory())
        }
        _ => format!("The repository sends more than {} MiB for this commit", limits.received_bytes >> 20),
    };
    Refusal::TooLarge { what }
}

/// What this process may use.
fn memory() -> String {
    getrlimit(Resource::As).current.map_or_else(|| "memory".to_owned(), |bytes| format!("{} MiB", bytes >> 20))
}

#[cfg(test)]
mod tests;
