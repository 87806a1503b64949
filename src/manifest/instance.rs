//! The TengineDeployment of an instance: one of several engines that go from version to version together.

use super::labels::{DEPLOYMENT_LABEL, INSTANCE_LABEL, MANAGED_BY_LABEL, MANAGER, owner};
use super::{Child, ChildKind, child};
use crate::api::v1alpha1::TengineDeploymentSpec;
use crate::domain::ChildName;
use serde_json::json;

/// Whose instance it is.
#[derive(Debug, Clone, Copy)]
pub struct InstanceOf<'a> {
    /// The namespace of both.
    pub namespace: &'a str,
    /// The name of the `TengineDeployment` that has the instances.
    pub deployment: &'a str,
    /// Its UID: it owns them.
    pub uid: &'a str,
}

/// The object of an instance.
pub fn instance(of: InstanceOf<'_>, id: &str, spec: &TengineDeploymentSpec) -> Child {
    let name = ChildName::of_instance(of.deployment, id);
    let object = json!({
        "apiVersion": "tengine.dev/v1alpha1",
        "kind": "TengineDeployment",
        "metadata": {
            "name": name.as_ref(),
            "namespace": of.namespace,
            "labels": { MANAGED_BY_LABEL: MANAGER, DEPLOYMENT_LABEL: of.deployment, INSTANCE_LABEL: id },
            "annotations": {},
            "ownerReferences": [owner(of.deployment, of.uid)],
        },
        "spec": spec,
    });
    child(ChildKind::Instance, name, object)
}
