//! What comes of errors in definitions, by `checks.definition`.

use super::scenarios::live;
use super::world::{Definition, World};
use crate::api::v1alpha1::{Checks, DefinitionCheck, TengineDeploymentSpec};
use rstest::rstest;
use serde_json::json;

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

#[rstest]
#[case::overlaps("RollingUpdate", true)]
#[case::never_two("Recreate", false)]
#[case::one_after_the_other("HandOver", false)]
#[case::with_a_standby("ActiveStandby", false)]
fn where_two_versions_run_the_types_of_events_that_one_alone_handles_are_named(
    #[case] strategy: &str,
    #[case] told: bool,
) {
    let mut world = World::new(&json!({ "strategy": { "type": strategy } }));
    world.settle();
    world.events = (vec!["paid".into(), "sent".into()], (0..7).map(|it| format!("old{it}")).collect());
    world.push('b', Definition::Good);
    world.pass(90);
    assert_eq!(world.line(), "True UpToDate main@bbbbbbb");
    let said = "bbbbbbb: the definitions are readable. Of events, it adds handlers for paid, sent, and it has none any more for old0, \
                old1, old2, old3, old4 and 2 more: while two versions run (strategy.type RollingUpdate), the one without a handler drops \
                such an event. Recreate, HandOver and ActiveStandby never run two.";
    assert_eq!(world.condition("DefinitionValid").contains(said), told, "{}", world.condition("DefinitionValid"));
    assert_eq!(world.release(2).message.is_some(), told);
}
