//! A check that asks Prometheus.

use super::proof::Proof;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::desired::{WantedCheck, WantedQuery};
use crate::plan::effect::{Effect, Query, Track};
use crate::plan::observed::QuerySeen;
use crate::plan::sight::Sight;
use jiff::{SignedDuration, Timestamp};

/// How long after an answer that is no number Prometheus is asked again.
const ASK_AGAIN: SignedDuration = SignedDuration::from_secs(10);

/// What its answer says; one from before `since` says nothing.
pub fn of_query(
    sight: Sight<'_>,
    check: (&WantedCheck, &WantedQuery),
    identity: String,
    since: Option<Timestamp>,
) -> Track<Proof> {
    let (check, wanted) = check;
    let mut seen = sight.observed.queries.get(&identity).cloned().unwrap_or_default();
    seen.answer = seen.answer.filter(|(_, at)| since.is_none_or(|since| since <= *at));
    let ask = || {
        let (url, expression) = (wanted.url.clone(), wanted.expression.clone());
        Effect::Ask(Box::new(Query { identity, url, expression }))
    };
    match seen {
        QuerySeen { answer: Some((Ok(number), _)), .. } => Track::found(compare(check, wanted, number)),
        QuerySeen { answer, running } => {
            let (found, due) = match answer {
                Some((Err(why), at)) => {
                    let message = format!("check {}: {why}", check.name);
                    (Proof::Held(Reason::QueryFailed, message), at.checked_add(ASK_AGAIN).ok())
                }
                Some((Ok(_), _)) | None => (Proof::Running(check.name.clone()), None),
            };
            let is_due = due.is_none_or(|due| due <= sight.now) && !running;
            Track { found, effects: is_due.then(ask).into_iter().collect(), due: due.filter(|due| *due > sight.now) }
        }
    }
}

fn compare(check: &WantedCheck, wanted: &WantedQuery, number: f64) -> Proof {
    let beyond = match (wanted.at_least, wanted.at_most) {
        (Some(least), _) if number < least => format!("at least {least} is asked for"),
        (_, Some(most)) if number > most => format!("at most {most} is asked for"),
        _ => return Proof::Passed,
    };
    let message = format!("check {} failed: {} is {number}, {beyond}", check.name, wanted.expression);
    Proof::Failed { evidence: message.clone(), message }
}
