//! The TengineDeployment of an instance: one of several engines that go from version to version together.

use super::labels::{DEPLOYMENT_LABEL, INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGER, metadata};
use super::{Child, ChildKind, Owner, child};
use crate::api::v1alpha1::TengineDeploymentSpec;
use crate::domain::ChildName;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The object of an instance.
pub fn instance(of: Owner<'_>, id: &str, spec: &TengineDeploymentSpec) -> Child {
    let name = ChildName::of_instance(of.deployment, id);
    let labels = [(MANAGED_BY_LABEL, MANAGER), (DEPLOYMENT_LABEL, of.deployment), (INSTANCE_LABEL, id)];
    let labels = labels.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
    let object = json!({
        "apiVersion": "tengine.dev/v1alpha1",
        "kind": "TengineDeployment",
        "metadata": metadata(of, &name, &labels),
        "spec": spec,
    });
    child(ChildKind::Instance, name, object)
}

/// On which queues and databases an instance that goes serves besides those that its spec names, for as long as it is there: its releases go at
/// once, and its cores when they have ended.
const SERVES_ON_ANNOTATION: &str = "tengine.dev/serves-on";

/// The same, as it is told before it goes.
pub fn leaving_instance(of: Owner<'_>, id: &str, spec: &TengineDeploymentSpec, on: &BTreeSet<String>) -> Child {
    let mut told = instance(of, id, spec);
    told.object["metadata"]["annotations"][SERVES_ON_ANNOTATION] = json!(json!(on).to_string());
    child(ChildKind::Instance, told.name, told.object)
}

/// What an instance was told so; nothing where it was not.
pub fn serves_on(object: &Value) -> BTreeSet<String> {
    let told = object["metadata"]["annotations"][SERVES_ON_ANNOTATION].as_str();
    told.and_then(|told| serde_json::from_str(told).ok()).unwrap_or_default()
}
