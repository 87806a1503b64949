//! What there is at the end of a life, told so that two lives can be compared.
//!
//! Left out, because it differs from one undisturbed life to the next: times and what is counted by them, versions and UIDs of objects,
//! addresses, what the pods' random names are, and pods that are about to be gone. Left out, because a kill may differ it: how often a build was begun, Events (an
//! operator that comes back may tell one again, or one may be lost with it), and Jobs' own counts. Where a life is played (namespace,
//! virtual host, database, repository of images) is replaced by one word in all of them, and a release is called by its number.

use crate::stage::run;
use serde_json::{Value, json};

/// What an operator makes, and what people see.
const KINDS: &str = "tenginedeployments,tenginereleases,tengineactions,deployments,configmaps,jobs,pods,services,\
                     serviceaccounts,secrets,poddisruptionbudgets,networkpolicies";

/// All that there is in a namespace, and in a repository of images.
pub async fn of(space: &str, repository: &str) -> Value {
    let list = run("kubectl", &["-n", space, "get", KINDS, "-o", "json"], "").await;
    let list: Value = serde_json::from_str(&list).unwrap();
    let objects = list["items"].as_array().unwrap();
    let of_kind = |kind: &str| objects.iter().filter(|object| object["kind"] == kind).collect::<Vec<_>>();
    let mut releases = of_kind("TengineRelease");
    releases.sort_by_key(|release| release["spec"]["number"].as_i64());
    let mut actions = of_kind("TengineAction");
    actions.sort_by_key(|action| action["metadata"]["creationTimestamp"].to_string());
    let end = json!({
        "deployment": of_kind("TengineDeployment").into_iter().map(deployment).collect::<Vec<_>>(),
        "releases": releases.iter().map(|release| self::release(release)).collect::<Vec<_>>(),
        "actions": actions.into_iter().map(|action| json!([action["spec"]["action"], answer(action)])).collect::<Vec<_>>(),
        "children": children(objects),
        "images": images(repository).await,
    });
    let numbers = releases.iter().map(|release| (&release["metadata"]["name"], &release["spec"]["number"]));
    let text = numbers.fold(end.to_string(), |text, (name, number)| {
        text.replace(name.as_str().unwrap(), &format!("release {number}"))
    });
    serde_json::from_str(&text.replace(space, "LIFE")).unwrap()
}

fn deployment(object: &Value) -> Value {
    let status = &object["status"];
    let who = |of: &str| json!([status[of]["commit"], status[of]["release"]]);
    json!({
        "conditions": conditions(object), "source": status["source"]["commit"],
        "current": who("current"), "next": who("next"), "lastVerified": who("lastVerified"),
        "replicas": status["replicas"], "ready": status["readyReplicas"],
    })
}

fn release(object: &Value) -> Value {
    let (spec, status) = (&object["spec"], &object["status"]);
    let each = |of: &str, fields: [&str; 2]| {
        let all = status[of].as_array().into_iter().flatten();
        all.map(|one| json!([one[fields[0]], one[fields[1]]])).collect::<Vec<_>>()
    };
    json!({
        "number": spec["number"], "commit": spec["commit"], "reason": spec["reason"], "revision": spec["revision"],
        "state": status["state"], "live": status["live"], "image": status["image"], "tree": status["tree"],
        "version": status["dslVersion"], "changes": status["changes"], "changed": status["changed"],
        "steps": each("steps", ["name", "state"]), "words": each("statuses", ["name", "by"]),
        "conditions": conditions(object),
        "verified": status["verifiedAt"].is_string(), "served": status["servedAt"].is_string(),
        "rejected": status["rejectedAt"].is_string(), "evidence": status["evidence"].is_string(),
    })
}

fn conditions(object: &Value) -> Vec<String> {
    let all = object["status"]["conditions"].as_array().into_iter().flatten();
    let word = |condition: &Value, of: &str| condition[of].as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = all.map(|one| ["type", "status", "reason"].map(|of| word(one, of)).join(" ")).collect();
    all.sort();
    all
}

fn answer(action: &Value) -> Value {
    let status = &action["status"];
    json!([status["outcome"], status["message"], status["release"]])
}

/// What belongs to the deployment, by kind: what it is for, how many pods it has, and of which image.
fn children(objects: &[Value]) -> Vec<String> {
    let ours = objects.iter().filter(|object| {
        let kind = object["kind"].as_str().unwrap();
        object["metadata"]["labels"]["tengine.dev/deployment"].is_string()
            && !kind.starts_with("Tengine")
            && object["metadata"]["deletionTimestamp"].is_null()
    });
    let mut told: Vec<_> = ours
        .map(|object| {
            let component = object["metadata"]["labels"]["app.kubernetes.io/component"].as_str().unwrap_or("-");
            let template = &object["spec"]["template"]["spec"];
            let pod = if template.is_object() { template } else { &object["spec"] };
            let phase = object["status"]["phase"].as_str().unwrap_or("-");
            let (kind, replicas, image) =
                (&object["kind"], &object["spec"]["replicas"], &pod["containers"][0]["image"]);
            format!("{kind} {component} replicas {replicas} image {image} phase {phase}")
        })
        .collect();
    told.sort();
    told
}

/// Tags of a life's repository, and what each stands for.
async fn images(repository: &str) -> Vec<String> {
    let tags = run("crane", &["ls", repository], "").await;
    let mut told = vec![];
    for tag in tags.lines() {
        let digest = run("crane", &["digest", &format!("{repository}:{tag}")], "").await;
        told.push(format!("{tag} {}", digest.trim()));
    }
    told.sort();
    told
}
