//! The operator is killed after its writes, in a whole life on the real cluster: what comes of it is what came of the life
//! undisturbed. `src/plan/tests/kills.rs` has the same of the plan alone. Which writes is said at `Kills`.

use crate::life::{Ended, Life, Past};
use crate::mortal::Kills;
use crate::repository::Repository;
use crate::stage::Stage;
use crate::story::{Story, Teller};
use serde_json::Value;
use std::sync::Arc;

pub const STORIES: &[Story] = &[Story {
    name: "killed",
    cases: &["after_each_write_of_one_life", "after_one_write_of_each_life"],
    tell: |stage, teller| Box::pin(killed(stage, teller)),
}];

/// A whole life has more writes than this.
const WRITES: usize = 30;

async fn killed(stage: Arc<Stage>, teller: Teller) {
    let repository = Repository::create(&stage, "killed").await;
    let past = Past::written(&repository).await;
    let scene = (stage, past);
    let mut undisturbed = None;
    let each = async {
        let expected = play(&scene, "killed-not", Kills::Never, None).await;
        assert!(expected.writes > WRITES, "{} writes are no whole life", expected.writes);
        let killed = play(&scene, "killed-each", Kills::Each, Some(&expected.end)).await;
        eprintln!("{} writes undisturbed; {}, and killed {} times", expected.writes, killed.writes, killed.killed);
        assert!(killed.killed > WRITES, "killed {} times only", killed.killed);
        is_the_same(&killed.end, &expected.end, "killed after each write");
        undisturbed = Some(expected);
    };
    teller.case("after_each_write_of_one_life", each).await;

    let one = async {
        let step = std::env::var("TENGINE_TRIAL_KILLS").unwrap().parse().unwrap();
        let expected = undisturbed.unwrap();
        for number in (1..=expected.writes).step_by(step) {
            let killed = play(&scene, &format!("killed-at-{number}"), Kills::At(number), Some(&expected.end)).await;
            is_the_same(&killed.end, &expected.end, &format!("killed after write {number} of {}", expected.writes));
        }
    };
    teller.case("after_one_write_of_each_life", one).await;
}

async fn play((stage, past): &(Arc<Stage>, Past), name: &str, kills: Kills, expected: Option<&Value>) -> Ended {
    Life::begin(stage, name, kills).await.pass(past, expected).await
}

fn is_the_same(end: &Value, expected: &Value, what: &str) {
    let told = |end: &Value| serde_json::to_string_pretty(end).unwrap();
    assert!(end == expected, "{what}, it ends as\n{}\nand not as\n{}", told(end), told(expected));
}
