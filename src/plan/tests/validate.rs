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
