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

type Going<T> = Shared<BoxFuture<'static, T>>;

/// Work by key: who asks for work that is under way waits for its outcome; who asks a little later is told it.
///
/// The work ends when nobody waits for it any more.
pub struct Common<T: Clone>(Mutex<HashMap<String, Run<T>>>);

enum Run<T: Clone> {
    Going(WeakShared<BoxFuture<'static, T>>),
    Done(T, Instant),
}

/// What an outcome is to those who did not do the work themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// As good as their own, also a little later.
    Lasting,
    /// As good as their own, for those who waited.
    Passing,
    /// None: it says something of who did the work alone. They do it themselves.
    Own,
}

impl<T: Clone> Default for Common<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone + Send + Sync + 'static> Common<T> {
    /// The outcome of the work that `key` stands for, and whether it was this very call that did it. With `anew`, what was kept counts for
    /// nothing.
    pub async fn share<W: Future<Output = T> + Send + 'static>(
        &self,
        key: &str,
        anew: bool,
        work: impl Fn() -> W,
        worth: impl Fn(&T) -> Worth,
    ) -> (T, bool) {
        loop {
            let (going, mine) = match self.join(key, anew, &work) {
                Ok(done) => return (done, false),
                Err(going) => going,
            };
            let outcome = going.clone().await;
            let worth = worth(&outcome);
            self.settle(key, &going, &outcome, worth);
            if mine || worth != Worth::Own {
                return (outcome, mine);
            }
        }
    }

    /// Whoever sees the end first, since who began may be gone.
    fn settle(&self, key: &str, ended: &Going<T>, outcome: &T, worth: Worth) {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Run::Going(going)) = runs.get(key) else { return };
        if going.upgrade().is_some_and(|going| !going.ptr_eq(ended)) {
            return;
        }
        if worth == Worth::Lasting {
            runs.insert(key.to_owned(), Run::Done(outcome.clone(), Instant::now()));
        } else {
            runs.remove(key);
        }
    }

    fn join<W: Future<Output = T> + Send + 'static>(
        &self,
        key: &str,
        anew: bool,
        work: impl FnOnce() -> W,
    ) -> Result<T, (Going<T>, bool)> {
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
        let going = work().boxed().shared();
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
            let work = || {
                let runs = Arc::clone(&runs);
                async move {
                    sleep(Duration::from_secs(1)).await;
                    runs.fetch_add(1, Ordering::SeqCst) + 1
                }
            };
            let worth = if lasting { Worth::Lasting } else { Worth::Passing };
            self.common.share(key, anew, work, |_| worth).await.0
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
        let work = || async {
            sleep(Duration::from_secs(1)).await;
            1
        };
        let lasting = |_: &i32| Worth::Lasting;
        let mut first = Box::pin(common.share("a", false, work, lasting));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(common.share("a", false, || async { 2 }, lasting));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(second.await, (1, false));
        assert_eq!(
            common.share("a", false, || async { 2 }, lasting).await,
            (1, false),
            "nor from those who come later"
        );

        let alive = Arc::new(alive);
        let forever = move || {
            let alive = Arc::clone(&alive);
            async move {
                let _alive = alive;
                std::future::pending().await
            }
        };
        let mut only = Box::pin(common.share("b", false, forever, lasting));
        assert!(only.as_mut().now_or_never().is_none());
        drop(only);
        assert!(ended.await.is_err());
        assert_eq!(common.share("b", false, || async { 3 }, lasting).await, (3, true));
    }

    /// What came of the work with one's own Secret says nothing of another's.
    #[tokio::test(start_paused = true)]
    async fn what_is_of_one_alone_is_told_to_nobody_else() {
        let common = Common::default();
        let own = |_: &i32| Worth::Own;
        let work = |number: i32| {
            move || async move {
                sleep(Duration::from_secs(1)).await;
                number
            }
        };
        let all = join_all((0..50).map(|number| common.share("a", false, work(number), own))).await;
        assert_eq!(all, (0..50).map(|number| (number, true)).collect::<Vec<_>>());

        // Also where who began is gone when it ends.
        let mut first = Box::pin(common.share("b", false, work(1), own));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(common.share("b", false, work(2), own));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(second.await, (2, true));
    }

    #[tokio::test]
    async fn outcomes_that_are_kept_are_few() {
        let common = Common::default();
        for number in 0..OUTCOMES * 3 {
            common.share(&number.to_string(), false, || async move { number }, |_| Worth::Lasting).await;
        }
        assert!(common.0.lock().expect("no panic").len() <= OUTCOMES);
    }
}
