//! A gate that waits for words which another deployment attaches to the version.

use super::passage::{Passage, Shut};
use crate::api::v1alpha1::condition::Reason;
use crate::domain::DeploymentName;
use crate::plan::desired::WantedStatuses;
use crate::plan::observed::UpstreamSeen;
use crate::plan::releases::{Fate, Release};
use crate::plan::sight::Sight;
use crate::plan::upstream::{reachable, undeclared};
use jiff::Timestamp;

/// How such a gate stands for a release, and when that changes by the clock alone.
pub fn judge(sight: Sight<'_>, wanted: &WantedStatuses, release: &Release) -> (Passage, Option<Timestamp>) {
    let passage = passage(sight, wanted, release);
    let opens_at = if let Passage::Shut(shut) = &passage { shut.opens_at } else { None };
    (passage, opens_at)
}

/// What the other deployment says of *this image* counts, whatever it was built from.
fn passage(sight: Sight<'_>, wanted: &WantedStatuses, release: &Release) -> Passage {
    let from = &wanted.from;
    let seen = match reachable(sight, from) {
        Ok(seen) => seen,
        Err((reason, message)) => return Shut::passage(reason, message),
    };
    if let Some((reason, message)) = undeclared(&wanted.all, from, seen) {
        return Shut::passage(reason, message);
    }
    let Some(digest) = release.digest() else {
        return Shut::passage(Reason::WaitingForStatus, "its image is not there yet".to_owned());
    };
    let since: Vec<(&String, Option<Timestamp>)> =
        wanted.all.iter().map(|word| (word, seen.releases.word_since(digest, word))).collect();
    let missing: Vec<&str> = since.iter().filter(|(_, since)| since.is_none()).map(|(word, _)| word.as_str()).collect();
    if !missing.is_empty() {
        return missing_words(release, digest, &missing.join(", "), from, seen);
    }
    let words = wanted.all.join(", ");
    let last = since.iter().filter_map(|(_, since)| *since).max().unwrap_or(sight.now);
    let ripe = last.checked_add(wanted.soak).unwrap_or(Timestamp::MAX);
    if ripe > sight.now {
        let message = format!("{from} gave it {words} at {last}: it soaks until {ripe}");
        return Passage::Shut(Shut { reason: Reason::Soaking, message, opens_at: Some(ripe) });
    }
    Passage::Open(format!("{from} gave it {words} at {last}"))
}

fn missing_words(release: &Release, digest: &str, words: &str, from: &DeploymentName, seen: &UpstreamSeen) -> Passage {
    let newest = |of: &dyn Fn(&Release) -> bool| {
        seen.releases.iter().filter(|theirs| of(theirs)).max_by_key(|theirs| theirs.spec.number)
    };
    if let Some(theirs) = newest(&|theirs| theirs.digest() == Some(digest)) {
        let so_far = theirs.status.state.map_or_else(String::new, |state| format!("{state:?}"));
        let message = match theirs.fate {
            Fate::Rejected { .. } => format!("{from} rejected it: {so_far}"),
            Fate::Pending | Fate::Built | Fate::Verified { .. } => {
                format!("{from} has not given it {words} yet: it is {so_far} there")
            }
        };
        return Shut::passage(Reason::WaitingForStatus, message);
    }
    let same_commit = newest(&|theirs| theirs.spec.commit == release.spec.commit && theirs.digest().is_some());
    if let Some(theirs) = same_commit {
        let message = format!(
            "{from} has another image of this commit: {} there, {digest} here{}",
            theirs.digest().unwrap_or_default(),
            difference(theirs, release)
        );
        // Where a tag of the base image moved, one of the two has seen it first.
        let may_meet = theirs.spec.build.base_digest != release.spec.build.base_digest && same_recipe(theirs, release);
        let reason = if may_meet { Reason::WaitingForStatus } else { Reason::DigestsDiffer };
        return Shut::passage(reason, message);
    }
    Shut::passage(Reason::WaitingForStatus, format!("{from} has not given it {words} yet: it has no such image"))
}

/// Whether two releases are made in the same way, but for what the tag of the base image was then.
fn same_recipe(theirs: &Release, ours: &Release) -> bool {
    let (there, here) = (&theirs.spec.build, &ours.spec.build);
    there.base == here.base && there.path == here.path
}

/// The first input in which two releases of one commit differ, with both values.
fn difference(theirs: &Release, ours: &Release) -> String {
    let (there, here) = (&theirs.spec.build, &ours.spec.build);
    let inputs = [
        ("source.git.path", &there.path, &here.path),
        ("image.base.reference", &there.base, &here.base),
        ("what the base image is", &there.base_digest, &here.base_digest),
        ("source.git.url", &there.url, &here.url),
    ];
    if let Some((what, there, here)) = inputs.into_iter().find(|(_, there, here)| there != here) {
        return format!(". They differ in {what}: {there:?} there, {here:?} here");
    }
    match (theirs.platform(), ours.platform()) {
        (Some(there), Some(here)) if there != here => {
            format!(". They differ in the platform of the base image: {there} there, {here} here")
        }
        _ => {
            ". Repository, path, base image and platform are the same: another version of the operator made one of them"
                .to_owned()
        }
    }
}
