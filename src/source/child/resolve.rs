//! Looks where a reference is, as `git ls-remote` does.

use super::host::Host;
use super::refs;
use crate::source::wire::WireRemote;
use crate::source::{Reference, Seen, SourceError};

pub(super) fn resolve(remote: &WireRemote, reference: &Reference) -> Result<Seen, SourceError> {
    let host = Host::prepare(remote)?;
    refs::find(&host.list()?, reference, remote.url.as_ref())
}
