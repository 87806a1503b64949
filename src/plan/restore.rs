//! Is the image of what should run still in its registry? What a registry's retention removed is made again.
//!
//! Asked only where nodes cannot pull it, and once in an interval at most. Equal content is one image, so what is made again has
//! the digest that the pods wait for, and nothing but the nodes' next try is needed. Where it comes out as another one, nothing
//! is written down and a person has to decide.

use super::effect::{Effect, Track};
use super::lineup::Lineup;
use super::look;
use super::observed::{Build, Obstacle, Pod, PodTrouble, Presence};
use super::releases::Release;
use super::rollout::Rollout;
use super::sight::Sight;
use jiff::SignedDuration;

/// Nodes wait for up to five minutes between two tries.
const NODES_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// An image that the registry lacked when it was last asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// What is missing, and what is done about it.
    pub message: String,
}

/// Asks for the image of what should run where its pods cannot be pulled, and has it made again where it is gone.
pub fn restore(sight: Sight<'_>, lineup: &Lineup<'_>, rollout: &Rollout) -> Track<Option<Lost>> {
    let mut track = Track::found(None);
    let Some(release) = lineup.seats.first().map(|seat| seat.release) else { return track };
    let waits = rollout.pods.iter().chain(&rollout.beside).chain(rollout.standby.iter().flatten()).any(is_unpullable);
    // What is asked for is the image of what the cluster was told.
    if !waits || sight.told() != Some(release.name.as_str()) {
        return track;
    }
    let build = sight.observed.builds.get(&release.name);
    // Also between two tries: by now somebody may have pushed it.
    if matches!(build, None | Some(Build::Trouble(..))) {
        ask(sight, &mut track);
    }
    let Some((presence, asked_at)) = &sight.observed.image.answer else { return track };
    let made_at = release.status.image_made_at.as_ref().map(|made| made.0);
    let (what, done) = match presence {
        Presence::Gone(what) if made_at.is_none_or(|made| made < *asked_at) => {
            rebuild(sight, release, build, &mut track);
            (what.as_str(), progress(sight, release, build))
        }
        Presence::Whole if made_at.is_none_or(|made| sight.now.duration_since(made) > NODES_WAIT) => return track,
        Presence::Gone(_) | Presence::Whole => {
            ("the image", "was made again: nodes pull it at their next try".to_owned())
        }
    };
    let message = format!("{}: {what} was removed from the registry and {done}", release.short());
    track.found = Some(Lost { message });
    track
}

/// Whether this build gave a release the image again that it has.
pub fn is_restored(release: &Release, outcome: Option<&Build>) -> bool {
    matches!(outcome, Some(Build::Built(built)) if release.image() == Some(built.image.as_str()))
}

fn is_unpullable(pod: &Pod) -> bool {
    matches!(pod.trouble, Some(PodTrouble::Obstacle(Obstacle::Pull, _)))
}

fn ask(sight: Sight<'_>, track: &mut Track<Option<Lost>>) {
    let interval = sight.desired.interval;
    let Some(wait) = look::wait(&sight.observed.image, interval, None, sight.now) else { return };
    if wait.is_zero() {
        track.effects.push(Effect::LookForImage);
    }
    track.due = look::after(sight.now, wait);
}

fn rebuild(sight: Sight<'_>, release: &Release, build: Option<&Build>, track: &mut Track<Option<Lost>>) {
    if sight.desired.git().is_none() {
        return;
    }
    let start = || Effect::Build { release: release.name.clone(), against: None };
    match build {
        None => track.effects.push(start()),
        Some(Build::Trouble(_, trouble)) if trouble.retry_at <= sight.now => track.effects.push(start()),
        Some(Build::Trouble(_, trouble)) => track.due = Some(trouble.retry_at),
        Some(Build::Running(_) | Build::Built(_) | Build::Refused(_)) => {}
    }
}

/// How far making it again is.
fn progress(sight: Sight<'_>, release: &Release, build: Option<&Build>) -> String {
    if sight.desired.git().is_none() {
        let made_by = release.spec.promoted.as_ref().map(|it| format!(" ({}/{} gave it)", it.namespace, it.name));
        return format!("is not made again here: push it back{}", made_by.unwrap_or_default());
    }
    match build {
        Some(Build::Trouble(_, trouble) | Build::Running(Some((_, trouble)))) => {
            format!("is not made again yet: {}", trouble.message)
        }
        Some(Build::Refused(refused)) => format!("cannot be made again: {}", refused.message),
        Some(Build::Built(_)) if !is_restored(release, build) => {
            "cannot be made again as it was, by this version of the operator or with what the base is now: push a commit".into()
        }
        None | Some(Build::Running(None) | Build::Built(_)) => "is made again".into(),
    }
}
