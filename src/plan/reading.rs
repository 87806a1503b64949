//! What all tracks found: everything that records and status speak of.

use super::choose::Choice;
use super::fleet::Fleet;
use super::gates::Passages;
use super::look;
use super::observed::Build;
use super::pass_on::Passed;
use super::people::Standing;
use super::proofs::{Again, Proof, Stage, Tests};
use super::releases::{Fate, Release};
use super::restore::Lost;
use super::rollout::Rollout;
use super::serve::Served;
use super::sight::Sight;
use super::verify::Verdict;
use super::want::Wanted;
use crate::api::v1alpha1::Phases;

/// What all tracks found.
#[derive(Debug)]
pub struct Reading<'a> {
    /// What they were given.
    pub sight: Sight<'a>,
    /// What policy wants.
    pub wanted: &'a Wanted,
    /// The release that has the wanted inputs.
    pub candidate: Option<&'a Release>,
    /// What is to be thought of its build, where this process knows nothing of it.
    pub held: Option<&'a Build>,
    /// The decisions of people in force.
    pub standing: Standing<'a>,
    /// How the gates stand.
    pub passages: &'a Passages<'a>,
    /// The release that should run, and the one that serves until it does.
    pub choice: &'a Choice<'a>,
    /// What is rendered, and what of it is in the cluster.
    pub served: &'a Served,
    /// How far its roll-out is.
    pub rollout: &'a Rollout,
    /// What the instances are up to, where there are some.
    pub fleet: Option<&'a Fleet<'a>>,
    /// How far the release that should run is through the phases of instances.
    pub phases: Option<&'a Phases>,
    /// What the connection test says, where it is asked for.
    pub connection: Option<&'a Proof>,
    /// What preflight and tests say of those whose turn it is.
    pub tests: &'a Tests<'a>,
    /// The target's image, where nodes cannot pull it because the registry lacks it.
    pub lost: Option<&'a Lost>,
    /// What is to be thought of it.
    pub verdict: &'a Verdict,
    /// How its verification stands that is made again, while that is under way.
    pub again: Option<&'a Again>,
    /// What serves, and how far it was passed on, where that is asked for.
    pub passed: Option<&'a (&'a Release, Passed)>,
}

impl<'a> Reading<'a> {
    /// The release that serves now. Of one that never had cores nothing but its record says so: that stays until there are some.
    pub fn serving(&self) -> Option<&'a Release> {
        if self.rollout.complete {
            return self.choice.release;
        }
        let has_none = self.sight.desired.fleet.is_none() && self.sight.posts().next().is_none();
        let stays = has_none.then(|| self.sight.observed.releases.live_without_cores()).flatten();
        stays.or_else(|| self.choice.serves())
    }

    /// What preflight or tests of the candidate say, where it is their turn.
    pub fn tests_of_candidate(&self) -> Option<(Stage, &'a Proof)> {
        self.candidate.and_then(|candidate| self.tests.at(candidate))
    }

    /// The build that decides what becomes of a release: one that makes a lost image again decides nothing, and one that did not
    /// get its commit says nothing before the ref was looked at again.
    pub fn build_of(&self, release: &Release) -> Option<&'a Build> {
        let is_candidate = || self.candidate.is_some_and(|candidate| candidate.is(release));
        let observed = self.sight.observed;
        let known = observed.builds.get(&release.name).filter(|_| release.fate == Fate::Pending);
        let known = known.filter(|build| build.trouble().is_none() || !look::is_unconfirmed(observed));
        known.or_else(|| self.held.filter(|_| is_candidate()))
    }
}
