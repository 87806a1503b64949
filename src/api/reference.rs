//! The API reference in Markdown: `docs/api.md`, printed from the schemas and the enums, so that it cannot say anything else.
//!
//! What is below Kubernetes' own types is not repeated; `kubectl explain` shows it.

use super::crds;
use super::v1alpha1::condition::{ConditionType, Reason};
use serde_json::{Map, Value};
use std::fmt::Write as _;

const DURATION: &str = "^([0-9]+h)?([0-9]+m)?([0-9]+s)?$";

/// The whole page.
pub fn reference() -> String {
    let mut page = String::from(
        "# API reference: `tengine.dev/v1alpha1`\n\nPrinted from the types by `tengine-operator crd --reference`; not edited by hand. \
         `kubectl explain td.spec` says the same.\n",
    );
    for crd in crds() {
        kind(&mut page, &crd);
    }
    conditions(&mut page);
    page
}

/// One kind: what it is, its columns, its fields.
fn kind(page: &mut String, crd: &Value) {
    let names = &crd["spec"]["names"];
    let version = &crd["spec"]["versions"][0];
    let schema = &version["schema"]["openAPIV3Schema"];
    let short: Vec<String> = texts(&names["shortNames"]).map(|name| format!("`{name}`")).collect();
    write(page, format_args!("\n## {}\n\n{}\n\n", text(&names["kind"]), prose(schema)));
    write(page, format_args!("Namespaced; short {}.", short.join(", ")));
    if version["subresources"]["scale"].is_object() {
        write(page, format_args!(" `kubectl scale` and autoscalers set `{}`.", "spec.replicas"));
    }
    write(page, format_args!("\n\n"));
    columns(page, &version["additionalPrinterColumns"]);
    for part in ["spec", "status"] {
        let root = &schema["properties"][part];
        if part == "status" {
            write(page, format_args!("\n### {} status\n\n{}\n\n", text(&names["kind"]), prose(root)));
        } else {
            write(page, format_args!("\n### {} spec\n\n", text(&names["kind"])));
        }
        page.push_str("| field | type | |\n|---|---|---|\n");
        fields(page, part, root);
        rules(page, part, root);
    }
}

fn columns(page: &mut String, columns: &Value) {
    page.push_str("| column | of | shown |\n|---|---|---|\n");
    for column in columns.as_array().into_iter().flatten() {
        let shown = if column["priority"].as_i64().unwrap_or(0) > 0 { "with `-o wide`" } else { "always" };
        let name = text(&column["name"]).to_uppercase();
        let path = cell(text(&column["jsonPath"]).trim_start_matches('.'));
        write(page, format_args!("| {name} | `{path}` | {shown} |\n"));
    }
}

/// A row for each field below `path`, parents first.
fn fields(page: &mut String, path: &str, schema: &Value) {
    let required: Vec<&str> = texts(&schema["required"]).collect();
    for (name, field) in properties(schema) {
        let place = format!("{path}.{name}");
        let needed = if required.contains(&name.as_str()) { ", required" } else { "" };
        write(page, format_args!("| `{place}` | {}{needed} | {} |\n", shape(field), cell(&prose(field))));
        if !place.starts_with("spec.pod.") && place != "status.conditions" {
            fields(page, &place, field);
            fields(page, &format!("{place}[]"), &field["items"]);
        }
    }
}

/// What a field holds, in a few words.
fn shape(field: &Value) -> String {
    let kind = text(&field["type"]);
    let words: Vec<String> = texts(&field["enum"]).map(|word| format!("`{word}`")).collect();
    match kind {
        "string" if !words.is_empty() => words.join(", "),
        "string" if field["pattern"] == DURATION => "duration".into(),
        "string" if field["format"] == "date-time" => "time".into(),
        "array" => format!("list of {}", shape(&field["items"])),
        "object" if field["additionalProperties"].is_object() => {
            format!("map of {}", shape(&field["additionalProperties"]))
        }
        "integer" => match (field["minimum"].as_i64(), field["maximum"].as_i64()) {
            (Some(least), Some(most)) => format!("integer, {least} to {most}"),
            _ => "integer".into(),
        },
        "" => "integer or string".into(),
        other => other.into(),
    }
}

/// The rules at the door, from everywhere in this part.
fn rules(page: &mut String, path: &str, schema: &Value) {
    let mut found = Vec::new();
    collect_rules(&mut found, path, schema);
    if !found.is_empty() {
        page.push_str("\nThe API server refuses, besides what types and lengths say:\n\n");
    }
    for (message, places) in found {
        write(page, format_args!("- {}: {message}\n", places.join(", ")));
    }
}

/// Each message once, with every place that it is about.
fn collect_rules<'a>(found: &mut Vec<(&'a str, Vec<String>)>, path: &str, schema: &'a Value) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        let (message, place) = (text(&rule["message"]), format!("`{path}`"));
        match found.iter_mut().find(|(known, _)| *known == message) {
            Some((_, places)) => places.push(place),
            None => found.push((message, vec![place])),
        }
    }
    for (name, field) in properties(schema) {
        collect_rules(found, &format!("{path}.{name}"), field);
    }
}

fn conditions(page: &mut String) {
    page.push_str("\n## Conditions\n\n| type | what it means |\n|---|---|\n");
    for condition in ConditionType::ALL {
        write(page, format_args!("| `{condition}` | {} |\n", cell(condition.meaning().trim())));
    }
    page.push_str("\n## Reasons\n\n| reason | what it means | what to do |\n|---|---|---|\n");
    for reason in Reason::ALL {
        let advice = if reason.advice().is_empty() { "–" } else { reason.advice() };
        write(page, format_args!("| `{reason}` | {} | {} |\n", cell(reason.meaning().trim()), cell(advice)));
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().map(Map::iter).into_iter().flatten()
}

fn prose(schema: &Value) -> String {
    text(&schema["description"]).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// As it stands in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn write(page: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = page.write_fmt(words);
}
