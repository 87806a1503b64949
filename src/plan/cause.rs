//! What an end of a core comes from, as far as the end itself, its log and the pods beside it say. Pure.

use super::observed::{Crash, Ending, Pod, PodTrouble};
use super::releases::Release;
use super::rollout::Rollout;
use super::sight::Sight;
use crate::api::v1alpha1::condition::Reason;
use jiff::SignedDuration;

/// The probe counts its own looks, of which the first is at once.
const SLACK: SignedDuration = SignedDuration::from_secs(5);
/// Ends of different pods that are no further apart come from the same: twice the longest that Kubernetes waits before it starts
/// a container again.
const SAME_TIME: SignedDuration = SignedDuration::from_mins(10);

/// What an end comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Its node cannot run what is in the image.
    Platform,
    /// Broker, database or machine, by the exception that ended it.
    Environment(Reason),
    /// Whatever ends the pods of a release that worked, too.
    Others,
    /// It was over its limit of memory, or its node had none left.
    Memory,
    /// Its probe ended it: it had its time, and was never ready.
    Probe,
    /// Somebody from outside: by a signal, or by telling it to end.
    Outside,
    /// It had lost its connection to the broker, and was ended for that.
    Disconnected,
    /// Nobody knows: its log cannot be read.
    Unread,
    /// It had loaded the definitions, and died on what it was given to do.
    Events,
    /// Nothing explains it but its content.
    Content,
}

/// What the causes of a release's ends are read by.
#[derive(Debug)]
pub struct Causes<'a> {
    release: &'a Release,
    /// Pods of releases that worked.
    worked: Vec<&'a Pod>,
}

impl<'a> Causes<'a> {
    /// For the ends of this release's pods.
    pub fn of(sight: Sight<'a>, release: &'a Release, rollout: &'a Rollout) -> Self {
        let worked = |pod: &&Pod| {
            let theirs = pod.release.as_deref().and_then(|name| sight.observed.releases.named(name));
            theirs.is_some_and(|theirs| theirs.verified_at().is_some() && !theirs.is(release))
        };
        Self { release, worked: rollout.others.iter().filter(worked).collect() }
    }

    /// What the present end comes from.
    pub fn of_present(&self, crash: &Crash) -> Cause {
        let present = |pod: &&Pod| match &pod.trouble {
            Some(PodTrouble::Crash(theirs)) => is_alike(theirs, crash),
            _ => false,
        };
        self.cause(crash, self.worked.iter().any(present))
    }

    /// How many ends in a row, this one among them, come from the same as this one. What was not seen, or could not be read, says
    /// nothing of the others.
    pub fn in_a_row(&self, pod: &Pod, crash: &Crash) -> usize {
        let cause = self.of_present(crash);
        1 + pod.before.iter().take_while(|before| self.of_past(before) == cause).count()
    }

    /// Pods that worked may have recovered since.
    fn of_past(&self, crash: &Crash) -> Cause {
        let then = |theirs: &Crash| {
            let apart = theirs.at.zip(crash.at).map(|(theirs, at)| theirs.duration_since(at).abs());
            is_alike(theirs, crash) && apart.is_some_and(|apart| apart <= SAME_TIME)
        };
        let ended_then = |pod: &&Pod| {
            let present = match &pod.trouble {
                Some(PodTrouble::Crash(theirs)) => Some(theirs.as_ref()),
                _ => None,
            };
            present.into_iter().chain(&pod.before).any(then)
        };
        self.cause(crash, self.worked.iter().any(ended_then))
    }

    fn cause(&self, crash: &Crash, ends_what_worked: bool) -> Cause {
        let evidence = &crash.evidence;
        if evidence.is_of_another_platform() {
            return Cause::Platform;
        }
        if let Some(reason) = evidence.environment() {
            return Cause::Environment(reason);
        }
        let says_nothing = evidence.class.is_none() && evidence.place.is_none();
        match crash.ending {
            Ending::Own | Ending::Signal if says_nothing && crash.was_disconnected() => Cause::Disconnected,
            _ if ends_what_worked => Cause::Others,
            Ending::OutOfMemory => Cause::Memory,
            _ if evidence.class.is_none() && self.was_ended_by_its_probe(crash) => Cause::Probe,
            Ending::Signal if evidence.place.is_none() => Cause::Outside,
            Ending::Own | Ending::Signal if crash.unread.is_some() => Cause::Unread,
            // That is how it ends when it is told to; an event that it does not survive ends it in another way.
            Ending::Own if says_nothing && crash.had_loaded() && crash.exit_code == 0 => Cause::Outside,
            Ending::Own | Ending::Signal if crash.was_waiting() && evidence.place.is_none() => Cause::Outside,
            Ending::Own | Ending::Signal if crash.had_loaded() && evidence.place.is_none() => Cause::Events,
            Ending::Own | Ending::Signal => Cause::Content,
        }
    }

    /// Whether the start-up probe ended it: it ran for the whole of its time and was never ready.
    fn was_ended_by_its_probe(&self, crash: &Crash) -> bool {
        let after_its_turn = crash.last_status.as_deref() == Some("waiting_activation");
        !crash.was_ready && (after_its_turn || crash.lasted >= self.release.allowance() - SLACK)
    }
}

/// Whether two processes ended in the same way, as far as their logs are known.
fn is_alike(one: &Crash, other: &Crash) -> bool {
    let read = one.unread.is_none() && other.unread.is_none();
    read && one.ending == other.ending && one.evidence.class == other.evidence.class
}
