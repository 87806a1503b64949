//! Is there a release for the wanted inputs, and how far is its image?

use super::attempts;
use super::effect::{Effect, Track};
use super::observed::{Build, Observed};
use super::people;
use super::releases::{Fate, Release, make, record};
use super::sight::Sight;
use super::want::{Wanted, want};

/// The release that has the wanted inputs: made, built or taken over, and what came of the build written down.
pub fn advance<'a>(sight: Sight<'a>, wanted: &Wanted) -> Track<Option<&'a Release>> {
    let Wanted::Known(inputs) = wanted else { return Track::found(None) };
    let Some(release) = sight.observed.releases.of_key(inputs.key.as_ref()) else {
        let made = Effect::CreateRelease(Box::new(make::make(sight, inputs)));
        return Track { effects: vec![made], ..Track::found(None) };
    };
    let mut track = Track::found(Some(release));
    if release.fate != Fate::Pending {
        return track;
    }
    if let Some(version) = &inputs.version {
        track.effects.push(record::promoted(release, &version.theirs));
        return track;
    }
    if attempts::begins(sight, release) {
        track.effects.push(start(sight, release));
        return track;
    }
    match sight.observed.builds.get(&release.name) {
        // What is refused is asked for again in its time, and wakes.
        None | Some(Build::Trouble(..)) if attempts::are_refused(sight) => {}
        None => track.due = attempts::unended(release).map(|trouble| trouble.retry_at),
        Some(Build::Trouble(_, trouble)) => track.due = Some(trouble.retry_at),
        Some(Build::Running(_) | Build::Built(_)) => {}
        Some(Build::Refused(refused)) => track.effects.push(record::refused(release, refused, sight.now)),
    }
    track
}

/// What is seen, with the image that was built: it is written down with all that follows from it. `None` where none was.
pub fn taken_in(sight: Sight<'_>) -> Option<Observed> {
    let finished = sight.observed.builds.iter().filter_map(|(name, build)| match build {
        Build::Built(built) => Some((sight.observed.releases.named(name)?, built)),
        Build::Running(_) | Build::Refused(_) | Build::Trouble(..) => None,
    });
    let mut built = finished.filter(|(release, _)| release.fate == Fate::Pending && !release.deleting).peekable();
    built.peek()?;
    // A person may be about to say that nothing comes of it.
    if people::are_open(&sight.observed.actions) {
        return None;
    }
    let Wanted::Known(inputs) = want(sight) else { return None };
    let (release, built) =
        built.find(|(release, _)| release.spec.key == inputs.key.as_ref() && inputs.version.is_none())?;
    let status = record::built(release, built, sight.desired.strategy);
    let mut observed = sight.observed.clone();
    observed.builds.remove(&release.name);
    observed.releases = observed.releases.with(&release.name, &status);
    Some(observed)
}

/// What serves is what its changes are told against.
fn start(sight: Sight<'_>, release: &Release) -> Effect {
    let serves = sight.observed.releases.last_served().filter(|serves| !serves.is(release));
    Effect::Build { release: release.name.clone(), against: serves.map(|serves| serves.name.clone()) }
}
