//! What the API server's schema says of lengths: a text that is too long is refused with all that is written beside it.

use serde::Serialize;
use serde_json::{Value, json};
use std::sync::LazyLock;

static SCHEMAS: LazyLock<[Value; 3]> = LazyLock::new(crate::api::crds);

/// Refuses what the API server would.
pub fn admit(kind: &str, part: &str, object: &impl Serialize) {
    let crd = SCHEMAS.iter().find(|crd| crd["spec"]["names"]["kind"] == kind).unwrap();
    let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"][part];
    let mut wrong = Vec::new();
    look(schema, &json!(object), part, &mut wrong);
    assert!(wrong.is_empty(), "{kind}: {}", wrong.join("; "));
}

fn look(schema: &Value, value: &Value, path: &str, wrong: &mut Vec<String>) {
    let most = |what: &str| schema[what].as_u64().map_or(usize::MAX, |most| most.try_into().unwrap());
    let (length, most) = match value {
        Value::String(text) => (text.chars().count(), most("maxLength")),
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                look(&schema["items"], item, &format!("{path}[{place}]"), wrong);
            }
            (items.len(), most("maxItems"))
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                look(&schema["properties"][name], field, &format!("{path}.{name}"), wrong);
            }
            (fields.len(), most("maxProperties"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => return,
    };
    if length > most {
        wrong.push(format!("{path}: {length}, may be {most}"));
    }
}
