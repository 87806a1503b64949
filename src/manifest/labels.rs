//! Labels, annotations and owner of the children.

use crate::domain::{ChildName, Component};
use serde_json::{Map, Value, json};

/// What the keys of all labels and annotations begin with that are the operator's alone.
pub const DOMAIN: &str = "tengine.dev/";
/// Says which `TengineDeployment` of the namespace an object belongs to.
pub const DEPLOYMENT_LABEL: &str = "tengine.dev/deployment";
/// Says which instance of that one a `TengineDeployment` is.
pub const INSTANCE_LABEL: &str = "tengine.dev/instance";
/// Says which process a Deployment or pod runs.
pub const COMPONENT_LABEL: &str = "app.kubernetes.io/component";
/// Says that the operator made the object; its value is [`MANAGER`].
pub const MANAGED_BY_LABEL: &str = "app.kubernetes.io/managed-by";
/// The value of [`MANAGED_BY_LABEL`].
pub const MANAGER: &str = "tengine-operator";
/// On Deployments: the short commit they run (on pods, too, by rendering 1).
pub const COMMIT_LABEL: &str = "tengine.dev/commit";
/// On pods: the first digits of their image's digest. It changes with what is run, whatever commit it came with.
pub const VERSION_LABEL: &str = "tengine.dev/version";
/// On Deployments, not on pods: the release they were last rendered from.
pub const RELEASE_ANNOTATION: &str = "tengine.dev/release";
/// On pods: changes when the content of a Secret or `ConfigMap` in use does.
pub const SECRETS_ANNOTATION: &str = "tengine.dev/secrets";
/// On all children: a fingerprint of what was rendered.
pub const RENDERED_ANNOTATION: &str = "tengine.dev/rendered";

/// On nodes, by the kubelet: the operating system.
pub const OS_LABEL: &str = "kubernetes.io/os";
/// On nodes, by the kubelet: the architecture, by Go's name.
pub const ARCHITECTURE_LABEL: &str = "kubernetes.io/arch";

/// Selects the core pods of a deployment: for the scale subresource and for listing.
pub fn selector(deployment: &str) -> String {
    format!("{DEPLOYMENT_LABEL}={deployment},{COMPONENT_LABEL}={}", Component::Core.label())
}

/// What every object of a deployment carries.
pub(super) fn common(deployment: &str) -> Map<String, Value> {
    let pairs = [
        ("app.kubernetes.io/name", "tengine"),
        ("app.kubernetes.io/instance", deployment),
        (MANAGED_BY_LABEL, MANAGER),
        (DEPLOYMENT_LABEL, deployment),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

/// What every object of one process carries.
pub(super) fn of_component(deployment: &str, component: Component) -> Map<String, Value> {
    let mut labels = common(deployment);
    labels.insert(COMPONENT_LABEL.into(), json!(component.label()));
    labels
}

/// What a Deployment finds its pods by. It can never be changed on a living Deployment, so it is the least that tells
/// the pods from all others.
pub(super) fn pod_selector(deployment: &str, component: Component) -> Value {
    json!({ DEPLOYMENT_LABEL: deployment, COMPONENT_LABEL: component.label() })
}

/// The value of [`VERSION_LABEL`].
pub(super) fn version(image: &str) -> &str {
    let digest = image.rsplit_once(':').map_or(image, |(_, digits)| digits);
    digest.get(..12).unwrap_or(digest)
}

/// The `TengineDeployment` that objects belong to.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Its namespace, which is theirs.
    pub namespace: &'a str,
    /// Its name.
    pub deployment: &'a str,
    /// Its UID.
    pub uid: &'a str,
}

/// Name, labels and owner of a child. Annotations are left to the caller.
pub(super) fn metadata(of: Owner<'_>, name: &ChildName, labels: &Map<String, Value>) -> Value {
    json!({
        "name": name.as_ref(),
        "namespace": of.namespace,
        "labels": labels,
        "annotations": {},
        "ownerReferences": [{
            "apiVersion": "tengine.dev/v1alpha1",
            "kind": "TengineDeployment",
            "name": of.deployment,
            "uid": of.uid,
            "controller": true,
            "blockOwnerDeletion": true,
        }],
    })
}
