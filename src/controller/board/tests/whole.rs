//! Trouble of a question as a whole, and those that come while it lasts.

use super::*;
use tokio::task::yield_now;

/// A Git host that refuses everybody, or wants to be left alone, and how often it was asked.
struct Host {
    room: Room,
    says: Failure,
    asked: Arc<AtomicUsize>,
}

impl Host {
    fn that_says(says: Failure) -> Self {
        Self { room: Room::new(), says, asked: Arc::default() }
    }

    /// What is told to one that follows a branch of its own.
    fn told(&self, number: usize) -> Look<SourceSeen> {
        self.room.board.look(&subject(number), &branch("shared", &format!("b{number}")))
    }

    /// One comes, and asks if nothing is known and nothing under way.
    fn comes(&self, number: usize) {
        let told = self.told(number);
        if told.answer.is_none() && told.trouble.is_none() && !told.running {
            self.asks(number, None);
        }
    }

    fn asks(&self, number: usize, by_hand: Option<&str>) {
        let (says, asked) = (self.says.clone(), Arc::clone(&self.asked));
        let ask = |_, _| async move {
            asked.fetch_add(1, Ordering::SeqCst);
            yield_now().await;
            Err(says)
        };
        self.room.board.ask::<AtSource, _>(&subject(number), by_hand.map(Into::into), ask);
    }

    /// All rounds end that can.
    async fn settled(&self) -> usize {
        for _ in 0..20 {
            yield_now().await;
        }
        self.asked.load(Ordering::SeqCst)
    }

    /// In how many minutes one asks again.
    fn minutes(&self, number: usize) -> i64 {
        let trouble = self.told(number).trouble.unwrap();
        trouble.retry_at.duration_since(Timestamp::now()).as_secs().div_euclid(60) + 1
    }
}

fn no() -> Failure {
    Failure { reason: Reason::AuthenticationFailed, definite: true, ..unreachable() }
}

fn not_now() -> Failure {
    Failure { reason: Reason::RateLimited, retry_after: Some(10 * MINUTE), ..unreachable() }
}

/// A token expired, or the host counts requests, while a thousand deployments are made, each of a branch of its own.
#[tokio::test]
async fn a_thousand_that_come_one_after_the_other_are_told_and_ask_nobody_again() {
    for (says, minutes) in [(no(), 2), (not_now(), 10)] {
        let host = Host::that_says(says);
        for number in 0..1_000 {
            host.comes(number);
            if number % 7 == 0 {
                yield_now().await;
            }
        }
        assert_eq!(host.settled().await, 1, "by the first");
        for number in 0..1_000 {
            let told = host.told(number);
            assert!(!told.running && told.trouble.unwrap().reason == host.says.reason, "{number}");
            assert_eq!(host.minutes(number), minutes, "{number}");
        }
    }
}

#[tokio::test]
async fn a_person_and_another_secret_wait_for_nothing_and_the_others_are_told_meanwhile() {
    let host = Host::that_says(no());
    for number in 0..3 {
        host.told(number);
    }
    host.asks(0, None);
    yield_now().await;
    for (late, by_hand) in [(3, Some("now")), (4, None)] {
        host.told(late);
        host.asks(late, by_hand);
    }
    yield_now().await;
    assert!(host.told(3).running && !host.told(4).running, "the round under way asked for neither");
    assert!(host.told(4).trouble.is_some());
    assert_eq!(host.settled().await, 2);
    assert_eq!(host.told(3).served.as_deref(), Some("now"));
    let other = host.room.board.look(&subject(4), &branch("another Secret", "b4"));
    assert!(other.trouble.is_none() && !other.running, "asked at once");
}

/// Or each that comes would begin with two minutes, for all of them.
#[tokio::test]
async fn who_comes_later_waits_as_long_as_those_that_were_refused_before() {
    let host = Host::that_says(no());
    let mut minutes = Vec::new();
    for number in 0..6 {
        host.told(number);
        host.asks(number, Some("now"));
        host.settled().await;
        minutes.push(host.minutes(number));
    }
    assert_eq!(minutes, [2, 4, 8, 16, 32, 60]);
}

/// Also where nobody else is there to remember it.
#[tokio::test]
async fn who_follows_another_branch_from_now_on_is_told_what_the_question_was_told() {
    let host = Host::that_says(not_now());
    host.comes(0);
    assert_eq!(host.settled().await, 1);
    let told = host.room.board.look(&subject(0), &branch("shared", "another"));
    assert_eq!(told.trouble.map(|trouble| trouble.reason), Some(Reason::RateLimited));
    let told = host.room.board.look(&subject(0), &branch("other credentials", "another"));
    assert!(told.trouble.is_none(), "asked at once");
}

#[tokio::test]
async fn an_answer_ends_it_also_for_those_that_came_while_it_was_awaited() {
    let mut host = Host::that_says(not_now());
    host.comes(0);
    assert_eq!(host.settled().await, 1);
    let (answered, wait) = oneshot::channel::<()>();
    let ask = |references, _| async move {
        wait.await.unwrap();
        answer(references, 0)
    };
    host.room.board.ask::<AtSource, _>(&subject(0), Some("now".into()), ask);
    host.comes(1);
    assert!(host.told(1).trouble.is_some());
    host.room.all_woken();
    answered.send(()).unwrap();
    host.settled().await;
    assert_eq!(
        host.room.all_woken().into_iter().collect::<BTreeSet<_>>(),
        ["billing0", "billing1"].map(Into::into).into()
    );
    let told = host.told(1);
    assert!(told.trouble.is_none() && told.answer.is_none() && !told.running, "it asks: {told:?}");
}
