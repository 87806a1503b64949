//! Compares what was rendered with what the API server holds.

use super::quantity;
use serde_json::{Value, json};

/// Whether every field that was rendered has its value in the living object.
///
/// Taken into account: fields that the API server fills in or that others add; empty values that it leaves out;
/// amounts that it writes in another way; lists of named things, which it may hold with more members and in another
/// order. Of the metadata, whatever was rendered counts, the fingerprint included, so that a field that is rendered no
/// longer makes a difference too.
///
/// Not noticed: what somebody adds in a place of which nothing was rendered, such as one more label.
pub fn in_sync(rendered: &Value, live: &Value) -> bool {
    let (Some(rendered), Some(live)) = (rendered.as_object(), live.as_object()) else { return false };
    // An object from a list does not say what it is.
    let compared = rendered.iter().filter(|(field, _)| !matches!(field.as_str(), "apiVersion" | "kind"));
    compared.into_iter().all(|(field, value)| field_is_same(field, value, live.get(field), Amounts::Elsewhere))
}

/// Whether the pods of a live Deployment are as those of the rendered one, whatever else of it differs.
pub fn pods_in_sync(rendered: &Value, live: &Value) -> bool {
    in_sync(&rendered["spec"]["template"], &live["spec"]["template"])
}

/// A merge patch that has to go before the server-side apply, where there is one: `Recreate` is refused beside the settings of a
/// rolling update, and an apply removes only the fields that its own manager once set. Somebody who changed the strategy
/// by hand owns the others.
pub fn cleared_first(rendered: &Value, live: &Value) -> Option<Value> {
    let recreates = rendered.pointer("/spec/strategy/type").is_some_and(|strategy| strategy == "Recreate");
    let remains = live.pointer("/spec/strategy/rollingUpdate").is_some_and(|settings| !settings.is_null());
    (recreates && remains).then(|| json!({ "spec": { "strategy": { "type": "Recreate", "rollingUpdate": null } } }))
}

/// Whether the strings of an object are amounts.
#[derive(Clone, Copy, PartialEq)]
enum Amounts {
    Here,
    Elsewhere,
}

fn field_is_same(field: &str, rendered: &Value, live: Option<&Value>, amounts: Amounts) -> bool {
    let Some(live) = live else { return is_empty(rendered) };
    match (rendered, live) {
        (Value::Object(rendered), Value::Object(live)) => {
            let amounts = if matches!(field, "limits" | "requests") { Amounts::Here } else { Amounts::Elsewhere };
            rendered.iter().all(|(name, value)| field_is_same(name, value, live.get(name), amounts))
        }
        (Value::Array(rendered), Value::Array(live)) => list_is_same(field, rendered, live),
        (Value::String(one), Value::String(other)) => {
            let amount = amounts == Amounts::Here || field == "divisor" || field == "sizeLimit";
            one == other || (amount && quantity::same(one, other))
        }
        (one, other) => one == other,
    }
}

/// The API server leaves empty values out. A `false` or `0` is only ever left out where that is what it means.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(value) => value.as_f64() == Some(0.0),
        Value::String(value) => value.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_empty),
    }
}

fn list_is_same(field: &str, rendered: &[Value], live: &[Value]) -> bool {
    let Some(names) = names(field) else {
        let pairs = || rendered.iter().zip(live);
        return rendered.len() == live.len()
            && pairs().all(|(one, other)| field_is_same("", one, Some(other), Amounts::Elsewhere));
    };
    rendered.iter().all(|one| {
        let namesake = live.iter().find(|other| names.iter().all(|name| one.get(name) == other.get(name)));
        field_is_same("", one, namesake, Amounts::Elsewhere) && namesake.is_some()
    })
}

/// What the members of a list are told apart by, for the lists of which server-side apply owns single members. Any other list
/// is owned as a whole and has to be as it was rendered.
fn names(field: &str) -> Option<&'static [&'static str]> {
    match field {
        "containers" | "env" | "volumes" | "imagePullSecrets" => Some(&["name"]),
        "volumeMounts" => Some(&["mountPath"]),
        "ownerReferences" => Some(&["uid"]),
        "topologySpreadConstraints" => Some(&["topologyKey", "whenUnsatisfiable"]),
        _ => None,
    }
}
