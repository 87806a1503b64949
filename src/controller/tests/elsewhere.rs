//! What deployments see of each other, across namespaces and scopes. It is read from caches: there is no client to ask with.

use super::{deployment, indexed, owned_by, release};
use crate::api::v1alpha1::TengineDeployment;
use crate::controller::elsewhere::{Elsewhere, observe, wake};
use crate::controller::index::Indexed;
use crate::controller::keys::of_release;
use crate::controller::neighbours::keys_of;
use crate::controller::watching::Watching;
use crate::domain::DeploymentName;
use crate::metrics::Metrics;
use crate::plan::observed::Upstream;
use crate::plan::validate;
use futures::channel::mpsc::{self, UnboundedReceiver};
use futures::{StreamExt as _, stream};
use kube::runtime::reflector::ObjectRef;
use kube::runtime::watcher;
use serde_json::{Value, json};
use std::sync::Arc;

fn staging() -> DeploymentName {
    DeploymentName { namespace: "staging".into(), name: "billing".into() }
}

fn gate() -> Value {
    let from = json!({ "namespace": "staging", "name": "billing" });
    json!({ "gates": [{ "name": "staging", "statuses": { "from": from, "all": ["Staging_OK"] } }] })
}

/// The scope of one namespace, with one deployment, and what is woken there.
fn scope(namespace: &str, spec: &Value) -> (Elsewhere, UnboundedReceiver<ObjectRef<TengineDeployment>>) {
    let (wake, woken) = mpsc::unbounded();
    let mut object = deployment(spec);
    let uid = format!("u-{namespace}");
    object.metadata.namespace = Some(namespace.into());
    object.metadata.uid = Some(uid.clone());
    let mut made = release(Some(&uid));
    made.metadata.namespace = Some(namespace.into());
    let place = Elsewhere {
        namespace: Some(namespace.into()),
        deployments: indexed(vec![json!(object)], keys_of),
        releases: indexed(vec![json!(made)], of_release),
        watching: Watching::new(Some(namespace), Arc::new(Metrics::new())),
        wake,
    };
    (place, woken)
}

fn seen(everywhere: &[Elsewhere]) -> Upstream {
    let desired = validate(&deployment(&gate())).unwrap();
    observe(&desired, everywhere).remove(&staging()).unwrap()
}

#[test]
fn another_namespace_is_seen_with_its_grant_only() {
    let (granted, _) = scope("staging", &json!({ "environment": { "name": "Staging", "grants": ["prod*"] } }));
    let Upstream::Seen(found) = seen(&[granted]) else { panic!("it is granted") };
    assert_eq!((found.uid.as_str(), found.environment.as_deref()), ("u-staging", Some("Staging")));
    assert_eq!(found.releases.iter().count(), 1);
    let (other, _) = scope("staging", &json!({ "environment": { "name": "Staging", "grants": ["elsewhere"] } }));
    assert!(matches!(seen(&[other]), Upstream::NotGranted));
    let (none, _) = scope("staging", &json!({}));
    assert!(matches!(seen(&[none]), Upstream::NotGranted));
}

#[test]
fn what_is_not_watched_and_what_is_not_there_are_told_apart() {
    let (elsewhere, _) = scope("test", &json!({}));
    assert!(matches!(seen(&[elsewhere]), Upstream::NotWatched));
    let (mut renamed, _) = scope("staging", &json!({}));
    renamed.deployments = indexed(Vec::new(), keys_of);
    assert!(matches!(seen(&[renamed]), Upstream::Missing));
}

/// What somebody else's says is nothing that an instance said.
#[test]
fn who_has_the_name_of_an_instance_and_is_none_says_nothing_for_it() {
    let instances = json!([{ "id": "001", "tengine": { "eventQueue": { "vhost": "001" } } }]);
    let fleet =
        deployment(&json!({ "strategy": { "type": "ActiveStandby", "activeStandby": { "instances": instances } } }));
    let desired = validate(&fleet).unwrap();
    let name = desired.instances().next().unwrap().deployment.clone();
    let seen = |owner: &str| {
        let (mut place, _) = scope("production", &json!({}));
        let mut object = deployment(&json!({}));
        object.metadata.name = Some(name.name.clone());
        object.metadata.owner_references = serde_json::from_value(owned_by(owner)).unwrap();
        place.deployments = indexed(vec![json!(object)], keys_of);
        observe(&desired, &[place]).remove(&name).unwrap()
    };
    assert!(matches!(seen("u-1"), Upstream::Seen(_)));
    assert!(matches!(seen("u-of-another"), Upstream::Missing));
}

#[tokio::test]
async fn a_namespace_that_is_gone_is_not_being_read_for_ever() {
    let (mut gone, _) = scope("staging", &json!({}));
    let (deployments, _writer) = kube::runtime::reflector::store();
    gone.deployments = Indexed::new(deployments, Arc::default());
    assert!(matches!(seen(std::slice::from_ref(&gone)), Upstream::NotRead));
    let forbidden =
        json!({ "kind": "Status", "status": "Failure", "message": "forbidden", "reason": "Forbidden", "code": 403 });
    let error = watcher::Error::WatchError(serde_json::from_value(forbidden).unwrap());
    let events = stream::iter([Err::<watcher::Event<TengineDeployment>, _>(error)]);
    gone.watching.observe("TengineDeployment", events).for_each(|_| std::future::ready(())).await;
    assert!(matches!(seen(&[gone]), Upstream::Missing));
}

#[test]
fn what_is_said_in_one_scope_wakes_who_waits_in_another() {
    let (production, mut woken) = scope("production", &gate());
    let (staging_scope, mut silent) = scope("staging", &json!({ "environment": { "name": "Staging" } }));
    let everywhere = [staging_scope, production];
    wake(&everywhere, &staging());
    assert_eq!(woken.try_recv().unwrap(), ObjectRef::new("billing").within("production"));
    assert!(silent.try_recv().is_err() && woken.try_recv().is_err(), "nobody else");
    wake(&everywhere, &DeploymentName { namespace: "staging".into(), name: "other".into() });
    assert!(woken.try_recv().is_err());
}
