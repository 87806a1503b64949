//! Graphviz.

use super::{note, title};
use crate::model::{End, Jobnet, JobnetKind, Vertex};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The jobnet in the DOT language.
pub fn print(jobnet: &Jobnet) -> String {
    let mut out = String::from(
        "digraph jobnet {\n  compound=true;\n  rankdir=LR;\n  fontname=\"sans-serif\";\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n",
    );
    cluster(jobnet, "n", 1, &mut out);
    out.push_str("}\n");
    out
}

/// A text in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " "))
}

fn cluster(jobnet: &Jobnet, id: &str, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    let style = if jobnet.kind == JobnetKind::Finally { "dashed" } else { "solid" };
    let _ = writeln!(out, "{pad}subgraph cluster_{id} {{\n{pad}  label={}; style={style};", quoted(&title(jobnet)));
    let _ = writeln!(out, "{pad}  {id}_start [shape=circle, label=\"\", width=0.15];");
    let _ = writeln!(out, "{pad}  {id}_end [shape=doublecircle, label=\"\", width=0.12];");
    let mut ids: BTreeMap<&str, (String, bool)> = BTreeMap::new();
    for (index, child) in jobnet.children.iter().enumerate() {
        let inner = format!("{id}_{index}");
        ids.entry(child.name()).or_insert((inner.clone(), matches!(child, Vertex::Jobnet(_))));
        match child {
            Vertex::Jobnet(jobnet) => cluster(jobnet, &inner, depth + 1, out),
            Vertex::Job(_) | Vertex::Expansion(_) => {
                let label = match note(child) {
                    "" => child.name().to_owned(),
                    note => format!("{} ({note})", child.name()),
                };
                let shape = if matches!(child, Vertex::Expansion(_)) { ", shape=component" } else { "" };
                let _ = writeln!(out, "{pad}  {inner} [label={}{shape}];", quoted(&label));
            }
        }
    }
    for (from, to) in jobnet.edges() {
        let (Some((tail, leaves)), Some((head, enters))) = (end(&from, id, &ids, "end"), end(&to, id, &ids, "start"))
        else {
            continue;
        };
        let ltail = leaves.map(|id| format!("ltail=cluster_{id} ")).unwrap_or_default();
        let lhead = enters.map(|id| format!("lhead=cluster_{id}")).unwrap_or_default();
        let _ = writeln!(out, "{pad}  {tail} -> {head} [{ltail}{lhead}];");
    }
    if let Some(finally) = &jobnet.finally {
        let inner = format!("{id}_f");
        cluster(finally, &inner, depth + 1, out);
        let _ = writeln!(out, "{pad}  {id}_end -> {inner}_start [style=dashed, lhead=cluster_{inner}];");
    }
    let _ = writeln!(out, "{pad}}}");
}

/// The node at the end of an edge, and the cluster it stands for.
fn end(end: &End, id: &str, ids: &BTreeMap<&str, (String, bool)>, side: &str) -> Option<(String, Option<String>)> {
    Some(match end {
        End::Start => (format!("{id}_start"), None),
        End::End => (format!("{id}_end"), None),
        End::Child(name) => match ids.get(name.as_str())? {
            (inner, true) => (format!("{inner}_{side}"), Some(inner.clone())),
            (inner, false) => (inner.clone(), None),
        },
    })
}
