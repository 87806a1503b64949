//! What is looked at before a release may serve.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is looked at before a release may serve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Checks {
    /// What comes of errors in the definitions. Default Error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<DefinitionCheck>,
}

/// What comes of errors that the check of the definitions finds (`tengine-operator check` finds the same). `Error`, the
/// default: the commit is refused before there is an image of it. `Warning`: they are told, and the core has the last word.
/// `Off`: nobody looks. Warnings never stop anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DefinitionCheck {
    /// The commit is refused before there is an image of it.
    #[default]
    Error,
    /// They are told in DefinitionValid and in the release, and the core has the last word.
    Warning,
    /// Nobody looks: no findings, no counts of jobs, no changes. The core has the last word.
    Off,
}
