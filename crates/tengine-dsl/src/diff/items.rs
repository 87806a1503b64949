//! What a definition holds, by path of names.

use super::Kind;
use crate::model::{Definition, Driver, End, Jobnet, Vertex};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The path of names, and what stands there.
pub(super) type Key = (String, Kind);

/// What is compared of one thing, as text by name.
pub(super) type Fields = BTreeMap<&'static str, String>;

/// One thing in a definition.
#[derive(Debug)]
pub(super) struct Item {
    /// What is compared of it.
    pub(super) fields: Fields,
    /// Stands for what it is, its fields and everything below it: what must be equal for it to count as moved.
    pub(super) sum: u64,
}

/// Everything in a definition, by path and kind.
pub(super) type Items = BTreeMap<Key, Item>;

/// Everything in a definition.
pub(super) fn items(definition: &Definition) -> Items {
    let mut items = Items::new();
    for jobnet in &definition.jobnets {
        add_jobnet(jobnet, "", &mut items);
    }
    for driver in &definition.drivers {
        add((escaped(&driver.name), Kind::Driver), of_driver(driver), &[], &mut items);
    }
    items
}

/// A slash in a name is not one of the path.
fn escaped(name: &str) -> String {
    name.replace('/', "\u{2215}")
}

/// Adds a jobnet and everything in it; its sum.
fn add_jobnet(jobnet: &Jobnet, above: &str, items: &mut Items) -> u64 {
    let path = format!("{above}{}", escaped(&jobnet.name));
    let kind = match jobnet.kind {
        crate::model::JobnetKind::Jobnet => Kind::Jobnet,
        crate::model::JobnetKind::HadoopJobRun => Kind::HadoopJobRun,
        crate::model::JobnetKind::Finally => Kind::Finally,
    };
    let below = format!("{path}/");
    let mut within: Vec<(String, u64)> = Vec::new();
    for child in &jobnet.children {
        within.push((child.name().to_owned(), add_vertex(child, &below, items)));
    }
    if let Some(finally) = &jobnet.finally {
        within.push((finally.name.clone(), add_jobnet(finally, &below, items)));
    }
    // The order of the children is in the field of that name.
    within.sort();
    let mut fields = of_options(jobnet.description.as_ref(), jobnet.script.as_ref(), &jobnet.options);
    fields.insert("order", order(jobnet));
    add((path, kind), fields, &within, items)
}

/// Adds one thing; its sum.
fn add(key: Key, fields: Fields, within: &[(String, u64)], items: &mut Items) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key.1, &fields, within).hash(&mut hasher);
    let sum = hasher.finish();
    items.insert(key, Item { fields, sum });
    sum
}

fn add_vertex(vertex: &Vertex, above: &str, items: &mut Items) -> u64 {
    let path = format!("{above}{}", escaped(vertex.name()));
    match vertex {
        Vertex::Jobnet(jobnet) => add_jobnet(jobnet, above, items),
        Vertex::Job(job) => {
            let kind = match job.kind {
                crate::model::JobKind::Job => Kind::Job,
                crate::model::JobKind::RubyJob => Kind::RubyJob,
                crate::model::JobKind::HadoopJob => Kind::HadoopJob,
            };
            let fields = of_options(job.description.as_ref(), job.script.as_ref(), &job.options);
            add((path, kind), fields, &[], items)
        }
        Vertex::Expansion(_) => add((path, Kind::Expansion), Fields::new(), &[], items),
    }
}

fn of_options(description: Option<&String>, script: Option<&String>, options: &crate::model::Options) -> Fields {
    let mut fields = Fields::new();
    fields.extend(description.map(|text| ("description", crate::print::quoted(text))));
    fields.extend(script.map(|text| ("script", crate::print::quoted(text))));
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
        End::Child(name) => crate::print::quoted(name),
    };
    let mut edges: Vec<String> =
        jobnet.edges().iter().map(|(from, to)| format!("{} > {}", end(from), end(to))).collect();
    edges.sort();
    edges.join("; ")
}

fn of_driver(driver: &Driver) -> Fields {
    let mut fields = Fields::new();
    let enabled = driver.enabled_on_activation.map_or("?".to_owned(), |enabled| enabled.to_string());
    fields.insert("enabled_on_activation", enabled);
    fields.insert("handlers", driver.handlers.join(", "));
    fields
}
