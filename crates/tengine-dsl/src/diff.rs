//! What a commit changes in a definition: by path of names, with moves and renames where nothing else changed.

mod events;
mod items;
mod moves;

use super::model::{Definition, Jobnet, Vertex};
pub use events::{EventTypes, event_types};
use items::{Fields, Key, items};
use moves::{Pool, moves};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// What sort of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A root jobnet or one inside another.
    Jobnet,
    /// A Hadoop run.
    HadoopJobRun,
    /// A `finally`.
    Finally,
    /// A job.
    Job,
    /// A job in Ruby.
    RubyJob,
    /// A step of a Hadoop run.
    HadoopJob,
    /// An expansion.
    Expansion,
    /// An event driver.
    Driver,
}

impl Kind {
    /// The word of the language for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Jobnet => "jobnet",
            Self::HadoopJobRun => "hadoop_job_run",
            Self::Finally => "finally",
            Self::Job => "job",
            Self::RubyJob => "ruby_job",
            Self::HadoopJob => "hadoop_job",
            Self::Expansion => "expansion",
            Self::Driver => "driver",
        }
    }
}

/// One thing that is in one definition only, or not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Change {
    /// What it is.
    pub kind: Kind,
    /// Its path of names, like `nightly/load`.
    pub path: String,
    /// What happened to it.
    #[serde(flatten)]
    pub what: What,
}

/// What happened to something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "change")]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is the same under another path: renamed or moved.
    Moved {
        /// The path it had.
        from: String,
    },
    /// It is there in both, and differs.
    Changed {
        /// What of it: the name of the field with its value before and after.
        fields: Vec<Field>,
    },
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The value before; empty if there was none.
    pub old: String,
    /// The value after; empty if there is none.
    pub new: String,
}

/// All changes from one definition to another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Changes {
    /// One entry each, by path.
    pub changes: Vec<Change>,
    /// Whether something in either definition could not be seen, so that there may be more.
    pub partial: bool,
}

/// `+3 -1 ~2`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (added, removed, changed) = self.counts();
        write!(f, "+{added} -{removed} ~{changed}")
    }
}

impl Changes {
    /// How many were added, removed, and changed or moved.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&What) -> bool| self.changes.iter().filter(|change| wanted(&change.what)).count();
        (
            count(|what| matches!(what, What::Added)),
            count(|what| matches!(what, What::Removed)),
            count(|what| matches!(what, What::Changed { .. } | What::Moved { .. })),
        )
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// One line a change, with values: `~ job nightly/load: script "a.sh" -> "b.sh"`.
    pub fn names(&self) -> Vec<String> {
        self.changes.iter().map(ToString::to_string).collect()
    }

    /// One short line a change, without values: `~ job nightly/load: script`. At most `most`, and then how many more.
    pub fn titles(&self, most: usize) -> Vec<String> {
        let more = self.changes.len().saturating_sub(most);
        let rest = (more > 0).then(|| format!("… and {more} more"));
        self.changes.iter().take(most).map(Change::title).chain(rest).collect()
    }
}

/// Longest title, in characters.
const TITLE: usize = 200;

impl Change {
    /// What happened to what, without values.
    pub fn title(&self) -> String {
        let title = match &self.what {
            What::Added | What::Removed | What::Moved { .. } => self.to_string(),
            What::Changed { fields } => {
                let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                format!("~ {} {}: {}", self.kind.word(), self.path, names.join(", "))
            }
        };
        if title.chars().count() <= TITLE { title } else { title.chars().take(TITLE - 1).chain(['…']).collect() }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, path) = (self.kind.word(), &self.path);
        match &self.what {
            What::Added => write!(f, "+ {word} {path}"),
            What::Removed => write!(f, "- {word} {path}"),
            What::Moved { from } => write!(f, "~ {word} {path}: was {from}"),
            What::Changed { fields } => {
                write!(f, "~ {word} {path}:")?;
                for (index, field) in fields.iter().enumerate() {
                    let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma} {} {} -> {}", field.name, or_none(&field.old), or_none(&field.new))?;
                }
                Ok(())
            }
        }
    }
}

/// What changes from `old` to `new`.
pub fn diff(old: &Definition, new: &Definition) -> Changes {
    let (before, after) = (items(old), items(new));
    let mut removed = Pool::of(&before, &after);
    let mut added = Pool::of(&after, &before);
    let mut changes = moves(&mut removed, &mut added);
    let one = |key: &Key, what| Change { kind: key.1, path: key.0.clone(), what };
    changes.extend(added.keys().map(|key| one(key, What::Added)));
    changes.extend(removed.keys().map(|key| one(key, What::Removed)));
    for (key, item) in &after {
        let Some(known) = before.get(key) else { continue };
        let fields = changed_fields(&known.fields, &item.fields);
        if !fields.is_empty() {
            changes.push(one(key, What::Changed { fields }));
        }
    }
    changes.sort_by(|a, b| (&a.path, a.kind, &a.what).cmp(&(&b.path, b.kind, &b.what)));
    Changes { changes, partial: is_partial(old) || is_partial(new) }
}

fn is_partial(definition: &Definition) -> bool {
    fn any_open(jobnet: &Jobnet) -> bool {
        let inner = |vertex: &Vertex| matches!(vertex, Vertex::Jobnet(inner) if any_open(inner));
        jobnet.open || jobnet.children.iter().any(inner) || jobnet.finally.as_ref().is_some_and(|f| any_open(f))
    }
    definition.open || definition.jobnets.iter().any(any_open)
}

fn changed_fields(old: &Fields, new: &Fields) -> Vec<Field> {
    let names: BTreeSet<&&str> = old.keys().chain(new.keys()).collect();
    let value = |fields: &Fields, name: &str| fields.get(name).cloned().unwrap_or_default();
    names
        .into_iter()
        .map(|name| Field { name: (*name).to_owned(), old: value(old, name), new: value(new, name) })
        .filter(|field| field.old != field.new)
        .collect()
}
