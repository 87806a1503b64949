//! The TengineDeployment of an instance: one of several engines that go from version to version together.

use super::labels::{DEPLOYMENT_LABEL, INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGER, metadata};
use super::{Child, ChildKind, Owner, child};
use crate::api::v1alpha1::TengineDeploymentSpec;
use crate::domain::ChildName;
use serde_json::json;

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
