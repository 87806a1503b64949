//! One of another deployment's instances: what it takes, and how far it may go ([`super::fleet`]; how far it is: [`super::reached`]).
//!
//! What it takes is the release that its spec names. How far it may go with that stands in that release. It does not depend on this leave
//! what keeps an instance alive: that those that wait take over where those that serve die, and that a version which it refused makes room
//! for the one before.

use super::desired::backends;
use super::lineup::Seat;
use super::observed::UpstreamSeen;
use super::releases::{Release, Releases};
use super::sight::Sight;
use super::upstream::reachable;
use crate::api::v1alpha1::{Phases, Settings, Standby};
use crate::domain::Place;

/// The phases, by what an instance does in them.
pub mod phase {
    use crate::api::v1alpha1::PhaseName;

    /// Those that wait get the version.
    pub const LOADED: i32 = 1;
    /// They take over.
    pub const SWITCHED: i32 = PhaseName::SwitchOver.number();
    /// Those that served get it.
    pub const FOLLOWED: i32 = PhaseName::SecondUpgrade.number();
    /// They take over.
    pub const SWITCHED_BACK: i32 = PhaseName::SwitchBack.number();
}

/// What an instance was told, and by whom; `None` of what is no instance, or as long as that is not read.
fn told(sight: Sight<'_>) -> Option<(&UpstreamSeen, &Release)> {
    let seen = reachable(sight, &sight.desired.promotion()?.from).ok()?;
    Some((seen, taken(sight, seen)?))
}

/// The release of the other deployment that is taken, if this is an instance of that very one, and the record of the release says that it was
/// told to the instances, in this passage or a later one: what is known of it from before is too old.
pub fn taken<'a>(sight: Sight<'_>, seen: &'a UpstreamSeen) -> Option<&'a Release> {
    let (name, passage) = sight.desired.promotion()?.release.as_ref()?;
    let is_ours = sight.desired.owner.as_ref() == Some(&seen.uid);
    let release = seen.releases.named(name).filter(|release| is_ours && release.image().is_some())?;
    release.status.phases.as_ref().is_some_and(|phases| phases.passage >= *passage).then_some(release)
}

fn is_instance(sight: Sight<'_>) -> bool {
    sight.desired.promotion().is_some_and(|promotion| promotion.release.is_some())
}

/// Whether a release is what the instance was told.
fn is_told(release: &Release, (seen, told): (&UpstreamSeen, &Release)) -> bool {
    let promoted = release.spec.promoted.as_ref();
    promoted.is_some_and(|promoted| promoted.uid == seen.uid && promoted.number == told.spec.number)
}

/// Whether a release may go so far. All that is no instance may. Of what an instance runs, what it was told may go as far as it was let; all else
/// only if it served before: one that was given up while it waited does not take over because another one is told.
pub fn may(sight: Sight<'_>, release: &Release, phase: i32) -> bool {
    if !is_instance(sight) {
        return true;
    }
    // Whether it is what it was told is not known.
    let Some(told) = told(sight) else { return false };
    if is_told(release, told) {
        return told.1.status.phases.as_ref().is_some_and(|phases| phases.begun >= phase);
    }
    release.verified_at().is_some()
}

/// Whether there may be cores of an instance's release, by which others tell whether its queue and database are free: it should run
/// (`is_chosen`), there are some that have not ended, or what there is cannot be told.
pub fn has_cores(sight: Sight<'_>, release: &Release, is_chosen: bool) -> bool {
    if !is_instance(sight) {
        return false;
    }
    let runs = is_chosen && release.image().is_some();
    let has_some = || sight.cores().any(|pod| pod.release.as_ref() == Some(&release.name));
    let is_unclear =
        || sight.posts().any(|post| !post.workload.is_current) || sight.cores().any(|pod| pod.release.is_none());
    runs || has_some() || release.status.has_cores == Some(true) && is_unclear()
}

/// Whether a release is for a queue or database that was left: a newer one proved itself on others.
pub fn was_left(releases: &Releases, release: &Release) -> bool {
    let uses = backends(&release.spec.settings.tengine);
    let mut proven = releases.iter().filter(|other| other.verified_at().is_some());
    let is_newer = |other: &Release| other.spec.number > release.spec.number;
    proven.any(|other| is_newer(other) && !uses.is_subset(&backends(&other.spec.settings.tengine)))
}

/// Whether a release of an instance may come back: what was left may be somebody else's by now, unless the spec gives it back.
pub fn may_come_back(sight: Sight<'_>, release: &Release) -> bool {
    let given = || backends(&sight.desired.settings(None).tengine);
    !is_instance(sight)
        || release.is_live()
        || !was_left(&sight.observed.releases, release)
        || backends(&release.spec.settings.tengine).is_subset(&given())
}

/// The settings of an instance with the configuration file that the release has which it was told: what the ConfigMap says by now is for a
/// release of its own. Not where the instance has a file of its own.
pub fn with_config_of_release(sight: Sight<'_>, settings: Settings) -> Settings {
    let theirs = told(sight).map(|(_, told)| &told.spec.settings);
    match theirs.filter(|theirs| theirs.tengine.config_ref == settings.tengine.config_ref) {
        Some(theirs) => Settings { config: theirs.config.clone(), ..settings },
        None => settings,
    }
}

/// What it waits for, where that is the leave to take over.
pub fn waits_for(sight: Sight<'_>, release: &Release) -> Option<String> {
    let promotion = sight.desired.promotion().filter(|_| !may(sight, release, phase::SWITCHED))?;
    Some(format!("until {} lets its instances take over", promotion.from.name))
}

/// What those that are to wait beside a release that was proven wait for, where that is the leave for the second upgrade.
pub fn waits_to_follow(sight: Sight<'_>, release: &Release) -> Option<String> {
    let is_proven = release.is_live() && release.verified_at().is_some();
    let promotion = sight.desired.promotion().filter(|_| is_proven && !may(sight, release, phase::FOLLOWED))?;
    Some(format!("{} begins phase 3 with its instances", promotion.from.name))
}

/// Whether the primary node is to take over again: once in a passage, and not where it lost its place since. Where both serve, there is no need.
pub fn goes_back(sight: Sight<'_>, release: &Release, serves: &Seat<'_>) -> bool {
    let Some(theirs) = phases_told(sight, release) else { return false };
    let own = release.status.phases.as_ref().filter(|own| own.passage == theirs.passage);
    let is_due = own.is_some_and(|own| own.done == phase::FOLLOWED) && theirs.begun >= phase::SWITCHED_BACK;
    is_due && serves.place == Place::Second && sight.desired.standby == Standby::Waits
}

/// Whether what it was told is what it serves, and was proven before this passage began, such as after an `Abort` or a roll-back in the first phase:
/// there is nothing to take over, and so nothing for those that wait to wait for.
pub fn is_brought_back(sight: Sight<'_>, release: &Release) -> bool {
    let Some(theirs) = phases_told(sight, release).filter(|theirs| theirs.begun == phase::LOADED) else { return false };
    release.is_live() && release.verified_at().is_some_and(|at| at < theirs.since.0)
}

/// How far instances were let with a release of theirs, be it what they are told or one that they were told before; `None` where the whole does not
/// know it any more.
pub fn leave<'a>(sight: Sight<'a>, release: &Release) -> Option<&'a Phases> {
    let (seen, _) = told(sight)?;
    let theirs = seen.releases.iter().find(|theirs| is_told(release, (seen, theirs)))?;
    theirs.status.phases.as_ref()
}

/// How far all instances are with a release, where it is what this one was told.
pub fn phases_told<'a>(sight: Sight<'a>, release: &Release) -> Option<&'a Phases> {
    let told = told(sight).filter(|told| is_told(release, *told))?;
    told.1.status.phases.as_ref()
}
