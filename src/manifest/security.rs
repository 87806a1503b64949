//! Security contexts: what Pod Security `restricted` asks for, and the user's own merged over it.

use crate::api::v1alpha1::{PodSettings, RunAs};
use serde::Serialize;
use serde_json::{Value, json};

/// The user that pods run as. `restricted` wants one that is not root, and an image that names its user by a word can only
/// be shown to do so by a number.
const USER: i64 = 10001;

/// The pod's security context.
pub(super) fn pod(pod: &PodSettings) -> Value {
    let mut own = json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } });
    if pod.run_as.unwrap_or_default() == RunAs::Operator {
        own["runAsUser"] = json!(USER);
        own["runAsGroup"] = json!(USER);
    }
    merged(own, pod.security_context.as_ref())
}

/// The container's security context.
pub(super) fn container(pod: &PodSettings) -> Value {
    let own = json!({
        "allowPrivilegeEscalation": false,
        "capabilities": { "drop": ["ALL"] },
        "readOnlyRootFilesystem": true,
    });
    merged(own, pod.container_security_context.as_ref())
}

fn merged(mut own: Value, given: Option<&impl Serialize>) -> Value {
    if let Some(given) = given.and_then(|given| serde_json::to_value(given).ok()) {
        merge(&mut own, given);
    }
    own
}

/// Field by field where both are objects; otherwise what is given takes the place. A seccomp profile is one thing: its
/// type decides which of its fields may be there.
fn merge(own: &mut Value, given: Value) {
    match (own, given) {
        (Value::Object(own), Value::Object(given)) => {
            for (field, value) in given {
                match own.get_mut(&field) {
                    Some(known) if field != "seccompProfile" => merge(known, value),
                    _ => {
                        own.insert(field, value);
                    }
                }
            }
        }
        (own, given) => *own = given,
    }
}
