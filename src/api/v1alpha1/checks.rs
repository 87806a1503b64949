//! What is looked at before a release may serve.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is looked at before a release may serve.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Checks {
    /// What comes of errors and warnings in the definitions. Default Error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<DefinitionCheck>,
}

/// What comes of what the check of the definitions finds (`tengine-operator check` finds the same). An error is what Tengine
/// refuses, a warning what it loads though it is hardly meant so. `Error`, the default: an error refuses the commit before
/// there is an image of it. `Strict`: a warning does so too. `Warning`: all is told, and the core has the last word. `Off`:
/// nobody looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DefinitionCheck {
    /// An error refuses the commit before there is an image of it; warnings are told.
    #[default]
    Error,
    /// A warning refuses the commit as an error does.
    Strict,
    /// Errors and warnings are told in DefinitionValid and in the release, and the core has the last word.
    Warning,
    /// Nobody looks: no findings, no counts of jobs, no changes. The core has the last word.
    Off,
}
