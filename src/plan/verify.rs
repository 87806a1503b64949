//! Did the target prove itself, or show that its content is wrong?
//!
//! Only what the content of a release caused condemns it. What the environment caused waits. How each is told apart is in
//! docs/decisions/0005.

mod broker;
mod verdict;

pub use verdict::Verdict;

use super::cause::{Cause, Causes};
use super::effect::Track;
use super::lineup::Lineup;
use super::observed::{Crash, Ending, Obstacle, Pod, PodTrouble};
use super::proofs::{self, Proof};
use super::releases::{Fate, Release};
use super::restore::Lost;
use super::rollout::Rollout;
use super::sight::Sight;
use crate::api::v1alpha1::EventQueue;
use crate::api::v1alpha1::condition::Reason;
use broker::{dies_on_events, has_lost, waits_for};
use jiff::{SignedDuration, Timestamp};
use verdict::{Finding, Weight, in_the_way, refused};

/// So many ends in a row that nothing else explains are no accident.
const ENDS_THAT_CONVINCE: usize = 3;
/// How long a pod may take to end beyond its time before that is worth a word.
const LINGERING: SignedDuration = SignedDuration::from_secs(60);
/// The first rules of rendering whose probes leave the core's status behind when they end it.
const RENDERING_WITH_STATUS: i32 = 2;

/// Judges the target by its pods.
pub fn judge(sight: Sight<'_>, lineup: &Lineup<'_>, rollout: &Rollout, lost: Option<&Lost>) -> Track<Verdict> {
    let Some(seat) = lineup.seats.first() else { return Track::found(Verdict::Pending) };
    if rollout.complete {
        return of_complete(sight, seat.release, rollout);
    }
    let causes = Causes::of(sight, seat.release, rollout);
    let judge = Judge { sight, release: seat.release, rollout, causes, lost };
    let pods = rollout.pods.iter().chain(judge.taken_over_from());
    let shown = pods.filter_map(|pod| judge.of_pod(pod)).chain(judge.of_all());
    let mut findings: Vec<Finding> = shown.filter_map(|finding| judge.admitted(finding)).collect();
    // Of equal weight, the first pod's.
    findings.sort_by_key(|(weight, _)| *weight);
    let found = findings.into_iter().next().map_or(Verdict::Pending, |(_, verdict)| verdict);
    Track { found, effects: Vec::new(), due: judge.due() }
}

/// What is asked besides ready pods decides; a release that failed at that is not proven by its pods.
fn of_complete(sight: Sight<'_>, release: &Release, rollout: &Rollout) -> Track<Verdict> {
    // With no pods at all nothing was proven.
    if rollout.ready == 0 || release.rejection().is_some_and(Reason::is_of_checks) {
        return Track::found(Verdict::Pending);
    }
    // Of which pods that is said is not known yet.
    if release.verified_at().is_none() && rollout.ready_since.is_none() {
        return Track::found(Verdict::Pending);
    }
    let track = proofs::verification(sight, release, rollout.ready_since);
    let found = match track.found {
        Proof::Passed => Verdict::Proven,
        Proof::Running(words) => Verdict::Proving(words),
        Proof::Held(reason, message) => Verdict::InTheWay { reason, message },
        Proof::Failed { message, evidence } => {
            Verdict::Refused { reason: Reason::VerificationFailed, message, evidence }
        }
    };
    Track { found, effects: track.effects, due: track.due }
}

/// What a judgement goes by.
struct Judge<'a> {
    sight: Sight<'a>,
    release: &'a Release,
    rollout: &'a Rollout,
    causes: Causes<'a>,
    lost: Option<&'a Lost>,
}

impl<'a> Judge<'a> {
    /// Pods of the same release that ended, while others of it take over from them (`ActiveStandby`): what ended them is no less its own.
    fn taken_over_from(&self) -> impl Iterator<Item = &'a Pod> + use<'a> {
        let name = &self.release.name;
        let ended = |pod: &&Pod| matches!(pod.trouble, Some(PodTrouble::Crash(_)));
        self.rollout
            .others
            .iter()
            .filter(move |pod| pod.turn.is_some() && pod.release.as_ref() == Some(name))
            .filter(ended)
    }

    /// A release that proved itself, or is refused already, is not condemned (again), nor one whose pods are those of what served before it
    /// and proved itself, and none while what it needs is missing.
    fn may_condemn(&self) -> bool {
        let open =
            !self.has_pods_of_another() && self.release.verified_at().is_none() && self.release.rejection().is_none();
        open && self.sight.observed.references.problems.is_empty()
    }

    /// Whether it started no pods of its own: what served last comes out the same.
    fn has_pods_of_another(&self) -> bool {
        let served = self.sight.observed.releases.last_served().filter(|served| !served.is(self.release));
        self.release.fate == Fate::Built && served.is_some_and(|served| served.comes_out_as(self.release))
    }

    /// What may be said: a release that proved itself is only condemned while it is watched, and only by what its process said
    /// itself.
    fn admitted(&self, finding: Finding) -> Option<Finding> {
        match finding {
            (weight, Verdict::Refused { reason, message, evidence }) => {
                let verdict = if self.may_condemn() {
                    Verdict::Refused { reason, message, evidence }
                } else if reason == Reason::CoreFailed && self.is_watched() {
                    let message = format!("broken after its verification: {message}");
                    Verdict::Refused { reason: Reason::Unhealthy, message, evidence }
                } else if self.release.verified_at().is_some() || self.has_pods_of_another() {
                    // It cannot be condemned any more, and what its pods show is worth a word all the same.
                    let kept = matches!(reason, Reason::OutOfMemory | Reason::ConfigurationInvalid);
                    Verdict::InTheWay { reason: if kept { reason } else { Reason::Unavailable }, message }
                } else {
                    return None;
                };
                Some((weight, verdict))
            }
            other => Some(other),
        }
    }

    /// Whether it was verified so short a time ago that what its pods show still counts.
    fn is_watched(&self) -> bool {
        let watch = SignedDuration::try_from(self.sight.desired.rollback.watch).unwrap_or(SignedDuration::MAX);
        let until = self.release.verified_at().and_then(|at| at.checked_add(watch).ok());
        let within = until.is_some_and(|until| self.sight.now < until);
        within && self.release.rejection().is_none() && self.sight.observed.references.problems.is_empty()
    }

    fn of_pod(&self, pod: &Pod) -> Option<Finding> {
        match &pod.trouble {
            None => self.overdue(pod),
            Some(PodTrouble::Obstacle(Obstacle::Pull, _)) if self.lost.is_some() => self.image_gone(),
            Some(PodTrouble::Obstacle(Obstacle::Platform, _)) => Some(of_another_platform(pod)),
            Some(PodTrouble::Obstacle(obstacle, words)) => {
                let reason = obstacle.reason();
                Some(in_the_way(Weight::Obstacle, reason, format!("pod {}: {words}", pod.name)))
            }
            Some(PodTrouble::PackageMissing) => {
                let message = "the base image has no tengined".to_owned();
                Some(refused(Weight::Proof, Reason::PackageMissing, message, ""))
            }
            Some(PodTrouble::Crash(crash)) => self.of_crash(pod, crash).or_else(|| self.overdue(pod)),
            Some(PodTrouble::Disconnected) => Some(self.disconnected(pod, "or it hangs")),
        }
    }

    fn disconnected(&self, pod: &Pod, more: &str) -> Finding {
        let message = format!("pod {}: {}; {more}", pod.name, has_lost(self.queue()));
        in_the_way(Weight::Obstacle, Reason::Disconnected, message)
    }

    fn queue(&self) -> Option<&EventQueue> {
        self.release.spec.settings.tengine.event_queue.as_ref()
    }

    /// A core that runs for the whole of its time without getting ready. Rules of rendering that leave its status behind
    /// have their last word when the probe has ended it.
    fn overdue(&self, pod: &Pod) -> Option<Finding> {
        let until = self.overdue_at(pod)?;
        (until <= self.sight.now).then(|| too_late(&Crash::default()))
    }

    fn overdue_at(&self, pod: &Pod) -> Option<Timestamp> {
        let leaves_status = self.release.spec.rendering >= RENDERING_WITH_STATUS || pod.turn.is_some();
        let since = pod.starting_since.filter(|_| !leaves_status)?;
        since.checked_add(self.release.allowance()).ok()
    }

    fn of_crash(&self, pod: &Pod, crash: &Crash) -> Option<Finding> {
        let message = describe(crash);
        Some(match self.causes.of_present(crash) {
            Cause::Platform => of_another_platform(pod),
            Cause::Environment(reason) => in_the_way(Weight::Backend, reason, message),
            Cause::Others => {
                let message = format!("{message} (the release before fails the same way)");
                in_the_way(Weight::Backend, Reason::Unavailable, message)
            }
            Cause::Memory => self.out_of_memory(pod, crash, message),
            Cause::Probe => self.held_up(pod, crash),
            Cause::Outside => {
                let message =
                    format!("pod {}: the core was ended from outside (exit code {})", pod.name, crash.exit_code);
                in_the_way(Weight::Obstacle, Reason::Unavailable, message)
            }
            Cause::Disconnected => self.disconnected(pod, "it was started again for that"),
            Cause::Unread => unread(pod, crash),
            Cause::Events => {
                let message = dies_on_events(&describe(crash), self.queue());
                in_the_way(Weight::Obstacle, Reason::PoisonMessage, message)
            }
            Cause::Content => return self.of_content(pod, crash, message),
        })
    }

    /// It ended by itself, and nothing in the environment explains it.
    fn of_content(&self, pod: &Pod, crash: &Crash, message: String) -> Option<Finding> {
        let text = &crash.evidence.text;
        if crash.evidence.place.is_some() {
            return Some(refused(Weight::Proof, Reason::CoreFailed, message, text));
        }
        if self.is_about_its_configuration(crash) {
            return Some(refused(Weight::Doubt, Reason::ConfigurationInvalid, message, text));
        }
        if self.causes.in_a_row(pod, crash) >= ENDS_THAT_CONVINCE {
            return Some(refused(Weight::Doubt, Reason::CoreFailed, message, text));
        }
        // Of a release that cannot be condemned any more, one end is worth a word.
        let known = self.release.verified_at().is_some();
        known.then(|| in_the_way(Weight::Obstacle, Reason::Unavailable, message))
    }

    /// A limit of the release's own is its settings' fault; a node without memory is not.
    fn out_of_memory(&self, pod: &Pod, crash: &Crash, message: String) -> Finding {
        let limits = self.release.spec.settings.pod.as_ref().and_then(|pod| pod.resources.as_ref()?.limits.as_ref());
        let limited = limits.is_some_and(|limits| limits.contains_key("memory"));
        if limited && self.causes.in_a_row(pod, crash) >= ENDS_THAT_CONVINCE {
            return refused(Weight::Doubt, Reason::OutOfMemory, message, "");
        }
        in_the_way(Weight::Obstacle, Reason::OutOfMemory, message)
    }

    /// Which of the two kept it from getting ready says its last status: a core that has loaded the definitions waits for the
    /// broker.
    fn held_up(&self, pod: &Pod, crash: &Crash) -> Finding {
        match crash.last_status.as_deref() {
            Some("waiting_activation") if !pod.is_told => {
                let message = format!("pod {}: the core was ended while it waited for its turn", pod.name);
                in_the_way(Weight::Obstacle, Reason::Unavailable, message)
            }
            Some("starting" | "waiting_activation") => {
                in_the_way(Weight::Backend, Reason::BrokerUnreachable, waits_for(self.queue()))
            }
            Some("connecting") => {
                let message = "the core waits for a host that does not answer".to_owned();
                in_the_way(Weight::Backend, Reason::DatabaseUnreachable, message)
            }
            Some("shutting_down") => {
                let message = "the core was told to end while it started".to_owned();
                in_the_way(Weight::Obstacle, Reason::Unavailable, message)
            }
            _ if crash.unread.is_some() => unread(pod, crash),
            _ => too_late(crash),
        }
    }

    /// An error while the file is read that `tengine.configRef` names: YAML's, or one in its ERB.
    fn is_about_its_configuration(&self, crash: &Crash) -> bool {
        let class = crash.evidence.class.as_deref().unwrap_or_default();
        self.release.spec.settings.config.is_some()
            && (class.starts_with("Psych::") || crash.evidence.text.contains("(erb):"))
    }

    /// Nodes cannot pull what the registry does not have, whatever they say of it.
    fn image_gone(&self) -> Option<Finding> {
        self.lost.map(|lost| in_the_way(Weight::Obstacle, Reason::ImageGone, lost.message.clone()))
    }

    /// What is the matter with all of it, and not with one pod.
    fn of_all(&self) -> Option<Finding> {
        if let Some(message) = &self.rollout.refused {
            return Some(in_the_way(Weight::Obstacle, Reason::PodsRefused, message.clone()));
        }
        if let Some(name) = &self.rollout.paused {
            let message = format!("somebody paused Deployment {name}: it makes no pods of what is new");
            return Some(in_the_way(Weight::Obstacle, Reason::DeploymentPaused, message));
        }
        let troubled = self.rollout.beside.iter().find_map(|pod| Some((pod, pod.trouble.as_ref()?)));
        if let Some((pod, trouble)) = troubled {
            let unpulled = matches!(trouble, PodTrouble::Obstacle(Obstacle::Pull, _));
            return self.image_gone().filter(|_| unpulled).or_else(|| Some(of_neighbour(pod, trouble)));
        }
        self.of_ending()
    }

    /// Of a pod that was told to end and holds others up: its time is over, or nobody hears of it.
    fn of_ending(&self) -> Option<Finding> {
        let rollout = self.rollout;
        let lingers = |pod: &Pod| lingers_at(pod).is_some_and(|at| at <= self.sight.now);
        let holds_up = rollout.pods.is_empty() || rollout.hand_over.is_some() || self.sight.is_held();
        let pod = rollout.ending.iter().find(|pod| holds_up && (lingers(pod) || pod.is_silent))?;
        let (name, node) = (&pod.name, pod.node.as_deref().unwrap_or("its node"));
        Some(if lingers(pod) {
            let message = format!("pod {name} was told to end and does not: {node} does not say that it is gone");
            in_the_way(Weight::Obstacle, Reason::PodLingers, message)
        } else {
            let message = format!("pod {name} was told to end for its node, and {node} does not say that it is gone");
            in_the_way(Weight::Obstacle, Reason::NodeSilent, message)
        })
    }

    /// When time alone changes the judgement.
    fn due(&self) -> Option<Timestamp> {
        let overdue = self.rollout.pods.iter().filter_map(|pod| self.overdue_at(pod));
        let lingering = self.rollout.ending.iter().filter_map(lingers_at);
        let unread = self.sight.observed.pods.iter().filter_map(read_again_at);
        overdue.chain(lingering).chain(unread).filter(|at| *at > self.sight.now).min()
    }
}

/// Its node cannot run what is in the image.
fn of_another_platform(pod: &Pod) -> Finding {
    let node = pod.node.as_deref().unwrap_or("its node");
    let message = format!("pod {}: the image is not made for the platform of {node}", pod.name);
    in_the_way(Weight::Obstacle, Reason::PlatformMissing, message)
}

/// It ended, and nobody knows why.
fn unread(pod: &Pod, crash: &Crash) -> Finding {
    let why = crash.unread.as_ref().map_or("", |unread| unread.why.as_str());
    let message =
        format!("pod {}: {}, and its log cannot be read, which would say why: {why}", pod.name, describe(crash));
    in_the_way(Weight::Obstacle, Reason::LogUnread, message)
}

/// When the log of its last end is asked for again.
fn read_again_at(pod: &Pod) -> Option<Timestamp> {
    match &pod.trouble {
        Some(PodTrouble::Crash(crash)) => crash.unread.as_ref().map(|unread| unread.again),
        _ => None,
    }
}

/// It ran for the whole of its time, and nothing was in its way.
fn too_late(crash: &Crash) -> Finding {
    let message = "the core did not get ready within strategy.progressDeadline".to_owned();
    refused(Weight::Doubt, Reason::ProgressDeadlineExceeded, message, &crash.evidence.text)
}

/// When a pod that was told to end has taken too long.
fn lingers_at(pod: &Pod) -> Option<Timestamp> {
    pod.ends_by?.checked_add(LINGERING).ok()
}

/// What stands beside the core condemns nothing.
fn of_neighbour(pod: &Pod, trouble: &PodTrouble) -> Finding {
    let (reason, words) = match trouble {
        PodTrouble::Obstacle(obstacle, words) => (obstacle.reason(), words.clone()),
        PodTrouble::PackageMissing => (Reason::Unavailable, "its program is not in the base image".into()),
        PodTrouble::Disconnected => (Reason::Disconnected, "it is no longer ready".into()),
        PodTrouble::Crash(crash) => {
            let reason = crash.evidence.environment().unwrap_or(Reason::Unavailable);
            (
                reason,
                crash.evidence.sentence().unwrap_or_else(|| format!("it ended with exit code {}", crash.exit_code)),
            )
        }
    };
    in_the_way(Weight::Obstacle, reason, format!("pod {}: {words}", pod.name))
}

/// How a process ended, in a sentence.
fn describe(crash: &Crash) -> String {
    match (crash.ending, crash.evidence.sentence()) {
        (Ending::OutOfMemory, _) => "the core was killed at its memory limit (pod.resources.limits.memory)".into(),
        (_, Some(sentence)) => sentence,
        (_, None) => format!("the core ended with exit code {}", crash.exit_code),
    }
}
