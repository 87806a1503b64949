use super::{plain, rendered, with};
use crate::domain::Component;
use crate::manifest::{cleared_first, in_sync};
use rstest::rstest;
use serde_json::{Value, json};

/// The core's Deployment, with odd but equal spellings in it.
fn core() -> Value {
    let mut wanted = with("/pod/resources", json!({ "requests": { "cpu": "1000m", "memory": "0.5Gi" } }));
    wanted["pod"]["tolerations"] = json!([{ "key": "batch", "operator": "Exists" }]);
    wanted["pod"]["env"] = json!([{ "name": "EMPTY", "value": "" }]);
    super::of(&rendered(wanted), Component::Core).clone()
}

/// What the API server makes of it.
fn live() -> Value {
    let mut live = core();
    live["metadata"]["resourceVersion"] = json!("12");
    live["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = json!("1");
    live["metadata"]["managedFields"] = json!([{ "manager": "tengine-operator" }]);
    live["status"] = json!({ "replicas": 2 });
    live["spec"]["template"]["spec"]["dnsPolicy"] = json!("ClusterFirst");
    live["spec"]["template"]["spec"]["volumes"][0]["configMap"]["defaultMode"] = json!(420);
    let container = &mut live["spec"]["template"]["spec"]["containers"][0];
    container["terminationMessagePath"] = json!("/dev/termination-log");
    container["startupProbe"]["successThreshold"] = json!(1);
    container["resources"]["requests"] = json!({ "cpu": "1", "memory": "512Mi" });
    let empty = container["env"].as_array().unwrap().len() - 1;
    container["env"][empty].as_object_mut().unwrap().remove("value");
    let object = live.as_object_mut().unwrap();
    object.remove("apiVersion");
    object["spec"].as_object_mut().unwrap().remove("minReadySeconds");
    live
}

#[test]
fn what_the_api_server_fills_in_is_no_difference() {
    assert!(in_sync(&core(), &live()));
}

#[rstest]
#[case::replicas("/spec/replicas", json!(3))]
#[case::image("/spec/template/spec/containers/0/image", json!("other"))]
#[case::argument("/spec/template/spec/containers/0/args/0", json!("-x"))]
#[case::one_more_argument("/spec/template/spec/containers/0/args", json!(["-k", "start"]))]
#[case::amount("/spec/template/spec/containers/0/resources/requests/cpu", json!("1001m"))]
#[case::variable("/spec/template/spec/containers/0/env/1/value", json!("/root"))]
#[case::variables("/spec/template/spec/containers/0/env", json!([]))]
#[case::toleration("/spec/template/spec/tolerations", json!([]))]
#[case::label("/metadata/labels/app.kubernetes.io~1name", json!("other"))]
#[case::owner("/metadata/ownerReferences", json!([]))]
#[case::owner_uid("/metadata/ownerReferences/0/uid", json!("other"))]
#[case::fingerprint("/metadata/annotations/tengine.dev~1rendered", json!("other"))]
#[case::strategy("/spec/strategy/type", json!("Recreate"))]
#[case::surge("/spec/strategy/rollingUpdate/maxSurge", json!(2))]
#[case::token("/spec/template/spec/automountServiceAccountToken", json!(true))]
#[case::another_container("/spec/template/spec/containers/0/name", json!("other"))]
fn a_change_by_hand_is_a_difference(#[case] path: &str, #[case] value: Value) {
    let mut live = live();
    *live.pointer_mut(path).unwrap() = value;
    assert!(!in_sync(&core(), &live));
}

#[rstest]
#[case::annotation("/metadata/annotations/note", json!("x"))]
#[case::node_selector("/spec/template/spec/nodeSelector/disk", json!("ssd"))]
fn what_somebody_adds_where_nothing_was_rendered_is_left_alone(#[case] path: &str, #[case] value: Value) {
    let mut live = live();
    let (parent, field) = path.rsplit_once('/').unwrap();
    live.pointer_mut(parent).unwrap()[field] = value;
    assert!(in_sync(&core(), &live));
}

#[test]
fn one_more_variable_in_another_order_is_left_alone() {
    let mut live = live();
    let env = live.pointer_mut("/spec/template/spec/containers/0/env").unwrap().as_array_mut().unwrap();
    env.insert(0, json!({ "name": "INJECTED", "value": "x" }));
    env.reverse();
    assert!(in_sync(&core(), &live));
}

#[test]
fn a_field_that_is_rendered_no_longer_is_a_difference() {
    let before = rendered(with("/pod/nodeSelector", json!({ "disk": "ssd" })));
    let after = rendered(plain());
    assert!(!in_sync(super::of(&after, Component::Core), super::of(&before, Component::Core)));
}

#[test]
fn the_remains_of_a_rolling_update_are_cleared_before_a_recreate() {
    let recreates = json!({ "spec": { "strategy": { "type": "Recreate" } } });
    assert!(cleared_first(&recreates, &live()).is_some());
    assert_eq!(cleared_first(&recreates, &recreates), None);
    assert_eq!(cleared_first(&core(), &live()), None);
}

#[test]
fn what_is_no_object_is_never_in_sync() {
    assert!(!in_sync(&json!({ "spec": { "replicas": 1 } }), &json!({})));
    assert!(!in_sync(&json!({}), &Value::Null));
}

#[rstest]
#[case("1000m", "1", true)]
#[case("0.5Gi", "512Mi", true)]
#[case(".5", "500m", true)]
#[case("1.", "1", true)]
#[case("1e3", "1k", true)]
#[case("1E3", "1k", true)]
#[case("12E", "12000P", true)]
#[case("+1", "1", true)]
#[case("-1500m", "-1.5", true)]
#[case("0.1n", "1n", true)]
#[case("1u", "1000n", true)]
#[case("0", "0.000", true)]
#[case("8Ei", "9223372036854775808", true)]
#[case("1Gi", "1G", false)]
#[case("1", "2", false)]
#[case("", "", false)]
#[case(".", "0", false)]
#[case("1x", "1x", false)]
#[case("1.2.3", "1.2.3", false)]
#[case("9999999999999999999999999999", "9999999999999999999999999999", false)]
fn amounts_are_compared_and_not_their_spelling(#[case] one: &str, #[case] other: &str, #[case] want: bool) {
    assert_eq!(crate::manifest::quantity::same(one, other), want);
}
