//! What comes of errors in definitions, by `checks.definition`.

use super::scenarios::live;
use super::world::Definition;
use crate::api::v1alpha1::{Checks, DefinitionCheck, TengineDeploymentSpec};

fn check(level: DefinitionCheck) -> impl Fn(&mut TengineDeploymentSpec) {
    move |spec| spec.checks = Some(Checks { definition: Some(level), ..Checks::default() })
}

#[test]
fn errors_in_definitions_can_be_let_through_and_are_told() {
    let mut world = live();
    world.push('b', Definition::Wrong);
    world.pass(90);
    assert_eq!(world.line(), "False DefinitionInvalid main@aaaaaaa next main@bbbbbbb");
    assert_eq!(
        (world.release(2).evidence.as_deref(), world.release(2).content.and_then(|content| content.errors)),
        (Some("a.rb:1:5: unexpected end"), Some(1))
    );
    world.edit(check(DefinitionCheck::Warning));
    world.settle();
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let told =
        "False DefinitionInvalid: bbbbbbb: 1 error let through, as checks.definition says. a.rb:1:5: unexpected end.";
    assert_eq!(world.condition("DefinitionValid"), told);
    assert_eq!(world.release(3).evidence.as_deref(), Some("a.rb:1:5: unexpected end"));
    world.restart();
    world.settle();
    assert_eq!(world.condition("DefinitionValid"), told, "nothing of it is only in memory");
}

#[test]
fn what_nobody_looked_at_is_said_to_be_so() {
    let mut world = live();
    world.edit(check(DefinitionCheck::Off));
    world.push('b', Definition::Wrong);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let told = "Unknown NotChecked: bbbbbbb: not looked at, as checks.definition says.";
    assert_eq!(world.condition("DefinitionValid"), told);
}

#[test]
fn looking_at_definitions_otherwise_restarts_nothing() {
    let mut world = live();
    world.fewest_ready = usize::MAX;
    world.edit(check(DefinitionCheck::Error));
    world.settle();
    assert_eq!(world.releases(), 1, "the default, spelled out");
    world.edit(check(DefinitionCheck::Warning));
    world.settle();
    assert_eq!((world.line().as_str(), world.fewest_ready), ("True UpToDate main@aaaaaaa", 2));
}
