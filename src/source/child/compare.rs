//! Says what one commit's definitions have that another's have not.
//!
//! Runs in the folder in which the newer commit was packed, whose objects are there already.

use super::commit::Commit;
use super::host::Host;
use super::{fetch, pack, tree};
use crate::dsl::diff::{diff, event_types};
use crate::dsl::model::Definition;
use crate::source::pack_error::{FETCH, PackFault};
use crate::source::wire::WireRemote;
use crate::source::{Comparison, Limits, Place};
use crate::worker::{enter_step, shut_network};

pub(super) fn compare(remote: &WireRemote, new: &Place, old: &Place, limits: &Limits) -> Result<Comparison, PackFault> {
    let host = Host::prepare(remote)?;
    enter_step(FETCH);
    let commits = [old, new].map(|place| fetch::fetch_near(&host, &place.seen, limits));
    shut_network();
    let [old_commit, new_commit] = commits;
    let old = definition(&host, &old_commit?, old, limits)?;
    let new = definition(&host, &new_commit?, new, limits)?;
    enter_step("compare");
    let changes = diff(&old, &new);
    Ok(Comparison {
        counts: changes.to_string(),
        names: changes.titles(Comparison::NAMES),
        events: event_types(&old, &new),
    })
}

fn definition(host: &Host<'_>, commit: &Commit, place: &Place, limits: &Limits) -> Result<Definition, PackFault> {
    enter_step("read");
    let found = tree::read(host, commit, &place.path, limits)?;
    enter_step("check");
    Ok(pack::check_files(&found.files, None).definition)
}
