//! Which releases besides the newest may take the place of what runs, so that a stream of commits starves nobody.

use super::promote;
use super::releases::Release;
use super::sight::Sight;
use super::train;

/// The releases made between what the cluster was told and the wanted one that may run, the newest first, where they differ from
/// the wanted one in the commit (and what follows from that) and the base image only.
pub fn before<'a>(sight: Sight<'a>, candidate: Option<&'a Release>) -> Vec<&'a Release> {
    let Some(candidate) = candidate else { return Vec::new() };
    let releases = &sight.observed.releases;
    let told = sight.told().and_then(|name| releases.named(name)).or_else(|| releases.last_served());
    let after = told.map_or(0, |told| told.spec.number);
    let (wanted, build) = (&candidate.spec, &candidate.spec.build);
    let mut between: Vec<&Release> = releases
        .iter()
        .filter(|release| !release.deleting && release.is_eligible() && promote::permits(sight, release))
        .filter(|release| (after + 1..wanted.number).contains(&release.spec.number))
        .filter(|release| is_of_one_stream(sight, release, candidate) && release.spec.settings == wanted.settings)
        .filter(|release| {
            let other = &release.spec.build;
            other.url == build.url && other.path == build.path && other.repository == build.repository
        })
        .collect();
    between.sort_by_key(|release| std::cmp::Reverse(release.spec.number));
    between
}

/// Whether both are of what one ref had, or of tags of the train that is followed now: each of its tags is a ref of its own, and those of
/// which it was moved or is gone are not followed.
fn is_of_one_stream(sight: Sight<'_>, release: &Release, candidate: &Release) -> bool {
    release.spec.reference == candidate.spec.reference || train::is_older(sight, release, candidate)
}
