//! Fetches, checks and packs one commit; the layer is put into this process's folder.

use std::path::Path;

use super::host::Host;
use super::tree::Found;
use super::{facts, fetch, links, tree};
use crate::dsl::{self, CheckOptions, Checked, Diagnostic, Extent, RubyVersion, Severity, SourceFile, Summary};
use crate::image::layer::{self, LayerError, TreeFile, TreeFileKind};
use crate::source::attributes;
use crate::source::pack_error::{FETCH, PackFault};
use crate::source::refusal::{from_the_root, remark};
use crate::source::wire::{PackedAnswer, WireRemote};
use crate::source::{CheckLevel, Checking, CommitFacts, LayerFile, Limits, Place, Refusal, SourceError};
use crate::words;
use crate::worker::{enter_step, shut_network};

/// How many digits of the tree's digest are its version: as many as a commit has.
const VERSION_DIGITS: usize = 40;

pub(super) fn pack(
    remote: &WireRemote,
    (place, by_name): (&Place, bool),
    checking: Checking,
    limits: &Limits,
) -> Result<PackedAnswer, PackFault> {
    enter_step(FETCH);
    let host = Host::prepare(remote)?;
    let brought = if by_name { fetch::fetch_by_name(&host, &place.seen, limits)? } else { None };
    let commit = brought.map_or_else(|| fetch::fetch(&host, &place.seen, limits), Ok)?;
    shut_network();
    let facts = facts::of(&commit);
    enter_step("read");
    let packed = tree::read(&host, &commit, &place.path, limits)
        .and_then(|found| pack_files(&found, place, checking, facts.clone()));
    packed.map_err(|fault| match fault {
        PackFault::Refused(refusal, _) => {
            PackFault::Refused(refusal.seen_from_the_root(&place.path), Some(Box::new(facts)))
        }
        PackFault::Source(error) => error.into(),
    })
}

/// Like [`pack`], of files; what is refused is named as seen from the path.
fn pack_files(
    found: &Found,
    place: &Place,
    checking: Checking,
    commit: CommitFacts,
) -> Result<PackedAnswer, PackFault> {
    let files = &found.files;
    enter_step("check");
    let (checked, findings) = check(found, place, checking)?;
    enter_step("pack");
    let tree = layer::tree_digest(files).map_err(refused)?;
    if let Some(refusal) = links::dangling(files) {
        return Err(refusal.into());
    }
    // Of content only: the same definitions under another commit are the same version.
    let version = tree.short(VERSION_DIGITS).to_owned();
    let layer = layer::pack(files, &version).map_err(refused)?;
    std::fs::write(Path::new(LayerFile::NAME), &layer.bytes).map_err(|error| not_written(&error))?;
    let remark = checked.as_ref().and_then(|checked| remark(&findings, checked));
    Ok(PackedAnswer {
        commit,
        tree,
        version,
        size: layer.size(),
        digest: layer.digest,
        notes: remark.into_iter().chain(notes(layer.replaced_version, found.left_out)).collect(),
        checked,
        findings,
    })
}

type Findings = (Option<Summary>, Vec<Diagnostic>);

fn check(found: &Found, place: &Place, Checking { level, ruby }: Checking) -> Result<Findings, Refusal> {
    let files = &found.files;
    if !files.iter().any(|file| Path::new(&file.path).extension().is_some_and(|extension| extension == "rb")) {
        return Err(Refusal::NoDefinition { path: place.path.to_string(), left_out: found.left_out });
    }
    if level == CheckLevel::Off {
        return Ok((None, Vec::new()));
    }
    let mut checked = check_files(files, ruby);
    checked.diagnostics.sort_by_key(|finding| finding.severity != Severity::Error);
    checked.diagnostics.truncate(Refusal::FINDINGS_KEPT);
    let refuses = match level {
        CheckLevel::Error => checked.has_errors(),
        CheckLevel::Strict => checked.has_findings(),
        CheckLevel::Warning | CheckLevel::Off => false,
    };
    if refuses {
        return Err(Refusal::DefinitionInvalid { findings: checked.diagnostics, checked: checked.summary });
    }
    let findings = checked.diagnostics.into_iter().map(|finding| from_the_root(finding, &place.path)).collect();
    Ok((Some(checked.summary), findings))
}

/// What the check has to say of these files, for this Ruby.
pub(super) fn check_files(files: &[TreeFile], ruby: Option<RubyVersion>) -> Checked {
    // Links are left out: what they lead to is checked where it is.
    let regular = files.iter().filter(|file| matches!(file.kind, TreeFileKind::File { .. }));
    let sources: Vec<_> = regular.map(|file| SourceFile::new(file.path.clone(), file.bytes.clone())).collect();
    let links = files.iter().any(|file| !matches!(file.kind, TreeFileKind::File { .. }));
    // A name that is not among the files may be a link's.
    let extent = if links { Extent::Part } else { Extent::Whole };
    dsl::check(&sources, &CheckOptions { extent, ruby })
}

fn refused(error: LayerError) -> PackFault {
    match error {
        LayerError::Path { path, why } => Refusal::TreeRefused { path, why: format!("{why}.") }.into(),
        LayerError::Write(error) => not_written(&error).into(),
        LayerError::Version(_) => SourceError::Local { detail: "the version of the tree is no word".to_owned() }.into(),
    }
}

fn not_written(error: &std::io::Error) -> SourceError {
    tracing::debug!(%error, "the layer was not written");
    SourceError::Local { detail: format!("the layer was not written: {}", words::of_a_file(error)) }
}

fn notes(replaced_version: bool, left_out: u64) -> impl Iterator<Item = String> {
    let replaced = || "The VERSION file in Git is replaced by the digest of the files.".to_owned();
    replaced_version.then(replaced).into_iter().chain(attributes::left_out(left_out))
}
