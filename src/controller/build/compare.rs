//! What changes from what somebody has to what was packed.

use super::told;
use crate::controller::board::{Party, Shelf, Urgency};
use crate::controller::context::Shared;
use crate::controller::made::Compared;
use crate::controller::wishes::Name;
use crate::domain::RepositoryUrl;
use crate::image::LayerPath;
use crate::source::{self, LayerFile, Limits, Place, Remote};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a build waits at most to hear what it changes, and who came too late to it once more: that is nice to know, and nothing depends on it.
pub(super) const COMPARING: Duration = Duration::from_secs(10);

/// Where a layer lies, and its shelf; both end when it is pushed.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) layer: LayerFile,
    pub(super) _shelf: Option<Shelf>,
}

impl LayerPath for Room {
    fn path(&self) -> PathBuf {
        self.layer.path()
    }
}

/// What a child asks of a Git host: the same for all tries of a namespace, and for nobody else's.
pub(super) fn question(namespace: &str, url: &RepositoryUrl) -> String {
    format!("{namespace} {url}")
}

/// What changes against each of these. A courtesy: where that cannot be told, or not for all of them in time, nothing is said.
pub(super) async fn changes(
    (shared, namespace): (&Shared, &str),
    remote: &Remote,
    (room, new): (Arc<Room>, &Place),
    wished: Vec<(Name, Place)>,
) -> Compared {
    let limits = Limits::from(&shared.settings.worker);
    let mut found: Compared = wished.iter().map(|(name, _)| (name.clone(), None)).collect();
    let comparing = async {
        for (name, old) in wished {
            let party = Party::new([remote.url.authority()], namespace);
            let _turn = shared.children.take(party, &question(namespace, &remote.url), Urgency::Repeat).await;
            match source::compare(&shared.worker, remote, (&room.layer, new, &old), &limits, COMPARING).await {
                Ok(compared) => drop(found.insert(name, Some(told::changes(compared)))),
                Err(error) => {
                    tracing::info!(commit = %new.seen.commit, against = %old.seen.commit, %error, "not compared");
                }
            }
        }
    };
    // What was found by then is told.
    let _in_time = timeout(COMPARING, comparing).await;
    found
}
