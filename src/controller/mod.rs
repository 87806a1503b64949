//! Validate, observe, plan, execute, report: the thin shell around [`plan`](crate::plan).
//!
//! A reconcile never waits for Git or a registry: such work goes to the [`board`], whose outcomes are observed
//! like everything else.

mod actions;
mod backoff;
mod board;
mod build;
mod burst;
mod census;
mod children;
mod contents;
mod context;
mod elsewhere;
mod error;
mod events;
mod execute;
mod forget;
mod free;
mod hand_over;
mod index;
mod instances;
mod invalid;
mod jobs;
mod just_read;
mod keys;
mod lenient;
mod look;
mod made;
mod neighbours;
mod observe;
mod own_secret;
mod packed;
mod pass_on;
mod pods;
mod policy;
mod prometheus;
mod prune;
mod reconcile;
mod references;
mod removal;
mod report;
mod ruby;
mod same_kind;
mod shard;
#[cfg(test)]
mod tests;
mod versions;
mod vouch;
mod watch;
mod watching;
mod wishes;

use crate::image::{Deadlines, Registries, RegistriesError};
use crate::lease::Leadership;
use crate::metrics::{Look, Metrics};
use crate::server::{Health, Phase};
use crate::settings::{Namespaces, Settings};
use crate::worker::{Bounds, Worker, WorkerError};
use board::{Board, Common, Desk, Places, Turns};
use census::Census;
use context::{Context, Shared};
use elsewhere::Elsewhere;
use futures::channel::mpsc;
use futures::{StreamExt as _, future::join_all};
use jiff::Timestamp;
use kube::ResourceExt as _;
use kube::runtime::controller::Config;
use kube::runtime::reflector::ObjectRef;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Events that come close together make one reconcile.
const DEBOUNCE: Duration = Duration::from_millis(50);
/// How many questions to Git hosts and registries are under way at one time.
const LOOKS: Places = Places { all: 64, host: 8, namespace: 32 };
/// The same over SSH, where each takes a process, beside so many workers that build. Not in the places of those, because a build may
/// take minutes; and not in those of the others, because what needs no process is not to wait for one.
const fn looks_over_ssh(workers: usize) -> Places {
    Places { all: 3 * workers, host: workers, namespace: 2 * workers }
}
/// Who fetches, checks and packs: neither one host nor one namespace has the last place, because a fetch may take as long as its
/// spec allows.
const fn children(workers: usize) -> Places {
    Places { all: workers + 1, host: workers, namespace: workers }
}
/// How often the gauge of deployments by state is brought up to date.
const CENSUS: Duration = Duration::from_secs(10);

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
pub enum RunError {
    /// A registry's CA file or proxy cannot be used.
    #[error("registries of the hosts configuration")]
    Registries(#[source] RegistriesError),
    /// The operator's own binary cannot be found, so it cannot start workers.
    #[error("cannot find the operator's own binary")]
    Worker(#[source] std::io::Error),
}

/// Works until `stop`.
///
/// # Errors
/// When the settings cannot be used; the caller ends the process.
pub async fn run(
    client: kube::Client,
    settings: Settings,
    process: Process,
    stop: CancellationToken,
) -> Result<(), RunError> {
    let scopes: Vec<Option<String>> = match &settings.namespaces {
        Namespaces::All => vec![None],
        Namespaces::Only(names) => names.iter().cloned().map(Some).collect(),
    };
    let config = Config::default().concurrency(settings.concurrency).debounce(DEBOUNCE);
    let shared = Arc::new(share(client, settings, process)?);

    let desk = Arc::new(Desk::default());
    let mut everywhere = Vec::new();
    let mut contexts = Vec::new();
    let mut runs = Vec::new();
    for scope in &scopes {
        let (wake, woken) = mpsc::unbounded();
        let board = Board::new(Arc::clone(&desk), wake.clone());
        let watched = watch::watch_scope(&shared, scope.as_deref(), &board);
        everywhere.push(Elsewhere {
            namespace: scope.clone(),
            deployments: watched.stores.deployments.clone(),
            releases: watched.stores.releases.clone(),
            watching: Arc::clone(&watched.watching),
            wake,
        });
        let (stores, watching) = (watched.stores, watched.watching);
        let context = Arc::new(Context { shared: Arc::clone(&shared), board, stores, watching });
        contexts.push(Arc::clone(&context));
        let run = watched
            .controller
            .with_config(config.clone())
            .reconcile_on(woken.map(|it| ObjectRef::new(&it.name).within(&it.namespace.unwrap_or_default())))
            .graceful_shutdown_on(stop.clone().cancelled_owned())
            .run(reconcile::of_cache, reconcile::on_error, context)
            .for_each(|_| std::future::ready(()));
        runs.push(run);
    }
    // Set once and here: nothing has run yet.
    let _ = shared.everywhere.set(everywhere);
    tokio::select! {
        _ = join_all(runs) => {}
        () = take_part(&shared, &contexts) => {}
        () = actions::answer_unheard(&shared, &contexts) => {}
        () = vouch::follow(&shared) => {}
    }
    Ok(())
}

fn share(client: kube::Client, settings: Settings, process: Process) -> Result<Shared, RunError> {
    let workers = settings.worker.concurrency;
    let bounds = Bounds::from(&settings.worker);
    let metrics = Arc::clone(&process.metrics);
    let count = move |error: Option<&WorkerError>, took| metrics.worker_ended(error.into(), took);
    let worker = Worker::current().map_err(RunError::Worker)?.within(bounds).observed_by(count);
    Ok(Shared {
        registries: Registries::new(settings.hosts.clone(), Deadlines::default()).map_err(RunError::Registries)?,
        looker: crate::source::Looker::new(worker.clone().within(Bounds::of_looks(&settings.worker))),
        worker,
        children: Turns::with_shelves(children(workers), workers),
        turns: Turns::new(LOOKS),
        over_ssh: Turns::new(looks_over_ssh(workers)),
        builds: Common::default(),
        wishes: Arc::default(),
        burst: burst::Burst::default(),
        reconciles: Semaphore::new(settings.concurrency.into()),
        events: events::Events::new(client.clone(), execute::FIELD_MANAGER),
        prometheus: prometheus::client(),
        metrics: process.metrics,
        leadership: process.leadership,
        health: process.health,
        contents: contents::Contents::default(),
        just_read: just_read::JustRead::default(),
        policy: policy::Policy::new(settings.trust.clone()),
        everywhere: OnceLock::new(),
        client,
        settings,
    })
}

/// Says when the caches are full, and from then on how deployments and watches are. Never ends.
async fn take_part(shared: &Shared, contexts: &[Arc<Context>]) {
    in_hand(contexts).await;
    shared.health.enter(Phase::Leading);
    tracing::info!("leading: watches are established");
    let mut interval = tokio::time::interval(CENSUS);
    let mut census = Census::default();
    loop {
        interval.tick().await;
        let all = contexts.iter().flat_map(|context| context.stores.deployments.store().state());
        // Each is counted by its own shard.
        let own = all.filter(|object| shared.owns(&object.namespace().unwrap_or_default(), &object.name_any()));
        shared.metrics.deployments(census.of(own));
        shared.metrics.looks_waiting(shared.turns.waiting() + shared.over_ssh.waiting());
        let now = Timestamp::now();
        for (what, age) in oldest(contexts, now) {
            shared.metrics.oldest_answer(what, age);
        }
        // A namespace that is gone is nobody's trouble.
        let mut in_reach = contexts.iter().filter(|context| !context.watching.shut_out());
        shared.health.complain(in_reach.find_map(|context| context.watching.complaint()));
    }
}

/// How old the oldest answer is that anybody goes by.
fn oldest(contexts: &[Arc<Context>], now: Timestamp) -> [(Look, Duration); 2] {
    let ages = contexts.iter().map(|context| context.board.oldest_answers(now));
    let (source, base) =
        ages.fold((Duration::ZERO, Duration::ZERO), |oldest, ages| (oldest.0.max(ages.0), oldest.1.max(ages.1)));
    [(Look::Source, source), (Look::Base, base)]
}

/// Waits until all caches are full. Namespaces that are gone hold up nobody, as long as there is one that is not.
async fn in_hand(contexts: &[Arc<Context>]) {
    let mut again = tokio::time::interval(Duration::from_millis(500));
    loop {
        again.tick().await;
        let (full, filling): (Vec<_>, Vec<_>) = contexts.iter().partition(|context| context.stores.are_full());
        if filling.is_empty() || !full.is_empty() && filling.iter().all(|context| context.watching.shut_out()) {
            return;
        }
    }
}
