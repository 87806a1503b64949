//! Says what one commit's definitions have that another's have not.
//!
//! Runs in the folder in which the newer commit was packed, whose objects are there already.

use super::host::Host;
use super::{fetch, pack, tree};
use crate::dsl::diff::diff;
use crate::dsl::model::Definition;
use crate::source::pack_error::{FETCH, PackFault};
use crate::source::wire::WireRemote;
use crate::source::{Comparison, Limits, Place};
use crate::worker::enter_step;

pub(super) fn compare(remote: &WireRemote, new: &Place, old: &Place, limits: &Limits) -> Result<Comparison, PackFault> {
    let host = Host::prepare(remote)?;
    let old = definition(&host, old, limits)?;
    let new = definition(&host, new, limits)?;
    enter_step("compare");
    let changes = diff(&old, &new);
    Ok(Comparison { counts: changes.to_string(), names: changes.titles(Comparison::NAMES) })
}

fn definition(host: &Host<'_>, place: &Place, limits: &Limits) -> Result<Definition, PackFault> {
    enter_step(FETCH);
    let commit = fetch::fetch_near(host, &place.seen, limits)?;
    enter_step("read");
    let files = tree::read(host, &commit, &place.path, limits)?;
    enter_step("check");
    Ok(pack::check_files(&files).definition)
}
