//! Gates as values that cannot be wrong.

use super::check::Check;
use crate::api::v1alpha1::{DeploymentReference, Gate, StatusGate};
use crate::domain::DeploymentName;
use jiff::SignedDuration;

/// A gate in front of the roll-out.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedGate {
    /// Its name.
    pub name: String,
    /// What opens it.
    pub rule: GateRule,
}

/// What opens a gate.
#[derive(Debug, Clone, PartialEq)]
pub enum GateRule {
    /// Words that another deployment attaches to the version.
    Statuses(WantedStatuses),
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
        }
    }
}

/// Reads the gates; what is wrong is named by the gate it is in.
pub(super) fn read(check: &mut Check, gates: &[Gate], namespace: &str) -> Vec<WantedGate> {
    let mut wanted: Vec<WantedGate> = Vec::new();
    for gate in gates {
        let field = format!("spec.gates[{}]", gate.name);
        if wanted.iter().any(|other| other.name == gate.name) {
            check.complain(format!("{field}: there are two gates of this name"));
        }
        let Some(statuses) = &gate.statuses else {
            check.complain(format!("{field}: give statuses"));
            continue;
        };
        let rule = statuses_of(check, &format!("{field}.statuses"), statuses, namespace);
        wanted.push(WantedGate { name: gate.name.clone(), rule });
    }
    wanted
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
