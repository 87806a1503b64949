//! Events: one for each fact.
//!
//! Two events are the same fact if everything in them is the same, the text included; such a one is counted, for as long as
//! people look at it as one series. kube's own recorder merges by reason and keeps the first text, so that a later commit would
//! be told of in the words of an earlier one.

use super::error::{Error, within};
use crate::api::v1alpha1::TengineDeployment;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::events::v1::{Event, EventSeries};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A fact that is not repeated for so long is told anew.
const SERIES: SignedDuration = SignedDuration::from_mins(6);
/// What the API server takes of a text, in bytes.
const LONGEST_NOTE: usize = 1024;

/// What an event tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fact {
    /// Whether somebody should look at it.
    pub warning: bool,
    /// Which condition turned.
    pub action: String,
    /// Its reason.
    pub reason: String,
    /// Its message.
    pub note: String,
}

/// An event that was published.
#[derive(Debug, Clone)]
struct Told {
    name: String,
    count: i32,
    last: Timestamp,
}

/// Publishes events of deployments.
pub struct Events {
    client: Client,
    reporter: &'static str,
    known: Mutex<HashMap<(String, Fact), Told>>,
}

impl Events {
    /// Events that `reporter` tells.
    pub fn new(client: Client, reporter: &'static str) -> Self {
        Self { client, reporter, known: Mutex::default() }
    }

    /// Tells a fact, or that it is so once more.
    pub async fn publish(&self, object: &TengineDeployment, mut fact: Fact) -> Result<(), Error> {
        fact.note.truncate(fact.note.floor_char_boundary(LONGEST_NOTE));
        let now = Timestamp::now();
        let api: Api<Event> = Api::namespaced(self.client.clone(), &object.namespace().unwrap_or_default());
        let key = (object.uid().unwrap_or_default(), fact);
        if let Some(told) = self.recent(&key, now) {
            let series = EventSeries { count: told.count, last_observed_time: MicroTime(now) };
            let patch = Patch::Merge(json!({ "series": series }));
            let what = "publishing an event again";
            match within(what, api.patch(&told.name, &PatchParams::default(), &patch)).await {
                // Events end after a while, and people remove them.
                Err(error) if error.code() == Some(404) => {}
                outcome => {
                    outcome?;
                    self.keep(key, told);
                    return Ok(());
                }
            }
        }
        let event = self.event(object, &key.1, now);
        let name = event.name_any();
        within("publishing an event", api.create(&PostParams::default(), &event)).await?;
        self.keep(key, Told { name, count: 1, last: now });
        Ok(())
    }

    /// The event of this fact with one more count, if it was told a short while ago.
    fn recent(&self, key: &(String, Fact), now: Timestamp) -> Option<Told> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, told| now.duration_since(told.last) < SERIES);
        known.get(key).map(|told| Told { name: told.name.clone(), count: told.count + 1, last: now })
    }

    fn keep(&self, key: (String, Fact), told: Told) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, told);
    }

    fn event(&self, object: &TengineDeployment, fact: &Fact, now: Timestamp) -> Event {
        Event {
            metadata: ObjectMeta {
                namespace: object.namespace(),
                name: Some(format!("{}.{:x}", object.name_any(), now.as_nanosecond())),
                ..ObjectMeta::default()
            },
            type_: Some(if fact.warning { "Warning" } else { "Normal" }.into()),
            action: Some(fact.action.clone()),
            reason: Some(fact.reason.clone()),
            note: Some(fact.note.clone()),
            event_time: Some(MicroTime(now)),
            regarding: Some(object.object_ref(&())),
            reporting_controller: Some(self.reporter.into()),
            reporting_instance: Some(self.reporter.into()),
            ..Event::default()
        }
    }
}
