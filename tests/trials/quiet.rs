//! Whether the operator keeps quiet while nothing changes.

use crate::subject::{PATIENCE, Subject};
use futures::StreamExt as _;
use kube::ResourceExt as _;
use kube::api::{WatchEvent, WatchParams};
use std::time::{Duration, Instant};
use tengine_operator::api::v1alpha1::TengineDeployment;

/// A status that did not change for so long rests.
const REST: Duration = Duration::from_millis(1500);
/// How long the operator is watched while nothing changes.
const WINDOW: Duration = Duration::from_secs(6);
/// What it may read in that time: three looks, each with a Secret and what is looked for when it begins and ends.
const READS: usize = 12;

impl Subject {
    /// As long as nothing changes, next to nothing is written and little is asked. On a slow machine, what changed last may have
    /// its consequences late: there is more than one try.
    pub async fn is_quiet(&self) {
        let mut noise = vec![];
        while noise.len() < 3 {
            match self.was_quiet().await {
                Ok(()) => return,
                Err(heard) => noise.push(heard),
            }
        }
        panic!("{}, while nothing changed:\n{}", self.name, noise.join("\n\n"));
    }

    /// Watches the operator for a while; an error says what it did.
    async fn was_quiet(&self) -> Result<(), String> {
        self.has_settled().await;
        let (mark, releases) = (self.stage.audit.mark(), self.releases().await);
        let changes = self.changes_in(WINDOW).await;
        let requests = self.stage.audit.since(mark, &self.name);
        // The event of what was just told may come a little later.
        let events = requests.iter().filter(|request| request.of.starts_with("events/")).count();
        let writes = requests.iter().filter(|request| request.is_write()).count() - events.min(1);
        assert_eq!(self.releases().await, releases, "{}: releases were made while nothing changed", self.name);
        // A step may end late, and be told of once.
        if writes <= 1 && requests.len() <= READS {
            return Ok(());
        }
        let shown: Vec<_> = requests.iter().map(ToString::to_string).collect();
        Err(format!("{} requests, {writes} writes:\n{}\n{changes}", requests.len(), shown.join("\n")))
    }

    /// What becomes of the status in this time: for each write, the lines that were not there before.
    async fn changes_in(&self, time: Duration) -> String {
        let lines = |object: &TengineDeployment| -> Vec<String> {
            serde_json::to_string_pretty(&object.status).unwrap().lines().map(|line| line.trim().to_owned()).collect()
        };
        let object = self.api.get(&self.name).await.unwrap();
        let version = object.resource_version().unwrap();
        let ours = WatchParams::default().fields(&format!("metadata.name={}", self.name));
        let mut versions = vec![lines(&object)];
        let watch = self.api.watch(&ours, &version).await.unwrap().take_until(tokio::time::sleep(time));
        let mut watch = std::pin::pin!(watch);
        while let Some(event) = watch.next().await {
            if let Ok(WatchEvent::Modified(object)) = event {
                versions.push(lines(&object));
            }
        }
        let added = |pair: &[Vec<String>]| {
            let lines: Vec<_> = pair[1].iter().filter(|line| !pair[0].contains(line)).cloned().collect();
            lines.join("\n")
        };
        versions.windows(2).map(added).collect::<Vec<_>>().join("\n--\n")
    }

    /// What belongs to one turn of things is not always written at once, and pods that are taken back need their time.
    async fn has_settled(&self) {
        let begun = Instant::now();
        let mut before = None;
        loop {
            let now = self.api.get(&self.name).await.unwrap().resource_version();
            let leaving = self.cores().await.iter().any(|pod| pod.metadata.deletion_timestamp.is_some());
            if now == before && !leaving {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{}: its status never rests; {}", self.name, self.state().await);
            before = now;
            tokio::time::sleep(REST).await;
        }
    }
}
