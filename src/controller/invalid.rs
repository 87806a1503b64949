//! A spec that cannot be carried out: that is told, and so is every question about it.
//!
//! Who takes turns goes on doing so by the last spec that could, as long as this process saw one ([`plan::turns`]).

use super::context::Context;
use super::error::Error;
use super::observe::Questions;
use super::report::Reported;
use super::{actions, execute, observe, report};
use crate::api::v1alpha1::{TengineDeployment, TengineDeploymentSpec};
use crate::plan::{self, Desired, Problem, Turns};
use jiff::Timestamp;
use kube::ResourceExt as _;
use std::sync::Arc;
use std::time::Duration;

/// When it is looked at again, where nothing changes.
const SELDOM: Duration = Duration::from_hours(1);

/// Remembers the spec for a time in which there is none that can be carried out.
pub fn remember(context: &Context, object: &TengineDeployment, desired: &Desired) {
    if desired.strategy.takes_turns() && desired.fleet.is_none() {
        context.board.could(&desired.uid, object);
    } else {
        context.board.could_not(&desired.uid);
    }
}

/// Tells it. What runs is left alone, but for whose turn it is.
pub async fn refuse(
    context: &Context,
    object: &TengineDeployment,
    problems: &[Problem],
    now: Timestamp,
) -> Result<(Duration, bool), Error> {
    let uid = object.uid().unwrap_or_default();
    context.board.not_selected(&uid);
    let before = object.status.clone().unwrap_or_default();
    let mut status = plan::invalid(problems, object.metadata.generation.unwrap_or_default(), &before, now);
    let turns = match context.board.last_that_could(&uid) {
        Some(spec) => take_turns(context, object, spec, now).await,
        None => Ok(None),
    };
    if let Ok(Some(turns)) = &turns {
        status.nodes.clone_from(&turns.nodes);
        if let Some(current) = &turns.current {
            status.next.take_if(|next| next.commit == current.commit);
            status.current = Some(current.clone());
        }
    }
    let wrote = report::report(context, object, &status).await;
    let all: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    let why = format!("while the spec is invalid; put it right and ask again. {}", all.join("; "));
    // Whatever becomes of the status.
    actions::refuse(context, object, &why).await?;
    let turns = turns?;
    let next = turns.as_ref().map_or(SELDOM, |turns| turns.next);
    let acted = turns.is_some_and(|turns| !turns.effects.is_empty());
    Ok((next, wrote? == Reported::Written || acted))
}

/// Whose turn it is, by the last spec that could be carried out.
async fn take_turns(
    context: &Context,
    object: &TengineDeployment,
    spec: Arc<TengineDeploymentSpec>,
    now: Timestamp,
) -> Result<Option<Turns>, Error> {
    let object = TengineDeployment { spec: spec.as_ref().clone(), ..object.clone() };
    let valid = plan::validate(&object).and_then(|desired| desired.on(&context.shared.settings.platform));
    let Ok(desired) = valid else { return Ok(None) };
    let questions = Questions::of(context, &object, &desired).await?;
    let observed = observe::observe(context, &object, &desired, &questions).await?;
    let turns = plan::turns(&desired, &observed, now);
    execute::execute(context, &desired, &questions, &turns.effects).await?;
    Ok(Some(turns))
}
