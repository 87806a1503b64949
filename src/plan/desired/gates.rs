//! Gates as values that cannot be wrong.

use super::check::Check;
use super::times::{self, WantedWindow};
use crate::api::v1alpha1::{ApprovalGate, Approvers, DeploymentReference, Gate, GateBefore, StatusGate, StrategyType};
use crate::domain::DeploymentName;
use jiff::SignedDuration;

/// A gate in front of the roll-out or of the change-over.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedGate {
    /// Its name.
    pub name: String,
    /// What it stands before.
    pub before: GateBefore,
    /// What opens it.
    pub rule: GateRule,
}

/// What opens a gate.
#[derive(Debug, Clone, PartialEq)]
pub enum GateRule {
    /// Words that another deployment attaches to the version.
    Statuses(WantedStatuses),
    /// People.
    Approval(WantedApproval),
    /// The time.
    Window(WantedWindow),
}

/// People who have to approve a version.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedApproval {
    /// How many.
    pub required: usize,
    /// Whose word counts; with no users and no groups, everybody's.
    pub users: Vec<String>,
    /// Whose word counts, by group.
    pub groups: Vec<String>,
    /// Whether the commit's author has no say.
    pub not_author: bool,
    /// How long an approval counts.
    pub expires: Option<SignedDuration>,
}

/// Words that a version needs.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedStatuses {
    /// Who attaches them.
    pub from: DeploymentName,
    /// All of these.
    pub all: Vec<String>,
    /// For so long at least.
    pub soak: SignedDuration,
}

impl WantedGate {
    /// The deployment that it asks.
    pub fn asks(&self) -> Option<&DeploymentName> {
        match &self.rule {
            GateRule::Statuses(wanted) => Some(&wanted.from),
            GateRule::Approval(_) | GateRule::Window(_) => None,
        }
    }
}

/// Reads the gates; what is wrong is named by the gate it is in.
pub(super) fn read(check: &mut Check, gates: &[Gate], strategy: StrategyType, namespace: &str) -> Vec<WantedGate> {
    let mut wanted: Vec<WantedGate> = Vec::new();
    for gate in gates {
        let field = format!("spec.gates[{}]", gate.name);
        if wanted.iter().any(|other| other.name == gate.name) {
            check.complain(format!("{field}: there are two gates of this name"));
        }
        let before = gate.before.unwrap_or_default();
        if before == GateBefore::SwitchOver && !strategy.takes_turns() {
            check.complain(format!(
                "{field}.before: SwitchOver takes strategy.type HandOver or ActiveStandby, where a version waits for its turn; with \
                 {strategy:?} none does: give one of these, or before: RollOut"
            ));
        }
        let rule = rule_of(check, &field, gate, namespace);
        wanted.extend(rule.map(|rule| WantedGate { name: gate.name.clone(), before, rule }));
    }
    wanted
}

fn rule_of(check: &mut Check, field: &str, gate: &Gate, namespace: &str) -> Option<GateRule> {
    match (&gate.statuses, &gate.approval, &gate.window) {
        (Some(statuses), None, None) => Some(statuses_of(check, &format!("{field}.statuses"), statuses, namespace)),
        (None, Some(approval), None) => Some(approval_of(check, &format!("{field}.approval"), approval)),
        (None, None, Some(window)) => times::read(check, &format!("{field}.window"), window).map(GateRule::Window),
        _ => {
            check.complain(format!("{field}: give exactly one of statuses, approval and window"));
            None
        }
    }
}

fn approval_of(check: &mut Check, field: &str, approval: &ApprovalGate) -> GateRule {
    let required = usize::try_from(approval.required).unwrap_or_default();
    if required == 0 {
        check.complain(format!("{field}.required: give at least 1"));
    }
    let Approvers { users, groups } = approval.from.clone().unwrap_or_default();
    if groups.is_empty() && !users.is_empty() && users.len() < required {
        check.complain(format!("{field}.required: {required} can never be had of {} users", users.len()));
    }
    let expires = approval.expires.as_deref().map(|text| check.span(&format!("{field}.expires"), Some(text), 0, 1));
    GateRule::Approval(WantedApproval {
        required,
        users,
        groups,
        not_author: approval.not_author.unwrap_or(false),
        expires: expires.and_then(|expires| SignedDuration::try_from(expires).ok()),
    })
}

fn statuses_of(check: &mut Check, field: &str, statuses: &StatusGate, namespace: &str) -> GateRule {
    if statuses.all.is_empty() {
        check.complain(format!("{field}.all: give at least one word, such as Staging_OK"));
    }
    let soak = check.span(&format!("{field}.soak"), statuses.soak.as_deref(), 0, 0);
    GateRule::Statuses(WantedStatuses {
        from: named(&statuses.from, namespace),
        all: statuses.all.clone(),
        soak: SignedDuration::try_from(soak).unwrap_or(SignedDuration::MAX),
    })
}

/// A deployment without a namespace is one of this namespace.
pub(super) fn named(reference: &DeploymentReference, namespace: &str) -> DeploymentName {
    DeploymentName {
        namespace: reference.namespace.clone().unwrap_or_else(|| namespace.to_owned()),
        name: reference.name.clone(),
    }
}
