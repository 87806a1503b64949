//! What people decide of a TengineDeployment, and the releases that they decide about.

use crate::stage::{SPACE, Stage, run};
use crate::subject::{PATIENCE, Subject};
use crate::wait::await_condition;
use kube::ResourceExt;
use kube::api::{Api, ListParams};
use serde_json::{Value, json};
use tengine_operator::api::v1alpha1::{Outcome, TengineAction, TengineRelease};

/// Whom the cluster takes the trials for.
const ADMINISTRATOR: &str = "admin";

/// A TengineAction in the name of `by`.
pub fn decision(deployment: &str, verb: &str, by: &str, release: Option<&str>) -> Value {
    let mut spec = json!({ "deployment": deployment, "action": verb, "reason": "a trial", "by": { "user": by } });
    if let Some(release) = release {
        spec["release"] = json!(release);
    }
    let metadata = json!({ "generateName": format!("{deployment}-"), "namespace": SPACE });
    json!({ "apiVersion": "tengine.dev/v1alpha1", "kind": "TengineAction", "metadata": metadata, "spec": spec })
}

/// With more of its spec.
pub fn with(mut action: Value, more: Value) -> Value {
    if let (Some(spec), Value::Object(more)) = (action["spec"].as_object_mut(), more) {
        spec.extend(more);
    }
    action
}

/// `Done: message` or `Refused: message`, once there is an answer to this action.
pub async fn answer(stage: &Stage, action: &str) -> String {
    answer_in(stage, SPACE, action).await
}

async fn answer_in(stage: &Stage, space: &str, action: &str) -> String {
    let actions: Api<TengineAction> = Api::namespaced(stage.client.clone(), space);
    let outcome = |action: Option<&TengineAction>| action.and_then(|action| action.status.as_ref()?.outcome);
    let answered = await_condition(actions, action, move |action: Option<&TengineAction>| outcome(action).is_some());
    let answered = tokio::time::timeout(PATIENCE, answered).await.expect("an answer").unwrap();
    let status = answered.status.unwrap();
    let outcome = if status.outcome == Some(Outcome::Done) { "Done" } else { "Refused" };
    format!("{outcome}: {}", status.message.unwrap_or_default())
}

impl Subject {
    /// The cluster's administrator decides.
    pub async fn decided(&self, verb: &str, release: Option<&str>) {
        let object = decision(&self.name, verb, ADMINISTRATOR, release);
        run("kubectl", &["create", "-f", "-"], &object.to_string()).await;
    }

    /// The cluster's administrator decides, and it is done.
    pub async fn is_done(&self, verb: &str, more: Value) {
        let mut object = with(decision(&self.name, verb, ADMINISTRATOR, None), more);
        object["metadata"]["namespace"] = json!(self.space());
        let action =
            run("kubectl", &["create", "-f", "-", "-o", "jsonpath={.metadata.name}"], &object.to_string()).await;
        let told = answer_in(&self.stage, self.space(), &action).await;
        assert!(told.starts_with("Done: "), "{told}");
    }

    /// The cluster's administrator accepts that a tag is on this commit now.
    pub async fn accepts(&self, tag: &str, commit: &str) {
        self.is_done("AcceptTag", json!({ "tag": tag, "commit": commit })).await;
    }

    /// All of its releases.
    pub async fn all_releases(&self) -> Vec<TengineRelease> {
        let api = Api::<TengineRelease>::namespaced(self.stage.client.clone(), self.space());
        let ours = ListParams::default().labels(&format!("tengine.dev/deployment={}", self.name));
        api.list(&ours).await.unwrap().items
    }

    /// The names of its releases.
    pub async fn releases(&self) -> Vec<String> {
        self.all_releases().await.iter().map(ResourceExt::name_any).collect()
    }

    /// The newest of its releases that pass.
    pub async fn newest_release(&self, passes: impl Fn(&TengineRelease) -> bool) -> TengineRelease {
        let releases = self.all_releases().await.into_iter().filter(passes);
        releases.max_by_key(|release| release.spec.number).unwrap()
    }

    /// The newest release of a commit.
    pub async fn release_of(&self, commit: &str) -> TengineRelease {
        self.newest_release(|release| release.spec.commit == commit).await
    }
}
