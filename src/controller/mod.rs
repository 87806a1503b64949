//! Validate, observe, plan, execute, report.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::lease::Leadership;
use crate::metrics::Metrics;
use crate::server::{Health, Phase};
use crate::settings::Settings;

/// What the process around the controller offers it.
#[derive(Debug, Clone)]
pub struct Process {
    /// Tell it [`Phase::Leading`] once the caches are full.
    pub health: Health,
    /// Where to count.
    pub metrics: Arc<Metrics>,
    /// Whether this process may still write.
    pub leadership: Leadership,
}

/// Why the controller ended without being told to.
#[derive(Debug, thiserror::Error)]
#[error("the controller cannot go on")]
pub struct RunError;

/// Works until `stop`.
pub async fn run(
    _client: kube::Client,
    _settings: Settings,
    process: Process,
    stop: CancellationToken,
) -> Result<(), RunError> {
    process.health.enter(Phase::Leading);
    stop.cancelled().await;
    Ok(())
}
