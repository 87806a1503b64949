use super::world::World;
use crate::plan::validate;
use rstest::rstest;
use serde_json::{Value, json};

fn problems(field: &str, value: Value) -> Vec<String> {
    let world = World::new(&Value::Null);
    let mut object = serde_json::to_value(&world.object).unwrap();
    let (parent, key) = field.rsplit_once('/').unwrap();
    object.pointer_mut(parent).unwrap()[key] = value;
    match validate(&serde_json::from_value(object).unwrap()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect(),
    }
}

#[rstest]
#[case("/spec/source/git/url", json!("https://x"), "spec.source.git.url: ")]
#[case("/spec/source/git/ref", json!({ "branch": "a..b" }), "spec.source.git.ref.branch: ")]
#[case("/spec/source/git/ref", json!({ "branch": "a", "tag": "b" }), "spec.source.git.ref: give at most one")]
#[case("/spec/source/git/path", json!("../x"), "spec.source.git.path: ")]
#[case("/spec/source/interval", json!("1s"), "spec.source.interval: 1s is too short, give at least 5s")]
#[case("/spec/source/timeout", json!("soon"), "spec.source.timeout: ")]
#[case("/spec/source/promotion", json!({ "name": "a", "statuses": ["A_OK"] }), "spec.source: give exactly one of git and promotion")]
#[case("/spec/source", json!({ "promotion": { "name": "a", "statuses": ["A_OK"] } }), "spec.image: what source.promotion takes")]
#[case("/spec/source", json!({}), "spec.source: give exactly one of git and promotion")]
#[case("/spec/image", json!(null), "spec.image: say what the definitions")]
#[case("/spec/image/repository", json!("R.example.com/X"), "spec.image.repository: ")]
#[case("/spec/image/base", json!({ "reference": "a b" }), "spec.image.base.reference: ")]
#[case("/spec/strategy", json!({ "progressDeadline": "1s" }), "spec.strategy.progressDeadline: 1s is too short")]
#[case("/spec/pod", json!({ "labels": { "tengine.dev/turn": "7" } }), "spec.pod.labels: tengine.dev/turn is of the domain")]
#[case(
    "/spec/pod",
    json!({ "annotations": { "tengine.dev/told-turn": "7" } }),
    "spec.pod.annotations: tengine.dev/told-turn is of the domain"
)]
fn every_wrong_field_is_named(#[case] field: &str, #[case] value: Value, #[case] want: &str) {
    let problems = problems(field, value);
    assert!(problems.len() == 1 && problems[0].starts_with(want), "{problems:?}");
}

/// How long a core may stay where nobody hears of it.
#[rstest]
#[case::too_short(json!({ "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 10 }), true)]
#[case::at_once(json!({ "key": "node.kubernetes.io/not-ready", "effect": "NoExecute", "tolerationSeconds": -1 }), true)]
#[case::of_all_taints(json!({ "operator": "Exists", "tolerationSeconds": 0 }), true)]
#[case::long_enough(json!({ "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60 }), false)]
#[case::for_ever(json!({ "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute" }), false)]
#[case::of_another_taint(json!({ "key": "batch", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 10 }), false)]
#[case::of_another_effect(json!({ "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 10 }), false)]
#[case::of_another_value(json!({ "key": "node.kubernetes.io/unreachable", "value": "x", "effect": "NoExecute", "tolerationSeconds": 10 }), false)]
fn with_active_standby_cores_stay_on_a_silent_node_until_it_is_seen(#[case] toleration: Value, #[case] refused: bool) {
    let found = |strategy: Value| {
        let world = World::new(&json!({ "pod": { "tolerations": [toleration] }, "strategy": strategy }));
        let problems = validate(&world.object).err().into_iter().flatten().map(|problem| problem.message);
        problems.collect::<Vec<_>>()
    };
    let problems = found(json!({ "type": "ActiveStandby" }));
    let names = |problem: &String| problem.starts_with("spec.pod.tolerations[0].tolerationSeconds: ");
    assert!(problems.len() == usize::from(refused) && problems.iter().all(names), "{problems:?}");
    for others in [
        json!({ "type": "HandOver" }),
        json!({ "type": "RollingUpdate" }),
        json!({ "type": "ActiveStandby", "activeStandby": { "standby": "Serves" } }),
    ] {
        assert_eq!(found(others), Vec::<String>::new());
    }
}

#[test]
fn the_example_is_fine() {
    assert_eq!(problems("/spec/replicas", json!(3)), Vec::<String>::new());
}

#[rstest]
#[case(
    "kubernetes.io/arch",
    "arm64",
    "spec.pod.nodeSelector: kubernetes.io/arch is arm64, and this operator makes images for linux/amd64: "
)]
#[case("kubernetes.io/os", "windows", "spec.pod.nodeSelector: kubernetes.io/os is windows")]
#[case("kubernetes.io/arch", "amd64", "")]
#[case("disk", "ssd", "")]
fn nodes_of_another_platform_are_refused(#[case] label: &str, #[case] value: &str, #[case] want: &str) {
    let world = World::new(&json!({ "pod": { "nodeSelector": { label: value } } }));
    let checked = validate(&world.object).unwrap().on(&"linux/amd64".parse().unwrap());
    let problems: Vec<_> = checked.err().into_iter().flatten().map(|problem| problem.message).collect();
    assert_eq!(problems.len(), usize::from(!want.is_empty()), "{problems:?}");
    assert!(problems.iter().all(|problem| problem.starts_with(want)), "{problems:?}");
}
