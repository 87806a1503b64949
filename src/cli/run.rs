//! `tengine-operator run`: the operator itself.
//!
//! Guarantees: only the holder of the lease works; when the lease is lost the process ends at
//! once, non-zero; on SIGTERM or SIGINT work in hand is ended within the grace period, the lease
//! is given back, and the process ends with zero. A second signal ends it on the spot.

mod args;
mod memory;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::controller::{self, Process};
use crate::lease::{self, Claim, Lost};
use crate::metrics::Metrics;
use crate::server::{self, Health, Phase};
use crate::settings::{HostsError, Settings};
use crate::telemetry::{self, TelemetryError};

pub(super) use args::Args;

/// How long background threads may take to notice that the process ends.
const RUNTIME_SHUTDOWN: Duration = Duration::from_millis(500);

/// Why the operator ended without being asked to, or did not start.
#[derive(Debug, thiserror::Error)]
pub(super) enum RunError {
    #[error("--hosts-config")]
    Hosts(#[source] HostsError),
    #[error(transparent)]
    Lease(lease::Unordered),
    #[error("--log-level")]
    Telemetry(#[source] TelemetryError),
    #[error("cannot start the runtime")]
    Runtime(#[source] io::Error),
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("no way to a Kubernetes API server")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the lease is lost; another replica goes on")]
    Lost(#[source] Lost),
    #[error("the controller failed")]
    Controller(#[source] controller::RunError),
    #[error("the controller ended without being told to")]
    EndedEarly,
    #[error("the controller died")]
    Died(#[source] tokio::task::JoinError),
}

/// Runs the operator until it is told to stop.
pub(super) fn run(args: Args) -> ExitCode {
    // The first thing of all: every TLS client made later depends on it. It fails only when a
    // provider is installed already, which is then as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let prepared = args.settings().and_then(|settings| {
        args.check_lease()?;
        telemetry::init(args.log_format, &args.log_level).map_err(RunError::Telemetry)?;
        Ok(settings)
    });
    let settings = match prepared {
        Ok(settings) => settings,
        Err(error) => return super::report(&error),
    };
    match start(args, settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "ending");
            ExitCode::FAILURE
        }
    }
}

fn start(args: Args, settings: Settings) -> Result<(), RunError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(RunError::Runtime)?;
    let outcome = runtime.block_on(serve_and_work(args, settings));
    runtime.shutdown_timeout(RUNTIME_SHUTDOWN);
    outcome
}

/// Serves probes and metrics for as long as the rest goes on.
async fn serve_and_work(args: Args, settings: Settings) -> Result<(), RunError> {
    let stop = stop_on_signals().map_err(RunError::Runtime)?;
    let (health, metrics) = (Health::default(), Arc::new(Metrics::of(args.shard)));
    let address = args.listen_address;
    let listener = server::bind(address).await.map_err(|source| RunError::Listen { address, source })?;
    let serving = CancellationToken::new();
    let router = server::router(health.clone(), Arc::clone(&metrics));
    let server = tokio::spawn(server::serve(listener, router, serving.clone()));
    // Who is alone says nothing of it.
    let shard = Some(args.shard).filter(|shard| !shard.is_only()).map(tracing::field::display);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), %address, shard, "started");
    let tidying = tokio::spawn(memory::give_back());
    let outcome = stand_and_lead(args, settings, health, metrics, stop).await;
    tidying.abort();
    serving.cancel();
    let _ = server.await;
    outcome
}

/// Waits for the lease, works while it is held, and gives it back.
async fn stand_and_lead(
    args: Args,
    settings: Settings,
    health: Health,
    metrics: Arc<Metrics>,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let (client, lease_client) = connect().await?;
    let lease_config = args.lease(client.default_namespace());
    let mut claim = Claim::new(lease_client, lease_config, args.shard);
    health.enter(Phase::Standby);
    let waiting = health.beat_while(claim.acquire());
    if stop.run_until_cancelled(waiting).await.is_none() {
        claim.release().await;
        return Ok(());
    }
    health.enter(Phase::Syncing);
    let process = Process { health: health.clone(), metrics: Arc::clone(&metrics), leadership: claim.leadership() };
    // A task of its own, so that nothing in it can hold up the renewal of the lease.
    let working = controller::run(client, settings, process, stop.child_token());
    let beating = health.clone();
    let mut controller = tokio::spawn(async move { beating.beat_while(working).await });
    let outcome = tokio::select! {
        lost = claim.hold(|| metrics.leading()) => Err(RunError::Lost(lost)),
        ended = &mut controller => match ended {
            Ok(Ok(())) if !stop.is_cancelled() => Err(RunError::EndedEarly),
            Ok(result) => result.map_err(RunError::Controller),
            Err(died) => Err(RunError::Died(died)),
        },
        () = too_late(&stop, &health, args.shutdown_timeout) => Ok(()),
    };
    metrics.standing_by();
    controller.abort();
    if !matches!(outcome, Err(RunError::Lost(_))) {
        claim.release().await;
    }
    tracing::info!("stopped");
    outcome
}

/// Ends when the controller is no longer waited for.
async fn too_late(stop: &CancellationToken, health: &Health, grace: Duration) {
    stop.cancelled().await;
    // While its caches fill, a controller has nothing in hand, and would wait for them before it stops.
    if health.phase() == Phase::Syncing {
        return;
    }
    tokio::time::sleep(grace).await;
    tracing::warn!(after = ?grace, "work in hand did not end in time");
}

/// A client for everything, and one for the lease that gives up fast instead of retrying.
async fn connect() -> Result<(Client, Client), RunError> {
    let config = kube::Config::infer().await.map_err(|e| RunError::Connect(Box::new(e)))?;
    let mut impatient = config.clone();
    impatient.default_retry = false;
    impatient.connect_timeout = Some(Duration::from_secs(5));
    impatient.read_timeout = Some(Duration::from_secs(5));
    impatient.write_timeout = Some(Duration::from_secs(5));
    let client = |config| Client::try_from(config).map_err(|e| RunError::Connect(Box::new(e)));
    Ok((client(config)?, client(impatient)?))
}

/// A token that is cancelled by the first SIGTERM or SIGINT; the second one ends the process.
fn stop_on_signals() -> io::Result<CancellationToken> {
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            if told.is_cancelled() {
                std::process::exit(1);
            }
            tracing::info!("told to stop");
            told.cancel();
        }
    });
    Ok(stop)
}
