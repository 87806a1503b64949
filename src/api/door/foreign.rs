//! Rules for fields whose types are Kubernetes' own. Their schemas come without lengths, so both are added here, by place.

use super::texts;
use kube::core::Rule;
use serde_json::{Value, json};

/// Where the settings of the pods are in the definition of `TengineDeployment`.
const POD: &str = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/pod/properties";

/// The longest name of an object.
const NAME: usize = 253;
/// The longest value of a label.
const LABEL_VALUE: usize = 63;
/// The longest key of a label: a DNS name, a slash and a name.
const LABEL_KEY: usize = 317;
/// More than anybody needs; the API server has to know a bound.
const MOST_ENTRIES: usize = 64;

/// Adds lengths and rules to `spec.pod`.
pub fn guard_pod_settings(crd: &mut Value) {
    let Some(pod) = crd.pointer_mut(POD) else { return };
    labels(pod, "/labels");
    rule(pod, "/labels", &foreign_keys());
    labels(pod, "/nodeSelector");
    annotations(pod);
    resources(pod);
    environment(pod);
    bounded_name(pod, "/imagePullSecrets/items/properties/name", &texts::object_name("Secret"));
}

fn labels(pod: &mut Value, place: &str) {
    map(pod, place, MOST_ENTRIES, LABEL_VALUE);
    let value = Rule::new("self.matches('^(([A-Za-z0-9][A-Za-z0-9_.-]*)?[A-Za-z0-9])?$')").message(
        "give a value of at most 63 letters, digits, -, _ and ., with a letter or digit at its beginning and end",
    );
    rule(pod, &format!("{place}/additionalProperties"), &value);
    rule(pod, place, &key_rule());
}

fn annotations(pod: &mut Value) {
    let place = "/annotations";
    map(pod, place, MOST_ENTRIES, 256 * 1024);
    rule(pod, place, &key_rule());
    rule(pod, place, &foreign_keys());
}

/// What the operator marks pods with tells it, and the cores, whose turn it is.
fn foreign_keys() -> Rule {
    Rule::new("self.all(key, !key.startsWith('tengine.dev/'))").message(
        "give keys of another domain than tengine.dev, which is the operator's own: leave the key out, or rename it",
    )
}

/// Keys have no length of their own in a schema, and the budget takes the longest request for it: so no more than this is asked.
fn key_rule() -> Rule {
    Rule::new(format!(
        "self.all(key, key.size() <= {LABEL_KEY} && key.matches('^([a-z0-9.-]+/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$'))"
    ))
    .message("give keys as NAME or DOMAIN/NAME: letters, digits, -, _ and ., with a letter or digit at beginning and end")
}

fn resources(pod: &mut Value) {
    let amount = Rule::new("isQuantity(self) && !quantity(self).isLessThan(quantity('0'))")
        .message("give an amount that is not negative, such as 500m, 2, 256Mi or 1Gi");
    for kind in ["limits", "requests"] {
        let place = format!("/resources/properties/{kind}");
        map(pod, &place, 16, 32);
        rule(pod, &format!("{place}/additionalProperties"), &amount);
    }
    let within = Rule::new(
        "!has(self.requests) || !has(self.limits) || self.requests.all(name, !(name in self.limits) \
         || !isQuantity(self.requests[name]) || !isQuantity(self.limits[name]) \
         || quantity(self.requests[name]).compareTo(quantity(self.limits[name])) <= 0)",
    )
    .message("requests may not be above limits");
    rule(pod, "/resources", &within);
}

fn environment(pod: &mut Value) {
    let variable = Rule::new("self.matches('^[ -<>-~]+$')")
        .message("give the name of an environment variable: printable ASCII without =");
    bounded_name(pod, "/env/items/properties/name", &variable);
    let own = "/env/items/properties/valueFrom/properties";
    let all = "/envFrom/items/properties";
    for (secret, map) in [("secretKeyRef", "configMapKeyRef"), ("secretRef", "configMapRef")] {
        let parent = if secret == "secretRef" { all } else { own };
        bounded_name(pod, &format!("{parent}/{secret}/properties/name"), &texts::object_name("Secret"));
        bounded_name(pod, &format!("{parent}/{map}/properties/name"), &texts::object_name("ConfigMap"));
    }
}

fn bounded_name(pod: &mut Value, place: &str, asked: &Rule) {
    set(pod, place, "maxLength", &json!(NAME));
    rule(pod, place, asked);
}

fn map(pod: &mut Value, place: &str, entries: usize, value: usize) {
    set(pod, place, "maxProperties", &json!(entries));
    set(pod, &format!("{place}/additionalProperties"), "maxLength", &json!(value));
}

fn rule(pod: &mut Value, place: &str, rule: &Rule) {
    let Some(schema) = pod.pointer_mut(place) else { return };
    let rules = schema["x-kubernetes-validations"].take();
    let mut rules = rules.as_array().cloned().unwrap_or_default();
    rules.push(json!(rule));
    schema["x-kubernetes-validations"] = Value::Array(rules);
}

fn set(pod: &mut Value, place: &str, field: &str, value: &Value) {
    if let Some(schema) = pod.pointer_mut(place) {
        schema[field] = value.clone();
    }
}
