//! Who uses the same queue or database, found by what they use.

use super::{deployment, indexed};
use crate::api::v1alpha1::condition::Reason;
use crate::controller::elsewhere::Elsewhere;
use crate::controller::neighbours::{instance_of, keys, keys_of, of, user_of};
use crate::controller::watching::Watching;
use crate::metrics::Metrics;
use futures::channel::mpsc;
use serde_json::{Value, json};
use std::sync::Arc;

/// A deployment of this name and of one namespace, as the cluster has it.
fn of_name((namespace, name): (&str, &str), queue: &Value, database: &Value) -> Value {
    let mut object = json!(deployment(&json!({ "tengine": { "eventQueue": queue, "database": database } })));
    object["metadata"]["namespace"] = json!(namespace);
    object["metadata"]["name"] = json!(name);
    object
}

/// The scope of one namespace.
fn scope(namespace: &str, objects: Vec<Value>) -> Elsewhere {
    let deployments = indexed(objects, keys_of);
    Elsewhere {
        namespace: Some(namespace.into()),
        deployments,
        releases: indexed(Vec::new(), |_| std::collections::BTreeSet::new()),
        watching: Watching::new(Some(namespace), Arc::new(Metrics::new())),
        wake: mpsc::unbounded().0,
    }
}

#[test]
fn who_shares_a_queue_or_a_database_is_found_in_every_scope() {
    let queue = json!({ "host": "mq.shared.example.com", "vhost": "billing" });
    let database = json!({ "hosts": ["db-0:27017", "db-1:27017"], "name": "billing" });
    let mine = of_name(("production", "billing"), &queue, &database);
    let everywhere = [
        scope(
            "production",
            vec![
                mine.clone(),
                // One member of the same database is enough.
                of_name(
                    ("production", "store"),
                    &json!({ "host": "mq" }),
                    &json!({ "hosts": ["db-1:27017"], "name": "billing" }),
                ),
                of_name(
                    ("production", "other"),
                    &json!({ "host": "mq" }),
                    &json!({ "hosts": ["db-1:27017"], "name": "other" }),
                ),
            ],
        ),
        scope(
            "staging",
            vec![
                of_name(
                    ("staging", "queue"),
                    &json!({ "host": "MQ.shared.example.com", "port": 5672, "vhost": "billing" }),
                    &json!({ "hosts": ["x:1"], "name": "x" }),
                ),
                of_name(
                    ("staging", "vhost"),
                    &json!({ "host": "mq.shared.example.com" }),
                    &json!({ "hosts": ["x:2"], "name": "x" }),
                ),
                // The same name in another namespace is another Service.
                of_name(("staging", "own"), &json!({ "host": "mq" }), &database),
            ],
        ),
    ];
    let found = of(&serde_json::from_value(mine).unwrap(), &everywhere);
    let told: Vec<_> = found.iter().map(|problem| (problem.reason, problem.message.as_str())).collect();
    let expected = [
        (Reason::DatabaseShared, "production/store uses the same database: they misfile each other's drivers"),
        (
            Reason::QueueShared,
            "staging/queue uses the same message broker and virtual host: they take each other's events",
        ),
    ];
    assert_eq!(told, expected);
}

#[test]
fn whoever_names_an_object_is_found_by_it() {
    let named = json!({
        "source": { "git": { "url": "https://git.example.com/jobs.git", "secretRef": { "name": "git" } } },
        "image": {
            "base": { "reference": "r.example.com/core:1", "secretRef": { "name": "base" } },
            "repository": "r.example.com/billing", "secretRef": { "name": "push" },
        },
        "tengine": { "configRef": { "name": "file" } },
        "pod": {
            "serviceAccountName": "account",
            "env": [{ "name": "A", "valueFrom": { "secretKeyRef": { "name": "variable", "key": "a" } } }],
            "envFrom": [{ "configMapRef": { "name": "map" } }],
        },
    });
    let place = scope("production", vec![json!(deployment(&named))]);
    for (kind, names) in [
        ("Secret", &["git", "base", "push", "variable"][..]),
        ("ConfigMap", &["file", "map"]),
        ("ServiceAccount", &["account"]),
    ] {
        for name in names {
            let users = place.deployments.find(&user_of(kind, "production", name));
            assert_eq!(users, [("production".to_owned(), "billing".to_owned())], "{kind} {name}");
            assert!(
                place.deployments.find(&user_of(kind, "staging", name)).is_empty(),
                "{kind} {name} of another namespace"
            );
        }
    }
}

#[test]
fn a_deployment_with_instances_uses_no_queue_itself_hears_of_them_and_is_found_as_theirs() {
    let (queue, database) = (json!({ "host": "mq" }), json!({ "hosts": ["db:1"], "name": "t" }));
    let mut fleet = of_name(("production", "billing"), &queue, &database);
    let own = json!({ "id": "001", "tengine": { "eventQueue": { "vhost": "001" } } });
    fleet["spec"]["strategy"] = json!({ "type": "ActiveStandby", "activeStandby": { "instances": [own] } });
    let found = keys(&serde_json::from_value(fleet).unwrap());
    let name = crate::domain::ChildName::of_instance("billing", "001");
    assert!(found.contains(&format!("asks production/{name}")), "{found:?}");
    assert!(!found.iter().any(|key| key.starts_with("queue") || key.starts_with("database")), "{found:?}");
    let mut instance = of_name(("production", name.as_ref()), &queue, &database);
    instance["metadata"]["ownerReferences"] = super::owned_by("u-9");
    let found = keys(&serde_json::from_value(instance.clone()).unwrap());
    assert!(
        found.contains(&instance_of("production", "u-9")) && found.iter().any(|key| key.starts_with("queue")),
        "{found:?}"
    );
    instance["spec"]["gates"] = json!([{ "name": "night", "schedule": { "timeZone": "Mars/Olympus" } }]);
    let object = serde_json::from_value(instance).unwrap();
    assert!(crate::plan::validate(&object).is_err(), "somebody made it invalid");
    assert!(keys(&object).contains(&instance_of("production", "u-9")), "and it is an instance still");
}
