//! When cores have a budget of disruptions.

use super::world::{Definition, World};
use crate::api::v1alpha1::DisruptionBudget;
use serde_json::json;

#[test]
fn more_cores_than_one_have_a_budget_of_disruptions_unless_it_is_switched_off() {
    for strategy in ["RollingUpdate", "Recreate"] {
        let mut world = World::new(&json!({ "strategy": { "type": strategy } }));
        world.settle();
        let budget = world.cluster.budgets.values().next().unwrap().clone();
        assert_eq!(budget["spec"]["maxUnavailable"], 1);
        // What a push, a suspension and a restart have to do with it: nothing.
        world.push('b', Definition::Good);
        world.settle();
        world.edit(|spec| spec.suspend = Some(true));
        world.restart();
        world.pass(5);
        assert_eq!(world.cluster.budgets.values().collect::<Vec<_>>(), [&budget]);
        world.edit(|spec| (spec.suspend, spec.replicas) = (None, 1));
        world.settle();
        assert!(world.cluster.budgets.is_empty(), "one core could never be moved");
        world.edit(|spec| spec.replicas = 3);
        world.settle();
        assert_eq!(world.cluster.budgets.len(), 1);
        world.edit(|spec| spec.disruption_budget = Some(DisruptionBudget { enabled: Some(false) }));
        world.settle();
        assert!(world.cluster.budgets.is_empty(), "the user has one of his own");
    }
}

#[test]
fn an_object_of_somebody_else_keeps_its_name() {
    let mut world = World::new(&json!({}));
    world.settle();
    let name = world.cluster.budgets.keys().next().unwrap().clone();
    let theirs =
        json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": { "name": name, "uid": "u-9" } });
    world.cluster.budgets.insert(name.clone(), theirs.clone().into());
    world.pass(60);
    assert_eq!(world.line(), "False NameTaken main@aaaaaaa");
    assert_eq!(*world.cluster.budgets[&name], theirs, "it is never touched");
    world.cluster.budgets.clear();
    world.pass(60);
    assert_eq!(world.line(), "True UpToDate main@aaaaaaa");
}
