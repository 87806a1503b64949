//! `values.yaml`: every value has a comment, a place in the schema, and a line in the README.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{CHART, read};

/// A value of the chart as `values.yaml` describes it.
struct Described {
    path: String,
    default: String,
    text: String,
}

/// Reads keys with the comment right above them. Lists and maps given on one line are leaves.
fn described() -> Vec<Described> {
    let mut found: Vec<Described> = Vec::new();
    let (mut parents, mut comment): (Vec<(usize, String)>, Vec<String>) = (Vec::new(), Vec::new());
    for line in read(&format!("{CHART}/values.yaml")).lines() {
        let depth = line.len() - line.trim_start().len();
        if let Some(text) = line.trim().strip_prefix("# ") {
            comment.push(text.to_owned());
            continue;
        }
        let (key, default) = line.trim().split_once(':').expect("a key or a comment");
        parents.retain(|(at, _)| *at < depth);
        let names: Vec<&str> = parents.iter().map(|(_, name)| &**name).chain([key]).collect();
        let path = names.join(".");
        let text = std::mem::take(&mut comment).join(" ");
        if !text.is_empty() {
            found.push(Described { path, default: default.trim().to_owned(), text });
        }
        parents.push((depth, key.to_owned()));
    }
    found
}

/// The README's table.
pub(crate) fn table() -> String {
    let mut table = String::from("| value | default | meaning |\n|---|---|---|\n");
    for Described { path, default, text } in described() {
        let default = if default.is_empty() { "see values.yaml".into() } else { format!("`{default}`") };
        let line = format!("| `{path}` | {default} | {} |\n", text.replace('|', "\\|"));
        table.push_str(&line);
    }
    table
}

fn defaults() -> Value {
    serde_saphyr::from_str(&read(&format!("{CHART}/values.yaml"))).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&read(&format!("{CHART}/values.schema.json"))).unwrap()
}

fn errors(values: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator.iter_errors(values).map(|error| format!("{}: {error}", error.instance_path)).collect()
}

/// Paths of a schema's properties, as deep as the schema names them.
fn schema_paths(schema: &Value, prefix: &str, paths: &mut BTreeSet<String>) {
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{prefix}{name}");
        if inner.get("properties").is_some() {
            schema_paths(inner, &format!("{path}."), paths);
        } else {
            paths.insert(path);
        }
    }
}

#[test]
fn every_value_is_described_and_in_the_schema() {
    let mut in_schema = BTreeSet::new();
    schema_paths(&schema(), "", &mut in_schema);
    in_schema.remove("global");
    let in_values: BTreeSet<String> = described().into_iter().map(|value| value.path).collect();
    let without_a_comment: Vec<_> = in_schema.difference(&in_values).collect();
    let parents_or_unknown: Vec<_> = in_values.difference(&in_schema).filter(|path| *path != "resources").collect();
    assert!(without_a_comment.is_empty(), "not described in values.yaml: {without_a_comment:?}");
    assert!(parents_or_unknown.is_empty(), "not in values.schema.json: {parents_or_unknown:?}");
}

#[test]
fn the_schema_takes_the_defaults() {
    assert_eq!(errors(&defaults()), Vec::<String>::new());
}

#[test]
fn the_schema_names_mistakes() {
    for (path, wrong) in [
        ("/replica", json!(2)),
        ("/image/repo", json!("x")),
        ("/namespaces", json!(["Not_A_Namespace"])),
        ("/hosts/registries", json!({"https://a": {}})),
        ("/hosts/gitHosts", json!({"a": {"plainHttp": true}})),
        ("/worker/memory", json!("1GB")),
        ("/lease/duration", json!("soon")),
        ("/caBundles", json!([{"name": "x"}])),
        ("/log/format", json!("xml")),
    ] {
        let mut values = defaults();
        let (parent, key) = path.rsplit_once('/').unwrap();
        values.pointer_mut(parent).unwrap()[key] = wrong;
        assert_eq!(errors(&values).len(), 1, "{path}: {:?}", errors(&values));
    }
}
