//! The engines of `strategy.activeStandby.instances`, each with the spec of the TengineDeployment that it is. Those of `instancesFrom` are put
//! there by who reads ConfigMaps; as long as nobody did, there are none.

use super::check::Check;
use super::checks::WantedChecks;
use crate::api::v1alpha1::{
    ActiveStandby, Checks, PhaseName, PromotionSource, SecretReference, Settings, SourceSpec, Standby, Strategy,
    StrategyType, SwitchBack, Tengine, TengineDeployment, TengineDeploymentSpec,
};
use crate::domain::{ChildName, DeploymentName};
use crate::manifest;
use kube::ResourceExt as _;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Where they stand.
const FIELD: &str = "spec.strategy.activeStandby";

/// Engines that go from version to version together.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedFleet {
    /// Them, in the order of the spec.
    pub instances: Vec<WantedInstance>,
    /// Whether the primary nodes serve again in the end.
    pub switch_back: SwitchBack,
    /// The phases that a person begins.
    pub pause_before: BTreeSet<PhaseName>,
    /// How many of them may fail in a phase.
    pub max_failed: usize,
    /// How long a phase may take in one of them: what served finishes what it has in hand, cores load once or twice, and checks are made.
    pub allowance: Duration,
}

impl WantedFleet {
    /// How many engines.
    pub fn count(&self) -> i32 {
        i32::try_from(self.instances.len()).unwrap_or(i32::MAX)
    }

    /// The last phase that a version goes through.
    pub const fn last_phase(&self) -> i32 {
        match self.switch_back {
            SwitchBack::Automatic => 4,
            SwitchBack::Never => 3,
        }
    }
}

/// One engine.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedInstance {
    /// Its id.
    pub id: String,
    /// The TengineDeployment that it is.
    pub deployment: DeploymentName,
    /// What that says, but for the release and its settings.
    spec: TengineDeploymentSpec,
    /// What is laid over the settings of a release.
    own: Map<String, Value>,
}

impl WantedInstance {
    /// What its TengineDeployment is to say, to run the release of this name with these settings, in this passage.
    pub fn spec(&self, (release, passage): (&str, i64), settings: &Settings) -> TengineDeploymentSpec {
        let mut spec = self.spec.clone();
        spec.pod.clone_from(&settings.pod);
        if let Some(strategy) = &mut spec.strategy {
            strategy.progress_deadline = Some(format!("{}s", settings.progress_deadline_seconds));
        }
        // What was laid over other settings without a fault does not fail here but for a field that an older operator did not know.
        if let Ok(tengine) = laid_over(&settings.tengine, &self.own) {
            spec.tengine = tengine;
        }
        if let Some(promotion) = &mut spec.source.promotion {
            promotion.release = Some(release.to_owned());
            promotion.passage = Some(passage);
            promotion.secret_ref = settings.pull_secret.clone().map(|name| SecretReference { name });
        }
        spec
    }
}

/// Reads them, and gives the checks that are left to the deployment itself: what is asked of pods is asked where they are. Without instances, the
/// deployment is one engine itself, and all checks are its own.
pub(super) fn read(
    check: &mut Check,
    object: &TengineDeployment,
    checks: WantedChecks,
    progress_deadline: Duration,
) -> (Option<WantedFleet>, WantedChecks) {
    let strategy = object.spec.strategy.as_ref();
    let Some(given) = strategy.and_then(|strategy| strategy.active_standby.as_ref()) else { return (None, checks) };
    if strategy.and_then(|strategy| strategy.kind) != Some(StrategyType::ActiveStandby) {
        check.complain(format!("{FIELD}: only with strategy.type ActiveStandby"));
    }
    if !given.has_instances() {
        if given.switch_back.is_some() || !given.pause_before.is_empty() || given.max_failed.is_some() {
            check
                .complain(format!("{FIELD}: switchBack, pauseBefore and maxFailed are for instances or instancesFrom"));
        }
        return (None, checks);
    }
    let grace = manifest::time_to_end(object.spec.pod.as_ref());
    let allowance = progress_deadline * 2 + checks.allowance() + grace;
    let checks = WantedChecks { tests: checks.tests, ..WantedChecks::default() };
    (Some(fleet(check, object, given, allowance)), checks)
}

fn fleet(check: &mut Check, object: &TengineDeployment, given: &ActiveStandby, allowance: Duration) -> WantedFleet {
    let of = |id: &str| match given.instances_from {
        None => format!("{FIELD}.instances[{id}]"),
        Some(_) => format!("{FIELD}.instancesFrom, instance {id}"),
    };
    let mut ids = BTreeSet::new();
    let mut instances = Vec::new();
    for instance in &given.instances {
        let field = of(&instance.id);
        if !ids.insert(instance.id.as_str()) {
            check.complain(format!("{field}: the id is given twice"));
        }
        let own = instance.tengine.clone().unwrap_or_default();
        match laid_over(&object.spec.tengine, &own) {
            Ok(tengine) => instances.push(wanted(object, &instance.id, own, tengine)),
            Err(why) => check.complain(format!("{field}.tengine: {why}")),
        }
    }
    shared(check, of, &instances);
    let max_failed = given.max_failed.and_then(|most| usize::try_from(most).ok()).unwrap_or(0);
    let switch_back = given.switch_back.unwrap_or_default();
    let pause_before: BTreeSet<_> = given.pause_before.iter().copied().collect();
    if switch_back == SwitchBack::Never && pause_before.contains(&PhaseName::SwitchBack) {
        check.complain(format!("{FIELD}.pauseBefore: with switchBack Never there is no phase SwitchBack"));
    }
    if switch_back == SwitchBack::Never && given.standby == Some(Standby::Serves) {
        check.complain(format!("{FIELD}.switchBack: with standby Serves, primary nodes always serve again (phase 4)"));
    }
    WantedFleet { instances, switch_back, pause_before, max_failed, allowance }
}

/// Two engines on one queue would take each other's events, on one database misfile each other's drivers.
fn shared(check: &mut Check, of: impl Fn(&str) -> String, instances: &[WantedInstance]) {
    let mut known = BTreeMap::new();
    for instance in instances {
        for backend in backends(&instance.spec.tengine) {
            if let Some(other) = known.insert(backend.clone(), instance.id.clone()) {
                check.complain(format!("{}.tengine: {other} has the same {backend}", of(&instance.id)));
            }
        }
    }
}

/// The queue and the databases that cores with these settings use, in words that are the same for the same.
pub fn backends(tengine: &Tengine) -> BTreeSet<String> {
    let queue = tengine.event_queue.as_ref().map(|queue| {
        let (host, vhost) = (queue.host.to_ascii_lowercase(), queue.vhost.as_deref().unwrap_or("/"));
        format!("queue ({host}, port {}, vhost {vhost})", queue.port.unwrap_or(5672))
    });
    let databases = tengine.database.iter().flat_map(|database| {
        database.hosts.iter().map(|host| format!("database ({}, {})", host.to_ascii_lowercase(), database.name))
    });
    queue.into_iter().chain(databases).collect()
}

/// Settings, with an instance's own laid over them.
fn laid_over(common: &Tengine, own: &Map<String, Value>) -> Result<Tengine, String> {
    let mut merged = serde_json::to_value(common).map_err(|error| error.to_string())?;
    lay_over(&mut merged, own);
    let tengine: Tengine = serde_json::from_value(merged).map_err(|error| error.to_string())?;
    let understood = serde_json::to_value(&tengine).unwrap_or(Value::Null);
    match unknown(own, &understood) {
        Some(field) => Err(format!("{field}: spec.tengine has no such field")),
        None => Ok(tengine),
    }
}

/// Maps field by field, all else as a whole; what is null is taken away.
fn lay_over(under: &mut Value, over: &Map<String, Value>) {
    if !under.is_object() {
        *under = json!({});
    }
    for (name, value) in over {
        match value {
            Value::Null => drop(under.as_object_mut().and_then(|under| under.remove(name))),
            Value::Object(fields) => lay_over(&mut under[name.as_str()], fields),
            _ => under[name.as_str()] = value.clone(),
        }
    }
}

/// A field that was given and is not there.
fn unknown(given: &Map<String, Value>, understood: &Value) -> Option<String> {
    given.iter().filter(|(_, value)| !value.is_null()).find_map(|(name, value)| {
        match (understood.get(name.as_str()), value) {
            (None, Value::Object(fields)) if fields.is_empty() => None,
            (None, _) => Some(name.clone()),
            (Some(found), Value::Object(fields)) => unknown(fields, found).map(|field| format!("{name}.{field}")),
            (Some(_), _) => None,
        }
    })
}

/// The deployment's own words, but for where versions come from, and what is asked once for all.
fn wanted(object: &TengineDeployment, id: &str, own: Map<String, Value>, tengine: Tengine) -> WantedInstance {
    let spec = &object.spec;
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let promotion = PromotionSource {
        namespace: None,
        name: name.clone(),
        statuses: Vec::new(),
        release: None,
        passage: None,
        secret_ref: None,
    };
    let checks = spec.checks.as_ref().map(|checks| Checks { definition: None, tests: Vec::new(), ..checks.clone() });
    let strategy = spec.strategy.clone().unwrap_or_default();
    let standby = strategy.active_standby.as_ref().and_then(|given| given.standby);
    let active_standby = standby.map(|standby| ActiveStandby { standby: Some(standby), ..ActiveStandby::default() });
    WantedInstance {
        id: id.to_owned(),
        deployment: DeploymentName { namespace, name: ChildName::of_instance(&name, id).to_string() },
        own,
        spec: TengineDeploymentSpec {
            source: SourceSpec { git: None, promotion: Some(promotion), ..spec.source.clone() },
            image: None,
            tengine,
            checks: checks.filter(|checks| *checks != Checks::default()),
            strategy: Some(Strategy { active_standby, ..strategy }),
            gates: Vec::new(),
            environment: None,
            promotion: None,
            suspend: None,
            ..spec.clone()
        },
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::{Problem, validate};
    use serde_json::{Value, json};

    fn read(change: impl FnOnce(&mut Value)) -> Result<super::WantedFleet, Vec<String>> {
        let mut object: Value =
            serde_json::from_str(include_str!("../../../tests/chart/data/deployment.json")).unwrap();
        object["spec"]["tengine"]["eventQueue"] = json!({ "host": "mq", "vhost": "base" });
        object["spec"]["tengine"]["database"] = json!({ "hosts": ["db:1"], "name": "base" });
        let own = |name: &str| json!({ "eventQueue": { "vhost": name }, "database": { "name": name } });
        object["spec"]["strategy"] = json!({ "type": "ActiveStandby", "activeStandby": { "instances": [
            { "id": "001", "tengine": own("one") }, { "id": "002", "tengine": own("two") },
        ] } });
        change(&mut object["spec"]);
        let words = |problems: Vec<Problem>| problems.into_iter().map(|problem| problem.message).collect();
        validate(&serde_json::from_value(object).unwrap()).map(|desired| desired.fleet.unwrap()).map_err(words)
    }

    #[test]
    fn an_instance_is_a_deployment_with_its_own_queue_and_database_laid_over_those_of_all() {
        let fleet = read(|spec| spec["checks"] = json!({ "preflight": { "load": true } })).unwrap();
        let tengine = json!({ "eventQueue": { "host": "mq" }, "database": { "hosts": ["db:1"], "name": "base" } });
        let settings = json!({ "tengine": tengine, "pullSecret": "pull", "progressDeadlineSeconds": 600 });
        let spec = fleet.instances[1].spec(("billing-0001-4f2c1a9", 3), &serde_json::from_value(settings).unwrap());
        let spec = serde_json::to_value(spec).unwrap();
        let name = spec["source"]["promotion"]["name"].as_str().unwrap();
        assert_eq!(spec["source"]["promotion"]["release"], "billing-0001-4f2c1a9");
        assert_eq!(spec["source"]["promotion"]["passage"], 3);
        assert_eq!(spec["source"]["promotion"]["secretRef"]["name"], "pull", "of the release, as all settings are");
        assert_eq!(spec["strategy"]["progressDeadline"], "600s");
        assert!(fleet.instances[1].deployment.name.starts_with(name), "{:?}", fleet.instances[1].deployment);
        assert_eq!(spec["tengine"]["eventQueue"]["host"], "mq");
        assert_eq!(spec["tengine"]["eventQueue"]["vhost"], "two");
        assert_eq!(spec["tengine"]["database"], json!({ "hosts": ["db:1"], "name": "two" }));
        assert_eq!(spec["checks"], json!({ "preflight": { "load": true } }));
        assert_eq!(spec["strategy"]["type"], "ActiveStandby");
        assert!(spec["strategy"].get("activeStandby").is_none() && spec.get("image").is_none());
    }

    #[test]
    fn what_is_wrong_with_an_instance_is_told_by_its_id_and_field() {
        let instances = "/strategy/activeStandby/instances";
        let at = |spec: &mut Value, path: &str, value: Value| *spec.pointer_mut(path).unwrap() = value;
        let cases: [(&str, Value, &str); 6] = [
            (
                "/0/tengine/eventQueue/vhost",
                json!("two"),
                "instances[002].tengine: 001 has the same queue (mq, port 5672, vhost two)",
            ),
            ("/0/tengine/database/name", json!("two"), "instances[002].tengine: 001 has the same database (db:1, two)"),
            ("/1/id", json!("001"), "instances[001]: the id is given twice"),
            (
                "/0/tengine",
                json!({ "eventQueue": { "vhots": "x" } }),
                "eventQueue.vhots: spec.tengine has no such field",
            ),
            ("/0/tengine", json!({ "eventQueue": { "port": "x" } }), "instances[001].tengine: invalid type"),
            ("/0/tengine", json!({ "database": { "name": null } }), "instances[001].tengine: missing field `name`"),
        ];
        for (path, value, told) in cases {
            let problems = read(|spec| at(spec, &format!("{instances}{path}"), value)).unwrap_err();
            assert!(problems.iter().any(|problem| problem.contains(told)), "{told}: {problems:?}");
        }
        let problems = read(|spec| {
            let of_phases = &mut spec["strategy"]["activeStandby"];
            (of_phases["switchBack"], of_phases["pauseBefore"]) = (json!("Never"), json!(["SwitchBack"]));
        });
        let told = "spec.strategy.activeStandby.pauseBefore: with switchBack Never there is no phase SwitchBack";
        assert_eq!(problems.unwrap_err(), [told]);
        let problems = read(|spec| spec["strategy"]["type"] = json!("HandOver")).unwrap_err();
        assert_eq!(problems, ["spec.strategy.activeStandby: only with strategy.type ActiveStandby"]);
    }
}
