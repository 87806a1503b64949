//! The connection test of a deployment: `tengined -k test` in the base image, before a release is rolled out.
//!
//! It speaks about broker, database, Secrets and base image, and so never about a release: what it says against them is said, and
//! tried again. Its Job has a name that follows from all of these, and is the memory of what it said: as long as it is there
//! and passed, nothing is started or written.

use super::attempt::{Attempt, gone, judge, last_line};
use super::load::{is_in_use, unexplained};
use super::proof::Proof;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::{ChildName, KeyHasher};
use crate::manifest::{self, ConnectionPod, PreflightPod};
use crate::plan::desired::{FromGit, Origin};
use crate::plan::effect::{Effect, Track};
use crate::plan::evidence::Evidence;
use crate::plan::observed::{CheckJob, JobState};
use crate::plan::releases::Release;
use crate::plan::sight::Sight;
use crate::plan::want;
use jiff::Timestamp;

/// What Tengine prints before class and words of what went wrong.
const FAILURE: &str = "Connection test failure: [";

/// What it says, or its start; `None` where nobody asks, or nothing is started any more and none has been.
pub fn of_connection(sight: Sight<'_>, candidate: Option<&Release>) -> Track<Option<Proof>> {
    if !sight.desired.checks.preflight.connection {
        let effects = all(sight).filter(|job| !job.deleting).map(gone).collect();
        return Track { effects, ..Track::found(None) };
    }
    let name = job_name(sight);
    let mine = name.as_ref().and_then(|name| all(sight).find(|job| job.name == name.as_ref()));
    let starts = (is_base_known(sight) || let_pass(sight)) && !sight.desired.suspend;
    let Some(name) = name.as_ref().filter(|_| mine.is_some() || starts) else {
        let waits = Some(Proof::Running("waits for base image, Secrets and ConfigMaps".into()));
        return Track { effects: look_at_base(sight), ..Track::found(waits.filter(|_| !sight.desired.suspend)) };
    };
    if mine.is_none() && image(sight, candidate).is_none() {
        return Track::found(Some(Proof::Running("waits for a version to be tested in".into())));
    }
    let others: Vec<Effect> = all(sight).filter(|job| !job.deleting && job.name != name.as_ref()).map(gone).collect();
    if mine.is_none() && is_in_use(sight, name) {
        let words = "waits for another one to leave the scratch database";
        return Track { effects: others, ..Track::found(Some(Proof::Running(words.into()))) };
    }
    let begun = mine.and_then(|job| job.begun.or(job.made));
    let attempt = Attempt {
        what: "connection test",
        running: "tengined -k test",
        name,
        since: None,
        begun,
        starts,
        lasts: true,
        start: &|after| start(sight, candidate, name, begun, after),
        failed: &|end, log| judged(sight, end, log),
    };
    let Track { found, mut effects, due } = judge(&sight.observed.connections, sight.now, &attempt);
    if starts {
        effects.splice(0..0, others);
    } else {
        effects.extend(look_at_base(sight));
    }
    Track { found: Some(found), effects, due }
}

/// What was asked before this process began is asked again in its time; a test that waits for the answer waits no longer than that takes.
fn look_at_base(sight: Sight<'_>) -> Vec<Effect> {
    let base = &sight.observed.base;
    let waits = base.not_before.is_some_and(|at| at > sight.now) && !base.running && !is_base_known(sight);
    (waits && !sight.desired.suspend).then_some(Effect::LookAtBase).into_iter().collect()
}

fn start(
    sight: Sight<'_>,
    candidate: Option<&Release>,
    name: &ChildName,
    begun: Option<Timestamp>,
    after: Option<(Reason, &str)>,
) -> Option<Effect> {
    // One of before, which is over, leaves the database to others.
    if is_in_use(sight, name) {
        return None;
    }
    let desired = sight.desired;
    let pod = PreflightPod {
        namespace: &desired.namespace,
        deployment: &desired.name,
        owner: (&desired.name, &desired.uid),
        image: &image(sight, candidate)?,
        platform: desired.platform.as_ref(),
        settings: &want::settings(sight)?,
        timeout: desired.checks.preflight.timeout,
        after,
    };
    let pull_secret = desired.git().and_then(|git| git.base.secret.as_deref());
    let test = ConnectionPod { pod, pull_secret, begun };
    let object = Box::new(manifest::connection_job(&test, name));
    Some(Effect::StartJob { name: name.to_string(), owner: desired.uid.clone(), object })
}

/// Whether a release may be rolled out as far as it goes.
pub fn let_pass(sight: Sight<'_>) -> bool {
    let passed = |name: ChildName| all(sight).any(|job| job.name == name.as_ref() && job.state == JobState::Passed);
    !sight.desired.checks.preflight.connection || job_name(sight).is_some_and(passed)
}

/// Whether the content of what the cores read may be one that the connection test has not let pass: it is asked for, and has not passed
/// with this content and the wanted settings.
pub fn is_content_untested(sight: Sight<'_>) -> bool {
    !let_pass(sight)
}

fn all(sight: Sight<'_>) -> impl Iterator<Item = &CheckJob> {
    sight.observed.connections.iter()
}

/// The name of the Job for what is wanted now, as far as that is known: another one for other settings, other content of what the
/// cores read, another base image, or another way to it: one that no node could pull says nothing of where it is looked for now.
fn job_name(sight: Sight<'_>) -> Option<ChildName> {
    let settings = want::settings(sight)?;
    let (base, secret) = match &sight.desired.origin {
        Origin::Git(git) => (pulled(git, sight)?, git.base.secret.clone().unwrap_or_default()),
        Origin::Promotion(_) => Default::default(),
    };
    let identity = KeyHasher::default()
        .part("uid", &sight.desired.uid)
        .part("base", base)
        .part("base-secret", secret)
        .part("settings", want::text(&settings))
        .part("content", sight.observed.references.wanted.as_ref()?)
        .part("timeout", sight.desired.checks.preflight.timeout.as_secs().to_string())
        .digits();
    Some(ChildName::of_connection(&sight.desired.name, &identity))
}

/// Whether the registry was asked since this process began. What was known before that is asked anew, and a test of what turns out
/// to be old by then would take the place of the newest.
fn is_base_known(sight: Sight<'_>) -> bool {
    let asked = sight.observed.base.answer.is_some() || sight.observed.base.trouble.is_some();
    sight.desired.git().is_none_or(|_| asked)
}

/// The base image; what is promoted, and what serves of it while nothing newer is known, has it within.
fn image(sight: Sight<'_>, candidate: Option<&Release>) -> Option<String> {
    match &sight.desired.origin {
        Origin::Git(git) => pulled(git, sight),
        Origin::Promotion(_) => {
            let serves = || sight.told().and_then(|name| sight.observed.releases.named(name));
            candidate.or_else(serves)?.image().map(ToOwned::to_owned)
        }
    }
}

/// The base image, as nodes pull it.
fn pulled(git: &FromGit, sight: Sight<'_>) -> Option<String> {
    Some(format!("{}@{}", git.base.reference.repository, want::base(git, sight.observed)?))
}

/// What an end without the words of success says.
fn judged(sight: Sight<'_>, end: &str, log: &str) -> Proof {
    let evidence = Evidence::read(log, &[]);
    let told = log.lines().rev().find_map(|line| line.split_once(FAILURE)?.1.split_once("] "));
    let Some((class, message)) = told else {
        let said = evidence.sentence().or_else(|| last_line(log));
        let words = said.map_or_else(String::new, |said| format!(": {said}"));
        return Proof::Held(unexplained(&evidence), format!("connection test: {end}{words}"));
    };
    let evidence = Evidence { class: Some(class.to_owned()), message: Some(message.to_owned()), ..evidence };
    let words = last_line(&format!("[{class}] {message}")).unwrap_or_default();
    if evidence.is_refused_by_the_database() {
        let scratch = manifest::scratch(&sight.desired.namespace, &sight.desired.name);
        let message = format!("connection test: database {scratch} is refused: {words}");
        return Proof::Held(Reason::ScratchDatabaseRefused, message);
    }
    let place =
        if evidence.environment() == Some(Reason::DatabaseUnreachable) { database(sight) } else { broker(sight) };
    Proof::Held(Reason::ConnectionTestFailed, format!("connection test: {words} ({place})"))
}

/// Where the broker is, and whose credentials it was given.
fn broker(sight: Sight<'_>) -> String {
    let Some(queue) = &sight.desired.tengine.event_queue else { return configured(sight, "the broker") };
    let (host, port, vhost) = (&queue.host, queue.port.unwrap_or(5672), queue.vhost.as_deref().unwrap_or("/"));
    let secret = queue.secret_ref.as_ref().map(|secret| format!(", Secret {}", secret.name)).unwrap_or_default();
    format!("broker {host}:{port}, virtual host {vhost}{secret}")
}

fn database(sight: Sight<'_>) -> String {
    let Some(database) = &sight.desired.tengine.database else { return configured(sight, "the database") };
    let secret = database.secret_ref.as_ref().map(|secret| format!(", Secret {}", secret.name)).unwrap_or_default();
    format!("database at {}{secret}", database.hosts.join(", "))
}

fn configured(sight: Sight<'_>, what: &str) -> String {
    sight.desired.config_ref().map_or_else(|| what.to_owned(), |config| format!("{what} of ConfigMap {}", config.name))
}
