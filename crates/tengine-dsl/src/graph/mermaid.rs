//! Mermaid, as GitHub and wikis show it.

use super::{note, title};
use crate::model::{End, Jobnet, Vertex};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The jobnet as a Mermaid flow chart.
pub fn print(jobnet: &Jobnet) -> String {
    let mut out = String::from("flowchart LR\n");
    subgraph(jobnet, "n", 1, &mut out);
    out.push_str("  classDef finally stroke-dasharray: 5 5\n");
    out
}

/// A text in quotes; Mermaid knows entities, not backslashes.
fn quoted(text: &str) -> String {
    let text = text.replace('&', "#amp;").replace('"', "#quot;").replace('<', "#lt;").replace('>', "#gt;");
    format!("\"{}\"", text.replace(['\n', '\r'], " "))
}

fn subgraph(jobnet: &Jobnet, id: &str, depth: usize, out: &mut String) {
    let pad = "  ".repeat(depth);
    let _ = writeln!(out, "{pad}subgraph {id}[{}]", quoted(&title(jobnet)));
    let _ = writeln!(out, "{pad}  {id}_start((\" \"))\n{pad}  {id}_end(((\" \")))");
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for (index, child) in jobnet.children.iter().enumerate() {
        let inner = format!("{id}_{index}");
        ids.entry(child.name()).or_insert_with(|| inner.clone());
        let label = match note(child) {
            "" => child.name().to_owned(),
            note => format!("{} ({note})", child.name()),
        };
        match child {
            Vertex::Jobnet(jobnet) => subgraph(jobnet, &inner, depth + 1, out),
            Vertex::Expansion(_) => {
                let _ = writeln!(out, "{pad}  {inner}[[{}]]", quoted(&label));
            }
            Vertex::Job(_) => {
                let _ = writeln!(out, "{pad}  {inner}[{}]", quoted(&label));
            }
        }
    }
    for (from, to) in jobnet.edges() {
        if let (Some(from), Some(to)) = (end(&from, id, &ids), end(&to, id, &ids)) {
            let _ = writeln!(out, "{pad}  {from} --> {to}");
        }
    }
    if let Some(finally) = &jobnet.finally {
        let inner = format!("{id}_f");
        subgraph(finally, &inner, depth + 1, out);
        let _ = writeln!(out, "{pad}  {id}_end -.-> {inner}\n{pad}  class {inner} finally");
    }
    let _ = writeln!(out, "{pad}end");
}

fn end(end: &End, id: &str, ids: &BTreeMap<&str, String>) -> Option<String> {
    match end {
        End::Start => Some(format!("{id}_start")),
        End::End => Some(format!("{id}_end")),
        End::Child(name) => ids.get(name.as_str()).cloned(),
    }
}
