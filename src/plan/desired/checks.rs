//! The checks of a release: tests before its roll-out, verification after it, and what comes of a failure.

use super::check::{Check, Problem};
use super::times::{self, Times};
use crate::api::v1alpha1::{
    CheckJob, CheckQuery, CheckResources, CheckVariable, Checks, Preflight, Rollback, RollbackMode, VerificationCheck,
    condition::Reason,
};
use crate::domain::ObjectName;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long the Job of a check may take unless the spec says so, in seconds.
const TIMEOUT: u64 = 300;
/// How long a preflight may take unless the spec says so, in seconds.
const PREFLIGHT: u64 = 120;
/// How long a verified release is watched unless the spec says so, in seconds.
const WATCH: u64 = 600;

/// What is looked at before a release counts as verified.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WantedChecks {
    /// What Tengine itself is asked before that.
    pub preflight: WantedPreflight,
    /// Before a pod of it is started.
    pub tests: Vec<WantedCheck>,
    /// How long all pods have to be ready before it is verified.
    pub min_ready: Duration,
    /// Once all its pods are ready.
    pub verification: Vec<WantedCheck>,
    /// When that is looked at again.
    pub again: Option<Times>,
}

impl WantedChecks {
    /// How long all that is asked besides ready pods may take.
    pub fn allowance(&self) -> Duration {
        let jobs = self.verification.iter().filter_map(|check| match &check.probe {
            Probe::Job(job) => Some(job.timeout),
            Probe::Query(_) => None,
        });
        let asked = self.preflight.connection || self.preflight.load;
        let preflight = if asked { self.preflight.timeout * 2 } else { Duration::ZERO };
        jobs.sum::<Duration>() + preflight + self.min_ready
    }

    /// Whether ready pods alone prove a release.
    pub fn asks_for_no_verification(&self) -> bool {
        self.min_ready.is_zero() && self.verification.is_empty()
    }
}

/// What Tengine itself is asked before a pod of a release is started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WantedPreflight {
    /// Whether it tests the connection to broker and database.
    pub connection: bool,
    /// Whether it loads the definitions.
    pub load: bool,
    /// How long it may take.
    pub timeout: Duration,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedCheck {
    /// Its name.
    pub name: String,
    /// What is done.
    pub probe: Probe,
}

/// What is done for a check.
#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    /// A Job runs.
    Job(WantedJob),
    /// Prometheus is asked.
    Query(WantedQuery),
}

/// The Job of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedJob {
    /// Program and arguments.
    pub command: Vec<String>,
    /// More variables.
    pub env: Vec<CheckVariable>,
    /// Requests and limits.
    pub resources: Option<CheckResources>,
    /// How long it may take.
    pub timeout: Duration,
}

/// The query of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedQuery {
    /// Where Prometheus is.
    pub url: String,
    /// What it is asked.
    pub expression: String,
    /// The least number that passes.
    pub at_least: Option<f64>,
    /// The greatest.
    pub at_most: Option<f64>,
}

/// What is done about a release that turns out bad once its pods are ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedRollback {
    /// Whether a person decides.
    pub mode: RollbackMode,
    /// How long after its verification a release is watched.
    pub watch: Duration,
}

/// Reads `spec.checks`.
pub(super) fn read(check: &mut Check, checks: Option<&Checks>) -> WantedChecks {
    let Some(checks) = checks else { return WantedChecks::default() };
    let preflight = preflight(check, checks.preflight.as_ref());
    let tests: Vec<WantedCheck> = checks
        .tests
        .iter()
        .enumerate()
        .map(|(at, test)| {
            let field = format!("spec.checks.tests[{at}].job");
            WantedCheck { name: test.name.clone(), probe: Probe::Job(job(check, &field, &test.job)) }
        })
        .collect();
    unique(check, "spec.checks.tests", &tests);
    let again = checks.schedule.as_ref().and_then(|given| {
        times::read_times(check, "spec.checks.schedule", "cron", &given.cron, given.time_zone.as_deref())
    });
    if checks.schedule.is_some() && checks.verification.as_ref().is_none_or(|asked| asked.checks.is_empty()) {
        problem(check, "spec.checks.schedule: give spec.checks.verification.checks, which are made again".into());
    }
    let Some(verification) = &checks.verification else {
        return WantedChecks { preflight, tests, ..WantedChecks::default() };
    };
    let min_ready = check.span("spec.checks.verification.minReady", verification.min_ready.as_deref(), 0, 0);
    let asked = verification.checks.iter().enumerate();
    let wanted: Vec<WantedCheck> = asked.filter_map(|(at, asked)| one(check, at, asked)).collect();
    unique(check, "spec.checks.verification.checks", &wanted);
    WantedChecks { preflight, tests, min_ready, verification: wanted, again }
}

fn preflight(check: &mut Check, given: Option<&Preflight>) -> WantedPreflight {
    let timeout = given.and_then(|given| given.timeout.as_deref());
    WantedPreflight {
        connection: given.and_then(|given| given.connection).unwrap_or(false),
        load: given.and_then(|given| given.load).unwrap_or(false),
        timeout: check.span("spec.checks.preflight.timeout", timeout, PREFLIGHT, 5),
    }
}

/// Reads `spec.rollback`.
pub(super) fn rollback(check: &mut Check, rollback: Option<&Rollback>) -> WantedRollback {
    let given = rollback.cloned().unwrap_or_default();
    WantedRollback {
        mode: given.mode.unwrap_or_default(),
        watch: check.span("spec.rollback.watch", given.watch.as_deref(), WATCH, 0),
    }
}

fn one(check: &mut Check, at: usize, asked: &VerificationCheck) -> Option<WantedCheck> {
    let field = format!("spec.checks.verification.checks[{at}]");
    let probe = match (&asked.job, &asked.query) {
        (Some(asked), None) => Probe::Job(job(check, &format!("{field}.job"), asked)),
        (None, Some(asked)) => Probe::Query(query(check, &format!("{field}.query"), asked)),
        _ => {
            problem(check, format!("{field}: give exactly one of job and query"));
            return None;
        }
    };
    Some(WantedCheck { name: asked.name.clone(), probe })
}

fn job(check: &mut Check, field: &str, job: &CheckJob) -> WantedJob {
    if job.command.first().is_none_or(String::is_empty) {
        problem(check, format!("{field}.command: give the program that runs, and its arguments"));
    }
    for (at, variable) in job.env.iter().flatten().enumerate() {
        let from = variable.value_from.as_ref();
        let secret = from.and_then(|from| from.secret_key_ref.as_ref()).map(|secret| &secret.name);
        let map = from.and_then(|from| from.config_map_key_ref.as_ref()).map(|map| &map.name);
        for name in secret.into_iter().chain(map) {
            check.parse::<ObjectName>(&format!("{field}.env[{at}]"), name);
        }
    }
    WantedJob {
        command: job.command.clone(),
        env: job.env.clone().unwrap_or_default(),
        resources: job.resources.clone(),
        timeout: check.span(&format!("{field}.timeout"), job.timeout.as_deref(), TIMEOUT, 1),
    }
}

fn query(check: &mut Check, field: &str, query: &CheckQuery) -> WantedQuery {
    let mut number = |name: &str, text: Option<&String>| {
        let text = text?;
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        if number.is_none() {
            problem(check, format!("{field}.{name}: {text:?} is not a number, give one such as \"0.99\""));
        }
        number
    };
    let (at_least, at_most) = (number("atLeast", query.at_least.as_ref()), number("atMost", query.at_most.as_ref()));
    if query.at_least.is_none() && query.at_most.is_none() {
        problem(check, format!("{field}: give atLeast, atMost or both"));
    }
    WantedQuery {
        url: query.url.trim_end_matches('/').to_owned(),
        expression: query.expression.clone(),
        at_least,
        at_most,
    }
}

fn unique(check: &mut Check, field: &str, checks: &[WantedCheck]) {
    let mut seen = BTreeSet::new();
    for twice in checks.iter().filter(|wanted| !seen.insert(wanted.name.as_str())) {
        problem(check, format!("{field}: the name {:?} stands twice, give each check its own", twice.name));
    }
}

fn problem(check: &mut Check, message: String) {
    check.problems.push(Problem::new(Reason::InvalidSpec, message));
}
