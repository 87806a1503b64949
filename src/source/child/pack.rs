//! Fetches, checks and packs one commit; the layer is put into this process's folder.

use std::path::Path;

use super::host::Host;
use super::{facts, fetch, tree};
use crate::domain::TreePath;
use crate::dsl::{self, CheckOptions, Checked, Extent, Severity, SourceFile};
use crate::image::layer::{self, LayerError, TreeFile, TreeFileKind};
use crate::source::pack_error::{FETCH, PackFault};
use crate::source::refusal::from_the_root;
use crate::source::wire::{PackedAnswer, WireRemote};
use crate::source::{LayerFile, Limits, Refusal, Seen, SourceError};
use crate::worker::enter_step;

pub(super) fn pack(
    remote: &WireRemote,
    seen: &Seen,
    path: &TreePath,
    limits: &Limits,
) -> Result<PackedAnswer, PackFault> {
    pack_below(remote, seen, path, limits).map_err(|fault| match fault {
        PackFault::Refused(refusal) => refusal.seen_from_the_root(path).into(),
        PackFault::Source(error) => error.into(),
    })
}

/// Like [`pack`]; what is refused is named as seen from `path`.
fn pack_below(remote: &WireRemote, seen: &Seen, path: &TreePath, limits: &Limits) -> Result<PackedAnswer, PackFault> {
    enter_step(FETCH);
    let host = Host::prepare(remote)?;
    let commit = fetch::fetch(&host, seen, limits)?;
    enter_step("read");
    let files = tree::read(&host, &commit, path, limits)?;
    enter_step("check");
    let mut checked = check(&files, path)?;
    checked.diagnostics.truncate(Refusal::FINDINGS_KEPT);
    enter_step("pack");
    let tree = layer::tree_digest(&files).map_err(refused)?;
    let version = format!("{}-{}", seen.commit, tree.short(8));
    let layer = layer::pack(&files, &version).map_err(refused)?;
    std::fs::write(Path::new(LayerFile::NAME), &layer.bytes).map_err(|error| no_room(&error))?;
    Ok(PackedAnswer {
        commit: facts::of(&commit),
        tree,
        version,
        size: layer.size(),
        digest: layer.digest,
        checked: checked.summary,
        warnings: checked.diagnostics.into_iter().map(|finding| from_the_root(finding, path)).collect(),
        notes: notes(layer.replaced_version),
    })
}

fn check(files: &[TreeFile], path: &TreePath) -> Result<Checked, Refusal> {
    // Links are left out: what they lead to is checked where it is.
    let regular = files.iter().filter(|file| matches!(file.kind, TreeFileKind::File { .. }));
    let sources: Vec<_> = regular.map(|file| SourceFile::new(file.path.clone(), file.bytes.clone())).collect();
    if !sources.iter().any(|source| Path::new(&source.path).extension().is_some_and(|extension| extension == "rb")) {
        return Err(Refusal::NoDefinition { path: path.to_string() });
    }
    let links = files.iter().any(|file| !matches!(file.kind, TreeFileKind::File { .. }));
    // A name that is not among the files may be a link's.
    let extent = if links { Extent::Part } else { Extent::Whole };
    let mut checked = dsl::check(&sources, &CheckOptions { extent });
    if !checked.has_errors() {
        return Ok(checked);
    }
    checked.diagnostics.sort_by_key(|finding| finding.severity != Severity::Error);
    checked.diagnostics.truncate(Refusal::FINDINGS_KEPT);
    Err(Refusal::DefinitionInvalid { findings: checked.diagnostics, errors: checked.summary.errors })
}

fn refused(error: LayerError) -> PackFault {
    match error {
        LayerError::Path { path, why } => Refusal::TreeRefused { path, why: format!("{why}.") }.into(),
        LayerError::Version(_) | LayerError::Write(_) => SourceError::Local { detail: error.to_string() }.into(),
    }
}

fn no_room(error: &std::io::Error) -> SourceError {
    SourceError::Local { detail: format!("the layer was not written: {error}") }
}

fn notes(replaced_version: bool) -> Vec<String> {
    let replaced = "The VERSION file in Git is replaced by the commit and the digest of the files.";
    replaced_version.then(|| replaced.to_owned()).into_iter().collect()
}
