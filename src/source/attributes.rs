//! What a commit's `.gitattributes` leave out of an archive (`export-ignore`), by the rules of `git archive`.
//!
//! Lines are parsed and patterns matched by `gix-attributes`, which follows Git. Only what is committed counts: neither the host's
//! configuration nor a file outside the commit. Of all lines only those are kept that decide about this one attribute, and there is a limit
//! to them, so that no file makes reading a tree slow.

use std::collections::{BTreeMap, HashMap};

use gix_attributes::glob::Pattern;
use gix_attributes::glob::pattern::Case;
use gix_attributes::glob::wildmatch::Mode;
use gix_attributes::parse::Kind as Line;
use gix_attributes::{Assignment, AssignmentRef, StateRef};

use super::refusal::{Refusal, join};

/// The name of the files, which count for the folder they are in and all below.
pub(crate) const FILE: &str = ".gitattributes";

/// So much may patterns and macros of all files of a commit weigh, in patterns that are simple to match.
const MOST: usize = 1_000;

/// So many macros are taken, whatever they stand for.
const MOST_MACROS: usize = 100;

/// The longest file that is read where there is no other limit to it, in bytes.
pub(crate) const LONGEST_FILE: u64 = 10 << 20;

/// Git ignores lines of this length and more (`attr.h`, `ATTR_MAX_LINE_LENGTH`).
const TOO_LONG: usize = 2_048;

/// The attributes of the folder that is being read: its own file and those of all folders above.
#[derive(Default)]
pub(crate) struct Attributes {
    /// From the root down; only folders with a file.
    folders: Vec<Folder>,
    macros: Macros,
    weight: usize,
}

/// The patterns of one file.
struct Folder {
    /// What paths below it begin with.
    prefix: String,
    /// The last one that matches goes first.
    patterns: Vec<(Pattern, Said)>,
}

/// What one line says: each attribute once, and the last in the line first.
type Said = Vec<(Attribute, bool)>;

/// An attribute that may decide: `export-ignore` itself, or a macro that leads to it.
type Attribute = usize;

/// The number of `export-ignore`; macros have those after it.
const EXPORT_IGNORE: Attribute = 0;

/// More patterns than anybody means.
#[derive(Debug)]
pub(crate) struct TooMany;

impl TooMany {
    /// Why a tree is refused whose `folder`, seen from the commit's root, has them.
    pub(crate) fn refusal(folder: &str) -> Refusal {
        Refusal::TooManyPatterns { path: join(folder, FILE), most: MOST }
    }
}

impl Attributes {
    /// Enters `folder`, seen from the commit's root, whose file has these bytes. Nested ones go before those above.
    pub(crate) fn enter(&mut self, folder: &str, bytes: &[u8]) -> Result<(), TooMany> {
        // As in Git, only the root's file can give several attributes one name.
        if folder.is_empty() {
            self.macros = Macros::of(bytes)?;
        }
        let mut patterns = Vec::new();
        for (line, assignments) in lines(bytes) {
            let Line::Pattern(pattern) = line else { continue };
            let said = self.macros.said(assignments.into_iter());
            if said.is_empty() {
                continue;
            }
            self.weight = self.weight.saturating_add(weight(&pattern));
            if self.weight > MOST {
                return Err(TooMany);
            }
            patterns.push((pattern, said));
        }
        let prefix = if folder.is_empty() { String::new() } else { join(folder, "") };
        self.folders.push(Folder { prefix, patterns });
        Ok(())
    }

    /// Leaves the folder that was entered last.
    pub(crate) fn leave(&mut self) {
        self.folders.pop();
    }

    /// Whether `path`, seen from the commit's root, stays out of an archive; a folder with all that is in it.
    pub(crate) fn leave_out(&self, path: &[u8], kind: Kind) -> bool {
        let mut decided = 0;
        for Folder { prefix, patterns } in self.folders.iter().rev() {
            let Some(path) = path.strip_prefix(prefix.as_bytes()) else { continue };
            let name = path.iter().rposition(|byte| *byte == b'/').map(|slash| slash + 1);
            let is_folder = Some(kind == Kind::Folder);
            for (pattern, said) in patterns.iter().rev() {
                let (case, mode) = (Case::Sensitive, Mode::NO_MATCH_SLASH_LITERAL);
                if pattern.matches_repo_relative_path(path.into(), name, is_folder, case, mode)
                    && let Some(decision) = self.macros.decide(said, &mut decided)
                {
                    return decision;
                }
            }
        }
        false
    }
}

/// The names that stand for several attributes, as far as they lead to `export-ignore`.
#[derive(Default)]
struct Macros {
    numbers: HashMap<String, Attribute>,
    /// What each stands for, from the first number on.
    stand_for: Vec<Said>,
}

impl Macros {
    /// What the root's file defines; of two definitions of one name the last one counts.
    fn of(bytes: &[u8]) -> Result<Self, TooMany> {
        let mut defined: BTreeMap<String, Vec<Assignment>> = BTreeMap::new();
        for (line, assignments) in lines(bytes) {
            let Line::Macro(name) = line else { continue };
            defined.insert(name.as_str().to_owned(), assignments.into_iter().map(AssignmentRef::to_owned).collect());
            if defined.len() > MOST_MACROS {
                return Err(TooMany);
            }
        }
        let mut macros = Self::default();
        // One may stand for others, however many in a row: each round finds more, or all are found.
        loop {
            let before = macros.numbers.len();
            for (name, assignments) in &defined {
                let leads_there = assignments.iter().any(|one| macros.number(one.name.as_ref().as_str()).is_some());
                if leads_there && !macros.numbers.contains_key(name) {
                    macros.numbers.insert(name.clone(), macros.numbers.len() + 1);
                }
            }
            if macros.numbers.len() == before {
                break;
            }
        }
        let mut stand_for = vec![Said::new(); macros.numbers.len()];
        for (name, number) in &macros.numbers {
            let assignments = defined.get(name).into_iter().flatten();
            stand_for[number - 1] = macros.said(assignments.map(Assignment::as_ref));
        }
        Ok(Self { stand_for, ..macros })
    }

    fn number(&self, name: &str) -> Option<Attribute> {
        if name == "export-ignore" { Some(EXPORT_IGNORE) } else { self.numbers.get(name).copied() }
    }

    /// What these assignments say of the attributes that may decide.
    fn said<'a>(&self, assignments: impl Iterator<Item = AssignmentRef<'a>>) -> Said {
        let of_use = |one: AssignmentRef<'_>| Some((self.number(one.name.as_str())?, one.state == StateRef::Set));
        let all: Vec<_> = assignments.filter_map(of_use).collect();
        let mut said = Said::new();
        for (attribute, is_set) in all.into_iter().rev() {
            if said.iter().all(|(other, _)| *other != attribute) {
                said.push((attribute, is_set));
            }
        }
        said
    }

    /// What becomes of `export-ignore`; what was `decided` (a bit each) by lines that go before stays so, and a macro counts where it is set.
    fn decide(&self, said: &Said, decided: &mut u128) -> Option<bool> {
        for (attribute, is_set) in said {
            let bit = 1_u128.checked_shl(u32::try_from(*attribute).ok()?)?;
            if *decided & bit != 0 {
                continue;
            }
            *decided |= bit;
            if *attribute == EXPORT_IGNORE {
                return Some(*is_set);
            }
            let stands_for = self.stand_for.get(attribute - 1).filter(|_| *is_set);
            if let Some(decision) = stands_for.and_then(|said| self.decide(said, decided)) {
                return Some(decision);
            }
        }
        None
    }
}

/// What is written in a file, without what Git itself passes over: a line with a name in it that can be no attribute's (a comment behind a
/// pattern, for instance) is none.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (Line, Vec<AssignmentRef<'_>>)> {
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| line.len() < TOO_LONG);
    // Git reads it as C does: to its first NUL.
    lines.map(|line| line.split(|byte| *byte == 0).next().unwrap_or_default()).filter_map(|line| {
        let (kind, assignments, _) = gix_attributes::parse(line).next()?.ok()?;
        Some((kind, assignments.collect::<Result<_, _>>().ok()?))
    })
}

/// How much work one match may be, in simple patterns: each `**` may begin at any folder of a path, whatever those before it did, and
/// each other `*` at any letter.
fn weight(pattern: &Pattern) -> usize {
    let deep = pattern.text.windows(2).filter(|two| two == b"**").count();
    let stars = pattern.text.split(|letter| *letter == b'*').count().saturating_sub(1 + 2 * deep);
    let deep = u32::try_from(deep).unwrap_or(u32::MAX);
    10_usize.saturating_pow(deep).saturating_mul(stars.max(1))
}

/// What a pattern that ends in `/` wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A folder, or a submodule, which would be one.
    Folder,
    /// Everything else.
    File,
}

/// What is said of so much that was left out, if anything was.
pub(crate) fn left_out(entries: u64) -> Option<String> {
    match entries {
        0 => None,
        1 => Some("One file or folder is left out: export-ignore in .gitattributes.".to_owned()),
        more => Some(format!("{more} files and folders are left out: export-ignore in .gitattributes.")),
    }
}
