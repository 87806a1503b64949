//! The rules at the door before a real API server (`eval "$(hack/cluster env)"`): it takes them, within its budget, and says
//! what the table says.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::read;

/// The definition under a group of its own, so that nobody else's objects are touched.
struct Door {
    group: String,
}

impl Door {
    fn open() -> Option<Self> {
        if std::env::var_os("KUBECONFIG").is_none() {
            eprintln!("skipped: KUBECONFIG is not set");
            return None;
        }
        let door = Self { group: format!("door-{}.tengine.dev", std::process::id()) };
        let mut definition = tengine_operator::api::crds()[0].clone();
        definition["metadata"]["name"] = json!(format!("tenginedeployments.{}", door.group));
        definition["spec"]["group"] = json!(door.group);
        // Who uses the cluster meanwhile means the real ones by `td`.
        definition["spec"]["names"]["shortNames"] = json!([]);
        let applied = kubectl(&["create", "-f", "-"], &definition);
        assert!(applied.status.success(), "{}", String::from_utf8_lossy(&applied.stderr));
        // Its objects are taken a moment after the definition is.
        let deadline = Instant::now() + Duration::from_mins(1);
        while !door.offer(&example()).status.success() {
            assert!(Instant::now() < deadline, "{}", String::from_utf8_lossy(&door.offer(&example()).stderr));
        }
        Some(door)
    }

    /// What the API server says to an object, which is not kept.
    fn offer(&self, object: &Value) -> Output {
        let mut object = object.clone();
        object["apiVersion"] = json!(format!("{}/v1alpha1", self.group));
        kubectl(&["create", "--dry-run=server", "-n", "default", "-f", "-"], &object)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let name = format!("tenginedeployments.{}", self.group);
        let _ = Command::new("kubectl").args(["delete", "--wait=false", "crd", &name]).output();
    }
}

fn kubectl(args: &[&str], object: &Value) -> Output {
    let mut child = Command::new("kubectl")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(object.to_string().as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn example() -> Value {
    serde_json::from_str(&read("tests/chart/data/deployment.json")).unwrap()
}

#[test]
fn the_api_server_says_what_is_wrong() {
    let Some(door) = Door::open() else { return };
    for case in serde_json::from_str::<Vec<Value>>(&read("tests/chart/data/door.json")).unwrap() {
        let mut object = example();
        let (parent, key) = case["at"].as_str().unwrap().rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[key] = case["value"].clone();
        let output = door.offer(&object);
        let (says, told) = (case["says"].as_str().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
        assert_eq!(output.status.success(), says.is_empty(), "{case}: {told}");
        assert!(told.contains(says), "{case}: {told}");
    }
}
