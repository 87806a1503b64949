//! What a commit changes in a definition: by path of names, with moves and renames where nothing else changed.

use super::model::{Definition, Driver, End, Jobnet, Vertex};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

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

/// `+3 -1 ~2`, and nothing for nothing.
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

    /// One line a change: `+ job nightly/load`.
    pub fn names(&self) -> Vec<String> {
        self.changes.iter().map(ToString::to_string).collect()
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

type Fields = BTreeMap<&'static str, String>;

#[derive(Debug, PartialEq, Eq)]
struct Item {
    kind: Kind,
    fields: Fields,
    /// Everything below it, as text: what must be equal for it to count as moved.
    within: String,
}

type Items = BTreeMap<(String, Kind), Item>;

/// What changes from `old` to `new`.
pub fn diff(old: &Definition, new: &Definition) -> Changes {
    let (before, after) = (items(old), items(new));
    let mut removed: BTreeSet<&(String, Kind)> = before.keys().filter(|key| !after.contains_key(*key)).collect();
    let mut added: BTreeSet<&(String, Kind)> = after.keys().filter(|key| !before.contains_key(*key)).collect();
    let mut changes = moves(&before, &after, &mut removed, &mut added);
    let one = |key: &(String, Kind), what| Change { kind: key.1, path: key.0.clone(), what };
    changes.extend(added.iter().map(|key| one(key, What::Added)));
    changes.extend(removed.iter().map(|key| one(key, What::Removed)));
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

/// Takes out of both sets what is the same under another path. Only where the counterpart is the only one.
fn moves(
    before: &Items,
    after: &Items,
    removed: &mut BTreeSet<&(String, Kind)>,
    added: &mut BTreeSet<&(String, Kind)>,
) -> Vec<Change> {
    let mut found = Vec::new();
    let candidates: Vec<(String, Kind)> = added.iter().map(|key| (*key).clone()).collect();
    for new_key in candidates {
        if !added.contains(&new_key) {
            continue; // went along with what it lies in
        }
        let Some(item) = after.get(&new_key).filter(|item| item.kind != Kind::Finally) else { continue };
        let same = |key: &&&(String, Kind)| before.get(**key).is_some_and(|known| known == item);
        let twins = added.iter().filter(|key| after.get(**key).is_some_and(|other| other == item)).count();
        let old: Vec<(String, Kind)> = removed.iter().filter(same).map(|key| (**key).clone()).collect();
        let ([old_key], 1) = (old.as_slice(), twins) else { continue };
        found.push(Change { kind: item.kind, path: new_key.0.clone(), what: What::Moved { from: old_key.0.clone() } });
        take_subtree(removed, &old_key.0);
        take_subtree(added, &new_key.0);
    }
    found
}

fn take_subtree(keys: &mut BTreeSet<&(String, Kind)>, path: &str) {
    let below = format!("{path}/");
    keys.retain(|key| key.0 != path && !key.0.starts_with(&below));
}

fn items(definition: &Definition) -> Items {
    let mut items = Items::new();
    for jobnet in &definition.jobnets {
        add_jobnet(jobnet, "", &mut items);
    }
    for driver in &definition.drivers {
        items.insert((escaped(&driver.name), Kind::Driver), of_driver(driver));
    }
    items
}

/// A slash in a name is not one of the path.
fn escaped(name: &str) -> String {
    name.replace('/', "\u{2215}")
}

fn add_jobnet(jobnet: &Jobnet, above: &str, items: &mut Items) {
    let path = format!("{above}{}", escaped(&jobnet.name));
    let kind = match jobnet.kind {
        super::model::JobnetKind::Jobnet => Kind::Jobnet,
        super::model::JobnetKind::HadoopJobRun => Kind::HadoopJobRun,
        super::model::JobnetKind::Finally => Kind::Finally,
    };
    let below = format!("{path}/");
    let mut inner = Items::new();
    for child in &jobnet.children {
        add_vertex(child, &below, &mut inner);
    }
    if let Some(finally) = &jobnet.finally {
        add_jobnet(finally, &below, &mut inner);
    }
    let mut within = String::new();
    for ((inner_path, kind), item) in &inner {
        let relative = inner_path.strip_prefix(&below).unwrap_or_default();
        let _ = writeln!(within, "{relative}{kind:?}{:?}", item.fields);
    }
    let mut fields = of_options(jobnet.description.as_ref(), jobnet.script.as_ref(), &jobnet.options);
    fields.insert("order", order(jobnet));
    items.append(&mut inner);
    items.insert((path, kind), Item { kind, fields, within });
}

fn add_vertex(vertex: &Vertex, above: &str, items: &mut Items) {
    let path = format!("{above}{}", escaped(vertex.name()));
    match vertex {
        Vertex::Jobnet(jobnet) => add_jobnet(jobnet, above, items),
        Vertex::Job(job) => {
            let kind = match job.kind {
                super::model::JobKind::Job => Kind::Job,
                super::model::JobKind::RubyJob => Kind::RubyJob,
                super::model::JobKind::HadoopJob => Kind::HadoopJob,
            };
            let fields = of_options(job.description.as_ref(), job.script.as_ref(), &job.options);
            items.insert((path, kind), Item { kind, fields, within: String::new() });
        }
        Vertex::Expansion(_) => {
            let item = Item { kind: Kind::Expansion, fields: Fields::new(), within: String::new() };
            items.insert((path, Kind::Expansion), item);
        }
    }
}

fn of_options(description: Option<&String>, script: Option<&String>, options: &super::model::Options) -> Fields {
    let mut fields = Fields::new();
    fields.extend(description.map(|text| ("description", super::print::quoted(text))));
    fields.extend(script.map(|text| ("script", super::print::quoted(text))));
    let printed: Vec<String> = options.iter().map(|(name, value)| format!(":{name} => {value}")).collect();
    if !printed.is_empty() {
        fields.insert("options", printed.join(", "));
    }
    fields
}

/// The edges, as text that two jobnets share if their children follow each other alike.
fn order(jobnet: &Jobnet) -> String {
    let end = |end: &End| match end {
        End::Start => "start".to_owned(),
        End::End => "end".to_owned(),
        End::Child(name) => super::print::quoted(name),
    };
    let mut edges: Vec<String> =
        jobnet.edges().iter().map(|(from, to)| format!("{} > {}", end(from), end(to))).collect();
    edges.sort();
    edges.join("; ")
}

fn of_driver(driver: &Driver) -> Item {
    let mut fields = Fields::new();
    let enabled = driver.enabled_on_activation.map_or("?".to_owned(), |enabled| enabled.to_string());
    fields.insert("enabled_on_activation", enabled);
    fields.insert("handlers", driver.handlers.join(", "));
    Item { kind: Kind::Driver, fields, within: String::new() }
}
