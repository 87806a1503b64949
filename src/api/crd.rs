//! The CustomResourceDefinitions, as the API server should get them.
//!
//! What the derive prints is put right in four points: `nullable` goes (absent options are left out), integer formats that
//! the API server does not know go, fields of Kubernetes' own types get rules, and a fresh object's status starts with
//! `observedGeneration: -1`, so that no client takes it for done.

use super::door;
use super::v1alpha1::{TengineAction, TengineDeployment, TengineRelease};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt as _;
use serde_json::{Value, json};

/// All definitions, as JSON.
///
/// # Panics
/// Never with the types of this crate: a test makes them.
#[expect(clippy::expect_used, reason = "the input is this crate's own types, and a test makes them")]
pub fn crds() -> [Value; 3] {
    [TengineDeployment::crd(), TengineRelease::crd(), TengineAction::crd()].map(|crd: CustomResourceDefinition| {
        let mut crd = serde_json::to_value(crd).expect("a CRD is JSON");
        put_right(&mut crd);
        door::guard_pod_settings(&mut crd);
        if let Some(status) = crd.pointer_mut("/spec/versions/0/schema/openAPIV3Schema/properties/status")
            && crd_kind_has_generation(status)
        {
            status["default"] = json!({ "observedGeneration": -1 });
        }
        crd
    })
}

fn crd_kind_has_generation(status: &Value) -> bool {
    status.pointer("/properties/observedGeneration").is_some()
}

/// The file of `crds/` for each definition: name and YAML.
///
/// # Errors
/// When the YAML cannot be written.
pub fn print() -> Result<[(&'static str, String); 3], serde_saphyr::ser::Error> {
    let [deployment, release, action] = crds();
    Ok([
        ("tengine.dev_tengineactions.yaml", serde_saphyr::to_string(&action)?),
        ("tengine.dev_tenginedeployments.yaml", serde_saphyr::to_string(&deployment)?),
        ("tengine.dev_tenginereleases.yaml", serde_saphyr::to_string(&release)?),
    ])
}

fn put_right(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("nullable").is_some_and(Value::is_boolean) {
                object.remove("nullable");
            }
            if object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
                object.remove("format");
            }
            for bound in ["minimum", "maximum"] {
                if let Some(whole) = object.get(bound).and_then(Value::as_f64).filter(|n| n.fract() == 0.0) {
                    #[expect(clippy::cast_possible_truncation, reason = "the bounds in the types are small")]
                    object.insert(bound.into(), json!(whole as i64));
                }
            }
            object.values_mut().for_each(put_right);
        }
        Value::Array(items) => items.iter_mut().for_each(put_right),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
