//! Which releases and configuration files may go?

use super::super::effect::Effect;
use super::super::observed::{LiveKind, Observed};
use super::super::people;
use super::super::reading::Reading;
use super::super::train;
use super::{Fate, Release};
use std::collections::BTreeSet;

/// How many of those about which somebody spoke at a gate are kept, the newest, besides the limit.
const SPOKEN_OF: usize = 10;

/// Everything beyond the limit, oldest first. Never what runs or has pods, should run (a pinned one, too), served last, last proved itself, is wanted,
/// remembers where the newest tag was, or was told to an instance that could not be told another one since.
pub fn expire(reading: &Reading<'_>) -> Vec<Effect> {
    let observed = reading.sight.observed;
    let taken = train::taken_last(reading.sight.desired, observed);
    let choice = reading.choice;
    // What else is followed for a while takes no memory of tags away.
    let of_tags = observed.releases.iter().filter(|release| release.spec.tag.is_some());
    let last_of_tags = of_tags.max_by_key(|release| release.spec.number);
    let kept =
        [last_of_tags, reading.candidate, choice.release, choice.serves(), observed.releases.last_verified(), taken];
    // What has pods yet may serve any moment, though it was given up.
    let of_pods = observed.pods.iter().filter_map(|pod| pod.release.as_deref());
    let of_instances = reading.sight.named_to_instances().map(|(_, release, _)| release);
    let kept = kept.into_iter().flatten().map(|release| release.name.as_str());
    let kept: BTreeSet<&str> = kept.chain(of_pods).chain(of_instances).collect();
    // A person may be asking for any of them just now.
    let is_asked = observed.actions.iter().any(|action| !people::is_answered(action));
    // Between a look and the release that is made of it nobody can say what waits at gates.
    let is_unknown = reading.passages.are_gates() && reading.candidate.is_none();
    let releases = observed.releases.iter().filter(|_| !is_asked && !is_unknown);
    let mut rest: Vec<&Release> =
        releases.filter(|release| !release.deleting && !kept.contains(release.name.as_str())).collect();
    // What a gate opens for by itself before long is not lost to a stream of newer ones.
    rest.retain(|release| reading.passages.shut(release).is_none_or(|(_, shut)| shut.opens_at.is_none()));
    rest.sort_by_key(|release| std::cmp::Reverse(release.spec.number));
    let mut spoken_of = rest.iter().filter(|release| is_spoken_of(reading, release)).map(|release| release.spec.number);
    let spoken_of: BTreeSet<i64> = spoken_of.by_ref().take(SPOKEN_OF).collect();
    rest.retain(|release| !spoken_of.contains(&release.spec.number) && !takes_a_word_away(observed, release));
    let old = rest.into_iter().skip(reading.sight.desired.history_limit).rev();
    let mut effects: Vec<Effect> = old.map(gone).collect();
    // While old pods may still start again, they need their configuration.
    if reading.rollout.complete {
        effects.extend(unused_configs(observed));
    }
    effects
}

fn gone(release: &Release) -> Effect {
    Effect::DeleteRelease { release: release.name.clone(), seen: release.seen.clone() }
}

/// Whether somebody said something of it at a gate that it still waits at.
fn is_spoken_of(reading: &Reading<'_>, release: &Release) -> bool {
    let said = |digest: &str| reading.sight.observed.words.decisions(digest).next().is_some();
    reading.passages.shut(release).is_some() && release.digest().is_some_and(said)
}

/// Whether it is why its version has no word, though another release of that version was verified: without it the word would come
/// back, and nobody decided that.
fn takes_a_word_away(observed: &Observed, release: &Release) -> bool {
    let Some(digest) = release.digest().filter(|_| release.rejection().is_some()) else { return false };
    let same = |other: &&Release| other.digest() == Some(digest);
    let mut others = observed.releases.iter().filter(same);
    let newest = observed.releases.iter().filter(same).filter(|other| other.rejection().is_some());
    newest.map(|other| other.spec.number).max() == Some(release.spec.number)
        && others.any(|other| matches!(other.fate, Fate::Verified { .. }))
}

fn unused_configs(observed: &Observed) -> Vec<Effect> {
    let workloads = || observed.children.iter().filter_map(|child| child.workload.as_ref());
    observed
        .children
        .iter()
        .filter(|child| child.kind == LiveKind::ConfigMap && child.ours && !child.deleting)
        .filter(|child| child.serves.is_none())
        .filter(|child| !workloads().any(|workload| workload.config_maps.contains(&child.name)))
        .map(Effect::delete)
        .collect()
}
