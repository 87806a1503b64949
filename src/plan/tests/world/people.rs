//! What people do in the world.

use super::World;
use crate::api::v1alpha1::{TengineAction, TengineActionSpec, Verb};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use serde_json::json;

impl World {
    /// A person creates an action; its place in the list. Names say nothing of the order (`kubectl create` makes them up), and an
    /// API server writes down whole seconds.
    pub fn decided(&mut self, verb: Verb, release: Option<&str>) -> usize {
        let spec = json!({ "deployment": self.object.name_any(), "action": verb.word(), "by": { "user": "alice" } });
        let mut spec: TengineActionSpec = serde_json::from_value(spec).unwrap();
        spec.release = release.map(ToOwned::to_owned);
        let mut action = TengineAction::new(&format!("act-{:03}", 999 - self.decided), spec);
        self.decided += 1;
        self.writes += 1;
        action.metadata.uid = Some(format!("a-{}", self.writes));
        action.metadata.resource_version = Some(self.writes.to_string());
        action.metadata.creation_timestamp = Some(Time(Timestamp::from_second(self.now.as_second()).unwrap()));
        self.actions.push(action);
        self.actions.len() - 1
    }

    /// A person says something at a gate about the release of this number; its place in the list.
    pub fn said(&mut self, verb: Verb, who: &str, number: i64, gate: Option<&str>) -> usize {
        let release = self.name_of(number);
        let action = self.decided(verb, Some(&release));
        let spec = &mut self.actions[action].spec;
        let (user, groups) =
            who.split_once('/').map_or((who, Vec::new()), |(user, group)| (user, vec![group.to_owned()]));
        (spec.by.user, spec.by.groups) = (user.to_owned(), groups);
        spec.gate = gate.map(ToOwned::to_owned);
        spec.reason = (verb != Verb::Approve).then(|| "it has to be".to_owned());
        action
    }

    /// `Done: message`: the answer to an action.
    pub fn answer(&self, action: usize) -> String {
        let status = self.actions[action].status.clone().unwrap_or_default();
        format!("{:?}: {}", status.outcome.unwrap(), status.message.unwrap_or_default())
    }
}
