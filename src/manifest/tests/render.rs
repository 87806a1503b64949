use super::{container, of, plain, rendered, settings, with, workload};
use crate::api::v1alpha1::StrategyType;
use crate::domain::{Component, Platform};
use crate::manifest::{
    Owner, RENDERED_ANNOTATION, VERSION_LABEL, Workload, children, pull_secrets, selector, used_config_maps,
    used_secrets,
};
use rstest::rstest;
use serde_json::{Value, json};

#[test]
fn a_release_made_anew_changes_no_pod() {
    let settings = settings(plain());
    let first = children(&workload(&settings));
    let second = children(&Workload { release: "billing-0042-4f2c1a9", ..workload(&settings) });
    let template = |children: &[_], component| of(children, component).pointer("/spec/template").cloned();
    for component in Component::ALL {
        assert_eq!(template(&first, component), template(&second, component));
    }
    assert_ne!(of(&first, Component::Core), of(&second, Component::Core), "but the Deployment names the release");
}

#[test]
fn another_commit_of_the_same_content_changes_no_pod() {
    let settings = settings(plain());
    let other = "00000000000000000000000000000000000000ff".parse().unwrap();
    let first = children(&workload(&settings));
    let second = children(&Workload { commit: &other, ..workload(&settings) });
    for component in Component::ALL {
        let part = |children: &[_], path: &str| of(children, component).pointer(path).cloned().unwrap();
        assert_eq!(part(&first, "/spec/template"), part(&second, "/spec/template"));
        assert_eq!(part(&second, "/metadata/labels")["tengine.dev/commit"], "0000000");
    }
    assert_eq!(of(&first, Component::Core)["spec"]["template"]["metadata"]["labels"][VERSION_LABEL], "000000000000");
}

/// The core's scripts are told of the broker what the settings say; of a configuration file of the user's own they know nothing.
#[rstest]
#[case(plain(), ["1628", "300", "rabbitmq", "5672"])]
#[case(with("/tengine/eventQueue/port", json!(80)), ["0050", "300", "rabbitmq", "80"])]
#[case(with("/pod/terminationGracePeriodSeconds", json!(7)), ["1628", "7", "rabbitmq", "5672"])]
#[case(with("/tengine", json!({ "configRef": { "name": "own" } })), ["", "300", "", ""])]
fn the_probes_know_the_broker(#[case] settings: Value, #[case] want: [&str; 4]) {
    let children = rendered(settings);
    let core = container(of(&children, Component::Core));
    for path in ["/startupProbe", "/readinessProbe", "/livenessProbe", "/lifecycle/preStop"] {
        let command = core.pointer(path).unwrap()["exec"]["command"].as_array().unwrap();
        assert_eq!(command[4..], want.map(|word| json!(word)), "{path}");
    }
}

#[test]
fn a_changed_secret_rolls_the_pods() {
    let settings = settings(plain());
    let first = children(&workload(&settings));
    let second = children(&Workload { secrets_hash: "other", ..workload(&settings) });
    for component in Component::ALL {
        let template = |children: &[_]| of(children, component).pointer("/spec/template").cloned();
        assert_ne!(template(&first), template(&second));
    }
}

#[test]
fn another_configuration_is_another_config_map() {
    let first = rendered(plain());
    let second = rendered(with("/tengine/logLevel", json!("debug")));
    assert_ne!(first[0].name, second[0].name);
    assert_eq!(first[1].name, second[1].name);
}

#[rstest]
#[case(0, StrategyType::RollingUpdate, [0, 0, 0])]
#[case(1, StrategyType::RollingUpdate, [1, 1, 1])]
#[case(7, StrategyType::Recreate, [7, 1, 1])]
fn the_watchers_follow_the_cores(#[case] replicas: i32, #[case] strategy: StrategyType, #[case] want: [i32; 3]) {
    let settings = settings(plain());
    let children = children(&Workload { replicas, strategy, ..workload(&settings) });
    let found = Component::ALL.map(|component| of(&children, component)["spec"]["replicas"].as_i64().unwrap());
    assert_eq!(found, want.map(i64::from));
}

#[test]
fn the_selector_never_changes() {
    let wild =
        with("/pod/labels", json!({ "tengine.dev/deployment": "other", "app.kubernetes.io/component": "other" }));
    let children = rendered(wild);
    let core = of(&children, Component::Core);
    let wanted = json!({ "tengine.dev/deployment": "billing", "app.kubernetes.io/component": "core" });
    assert_eq!(core.pointer("/spec/selector/matchLabels"), Some(&wanted));
    for (label, value) in wanted.as_object().unwrap() {
        assert_eq!(core.pointer("/spec/template/metadata/labels").unwrap().get(label), Some(value));
    }
    assert_eq!(selector("billing"), "tengine.dev/deployment=billing,app.kubernetes.io/component=core");
}

#[test]
fn a_variable_stands_once_and_the_operators_own_win() {
    let given = json!([
        { "name": "HOME", "value": "/root" }, { "name": "A", "value": "1" }, { "name": "A", "value": "2" }
    ]);
    let children = rendered(with("/pod/env", given));
    let env = container(of(&children, Component::Core))["env"].as_array().unwrap().clone();
    let value = |name: &str| {
        let found: Vec<_> = env.iter().filter(|variable| variable["name"] == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0]["value"].clone()
    };
    assert_eq!(value("HOME"), json!("/tmp"));
    assert_eq!(value("A"), json!("2"));
}

#[test]
fn a_security_context_is_merged_over_the_own_one() {
    let seccomp = json!({ "runAsUser": 0, "seccompProfile": { "type": "Localhost", "localhostProfile": "x.json" } });
    let children = rendered(with("/pod/securityContext", seccomp.clone()));
    let context = of(&children, Component::Core).pointer("/spec/template/spec/securityContext").unwrap();
    assert_eq!(context["runAsNonRoot"], json!(true));
    assert_eq!(context["runAsUser"], json!(0));
    assert_eq!(context["seccompProfile"], seccomp["seccompProfile"]);
}

#[test]
fn user_and_group_can_be_left_to_the_platform() {
    let context = |settings| {
        let children = rendered(settings);
        Component::ALL.map(|part| of(&children, part).pointer("/spec/template/spec/securityContext").unwrap().clone())
    };
    let left = json!({ "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } });
    assert_eq!(context(with("/pod/runAs", json!("Platform"))), [left.clone(), left.clone(), left]);
    assert!(context(plain()).iter().all(|own| own["runAsUser"] == json!(10001)));
}

#[rstest]
#[case(10, 5)]
#[case(600, 300)]
#[case(601, 301)]
fn a_core_may_start_for_as_long_as_the_deadline(#[case] deadline: i64, #[case] threshold: i64) {
    let children = rendered(with("/progressDeadlineSeconds", json!(deadline)));
    let core = of(&children, Component::Core);
    assert_eq!(core["spec"]["progressDeadlineSeconds"], json!(deadline));
    assert_eq!(container(core)["startupProbe"]["failureThreshold"], json!(threshold));
}

#[test]
fn no_credential_stands_in_an_object() {
    let text = rendered(plain()).iter().map(|child| child.object.to_string()).collect::<String>();
    assert!(text.contains(r#""secretKeyRef":{"key":"password","name":"queue"}"#), "{text}");
}

#[test]
fn every_child_has_a_fingerprint_of_its_own() {
    let children = rendered(plain());
    let fingerprints: std::collections::BTreeSet<_> = children
        .iter()
        .map(|child| child.object["metadata"]["annotations"][RENDERED_ANNOTATION].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(fingerprints.len(), 4);
}

#[test]
fn all_uses_of_a_secret_count_together() {
    let mut wanted = plain();
    wanted["pod"] = json!({
        "env": [
            { "name": "A", "valueFrom": { "secretKeyRef": { "name": "queue", "key": "more", "optional": true } } },
            { "name": "B", "valueFrom": { "secretKeyRef": { "name": "maybe", "key": "b", "optional": true } } },
            { "name": "C", "valueFrom": { "configMapKeyRef": { "name": "settings", "key": "c" } } },
        ],
        "envFrom": [{ "secretRef": { "name": "whole" } }, { "configMapRef": { "name": "settings", "optional": true } }],
        "imagePullSecrets": [{ "name": "pull" }, { "name": "pull" }],
    });
    let settings = settings(wanted);
    let secrets = used_secrets(&settings);
    assert_eq!(secrets.keys().collect::<Vec<_>>(), ["database", "maybe", "queue", "whole"]);
    assert_eq!(secrets["queue"].fields, ["spec.tengine.eventQueue.secretRef", "spec.pod.env[0]"]);
    assert_eq!(secrets["queue"].required_keys.iter().collect::<Vec<_>>(), ["password", "username"]);
    assert!(secrets["whole"].required && !secrets["maybe"].required);
    assert_eq!(secrets["whole"].fields, ["spec.pod.envFrom[0]"]);
    let maps = used_config_maps(&settings);
    assert!(maps["settings"].required && maps["settings"].required_keys.contains("c"));
    assert_eq!(pull_secrets(&settings), ["pull"]);
    assert_eq!(pull_secrets(&super::settings(plain())), ["registry"]);
}

#[test]
fn long_names_stay_names() {
    let (settings, deployment) = (settings(plain()), "a.b".repeat(21));
    let workload = workload(&settings);
    let owner = Owner { deployment: &deployment, ..workload.owner };
    for child in children(&Workload { owner, ..workload }) {
        assert!(child.name.as_ref().len() <= 63 && child.name.as_ref().parse::<crate::domain::ChildName>().is_ok());
        let labels = child.object.pointer("/metadata/labels").and_then(Value::as_object).unwrap();
        assert!(labels.values().all(|value| value.as_str().unwrap().len() <= 63));
    }
}

#[test]
fn pods_go_to_nodes_that_the_image_is_made_for() {
    let arm: Platform = "linux/arm64/v8".parse().unwrap();
    let settings = settings(with("/pod", json!({ "nodeSelector": { "disk": "ssd" } })));
    let selector = |rendering, platform| {
        let workload = Workload { platform, rendering, ..workload(&settings) };
        of(&children(&workload), Component::Core).pointer("/spec/template/spec/nodeSelector").cloned().unwrap()
    };
    let (user, both) = (
        json!({ "disk": "ssd" }),
        json!({ "disk": "ssd", "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64" }),
    );
    assert_eq!(selector(2, Some(&arm)), both);
    assert_eq!(selector(2, None), user, "nobody wrote down what it is made for");
    assert_eq!(selector(1, Some(&arm)), user, "an older release restarts nothing");
}

/// An object from before the door refused them may have them still.
#[test]
fn nobody_says_for_the_operator_whose_turn_it_is() {
    let given = json!({
        "labels": { "tengine.dev/turn": "7", "team": "ops" }, "annotations": { "tengine.dev/told-turn": "7", "note": "x" },
    });
    let settings = settings(with("/pod", given));
    let children = children(&workload(&settings));
    let metadata = of(&children, Component::Core).pointer("/spec/template/metadata").unwrap();
    assert_eq!((&metadata["labels"]["tengine.dev/turn"], &metadata["labels"]["team"]), (&Value::Null, &json!("ops")));
    let annotations = &metadata["annotations"];
    assert_eq!((&annotations["tengine.dev/told-turn"], &annotations["note"]), (&Value::Null, &json!("x")));
}
