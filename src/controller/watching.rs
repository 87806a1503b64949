//! How the watches of one scope are: what they fail at is counted, and shows in metrics and readiness.

use super::error;
use super::lenient::Unreadable;
use crate::metrics::Metrics;
use crate::words;
use futures::{Stream, TryStreamExt as _};
use kube::runtime::watcher::{self, Event};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A watch that fails for so long is more than a connection that ended.
const PATIENCE: Duration = Duration::from_mins(1);

/// How the watches of one scope are.
#[derive(Debug)]
pub struct Watching {
    namespace: Option<String>,
    metrics: Arc<Metrics>,
    failing: Mutex<BTreeMap<String, Failing>>,
}

/// A watch that fails.
#[derive(Debug, Clone)]
struct Failing {
    since: Instant,
    words: String,
    forbidden: bool,
}

impl Watching {
    /// Nothing fails yet.
    pub fn new(namespace: Option<&str>, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self { namespace: namespace.map(str::to_owned), metrics, failing: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Failing>> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same events, looked at as they pass.
    pub fn observe<K, S>(
        self: &Arc<Self>,
        kind: &str,
        events: S,
    ) -> impl Stream<Item = Result<Event<K>, watcher::Error>> + Send + use<K, S>
    where
        S: Stream<Item = Result<Event<K>, watcher::Error>> + Send,
    {
        let (well, ill) = ((Arc::clone(self), kind.to_owned()), (Arc::clone(self), kind.to_owned()));
        events
            .inspect_ok(move |event| {
                // A listing that begins has not succeeded yet.
                if !matches!(event, Event::Init) {
                    well.0.recovered(&well.1);
                }
            })
            .inspect_err(move |error| ill.0.failed(&ill.1, error))
    }

    fn recovered(&self, kind: &str) {
        let gone = self.lock().remove(kind);
        if gone.is_some() {
            self.metrics.watch_failing(kind, -1);
        }
    }

    fn failed(&self, kind: &str, error: &watcher::Error) {
        self.metrics.watch_failed(kind);
        let words = words(error);
        tracing::warn!(kind, namespace = self.namespace, error = words, "a watch failed; it is opened again");
        let mut failing = self.lock();
        let since = failing.get(kind).map(|known| known.since);
        if since.is_none() {
            self.metrics.watch_failing(kind, 1);
        }
        let forbidden = code(error) == Some(error::FORBIDDEN);
        failing.insert(kind.to_owned(), Failing { since: since.unwrap_or_else(Instant::now), words, forbidden });
    }

    /// One object cannot be read.
    pub fn unreadable(&self, kind: &str, object: &Unreadable) {
        self.metrics.object_unreadable(kind);
        let (namespace, name) = (object.meta.namespace.as_deref(), object.meta.name.as_deref());
        tracing::warn!(kind, namespace, name, why = object.why, "an object cannot be read; it is left as it is");
    }

    /// Whether all that is asked here is forbidden: a namespace that is gone, and the Role with it.
    pub fn shut_out(&self) -> bool {
        self.namespace.is_some() && self.lock().get("TengineDeployment").is_some_and(|failing| failing.forbidden)
    }

    /// What has been failing for long, in a sentence.
    pub fn complaint(&self) -> Option<String> {
        let failing = self.lock();
        let (kind, worst) = failing.iter().find(|(_, failing)| failing.since.elapsed() >= PATIENCE)?;
        let place = self.namespace.as_ref().map(|namespace| format!(" in namespace {namespace}")).unwrap_or_default();
        Some(format!("the watch of {kind}{place} fails: {}", worst.words))
    }
}

/// The API server's own words, where there are some, and never a library's.
pub(super) fn words(error: &watcher::Error) -> String {
    if let Some(status) = status(error).filter(|status| !status.message.is_empty()) {
        return status.message.clone();
    }
    tracing::debug!(error = words::in_full(error), "a watch failed");
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => error::told(error),
        watcher::Error::WatchError(status) => format!("the API server answered with code {}", status.code),
        watcher::Error::NoResourceVersion => "the API server does not say which version its list is of".to_owned(),
    }
}

/// The code of its answer, where it gave one.
pub(super) fn code(error: &watcher::Error) -> Option<u16> {
    status(error).map(|status| status.code)
}

fn status(error: &watcher::Error) -> Option<&kube::core::Status> {
    match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status))
        | watcher::Error::WatchError(status) => Some(status),
        watcher::Error::InitialListFailed(_)
        | watcher::Error::WatchStartFailed(_)
        | watcher::Error::WatchFailed(_)
        | watcher::Error::NoResourceVersion => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt as _, stream};
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::core::Status;

    fn refused(code: u16) -> watcher::Error {
        let status = Status { code, message: "not for you".into(), ..Status::default() };
        watcher::Error::InitialListFailed(kube::Error::Api(Box::new(status)))
    }

    async fn pass(watching: &Arc<Watching>, kind: &str, events: Vec<Result<Event<ConfigMap>, watcher::Error>>) {
        watching.observe(kind, stream::iter(events)).collect::<Vec<_>>().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_watch_that_fails_for_long_is_complained_of_until_it_recovers() {
        let metrics = Arc::new(Metrics::new());
        let watching = Watching::new(Some("b"), Arc::clone(&metrics));
        pass(&watching, "Pod", vec![Err(refused(500))]).await;
        assert_eq!(watching.complaint(), None, "it may pass");
        tokio::time::advance(PATIENCE).await;
        pass(&watching, "Pod", vec![Ok(Event::Init), Err(refused(500))]).await;
        assert_eq!(watching.complaint().as_deref(), Some("the watch of Pod in namespace b fails: not for you"));
        let text = metrics.encode().unwrap();
        assert!(text.contains(r#"watch_errors_total{kind="Pod"} 2"#), "{text}");
        assert!(text.contains(r#"watches_failing{kind="Pod"} 1"#), "{text}");
        pass(&watching, "Pod", vec![Ok(Event::Init), Ok(Event::InitDone)]).await;
        assert_eq!(watching.complaint(), None);
        assert!(metrics.encode().unwrap().contains(r#"watches_failing{kind="Pod"} 0"#));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_served_to_probes_is_in_words_of_ours() {
        let watching = Watching::new(None, Arc::new(Metrics::new()));
        let library = || kube::Error::Service("LIBRARY text: os error 111".into());
        for error in [watcher::Error::InitialListFailed(library()), watcher::Error::WatchStartFailed(library())] {
            pass(&watching, "Pod", vec![Err(error)]).await;
            tokio::time::advance(PATIENCE).await;
            let said = watching.complaint().unwrap();
            assert_eq!(said, "the watch of Pod fails: the API server cannot be reached: the connection ended early");
        }
    }

    #[tokio::test]
    async fn a_namespace_that_is_gone_shuts_us_out() {
        let watching = Watching::new(Some("b"), Arc::new(Metrics::new()));
        pass(&watching, "TengineDeployment", vec![Err(refused(500))]).await;
        assert!(!watching.shut_out());
        pass(&watching, "TengineDeployment", vec![Err(refused(403))]).await;
        assert!(watching.shut_out());
        pass(&watching, "TengineDeployment", vec![Ok(Event::InitDone)]).await;
        assert!(!watching.shut_out(), "made again");
        let everywhere = Watching::new(None, Arc::new(Metrics::new()));
        pass(&everywhere, "TengineDeployment", vec![Err(refused(403))]).await;
        assert!(!everywhere.shut_out(), "that is a missing right, to be shown");
    }
}
