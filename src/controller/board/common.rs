//! Work that is the same for many, done once.

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, WeakShared};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long an outcome serves those that come later.
const KEPT: Duration = Duration::from_mins(10);
/// How many outcomes are kept.
const OUTCOMES: usize = 64;

/// Work by key: who asks for work that is under way waits for its outcome; who asks a little later is told it.
///
/// The work ends when nobody waits for it any more.
pub struct Common<T: Clone>(Mutex<HashMap<String, Run<T>>>);

enum Run<T: Clone> {
    Going(WeakShared<BoxFuture<'static, T>>),
    Done(T, Instant),
}

impl<T: Clone> Default for Common<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone + Send + Sync + 'static> Common<T> {
    /// The outcome of the work that `key` stands for, and whether it was this very call that did it. Kept for others where
    /// `lasting`; with `anew`, what was kept counts for nothing.
    pub async fn share(
        &self,
        key: &str,
        anew: bool,
        work: impl Future<Output = T> + Send + 'static,
        lasting: impl FnOnce(&T) -> bool,
    ) -> (T, bool) {
        let (going, mine) = match self.join(key, anew, work) {
            Ok(done) => return (done, false),
            Err(going) => going,
        };
        let outcome = going.await;
        if mine {
            let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if lasting(&outcome) {
                runs.insert(key.to_owned(), Run::Done(outcome.clone(), Instant::now()));
            } else {
                runs.remove(key);
            }
        }
        (outcome, mine)
    }

    fn join(
        &self,
        key: &str,
        anew: bool,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, (Shared<BoxFuture<'static, T>>, bool)> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.retain(|_, run| match run {
            Run::Going(going) => going.upgrade().is_some(),
            Run::Done(_, at) => at.elapsed() < KEPT,
        });
        match runs.get(key) {
            Some(Run::Going(going)) => {
                if let Some(going) = going.upgrade() {
                    return Err((going, false));
                }
            }
            Some(Run::Done(outcome, _)) if !anew => return Ok(outcome.clone()),
            Some(Run::Done(..)) | None => {}
        }
        drop_oldest(&mut runs);
        let going = work.boxed().shared();
        if let Some(weak) = going.downgrade() {
            runs.insert(key.to_owned(), Run::Going(weak));
        }
        Err((going, true))
    }
}

fn drop_oldest<T: Clone>(runs: &mut HashMap<String, Run<T>>) {
    let done = |run: &Run<T>| match run {
        Run::Done(_, at) => Some(*at),
        Run::Going(_) => None,
    };
    if runs.values().filter_map(done).count() < OUTCOMES {
        return;
    }
    let oldest = runs.iter().filter_map(|(key, run)| Some((done(run)?, key.clone()))).min();
    if let Some((_, key)) = oldest {
        runs.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::sync::oneshot;
    use tokio::time::{advance, sleep};

    #[derive(Default)]
    struct Bench {
        common: Common<usize>,
        runs: Arc<AtomicUsize>,
    }

    impl Bench {
        async fn work(&self, key: &str, anew: bool, lasting: bool) -> usize {
            let runs = Arc::clone(&self.runs);
            let work = async move {
                sleep(Duration::from_secs(1)).await;
                runs.fetch_add(1, Ordering::SeqCst) + 1
            };
            self.common.share(key, anew, work, |_| lasting).await.0
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_that_want_the_same_share_one_run() {
        let bench = Bench::default();
        let outcomes = join_all((0..1_000).map(|_| bench.work("a", false, true))).await;
        assert!(outcomes.iter().all(|outcome| *outcome == 1));
        assert_eq!(bench.work("a", false, true).await, 1, "and who comes later is told");
        assert_eq!(bench.work("b", false, true).await, 2, "other work is other work");
        assert_eq!(bench.work("a", true, true).await, 3, "unless it must be done anew");
        advance(KEPT).await;
        assert_eq!(bench.work("a", false, true).await, 4, "or is long ago");
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_last_is_tried_again() {
        let bench = Bench::default();
        assert_eq!(bench.work("a", false, false).await, 1);
        assert_eq!(bench.work("a", false, false).await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_goes_away_takes_nothing_from_the_others_and_the_last_ends_the_work() {
        let common = Common::default();
        let (alive, ended) = oneshot::channel::<()>();
        let work = async move {
            sleep(Duration::from_secs(1)).await;
            1
        };
        let mut first = Box::pin(common.share("a", false, work, |_| true));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(common.share("a", false, async { 2 }, |_| true));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(second.await, (1, false));

        let forever = async move {
            let _alive = alive;
            std::future::pending().await
        };
        let mut only = Box::pin(common.share("b", false, forever, |_| true));
        assert!(only.as_mut().now_or_never().is_none());
        drop(only);
        assert!(ended.await.is_err());
        assert_eq!(common.share("b", false, async { 3 }, |_| true).await, (3, true));
    }

    #[tokio::test]
    async fn outcomes_that_are_kept_are_few() {
        let common = Common::default();
        for number in 0..OUTCOMES * 3 {
            common.share(&number.to_string(), false, async move { number }, |_| true).await;
        }
        assert!(common.0.lock().expect("no panic").len() <= OUTCOMES);
    }
}
