//! Sees to it that a branch has a commit and that a tag is on it.
//!
//! What is there already is known from what the host advertises. Whether a branch can go forward is told by history: the last commits of
//! both first, all of it where these do not tell.

use git2::Oid;

use super::fetch;
use super::host::Host;
use crate::domain::{GitRef, TagTemplate};
use crate::source::pack_error::{FETCH, PackFault};
use crate::source::pass_on::{PassFault, PassOn, PassedOn};
use crate::source::refs::Advertised;
use crate::source::wire::WireRemote;
use crate::source::{Limits, SourceError};
use crate::worker::enter_step;

/// What is pushed is called so here.
const VERIFIED: &str = "refs/verified/commit";
/// And where the branch is, so.
const BRANCH: &str = "refs/verified/branch";

pub(super) fn pass_on(remote: &WireRemote, order: &PassOn, limits: &Limits) -> Result<PassedOn, PassFault> {
    enter_step(FETCH);
    let host = Host::prepare(remote)?;
    let task = Task { host: &host, advertised: host.list()?, order, limits };
    let branch = order.branch.as_ref().map(|branch| task.branch(branch)).transpose()?.flatten();
    let tag = order.tag.as_ref().map(|(tag, template)| task.tag(tag, template)).transpose()?;
    let missing = tag.as_ref().and_then(|(tag, there)| (!there).then(|| format!("refs/tags/{tag}")));
    let refspecs: Vec<String> = branch.into_iter().chain(missing).map(|name| format!("{VERIFIED}:{name}")).collect();
    if !refspecs.is_empty() {
        task.keep()?;
        host.push(&refspecs)?;
    }
    Ok(PassedOn { branch: order.branch.clone(), tag: tag.map(|(tag, _)| tag) })
}

struct Task<'a> {
    host: &'a Host<'a>,
    advertised: Vec<Advertised>,
    order: &'a PassOn,
    limits: &'a Limits,
}

/// How the commit stands to the branch.
enum Relation {
    Has,
    Lacks,
    Unknown,
}

impl Task<'_> {
    fn id(&self) -> &str {
        self.order.seen.commit.as_ref()
    }

    fn commit(&self) -> Result<Oid, SourceError> {
        Oid::from_str(self.id()).map_err(|error| self.host.damaged(&error))
    }

    fn at(&self, name: &str) -> Option<&str> {
        self.advertised.iter().find(|one| one.name == name).map(|one| one.object.as_str())
    }

    /// The full name of the branch, where it has to be pushed.
    fn branch(&self, branch: &GitRef) -> Result<Option<String>, PassFault> {
        let name = format!("refs/heads/{branch}");
        let Some(at) = self.at(&name) else { return Ok(Some(name)) };
        if at == self.id() {
            return Ok(None);
        }
        let tip = Oid::from_str(at).map_err(|error| self.host.damaged(&error))?;
        for depth in [fetch::NEAR, 0] {
            let refspec = format!("+{name}:{BRANCH}");
            fetch::fetch_history(self.host, (&self.advertised, &self.order.seen), &refspec, depth, self.limits)
                .map_err(|fault| of_history(fault, branch))?;
            match self.relation(tip)? {
                Relation::Has => return Ok(None),
                Relation::Lacks => return Ok(Some(name)),
                Relation::Unknown => {}
            }
        }
        let (at, commit) = (at.parse(), self.order.seen.commit.clone());
        let at = at.map_err(|_| SourceError::Damaged {
            url: self.host.remote.url.to_string(),
            detail: "it names no object of a branch".to_owned(),
        })?;
        Err(PassFault::Diverged { branch: branch.clone(), at, commit })
    }

    fn relation(&self, tip: Oid) -> Result<Relation, SourceError> {
        let commit = self.commit()?;
        let repository = &self.host.repository;
        let descends = |newer: Oid, older: Oid| match repository.graph_descendant_of(newer, older) {
            Ok(descends) => Ok(descends),
            // The tip moved since it was advertised, and was not fetched.
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(false),
            Err(error) => Err(self.host.damaged(&error)),
        };
        Ok(if descends(tip, commit)? {
            Relation::Has
        } else if descends(commit, tip)? {
            Relation::Lacks
        } else {
            Relation::Unknown
        })
    }

    /// The tag on the commit, and whether it is there.
    fn tag(&self, tag: &GitRef, template: &TagTemplate) -> Result<(String, bool), PassFault> {
        let on_it = self.advertised.iter().filter(|one| one.object == self.id());
        let mut tags = on_it.filter_map(|one| one.fetched_by().strip_prefix("refs/tags/"));
        if let Some(known) = tags.find(|name| template.is_of(name)) {
            return Ok((known.to_owned(), true));
        }
        if self.at(&format!("refs/tags/{tag}")).is_some() {
            return Err(PassFault::TagTaken { tag: tag.clone() });
        }
        Ok((tag.to_string(), false))
    }

    /// The commit is here, under a name by which it can be pushed.
    fn keep(&self) -> Result<(), PassFault> {
        let commit = self.commit()?;
        if self.host.repository.find_commit(commit).is_err() {
            fetch::fetch(self.host, &self.order.seen, self.limits)?;
        }
        let kept = self.host.repository.reference(VERIFIED, commit, true, "");
        kept.map(drop).map_err(|error| self.host.damaged(&error).into())
    }
}

fn of_history(fault: PackFault, branch: &GitRef) -> PassFault {
    match fault.into() {
        PassFault::TooLarge { what } => {
            let what = format!("{what}, which it takes to see whether branch {branch} can go forward");
            PassFault::TooLarge { what }
        }
        other => other,
    }
}
