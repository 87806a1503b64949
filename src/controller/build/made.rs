//! What comes of a build for all that share it, and for each what it changes against what it has itself.

use super::wishes::Name;
use super::{Order, Room, build, key, question, told};
use crate::api::v1alpha1::TengineRelease;
use crate::controller::board::{BuildOutcome, Party, Urgency, Worth};
use crate::controller::context::Shared;
use crate::plan::observed::Changes;
use crate::source::{self, Limits, Place, Remote};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long a release waits at most to hear what it changes: that is nice to know, and nothing depends on it.
const COMPARING: Duration = Duration::from_secs(10);

/// What came of a build that several may wait for.
#[derive(Debug, Clone)]
pub struct Made {
    pub(super) outcome: BuildOutcome,
    /// How many bytes went to the registry.
    pub(super) pushed: u64,
    /// What it changes, against what each of those had who waited for it when it was packed, where that could be told; nothing at all where no
    /// core loads it.
    pub(super) compared: Option<Compared>,
}

/// `None` for what could not be compared.
pub(super) type Compared = BTreeMap<Name, Option<Changes>>;

impl Made {
    pub(super) const fn nothing(outcome: BuildOutcome) -> Self {
        Self { outcome, pushed: 0, compared: None }
    }

    /// Whether somebody who has this is still to be told what changes.
    fn lacks(&self, name: &str) -> bool {
        self.compared.as_ref().is_some_and(|compared| !compared.contains_key(name))
    }

    const fn worth(&self) -> Worth {
        match &self.outcome {
            BuildOutcome::Failed(_, failure) if failure.own => Worth::Own,
            BuildOutcome::Failed(..) => Worth::Passing,
            BuildOutcome::Built(_) | BuildOutcome::Refused(_) => Worth::Lasting,
        }
    }
}

/// What comes of the build that all share who want the same; with what it changes against what is there `before`. How many bytes went to the registry
/// for this one, and whether it did any of the work.
pub(super) async fn made(
    (shared, order): (&Arc<Shared>, &Order),
    found: &Arc<TengineRelease>,
    before: Option<Place>,
    anew: bool,
) -> (BuildOutcome, u64, bool) {
    let run = async |key: String, anew| {
        let wish = before.clone().map(|before| shared.wishes.add(&key, before));
        let own = wish.as_ref().map(|wish| wish.name().clone());
        let work = || {
            let (shared, order, found) = (Arc::clone(shared), order.clone(), Arc::clone(found));
            let (key, own) = (key.clone(), own.clone());
            async move { build(&shared, &order, &found.spec, (&key, own.as_deref())).await }
        };
        let (made, mine) = shared.builds.share(&key, anew, work, Made::worth).await;
        (made, mine, own)
    };
    let key = key(order, &found.spec);
    let (mut all, mut mine, own) = run(key.clone(), anew).await;
    let mut pushed = if mine { all.pushed } else { 0 };
    // It came too late to be compared with what this one has. Its image is there by now, and is not pushed again.
    if let Some(own) = own.as_ref().filter(|own| all.lacks(own))
        && let Ok((once_more, is_mine, _)) = timeout(COMPARING, run(format!("{key} {own}"), false)).await
    {
        pushed += if is_mine { once_more.pushed } else { 0 };
        (all.compared, mine) = (once_more.compared, mine || is_mine);
    }
    if let (BuildOutcome::Built(built), Some(own)) = (&mut all.outcome, own) {
        built.changes = all.compared.and_then(|mut compared| compared.remove(&own)).flatten();
    }
    (all.outcome, pushed, mine)
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
            let party = Party { host: remote.url.authority().to_owned(), namespace: namespace.to_owned() };
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
