//! The check of one load path: read every file, follow the definition, then say what is wrong.

use super::catalogue;
use super::decode::{Decoded, decode, end_of};
use super::diagnostic::{Diagnostic, Severity, Summary};
use super::eval;
use super::limits;
use super::model::Definition;
use super::parse::{Finding, ParsedFile, ignores_in_yaml, parse_file};
use super::rules::{dictionary, emptiness, expansions};
use super::source::{CheckOptions, SourceFile, Span, Text, offset};
use super::world::World;
use crate::rules::Code;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};

/// Everything the check has to say about one load path.
#[derive(Debug, Clone, Serialize)]
pub struct Checked {
    /// The findings, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The counts.
    pub summary: Summary,
    /// What is certainly defined.
    #[serde(skip)]
    pub definition: Definition,
}

impl Checked {
    /// Whether there is anything to say about this definition: what [`Checked::has_errors`] asks, and warnings.
    pub fn has_findings(&self) -> bool {
        self.summary.errors + self.summary.warnings > 0
    }

    /// Whether the core would refuse this definition.
    pub fn has_errors(&self) -> bool {
        self.summary.errors > 0
    }
}

/// Checks the files of one load path, as the core would load them: every `.rb` file, and `dictionary.yml` files.
///
/// The order of `tree` does not matter.
pub fn check(tree: &[SourceFile], options: &CheckOptions) -> Checked {
    // Reading and following recurse as deep as the input is nested: on threads whose stack is known.
    match rayon::ThreadPoolBuilder::new().stack_size(limits::STACK).build() {
        Ok(pool) => pool.install(|| check_here(tree, options)),
        Err(_) => check_here(tree, options),
    }
}

fn check_here(tree: &[SourceFile], options: &CheckOptions) -> Checked {
    let mut ruby: Vec<&SourceFile> = tree.iter().filter(|file| is_loaded(&file.path, ".rb")).collect();
    // As Ruby lists a tree: folder by folder, each sorted by name.
    ruby.sort_by(|a, b| a.path.split('/').cmp(b.path.split('/')));
    ruby.dedup_by(|a, b| a.path == b.path);
    let bytes: usize = ruby.iter().map(|file| file.bytes.len()).sum();
    if ruby.is_empty() {
        return alone(about_the_tree(Code::NoRubyFile, "no .rb file in this load path"));
    }
    if ruby.len() > limits::FILES || bytes > limits::TREE_BYTES {
        let message = format!(
            "{} files with {bytes} bytes are more than is checked ({} files, {} bytes)",
            ruby.len(),
            limits::FILES,
            limits::TREE_BYTES
        );
        return alone(about_the_tree(Code::TooLarge, &message));
    }
    let files: Vec<ParsedFile> =
        ruby.par_iter().enumerate().map(|(index, file)| parse_file(offset(index), file, options.ruby)).collect();
    let world = World::of(&files, options.extent);
    let evaluated = eval::evaluate(&files, &world);
    let mut findings: Vec<Finding> = files.iter().flat_map(|file| file.findings.iter().cloned()).collect();
    findings.extend(evaluated.findings);
    findings.extend(expansions::check(&evaluated.definition));
    findings.extend(emptiness::check(&files, &evaluated.definition, &world));
    let mut diagnostics = heard(&files, findings);
    diagnostics.extend(folders(tree));
    let defining = evaluated.definition.jobnets.iter().filter_map(|jobnet| files.get(jobnet.span.file as usize));
    let defining: Vec<&str> = defining.map(|file| file.path.as_str()).collect();
    diagnostics.extend(dictionaries(tree, &defining));
    let definition = evaluated.definition;
    finish(diagnostics, files.len(), definition, evaluated.opaque)
}

/// Folders that Tengine would load for files.
fn folders(tree: &[SourceFile]) -> Option<Diagnostic> {
    let folder = tree.iter().find_map(|file| {
        let end = file.path.find(".rb/").map(|at| at + ".rb".len())?;
        file.path.get(..end).filter(|folder| is_loaded(folder, ".rb"))
    })?;
    let message = "this folder is called like a Ruby file, and Tengine loads it as one";
    Some(Diagnostic { path: folder.to_owned(), ..about_the_tree(Code::FolderNamedRb, message) })
}

fn finish(mut diagnostics: Vec<Diagnostic>, files: usize, definition: Definition, opaque: usize) -> Checked {
    diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
    diagnostics.dedup();
    let count = |severity| diagnostics.iter().filter(|found| found.severity == severity).count();
    let summary = Summary {
        files,
        jobnets: definition.jobnets.len(),
        jobs: definition.job_count(),
        drivers: definition.drivers.len(),
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        opaque,
    };
    Checked { diagnostics, summary, definition }
}

fn alone(diagnostic: Diagnostic) -> Checked {
    finish(vec![diagnostic], 0, Definition::default(), 0)
}

/// A file the core would load: dot-folders and dot-files are passed over.
fn is_loaded(path: &str, suffix: &str) -> bool {
    path.ends_with(suffix) && !path.split('/').any(|part| part.starts_with('.'))
}

/// What is left once comments that ask for silence are heard; what they name wrongly is itself a finding.
fn heard(files: &[ParsedFile], findings: Vec<Finding>) -> Vec<Diagnostic> {
    let mut silenced: HashSet<(u32, u32, &str)> = HashSet::new();
    let mut out = Vec::new();
    for (index, file) in files.iter().enumerate() {
        for ignore in &file.ignores {
            if catalogue::rule(&ignore.code).is_none() {
                out.push(placed(file, &unknown_code(&ignore.code, ignore.span)));
            }
            silenced.insert((offset(index), ignore.lines.0, &ignore.code));
            silenced.insert((offset(index), ignore.lines.1, &ignore.code));
        }
    }
    for finding in findings {
        let Some(file) = files.get(finding.span.file as usize) else { continue };
        let diagnostic = placed(file, &finding);
        if !silenced.contains(&(finding.span.file, diagnostic.line, finding.code.rule().code)) {
            out.push(diagnostic);
        }
    }
    out
}

fn unknown_code(code: &str, span: Span) -> Finding {
    let finding = Finding::new(Code::UnknownCode, span, format!("there is no rule \"{code}\" to ignore"));
    match super::vocabulary::closest(code, catalogue::RULES.iter().map(|rule| rule.code)) {
        Some(near) => finding.with_help(format!("did you mean \"{near}\"?")),
        None => finding,
    }
}

fn dictionaries(tree: &[SourceFile], defining: &[&str]) -> Vec<Diagnostic> {
    let paths: BTreeSet<&str> = tree.iter().map(|file| file.path.as_str()).collect();
    let mut out = Vec::new();
    for file in tree.iter().filter(|file| is_loaded(&file.path, "dictionary.yml")) {
        if file.path.rsplit('/').next() != Some("dictionary.yml") || file.bytes.len() > limits::FILE_BYTES {
            continue;
        }
        let read = dictionary::is_read(&file.path, defining.iter().copied());
        let (text, malformed) = match decode(&file.bytes) {
            Decoded::Text(text) => (Text::new(text), None),
            Decoded::Malformed { before, encoding, .. } => {
                let at = end_of(&before);
                let message = format!("dictionary.yml is not valid {encoding} from here on");
                let span = Span { file: 0, start: at, end: at };
                (Text::new(before), Some(dictionary::unreadable(read, span, message)))
            }
            Decoded::Unreadable(_) | Decoded::Unknown(_) => continue,
        };
        let findings = match malformed {
            Some(finding) => vec![finding],
            None => dictionary::check(0, file, &text, &paths, read),
        };
        let ignores = ignores_in_yaml(0, &text);
        out.extend(heard(
            &[ParsedFile { path: file.path.clone(), text, findings: Vec::new(), body: None, ignores }],
            findings,
        ));
    }
    out
}

fn about_the_tree(code: Code, message: &str) -> Diagnostic {
    Diagnostic {
        severity: code.rule().verdict.severity(),
        code: code.rule().code.to_owned(),
        path: String::new(),
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
        message: message.to_owned(),
        help: None,
        excerpt: String::new(),
    }
}

fn placed(file: &ParsedFile, finding: &Finding) -> Diagnostic {
    let start = file.text.position(finding.span.start);
    let end = file.text.position(finding.span.end.max(finding.span.start));
    Diagnostic {
        severity: finding.code.rule().verdict.severity(),
        code: finding.code.rule().code.to_owned(),
        path: file.path.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        message: finding.message.clone(),
        help: finding.help.clone(),
        excerpt: file.text.line(start.line).chars().take(limits::EXCERPT).collect(),
    }
}
