//! A jobnet while its block is followed.

use crate::model::{Jobnet, JobnetKind, Named, Options, Order, Vertex};
use crate::source::Span;

/// Something that is no text where a name of a child is asked for.
#[derive(Debug, Clone)]
pub struct Odd {
    /// Where it stands.
    pub span: Span,
    /// As Ruby prints it.
    pub printed: String,
    /// The text that was meant, if there is one.
    pub meant: Option<String>,
}

/// A jobnet under construction.
#[derive(Debug)]
pub struct Frame {
    /// Which word opened it.
    pub kind: JobnetKind,
    /// Its name; `None` if not certain.
    pub name: Option<String>,
    /// Where its name stands.
    pub span: Span,
    /// Its description.
    pub description: Option<String>,
    /// Its command.
    pub script: Option<String>,
    /// Its options.
    pub options: Options,
    /// What its `:to` names.
    pub to: Vec<Named>,
    /// What is in it.
    pub children: Vec<Vertex>,
    /// Its `finally`.
    pub finally: Option<Jobnet>,
    /// Whether a `finally` was written, followed or not.
    pub finally_at: Option<Span>,
    /// The sequence word it has last, and where: each takes back what the one before said.
    pub sequence_word: Option<(&'static str, Span)>,
    /// The boot jobs, if certain.
    pub boot_jobs: Vec<Named>,
    /// Whether children run in sequence because an outer jobnet or an option says so.
    pub inherited_sequence: bool,
    /// Whether unseen code may add to it.
    pub open: bool,
    /// Whether some `:to` or boot job is not certain.
    pub edges_open: bool,
    /// What is no text in the `:to` of its children.
    pub odd: Vec<Odd>,
    /// What is no text in its last `boot_jobs`.
    pub odd_boot_jobs: Vec<Odd>,
    /// How many vertices were met, certain ones and others.
    pub met: usize,
}

impl Frame {
    /// An empty frame.
    pub fn new(kind: JobnetKind, name: Option<String>, span: Span) -> Self {
        Self {
            kind,
            name,
            span,
            description: None,
            script: None,
            options: Options::new(),
            to: Vec::new(),
            children: Vec::new(),
            finally: None,
            finally_at: None,
            sequence_word: None,
            boot_jobs: Vec::new(),
            inherited_sequence: false,
            open: false,
            edges_open: false,
            odd: Vec::new(),
            odd_boot_jobs: Vec::new(),
            met: 0,
        }
    }

    /// The finished jobnet; `None` if its name is not certain.
    pub fn finish(self) -> Option<Jobnet> {
        let order = match self.sequence_word {
            Some(("boot_jobs", _)) if !self.boot_jobs.is_empty() || !self.odd_boot_jobs.is_empty() => {
                Order::Boot(self.boot_jobs)
            }
            Some(("auto_sequence", _)) => Order::Sequence { written: true },
            _ => Order::Sequence { written: false },
        };
        Some(Jobnet {
            kind: self.kind,
            name: self.name?,
            description: self.description,
            script: self.script,
            options: self.options,
            to: self.to,
            children: self.children,
            finally: self.finally.map(Box::new),
            order,
            open: self.open,
            span: self.span,
        })
    }
}
