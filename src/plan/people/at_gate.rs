//! What is said at gates, and when it is refused.

use super::verbs::{Answer, Said, Scene, vouched};
use super::words::{Decision, Say};
use crate::api::v1alpha1::{TengineAction, Verb};
use crate::plan::desired::{GateRule, WantedApproval, WantedGate};
use crate::plan::gates::{may_say, speaks_of};
use crate::plan::observed::Vouched;
use crate::plan::releases::Release;
use jiff::Timestamp;

/// Whether an approval has not run out.
fn counts(said: &Decision, wanted: &WantedApproval, now: Timestamp) -> bool {
    let until = wanted.expires.and_then(|expires| said.at.checked_add(expires).ok());
    until.is_none_or(|until| until > now)
}

impl Scene<'_> {
    /// Approve, Reject and Override: what is said of the release's image at a gate.
    pub(super) fn at_gate(&self, action: &TengineAction, named: Option<&Release>) -> Answer {
        let (verb, person) = (action.spec.action, &action.spec.by);
        if let Vouched::Against(why) = vouched(self.sight, action) {
            return Err(format!("{verb:?} does not count, since {why}"));
        }
        let release = named.ok_or("spec.release: name the release that you speak of")?;
        let name = &release.name;
        let gate = self.gate(action)?;
        let judged = self.passages.of(release).ok_or_else(|| format!("release {name} does not wait at a gate"))?;
        if !judged.iter().any(|judged| judged.gate == gate.name) {
            return Err(format!("release {name} has passed gate {} already", gate.name));
        }
        let digest = release.digest().ok_or_else(|| format!("release {name} has no image yet"))?;
        match &gate.rule {
            _ if verb == Verb::Override => {
                if judged.iter().any(|judged| judged.gate == gate.name && judged.is_open()) {
                    return Err(format!("gate {} lets release {name} pass already", gate.name));
                }
            }
            GateRule::Approval(wanted) => {
                may_say(wanted, person, release)?;
                let of_theirs = |said: &&Decision| {
                    said.gate == gate.name
                        && said.say != Say::Override
                        && said.by.user == person.user
                        && speaks_of(self.sight, said, release)
                };
                if self.words.decisions(digest).filter(of_theirs).last().is_some_and(|said| {
                    said.say == Say::For && verb == Verb::Approve && counts(said, wanted, self.sight.now)
                }) {
                    return Err(format!("{} has approved release {name} already", person.user));
                }
            }
            GateRule::Statuses(_) | GateRule::Window(_) => {
                return Err(format!("spec.gate: gate {} waits for nobody's approval", gate.name));
            }
        }
        let word = match verb {
            Verb::Override => "opened for",
            Verb::Reject => "kept shut for",
            _ => "approved for",
        };
        let message = format!("gate {} is {word} {name} ({})", gate.name, release.spec.revision);
        Ok(Said {
            release: name.clone(),
            at_gate: Some((gate.name.clone(), digest.to_owned())),
            message,
            ..Said::default()
        })
    }

    /// The gate that an action names, or the only one that waits for approval.
    fn gate(&self, action: &TengineAction) -> Result<&WantedGate, String> {
        let gates = &self.sight.desired.gates;
        if let Some(name) = &action.spec.gate {
            let found = gates.iter().find(|gate| gate.name == *name);
            return found.ok_or_else(|| format!("spec.gate: there is no gate {name}"));
        }
        let mut approvals = gates.iter().filter(|gate| matches!(gate.rule, GateRule::Approval(_)));
        match (approvals.next(), approvals.next()) {
            (Some(gate), None) => Ok(gate),
            (None, _) => Err("there is no gate that waits for approval".to_owned()),
            (Some(_), Some(_)) => Err("spec.gate: name one of the gates that wait for approval".to_owned()),
        }
    }
}
