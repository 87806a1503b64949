//! Which releases besides the newest may take the place of what runs, so that a stream of commits starves nobody.

use super::change_over;
use super::promote;
use super::releases::Release;
use super::sight::Sight;
use super::train;

/// The releases made between what the cluster was told, and has passed all gates, and the wanted one that may run, the newest first, where they differ from
/// the wanted one in the commit (and what follows from that) and the base image only.
pub fn before<'a>(sight: Sight<'a>, candidate: Option<&'a Release>) -> Vec<&'a Release> {
    let Some(candidate) = candidate else { return Vec::new() };
    let releases = &sight.observed.releases;
    let told = change_over::passed(sight).and_then(|name| releases.named(name)).or_else(|| releases.last_served());
    let after = told.map_or(0, |told| told.spec.number);
    let (wanted, build) = (&candidate.spec, &candidate.spec.build);
    // Each tag of a train is a ref of its own.
    let is_older = train::older(sight, candidate);
    let mut between: Vec<&Release> = releases
        .iter()
        .filter(|release| !release.deleting && release.is_eligible() && promote::permits(sight, release))
        .filter(|release| (after + 1..wanted.number).contains(&release.spec.number))
        .filter(|release| release.spec.reference == wanted.reference || is_older(release))
        .filter(|release| release.spec.settings == wanted.settings)
        .filter(|release| {
            let other = &release.spec.build;
            other.url == build.url && other.path == build.path && other.repository == build.repository
        })
        .collect();
    between.sort_by_key(|release| std::cmp::Reverse(release.spec.number));
    between
}
