//! Whose turn it is: how cores that wait are told to begin, without a right to run anything in their containers.
//!
//! A turn is a number that only goes up, and belongs to one version in one place. Cores consume events in their own turn and
//! in no other: what a node still has of an earlier turn, however late it comes, makes nobody begin.

use super::labels::{common, metadata};
use super::{Child, ChildKind, Owner, Seat, Workload, child};
use crate::domain::{ChildName, Place};
use serde_json::{Map, Value, json};

/// On core pods, on the Deployment's template, and on the `ConfigMap` that says whose turn it is: the turn.
pub const TURN_LABEL: &str = "tengine.dev/turn";
/// On a core's pod: the turn that it was told has come.
pub const TOLD_ANNOTATION: &str = "tengine.dev/told-turn";
/// On the pods of the second place.
pub(super) const PLACE_LABEL: &str = "tengine.dev/place";
/// Its value.
pub(super) const SECOND: &str = "second";

/// In that `ConfigMap`, the turn that has come: the only key that cores read.
pub const SERVES: &str = "serves";
/// In its place, the turn in which only cores begin that are told so one by one.
pub const HELD: &str = "held";

/// Where the files are that say whose turn it is.
const FOLDER: &str = "/etc/tengine-turn";

/// The `ConfigMap` that says whose turn it is. Where the turn is `held`, cores that are started later find nothing in it that lets them begin by
/// themselves.
pub fn whose_turn(owner: Owner<'_>, turn: i64, held: bool) -> Child {
    let name = ChildName::of_turn(owner.deployment);
    let mut labels = common(owner.deployment);
    labels.insert(TURN_LABEL.into(), json!(turn.to_string()));
    let object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(owner, &name, &labels),
        "data": { (if held { HELD } else { SERVES }): turn.to_string() },
    });
    child(ChildKind::ConfigMap, name, object)
}

/// The turn that an object's labels speak of.
pub fn turn_of<'a>(labels: impl IntoIterator<Item = (&'a String, &'a String)>) -> Option<i64> {
    labels.into_iter().find(|(label, _)| *label == TURN_LABEL)?.1.parse().ok()
}

/// What the pods of a seat carry.
pub(super) fn labels(seat: Seat) -> Map<String, Value> {
    let place = (seat.place == Place::Second).then(|| (PLACE_LABEL.to_owned(), json!(SECOND)));
    let turn = seat.turn.map(|turn| (TURN_LABEL.to_owned(), json!(turn.to_string())));
    place.into_iter().chain(turn).collect()
}

/// Gives cores that have a turn what they learn it from.
pub(super) fn waits(spec: &mut Value, workload: &Workload) {
    let Some(turn) = workload.seat.turn else { return };
    let field = format!("metadata.annotations['{TOLD_ANNOTATION}']");
    let volume = json!({ "name": "turn", "projected": { "sources": [
        { "configMap": { "name": ChildName::of_turn(workload.owner.deployment).as_ref(), "optional": true } },
        { "downwardAPI": { "items": [{ "path": "told", "fieldRef": { "apiVersion": "v1", "fieldPath": field } }] } },
    ] } });
    let mount = json!({ "name": "turn", "mountPath": FOLDER, "readOnly": true });
    let variable = json!({ "name": "TENGINE_TURN", "value": turn.to_string() });
    let container = &mut spec["containers"][0];
    let known = container["env"].as_array().into_iter().flatten().filter(|known| known["name"] != variable["name"]);
    container["env"] = known.cloned().chain([variable.clone()]).collect();
    push(&mut container["volumeMounts"], mount);
    push(&mut spec["volumes"], volume);
}

fn push(list: &mut Value, one: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(one);
    }
}
