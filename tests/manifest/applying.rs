//! Server-side apply of what was rendered onto what is there.

use crate::definitions::WORKS_LONG;
use crate::kubectl::kubectl;
use crate::stage::Stage;
use tengine_operator::api::v1alpha1::StrategyType::{self, Recreate, RollingUpdate};
use tengine_operator::manifest::{Child, cleared_first, in_sync};

#[test]
fn the_strategy_changes_on_a_living_object_and_what_was_applied_is_in_sync() {
    let Some(stage) = Stage::set("apply", "TENGINE_CORE_IMAGE", WORKS_LONG) else { return };
    let applied = |strategy: StrategyType| {
        let children = stage.children(0, strategy);
        stage.apply(&children);
        assert_in_sync(&stage, &children);
        children
    };
    for strategy in [RollingUpdate, Recreate, RollingUpdate, Recreate] {
        let live = stage.live(&applied(strategy)[1]);
        assert_eq!(live["spec"]["strategy"]["type"], format!("{strategy:?}"));
    }

    let children = stage.children(0, Recreate);
    let core = children[1].name.as_ref();
    for by_hand in [
        vec!["set", "image", "deployment", core, "tengined=other"],
        vec!["scale", "deployment", core, "--replicas=1"],
        vec![
            "patch",
            "deployment",
            core,
            "-p",
            r#"{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":"50%"}}}}"#,
        ],
    ] {
        kubectl(&stage.namespace, &by_hand, None);
        assert!(!in_sync(&children[1].object, &stage.live(&children[1])), "{by_hand:?} is not seen");
        if let Some(patch) = cleared_first(&children[1].object, &stage.live(&children[1])) {
            kubectl(&stage.namespace, &["patch", "deployment", core, "--type=merge", "-p", &patch.to_string()], None);
        }
        applied(Recreate);
    }
}

fn assert_in_sync(stage: &Stage, children: &[Child]) {
    for child in children {
        let live = stage.live(child);
        assert!(in_sync(&child.object, &live), "{}\n{live}", child.object);
    }
}
