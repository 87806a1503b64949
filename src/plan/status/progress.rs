//! How far the newest release got, a line for each step and each gate: what `kubectl describe` shows of it.

use crate::api::v1alpha1::{GateState, GateStatus, Progress, ReleaseStep, StepName, StepState, TengineReleaseStatus};
use crate::plan::reading::Reading;
use crate::plan::releases::record::Told;
use crate::plan::releases::took;
use crate::plan::texts;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

/// The release that is wanted, or else the one that is to serve. None before there is one.
pub(super) fn progress(reading: &Reading<'_>, told: &[Told<'_>]) -> Option<Progress> {
    let newest = reading.candidate.or(reading.choice.release)?;
    let (release, status) = told.iter().find(|(release, _)| release.is(newest))?;
    Some(Progress { release: release.name.clone(), steps: lines(status), took: status.took.clone() })
}

/// Gates stand before the roll-out, or after it before the change-over.
fn lines(status: &TengineReleaseStatus) -> Vec<String> {
    let roll_out = |name: StepName| name == StepName::RollOut;
    let steps = |of: &dyn Fn(StepName) -> bool| -> Vec<String> {
        status.steps.iter().filter(|step| of(step.name)).map(of_step).collect()
    };
    let gates = |later: bool| status.gates.iter().filter(move |gate| gate.before.is_some() == later).map(of_gate);
    let lines = steps(&|name| name < StepName::RollOut).into_iter().chain(gates(false)).chain(steps(&roll_out));
    let lines = lines.chain(gates(true)).chain(steps(&|name| name > StepName::RollOut));
    lines.map(|line| texts::step(&line)).collect()
}

fn of_step(step: &ReleaseStep) -> String {
    let span = took::of_step(step).map(|(from, to)| took::words(to.duration_since(from)));
    let time = match (step.state, span) {
        (StepState::Done, Some(span)) => format!(" in {span}"),
        (StepState::Failed | StepState::Skipped, Some(span)) => format!(" after {span}"),
        (StepState::Running, _) => since(step.since.as_ref()),
        _ => String::new(),
    };
    line(&format!("{:?}: {:?}{time}", step.name, step.state), step.message.as_deref())
}

fn of_gate(gate: &GateStatus) -> String {
    let span = took::of_gate(gate).map(|(from, to)| took::words(to.duration_since(from)));
    let time = match (gate.state, span) {
        (GateState::Open | GateState::Overridden, Some(span)) => format!(" after {span}"),
        (GateState::Waiting, _) => since(gate.arrived_at.as_ref().or(Some(&gate.since))),
        _ => String::new(),
    };
    line(&format!("Gate {}: {:?}{time}", gate.name, gate.state), Some(&gate.message))
}

fn line(standing: &str, message: Option<&str>) -> String {
    match message {
        Some(message) if !message.is_empty() => format!("{standing}: {message}"),
        _ => standing.to_owned(),
    }
}

fn since(time: Option<&Time>) -> String {
    time.map(|Time(at)| format!(" since {at:.0}")).unwrap_or_default()
}
