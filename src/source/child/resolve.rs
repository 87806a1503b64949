//! Looks where references are over SSH, as `git ls-remote` does.

use super::host::Host;
use crate::source::refs::{self, Hearing};
use crate::source::wire::{Resolved, WireRemote};
use crate::source::{Reference, SourceError};

/// Where each is, or why it cannot be said.
pub(super) fn resolve(remote: &WireRemote, references: &[Reference]) -> Result<Resolved, SourceError> {
    let advertised = Host::prepare(remote)?.list()?;
    let url = remote.url.to_string();
    if advertised.iter().all(|one| one.name == "capabilities^{}") {
        return Err(SourceError::EmptyRepository { url });
    }
    let near = |reference| {
        let mut near = refs::Near::to(reference)?;
        for one in &advertised {
            near.see(one);
        }
        near.best()
    };
    let mut hearing = Hearing::of(references);
    for one in &advertised {
        hearing.hear(one.clone());
    }
    let answer = |reference| hearing.answer(reference, &url, || near(reference));
    let found = references.iter().map(|reference| (reference.clone(), answer(reference))).collect();
    Ok(Resolved { found, tags: hearing.tags() })
}
