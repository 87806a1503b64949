//! How deployments are, counted again and again: of those that did not change since, what was read before is told.

use super::packed::Packed;
use crate::api::v1alpha1::TengineDeployment;
use crate::api::v1alpha1::condition::ConditionType;
use crate::metrics::ReadyState;
use kube::ResourceExt as _;
use std::collections::HashMap;
use std::sync::Arc;

/// By UID: at which version each was read, and how it was, if it said so.
#[derive(Debug, Default)]
pub struct Census(HashMap<String, (String, Option<ReadyState>)>);

impl Census {
    /// How these are.
    pub fn of(&mut self, all: impl Iterator<Item = Arc<Packed<TengineDeployment>>>) -> Vec<ReadyState> {
        let mut before = std::mem::take(&mut self.0);
        for object in all {
            let (uid, version) = (object.uid().unwrap_or_default(), object.resource_version().unwrap_or_default());
            let known = before.remove(&uid).filter(|(read, _)| *read == version);
            self.0.insert(uid, known.unwrap_or_else(|| (version, state(&object))));
        }
        self.0.values().filter_map(|(_, state)| state.clone()).collect()
    }
}

fn state(object: &Packed<TengineDeployment>) -> Option<ReadyState> {
    let status = object.open().ok()?.status?;
    let ready = status.conditions.iter().find(|condition| condition.type_ == ConditionType::Ready.to_string())?;
    Some(ReadyState { ready: ready.status.clone().into(), reason: ready.reason.clone().into() })
}

#[cfg(test)]
mod tests {
    use super::super::tests::deployment;
    use super::*;
    use serde_json::json;

    fn at(version: &str, reason: &str) -> Arc<Packed<TengineDeployment>> {
        let mut object = json!(deployment(&json!({})));
        object["metadata"]["resourceVersion"] = json!(version);
        object["status"] = json!({ "conditions": [{
            "type": "Ready", "status": "False", "reason": reason, "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
        }] });
        Arc::new(serde_json::from_value(object).unwrap())
    }

    #[test]
    fn what_did_not_change_is_read_once_and_who_is_gone_is_not_counted() {
        let mut census = Census::default();
        let mut counted = |all: Vec<_>| -> Vec<String> {
            census.of(all.into_iter()).into_iter().map(|state| state.reason.to_string()).collect()
        };
        assert_eq!(counted(vec![at("1", "Building")]), ["Building"]);
        assert_eq!(counted(vec![at("1", "not read again")]), ["Building"]);
        assert_eq!(counted(vec![at("2", "Unavailable")]), ["Unavailable"]);
        assert!(counted(Vec::new()).is_empty());
    }
}
