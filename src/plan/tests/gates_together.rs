//! Several gates before one release: all of them have to open, in whatever order they do.

use super::stages::{Stages, staging};
use super::world::Definition;
use crate::api::v1alpha1::{GateState, Verb};
use crate::plan::observed::Upstream;
use jiff::SignedDuration;
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Statuses,
    Approval,
    Window,
}

use Kind::{Approval, Statuses, Window};

/// All of them that there may be together, and all orders in which they may open.
const ORDERS: [&[Kind]; 12] = [
    &[Statuses, Approval],
    &[Approval, Statuses],
    &[Statuses, Window],
    &[Window, Statuses],
    &[Approval, Window],
    &[Window, Approval],
    &[Statuses, Approval, Window],
    &[Statuses, Window, Approval],
    &[Approval, Statuses, Window],
    &[Approval, Window, Statuses],
    &[Window, Statuses, Approval],
    &[Window, Approval, Statuses],
];

/// How long the window stays closed unless somebody turns the clock.
const CLOSED: SignedDuration = SignedDuration::from_hours(1);

struct Scene {
    stages: Stages,
    /// What production sees of staging; nothing new as long as that is none.
    seen: Option<Upstream>,
    opens: jiff::Timestamp,
}

impl Scene {
    /// One version is live in both stages; the next one is, in staging only, where production sees nothing of it.
    fn before(kinds: &[Kind]) -> Self {
        let mut stages = Stages::with_soak("0s");
        stages.pass(40);
        assert_eq!(stages.production.line(), "True UpToDate main@aaaaaaa");
        let opens = stages.production.now + CLOSED;
        let gates: Vec<Value> = kinds.iter().map(|kind| gate(*kind, stages.production.now, opens)).collect();
        stages.production.edit(|spec| spec.gates = serde_json::from_value(json!(gates)).unwrap());
        let seen = Some(stages.staging.seen());
        stages.push('b', Definition::Good);
        let mut scene = Self { stages, seen, opens };
        scene.pass(25);
        scene
    }

    fn pass(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.stages.staging.tick();
            let seen = self.seen.clone().unwrap_or_else(|| self.stages.staging.seen());
            self.stages.production.upstreams.insert(staging(), seen);
            self.stages.production.tick();
        }
    }

    fn open(&mut self, kind: Kind) {
        match kind {
            Statuses => self.seen = None,
            Approval => drop(self.stages.production.said(Verb::Approve, "bob", 2, Some("ops"))),
            Window => self.stages.production.now = self.opens,
        }
    }
}

fn gate(kind: Kind, now: jiff::Timestamp, opens: jiff::Timestamp) -> Value {
    match kind {
        Statuses => {
            let from = json!({ "namespace": "staging", "name": "billing" });
            json!({ "name": "staging", "statuses": { "from": from, "all": ["Staging_OK"] } })
        }
        Approval => json!({ "name": "ops", "approval": { "required": 1 } }),
        Window => {
            let closed = json!([{ "from": now.to_string(), "to": opens.to_string(), "reason": "books" }]);
            json!({ "name": "hours", "window": { "closed": closed } })
        }
    }
}

#[test]
fn a_release_goes_live_once_all_of_them_are_open_and_not_before() {
    for order in ORDERS {
        let mut scene = Scene::before(order);
        for (number, kind) in order.iter().enumerate() {
            let line = scene.stages.production.line();
            let waits = ["WaitingForStatus", "WaitingForApproval", "WaitingForWindow"].map(|word| line.contains(word));
            assert!(waits.contains(&true), "{order:?} at {number}: {line}");
            assert_eq!(scene.stages.production.pods_of('b'), 0, "{order:?} at {number}");
            let gates = &scene.stages.production.release(2).gates;
            let shut = gates.iter().filter(|gate| gate.state != GateState::Open).count();
            assert_eq!((gates.len(), shut), (order.len(), order.len() - number), "{order:?} at {number}: {gates:?}");
            scene.open(*kind);
            scene.pass(20);
        }
        assert_eq!(scene.stages.production.line(), "True UpToDate main@bbbbbbb", "{order:?}");
    }
}

#[test]
fn one_that_shuts_again_before_the_others_open_holds_the_release_up() {
    let mut scene = Scene::before(&[Statuses, Approval]);
    scene.open(Statuses);
    scene.pass(20);
    scene.stages.staging_rejects(2);
    scene.pass(20);
    scene.open(Approval);
    scene.pass(60);
    assert_eq!(scene.stages.production.pods_of('b'), 0, "{}", scene.stages.production.line());
}
