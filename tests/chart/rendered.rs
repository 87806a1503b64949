//! What `helm template` makes of the chart.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::{CHART, repository};

/// Said aloud: a helm built from source takes every cluster for an old one unless told otherwise.
const KUBERNETES: &str = "1.34.0";

/// Runs helm in the repository; `None` where there is no helm and nobody insists on it.
fn helm(args: &[&str]) -> Option<Output> {
    match Command::new("helm").args(args).current_dir(repository("")).output() {
        Ok(output) => Some(output),
        Err(error) => {
            let insists = ["CI", "KUBECONFIG"].iter().any(|name| std::env::var_os(name).is_some());
            assert!(!insists, "helm cannot be run: {error}");
            eprintln!("skipped: there is no helm");
            None
        }
    }
}

fn ci(name: &str) -> String {
    match name {
        // Kinds of the Prometheus operator, which an ordinary cluster does not know.
        "monitoring" => "tests/chart/monitoring-values.yaml".into(),
        _ => format!("{CHART}/ci/{name}-values.yaml"),
    }
}

/// The objects rendered with the values of that name, and more flags.
pub(crate) fn render(release: &str, namespace: &str, values: &str, more: &[&str]) -> Option<Vec<Value>> {
    let values = ci(values);
    let flags = ["template", release, CHART, "-n", namespace, "-f", &values, "--kube-version", KUBERNETES];
    let output = helm(&flags.iter().chain(more).copied().collect::<Vec<_>>())?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(serde_saphyr::from_multiple::<Value>(&text).unwrap())
}

fn objects(values: &str) -> Option<Vec<Value>> {
    render("tengine-operator", "tengine-system", values, &[])
}

pub(crate) fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

fn names(objects: &[&Value]) -> Vec<String> {
    let field = |object: &Value, at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    objects.iter().map(|o| format!("{}/{}", field(o, "/metadata/namespace"), field(o, "/metadata/name"))).collect()
}

#[test]
fn helm_lint_is_content() {
    for name in ["cluster", "namespaces", "monitoring"] {
        let Some(output) = helm(&["lint", "--strict", CHART, "-f", &ci(name)]) else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn without_a_repository_the_chart_says_what_to_set() {
    let Some(output) = helm(&["template", "x", CHART, "--kube-version", KUBERNETES]) else { return };
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("image.repository must be set"));
}

#[test]
fn definitions_stay_when_the_chart_goes() {
    let Some(objects) = objects("cluster") else { return };
    let definitions = of_kind(&objects, "CustomResourceDefinition");
    assert_eq!(definitions.len(), 3);
    for definition in definitions {
        assert_eq!(definition.pointer("/metadata/annotations/helm.sh~1resource-policy"), Some(&json!("keep")));
    }
}

#[test]
fn with_namespaces_nothing_is_granted_cluster_wide_but_a_look_at_the_policy_of_actions() {
    let Some(objects) = objects("namespaces") else { return };
    assert!(of_kind(&objects, "CustomResourceDefinition").is_empty());
    let bound = bound(&objects);
    let roles = of_kind(&objects, "ClusterRole").into_iter().filter(|role| bound.contains(&role["metadata"]["name"]));
    let granted: Vec<_> = roles.flat_map(|role| role["rules"].as_array().unwrap()).collect();
    let look = json!({
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
        "resourceNames": ["tengine-operator-actions"],
        "verbs": ["get", "list", "watch"],
    });
    assert_eq!(granted, [&look]);
    let expected = ["/tengine-operator-policy".to_owned()];
    assert_eq!(names(&of_kind(&objects, "ClusterRoleBinding")), expected);
    let expected = ["tengine-system/tengine-operator-lease", "staging/tengine-operator", "production/tengine-operator"];
    let of = |kind| names(&of_kind(&objects, kind)).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(of("Role"), expected.map(str::to_owned).into());
    assert_eq!(of("RoleBinding"), expected.map(str::to_owned).into());
    let env = container(&objects)["env"].as_array().unwrap().clone();
    assert!(env.contains(&json!({"name": "TENGINE_OPERATOR_NAMESPACES", "value": "staging,production"})));
}

/// What the operator must never be granted: whatever the chart gains, not this.
#[test]
fn the_operator_is_granted_no_more_than_it_needs() {
    for name in ["cluster", "namespaces"] {
        let Some(objects) = objects(name) else { return };
        let roles = of_kind(&objects, "Role").into_iter().chain(of_kind(&objects, "ClusterRole"));
        let bound = bound(&objects);
        let own = roles.filter(|role| bound.contains(&role["metadata"]["name"]));
        for rule in own.flat_map(|role| role["rules"].as_array().unwrap()) {
            check_rule(rule);
        }
    }
}

/// The names of the roles that somebody has: the operator. The others are for people, and bound by who installs it.
fn bound(objects: &[Value]) -> Vec<Value> {
    let bindings = of_kind(objects, "RoleBinding").into_iter().chain(of_kind(objects, "ClusterRoleBinding"));
    bindings.map(|binding| binding["roleRef"]["name"].clone()).collect()
}

fn check_rule(rule: &Value) {
    let list =
        |key: &str| -> BTreeSet<&str> { rule[key].as_array().unwrap().iter().filter_map(Value::as_str).collect() };
    let (resources, verbs) = (list("resources"), list("verbs"));
    assert!(!resources.contains("*") && !verbs.contains("*") && !list("apiGroups").contains("*"), "{rule}");
    for forbidden in ["impersonate", "escalate", "bind", "deletecollection"] {
        assert!(!verbs.contains(forbidden), "{rule}");
    }
    for resource in &resources {
        let allowed: &[&str] = match *resource {
            "pods" => &["get", "list", "watch", "patch"],
            "secrets" | "serviceaccounts" | "replicasets" => &["get", "list", "watch"],
            "validatingadmissionpolicies" | "validatingadmissionpolicybindings" => {
                assert_eq!(rule["resourceNames"].as_array().map(Vec::len), Some(1), "{rule}");
                &["get", "list", "watch"]
            }
            "pods/log" => &["get"],
            "jobs" => &["get", "list", "watch", "create", "delete"],
            "leases" => &["get", "update", "create"],
            "events" => &["create", "patch"],
            "tenginedeployments/status" | "tenginereleases/status" | "tengineactions/status" => &["get", "patch"],
            "tengineactions" => &["get", "list", "watch", "delete"],
            "tenginedeployments/finalizers" | "tenginereleases/finalizers" => &["update"],
            // Of TengineDeployments it writes those that are instances of another one.
            "deployments" | "configmaps" | "poddisruptionbudgets" | "tenginereleases" | "tenginedeployments" => {
                &["get", "list", "watch", "create", "patch", "delete"]
            }
            other => panic!("{other} is granted and nobody said why"),
        };
        assert!(verbs.iter().all(|verb| allowed.contains(verb)), "{resource}: {verbs:?}");
    }
}

fn container(objects: &[Value]) -> &Value {
    of_kind(objects, "Deployment")[0].pointer("/spec/template/spec/containers/0").unwrap()
}

#[test]
fn the_pod_satisfies_the_restricted_profile() {
    let Some(objects) = objects("cluster") else { return };
    let pod = of_kind(&objects, "Deployment")[0].pointer("/spec/template/spec").unwrap();
    assert_eq!(pod.pointer("/securityContext/runAsNonRoot"), Some(&json!(true)));
    assert_eq!(pod.pointer("/securityContext/seccompProfile/type"), Some(&json!("RuntimeDefault")));
    let expected = json!({
        "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
    });
    assert_eq!(container(&objects)["securityContext"], expected);
}

#[test]
fn user_and_group_can_be_left_to_the_platform() {
    let values = |more: &[&str]| render("tengine-operator", "tengine-system", "cluster", more);
    let context = |objects: &[Value]| {
        of_kind(objects, "Deployment")[0].pointer("/spec/template/spec/securityContext").unwrap().clone()
    };
    let Some(left) = values(&["--set", "platformUser=true"]) else { return };
    assert_eq!(context(&left), json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}}));
    assert_eq!(context(&values(&[]).unwrap())["runAsUser"], json!(65532));
}

#[test]
fn workers_that_do_not_fit_into_the_container_are_refused() {
    let refusal = |set: &str| {
        let values = ci("cluster");
        let output = helm(&["template", "x", CHART, "-f", &values, "--kube-version", KUBERNETES, "--set", set])?;
        Some((output.status.success(), String::from_utf8(output.stderr).unwrap()))
    };
    for set in
        ["worker.memory=2Gi", "worker.concurrency=3", "resources.limits.memory=1Gi", "resources.limits.memory=500000k"]
    {
        let Some((taken, told)) = refusal(set) else { return };
        assert!(!taken && told.contains("resources.limits.memory:"), "{set}: {told}");
    }
    for set in ["worker.memory=512Mi", "resources.limits.memory=5G", "resources.limits=null", "resources=null"] {
        let (taken, told) = refusal(set).unwrap();
        assert!(taken, "{set}: {told}");
    }
}

/// Its name, as policy, binding, role and operator have it; and whether it is needed.
#[test]
fn the_operator_looks_for_the_policy_that_the_chart_makes_or_names() {
    let rendered = |more: &[&str]| {
        let objects = render("tengine-operator", "tengine-system", "cluster", more)?;
        let env = container(&objects)["env"].clone();
        let env = |name: &str| env.as_array().unwrap().iter().find(|it| it["name"] == name).unwrap()["value"].clone();
        let of = |kind| names(&of_kind(&objects, kind));
        let made = [of("ValidatingAdmissionPolicy"), of("ValidatingAdmissionPolicyBinding")].concat();
        let role =
            of_kind(&objects, "ClusterRole").iter().any(|role| role["metadata"]["name"] == "tengine-operator-policy");
        Some((made, role, env("TENGINE_OPERATOR_ACTION_POLICY"), env("TENGINE_OPERATOR_TRUST_ANYBODY")))
    };
    let both = |name: &str| vec![format!("/{name}"); 2];
    let Some(usual) = rendered(&[]) else { return };
    let name = "tengine-operator-actions";
    assert_eq!(usual, (both(name), true, json!(name), json!("false")));
    let other = rendered(&["--set", "actionPolicy.create=false,actionPolicy.name=ours"]).unwrap();
    assert_eq!(other, (vec![], true, json!("ours"), json!("false")));
    let trusting = rendered(&["--set", "actionPolicy.create=false,actionPolicy.required=false"]).unwrap();
    assert_eq!((trusting.1, &trusting.3), (false, &json!("true")));
}

#[test]
fn every_variable_of_the_pod_is_one_that_the_program_reads() {
    let Some(objects) = render("tengine-operator", "tengine-system", "cluster", &["--set", "shards=2"]) else { return };
    let help = Command::new(env!("CARGO_BIN_EXE_tengine-operator")).args(["run", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for variable in container(&objects)["env"].as_array().unwrap() {
        let name = variable["name"].as_str().unwrap();
        if name.starts_with("TENGINE_OPERATOR_") {
            assert!(help.contains(&format!("[env: {name}=")), "{name} is no flag's");
        }
    }
}

#[test]
fn a_digest_wins_over_the_tag() {
    let Some(objects) = objects("cluster") else { return };
    let image = container(&objects)["image"].as_str().unwrap();
    assert!(image.contains("/tengine-operator@sha256:"), "{image}");
}

/// Each shard has pods, a budget and a Lease of its own; all else is there once, and without shards nothing is called after one.
#[test]
fn each_shard_has_a_deployment_of_its_own() {
    let Some(one) = render("tengine-operator", "tengine-system", "cluster", &["--set", "shards=1"]) else { return };
    assert_eq!(Some(&one), objects("cluster").as_ref());
    assert!(!json!(one).to_string().contains("shard-") && !json!(one).to_string().contains("TENGINE_OPERATOR_SHARD"));
    let three = render("tengine-operator", "tengine-system", "cluster", &["--set", "shards=3"]).unwrap();
    let of_each = ["shard-1", "shard-2", "shard-3"].map(|shard| format!("tengine-system/tengine-operator-{shard}"));
    for kind in ["Deployment", "PodDisruptionBudget"] {
        let found = of_kind(&three, kind);
        assert_eq!(names(&found), of_each, "{kind}");
        for (number, object) in (1..).zip(found) {
            let selector = object.pointer("/spec/selector/matchLabels/tengine.dev~1shard");
            assert_eq!(selector, Some(&json!(format!("{number}"))), "{kind}");
        }
    }
    for (number, deployment) in (1..).zip(of_kind(&three, "Deployment")) {
        let (selector, template) = (&deployment["spec"]["selector"]["matchLabels"], &deployment["spec"]["template"]);
        let labels = &template["metadata"]["labels"];
        assert!(selector.as_object().unwrap().iter().all(|(label, value)| labels[label] == *value), "{labels}");
        let env = template.pointer("/spec/containers/0/env").unwrap().as_array().unwrap();
        let which = json!({"name": "TENGINE_OPERATOR_SHARD", "value": format!("{number}/3")});
        assert!(
            env.contains(&which)
                && env.contains(&json!({"name": "TENGINE_OPERATOR_LEASE_NAME", "value": "tengine-operator"}))
        );
    }
    let lease =
        of_kind(&three, "Role").into_iter().find(|role| role["metadata"]["name"] == "tengine-operator-lease").unwrap();
    let leases = ["", "-shard-1", "-shard-2", "-shard-3"].map(|shard| format!("tengine-operator{shard}"));
    assert_eq!(lease["rules"][0]["resourceNames"], json!(leases));
    let shared_by_all = |objects: &[Value]| {
        let shared =
            |object: &&Value| !["Deployment", "PodDisruptionBudget"].contains(&object["kind"].as_str().unwrap());
        names(&objects.iter().filter(shared).collect::<Vec<_>>())
    };
    assert_eq!(shared_by_all(&one), shared_by_all(&three));
}

#[test]
fn that_one_of_several_shards_has_no_leader_is_alerted() {
    let alert = |shards: &str| {
        let objects = render("tengine-operator", "tengine-system", "monitoring", &["--set", shards])?;
        let rules = of_kind(&objects, "PrometheusRule")[0].pointer("/spec/groups/0/rules").unwrap().clone();
        Some(rules.as_array().unwrap()[0]["expr"].as_str().unwrap().to_owned())
    };
    let Some(one) = alert("shards=1") else { return };
    assert!(one.starts_with("(max(tengine_operator_leader{") && one.ends_with(" == 0"), "{one}");
    let three = alert("shards=3").unwrap();
    assert!(three.starts_with("(sum(tengine_operator_leader{") && three.ends_with(" < 3"), "{three}");
}
