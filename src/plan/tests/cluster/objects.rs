//! What the API server does for every object: it tells one from another of its name, counts what is written, and refuses what was
//! decided on something else than what is there.

use crate::plan::observed::Seen;
use serde_json::{Value, json};

/// Counts what was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writes(usize);

impl Writes {
    /// The object as it is kept in the place of the one before; what changes nothing is no write.
    pub fn keep(&mut self, before: Option<&Value>, mut object: Value) -> Value {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let uid =
            before.map_or_else(|| json!(format!("{name}.{}", self.0 + 1)), |before| before["metadata"]["uid"].clone());
        object["metadata"]["uid"] = uid;
        if let Some(before) = before {
            object["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"].clone();
        }
        if before != Some(&object) {
            self.note(&mut object);
        }
        object
    }

    /// The object was written.
    pub fn note(&mut self, object: &mut Value) {
        self.0 += 1;
        object["metadata"]["resourceVersion"] = json!(self.0.to_string());
    }
}

/// Whether this is what was seen, as it was.
pub fn is_seen(live: &Value, seen: &Seen) -> bool {
    let metadata = &live["metadata"];
    metadata["uid"] == json!(seen.uid) && metadata["resourceVersion"] == json!(seen.version)
}
