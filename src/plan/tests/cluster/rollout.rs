//! What the Deployment controller, the kubelet and the cores do in a second.

use super::{Cluster, Environment, Running, TAINTED, Template, process, texts};
use crate::manifest;
use crate::plan::tests::world::Definition;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Cluster {
    /// What the Deployment controller, the kubelet and the cores do in a second.
    pub fn second(&mut self, images: &BTreeMap<String, Definition>, now: Timestamp) {
        let before = Self { before: None, ..self.clone() };
        let environment = self.environment;
        self.pods
            .retain(|pod| !pod.has_ended(environment.in_hand, now) || environment.node_lost || pod.silent.is_some());
        let is_late =
            |pod: &&mut Running| pod.silent.is_some_and(|since| now.duration_since(since).as_secs() >= TAINTED);
        self.pods.iter_mut().filter(is_late).for_each(|pod| pod.end(now));
        for pod in self.pods.iter_mut().filter(|pod| !self.deployments.contains_key(&pod.owner)) {
            pod.end(now);
        }
        for name in self.deployments.keys().cloned().collect::<Vec<_>>() {
            self.roll(&name, now);
        }
        let serves = self.serves();
        let starting: Vec<(String, bool)> =
            self.cores().map(|pod| (pod.image.clone(), pod.core_ready || pod.loaded.is_some())).collect();
        for pod in self.pods.iter_mut().filter(|pod| pod.counts()) {
            pod.begun = pod.turn.is_none() || pod.told || pod.turn == serves;
            let alone = starting.iter().filter(|(image, _)| *image == pod.image).count() < 2
                || starting.iter().any(|(image, loaded)| *image == pod.image && *loaded);
            let definition = images.get(&pod.image).copied().unwrap_or(Definition::Good);
            pod.second(definition, Environment { races: environment.races && !alone, ..environment }, now);
        }
        if environment.meddled && now.as_second() % 7 == 0 {
            self.deployments.values_mut().map(Arc::make_mut).for_each(meddle);
        }
        self.tell_of_pods();
        self.before = Some(Box::new(before));
    }

    /// What Deployments say of their pods is written where it changed.
    fn tell_of_pods(&mut self) {
        for (name, object) in &mut self.deployments {
            let mine = self.pods.iter().filter(|pod| pod.owner == *name && pod.counts());
            let pods = mine.map(|pod| (pod.number, pod.ready)).collect();
            let said = (object["status"]["observedGeneration"].as_i64(), pods);
            if self.said.get(name) != Some(&said) {
                self.writes.note(Arc::make_mut(object));
                self.said.insert(name.clone(), said);
            }
        }
    }

    fn roll(&mut self, name: &str, now: Timestamp) {
        let object = Arc::clone(&self.deployments[name]);
        let generation = object["metadata"]["generation"].clone();
        let noticed = self.noticed.insert(name.to_owned(), generation.clone());
        if self.environment.slow && noticed.as_ref() != Some(&generation) {
            return;
        }
        let status = json!({ "observedGeneration": generation });
        if object["status"] != status {
            Arc::make_mut(self.deployments.get_mut(name).unwrap())["status"] = status;
        }
        let template = self.text(name);
        let wanted = usize::try_from(object["spec"]["replicas"].as_i64().unwrap()).unwrap();
        // A paused one is scaled, and takes nothing up (deployment_controller.go: `syncDeployment`).
        if self.scale(name, (&template, wanted), now) || self.environment.paused {
            return;
        }
        if object["spec"]["strategy"]["type"] == "Recreate" && self.has_others(name, &template) {
            // No template is taken up before the pods of the one before are gone (deployment/recreate.go): until then the Deployment
            // speaks of its new generation, and still has the number of the old template. Pods are told to end a moment later.
            if object["status"]["observedGeneration"] == generation {
                for pod in self.pods.iter_mut().filter(|pod| pod.owner == name && pod.template != template) {
                    pod.end(now);
                }
            }
            return;
        }
        self.take_up(name, &object, &template);
        self.make_room(name, (&template, wanted), now);
        self.start(name, &object, (template, wanted), now);
    }

    /// Where another number is wanted, the pods of the template that was taken up last are brought to it before a new one is
    /// (deployment/sync.go: `isScalingEvent`, `scale`).
    fn scale(&mut self, name: &str, (template, wanted): (&Arc<str>, usize), now: Timestamp) -> bool {
        let before = self.scaled.insert(name.to_owned(), wanted);
        let taken_up = self.templates_of(name).max_by_key(|set| set.revision);
        let Some(old) = taken_up.map(|set| Arc::clone(&set.text)).filter(|old| old != template) else { return false };
        let (there, _) = self.new_and_old(name, &old);
        if there == 0 || before.is_none_or(|before| before == wanted) {
            return false;
        }
        let is_old = |pod: &&mut Running| pod.owner == name && pod.counts() && pod.template == old;
        self.pods.iter_mut().filter(is_old).skip(wanted).for_each(|pod| pod.end(now));
        let parsed: Value = serde_json::from_str(&old).unwrap();
        for _ in there..wanted {
            self.add(name, &parsed, old.clone(), now);
        }
        true
    }

    /// The template of a Deployment in words.
    fn text(&mut self, name: &str) -> Arc<str> {
        let object = &self.deployments[name];
        match self.texts.get(name) {
            Some((of, text)) if Arc::ptr_eq(of, object) => Arc::clone(text),
            _ => {
                let text: Arc<str> = object["spec"]["template"].to_string().into();
                self.texts.insert(name.to_owned(), (Arc::clone(object), Arc::clone(&text)));
                text
            }
        }
    }

    fn add(&mut self, name: &str, template: &Value, text: Arc<str>, now: Timestamp) {
        self.made += 1;
        let turn = manifest::turn_of(texts(&template["metadata"]["labels"]).iter());
        let image = template["spec"]["containers"][0]["image"].as_str().unwrap().to_owned();
        let pod = Running::new(self.made, process(name), text, image, now);
        self.pods.push(Running { owner: name.into(), turn, ..pod });
    }

    /// Whether there are pods of another template, or some that end.
    fn has_others(&self, name: &str, template: &str) -> bool {
        let ending = |pod: &Running| pod.ends_by.is_some() && !pod.evicted;
        let mut mine = self.pods.iter().filter(|pod| pod.owner == name);
        mine.any(|pod| ending(pod) || pod.counts() && *pod.template != *template)
    }

    /// How many pods there are of a template, and how many of others.
    fn new_and_old(&self, name: &str, template: &str) -> (usize, usize) {
        let mine = self.pods.iter().filter(|pod| pod.owner == name && pod.counts());
        let (new, old): (Vec<_>, Vec<_>) = mine.partition(|pod| *pod.template == *template);
        (new.len(), old.len())
    }

    /// One pod too many is told to end.
    fn make_room(&mut self, name: &str, (template, wanted): (&str, usize), now: Timestamp) {
        let (new, old) = self.new_and_old(name, template);
        if new + old <= wanted {
            return;
        }
        let ready = self.pods.iter().filter(|pod| pod.owner == name && pod.counts() && pod.ready).count();
        let is_old = |pod: &&mut Running| pod.owner == name && pod.counts() && *pod.template != *template;
        // Old pods that never got ready are the first to go.
        let broken = self.pods.iter_mut().filter(is_old).find(|pod| !pod.ready);
        if let Some(pod) = broken {
            pod.end(now);
        } else if ready > wanted || new > wanted {
            let mut mine = self.pods.iter_mut().filter(|pod| pod.owner == name && pod.counts());
            let any = if old > 0 { mine.find(|pod| *pod.template != *template) } else { mine.next() };
            if let Some(pod) = any {
                pod.end(now);
            }
        }
    }

    /// One pod more is made, where one is missing and there may be so many.
    fn start(&mut self, name: &str, object: &Value, (template, wanted): (Arc<str>, usize), now: Timestamp) {
        let surge = &object["spec"]["strategy"]["rollingUpdate"]["maxSurge"];
        let surge = surge.as_u64().map_or_else(|| wanted.div_ceil(4).max(1), |one| usize::try_from(one).unwrap());
        let (new, old) = self.new_and_old(name, &template);
        if new < wanted && new + old < wanted + surge && !self.environment.quota {
            self.add(name, &object["spec"]["template"], template, now);
        }
    }

    /// A template gets the next number whenever it becomes the present one.
    fn take_up(&mut self, name: &str, object: &Value, text: &Arc<str>) {
        let uid = object["metadata"]["uid"].as_str().unwrap();
        let mine = |set: &Template| set.uid == uid;
        let newest = self.templates.iter().filter(|set| mine(set)).map(|set| set.revision).max().unwrap_or(0);
        let release =
            object["metadata"]["annotations"][manifest::RELEASE_ANNOTATION].as_str().unwrap_or_default().to_owned();
        match self.templates.iter_mut().find(|set| mine(set) && set.text == *text) {
            Some(known) if known.revision == newest => known.release = release,
            Some(known) => (known.revision, known.release) = (newest + 1, release),
            None => self.templates.push(Template {
                hash: Template::hash(process(name), text),
                owner: name.into(),
                uid: uid.into(),
                text: Arc::clone(text),
                revision: newest + 1,
                release,
            }),
        }
    }
}

/// A field that is ours is written by somebody else.
fn meddle(object: &mut Value) {
    object["metadata"]["generation"] = json!(object["metadata"]["generation"].as_i64().unwrap() + 1);
    object["spec"]["minReadySeconds"] = json!(7);
}
