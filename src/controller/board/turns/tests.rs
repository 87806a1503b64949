//! Who gets a place, and who has to wait for one.

use super::*;
use futures::FutureExt as _;
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn party(host: &str, namespace: &str) -> Party {
    Party { host: host.into(), namespace: namespace.into() }
}

const PLACES: Places = Places { all: 8, host: 3, namespace: 6 };

#[tokio::test]
async fn a_first_question_goes_before_repeats_that_came_earlier() {
    let turns = Turns::new(Places { all: 1, ..PLACES });
    let held = turns.take(party("a", "x"), "q", Urgency::Repeat).await;
    let mut repeat = Box::pin(turns.take(party("a", "x"), "q", Urgency::Repeat));
    assert!(repeat.as_mut().now_or_never().is_none());
    let mut first = Box::pin(turns.take(party("a", "x"), "q", Urgency::First));
    assert!(first.as_mut().now_or_never().is_none());
    assert_eq!(turns.waiting(), 2);
    drop(held);
    let first = first.now_or_never().expect("the first question's turn");
    assert!(repeat.as_mut().now_or_never().is_none());
    drop(first);
    assert!(repeat.now_or_never().is_some());
}

#[tokio::test]
async fn no_host_and_no_namespace_takes_all_places() {
    let turns = Turns::new(PLACES);
    let mut held = Vec::new();
    for host in ["a", "b", "c"] {
        for _ in 0..PLACES.host {
            held.extend(turns.take(party(host, "x"), "q", Urgency::First).now_or_never());
        }
    }
    assert_eq!(held.len(), PLACES.namespace, "of one namespace");
    let other = turns.take(party("a", "y"), "q", Urgency::Repeat).now_or_never();
    assert!(other.is_none(), "the host has its places taken");
    assert!(turns.take(party("d", "y"), "q", Urgency::Repeat).now_or_never().is_some());
}

#[tokio::test]
async fn it_is_said_who_has_the_places() {
    let turns = Turns::new(Places { all: 2, host: 2, namespace: 2 });
    let of_host = |turns: &Arc<Turns>| turns.in_the_way(&party("a", "x"), "q").words();
    let _held = [
        turns.take(party("b", "y"), "1", Urgency::First).await,
        turns.take(party("c", "x"), "2", Urgency::First).await,
    ];
    assert_eq!(of_host(&turns), "questions to other hosts are kept waiting");
    let turns = Turns::new(Places { all: 4, host: 2, namespace: 2 });
    let _held = [
        turns.take(party("b", "x"), "1", Urgency::First).await,
        turns.take(party("c", "x"), "2", Urgency::First).await,
    ];
    assert_eq!(of_host(&turns), "other questions of the namespace that asks are kept waiting");
    let turns = Turns::new(Places { all: 4, host: 2, namespace: 2 });
    let _held = [
        turns.take(party("a", "x"), "1", Urgency::First).await,
        turns.take(party("a", "y"), "2", Urgency::First).await,
    ];
    assert_eq!(of_host(&turns), "it keeps other questions waiting");
    // What was late shares one place of its host, which another one has.
    let turns = Turns::new(PLACES);
    turns.take(party("a", "x"), "q", Urgency::First).await.is_late(true);
    turns.take(party("a", "y"), "1", Urgency::First).await.is_late(true);
    let _held = turns.take(party("a", "y"), "1", Urgency::First).await;
    assert_eq!(of_host(&turns), "it keeps other questions waiting");
}

#[tokio::test(start_paused = true)]
async fn questions_that_were_late_long_ago_are_forgotten() {
    let turns = Turns::new(PLACES);
    for number in 0..100 {
        turns.take(party("a", "x"), &number.to_string(), Urgency::First).await.is_late(true);
        sleep(Duration::from_mins(6)).await;
    }
    assert_eq!(turns.lock().late.len(), 10);
    sleep(LATE).await;
    let all = ["97", "98", "99"].map(|question| turns.take(party("a", "x"), question, Urgency::First).now_or_never());
    assert!(all.iter().all(Option::is_some), "{all:?}");
}

/// A repository hangs, or somebody gave it a second, and is asked again and again; others of its host answer others.
#[tokio::test]
async fn a_question_that_was_late_takes_nothing_from_others_to_its_host() {
    let turns = Turns::new(PLACES);
    let take =
        |namespace: &str, question: &str| turns.take(party("a", namespace), question, Urgency::Repeat).now_or_never();
    for question in ["hangs", "hangs, too"] {
        take("x", question).expect("it was never late").is_late(true);
    }
    let late = take("x", "hangs").expect("the place of those that were late");
    assert!(take("x", "hangs, too").is_none() && take("y", "hangs").is_none(), "there is one");
    let others: Vec<_> = (0..PLACES.host).filter_map(|number| take("y", &number.to_string())).collect();
    assert_eq!(others.len(), PLACES.host - 1, "the others of the host");
    drop(others);
    late.is_late(false);
    drop(late);
    let again = [take("x", "hangs"), take("x", "hangs, too"), take("x", "hangs, too")];
    assert_eq!(
        again.map(|turn| turn.is_some()),
        [true, true, false],
        "an answer makes one as good as any, and no other"
    );
}

/// Those of a host that never gives its place back time out again and again.
#[tokio::test(start_paused = true)]
async fn those_that_wait_in_vain_for_an_hour_leave_no_queue_behind() {
    let turns = Turns::new(Places { all: 1, ..PLACES });
    let _held = turns.take(party("hangs", "x"), "q", Urgency::First).await;
    for number in 0..3_600 {
        let asked = turns.take(party(&format!("host{}", number % 60), "x"), "q", Urgency::Repeat);
        assert!(tokio::time::timeout(Duration::from_secs(1), asked).await.is_err());
    }
    let queued: usize = turns.lock().waiting.values().map(Queue::len).sum();
    assert_eq!((turns.lock().waiting.len(), queued), (0, 0));
}

/// Each of a host of its own, so that no host's single place holds them back.
#[test]
fn however_many_hosts_hang_most_places_are_left_for_the_others() {
    let places = Places { all: 64, host: 8, namespace: 32 };
    let turns = Turns::new(places);
    let take = |host: &str, namespace: &str| turns.take(party(host, namespace), host, Urgency::First).now_or_never();
    let hangs = |number: usize| (format!("hangs{number}"), format!("of{}", number / 100));
    for (host, namespace) in (0..400).map(hangs) {
        take(&host, &namespace).expect("nobody is late yet").is_late(true);
    }
    let of_one: Vec<_> = (0..100).map(hangs).filter_map(|(host, namespace)| take(&host, &namespace)).collect();
    assert_eq!(of_one.len(), places.namespace / 4, "of one namespace");
    let of_all: Vec<_> = (100..400).map(hangs).filter_map(|(host, namespace)| take(&host, &namespace)).collect();
    assert_eq!(of_one.len() + of_all.len(), places.all / 4, "of all");
    let others: Vec<_> =
        (0..places.all).filter_map(|number| take(&format!("answers{number}"), &format!("of{}", number / 10))).collect();
    assert_eq!(others.len(), places.all - places.all / 4, "and these answer");
    drop(of_one);
    assert!(take("hangs50", "of0").is_some(), "some are asked again, in turn");
}

#[tokio::test]
async fn who_goes_away_while_waiting_leaves_nothing_behind() {
    let turns = Turns::new(Places { all: 1, ..PLACES });
    let held = turns.take(party("a", "x"), "q", Urgency::First).await;
    let mut gone = Box::pin(turns.take(party("a", "x"), "q", Urgency::First));
    assert!(gone.as_mut().now_or_never().is_none());
    drop(gone);
    assert_eq!(turns.waiting(), 0);
    let mut granted = Box::pin(turns.take(party("a", "x"), "q", Urgency::First));
    assert!(granted.as_mut().now_or_never().is_none());
    drop(held);
    // Granted, and dropped before it was looked at.
    drop(granted);
    assert!(turns.take(party("a", "x"), "q", Urgency::First).now_or_never().is_some());
}

/// Fifty repositories of a host that hangs, beside two hundred that answer, all in one namespace.
#[tokio::test(start_paused = true)]
async fn a_host_that_hangs_holds_up_nobody_else() {
    let turns = Turns::new(Places { all: 16, host: 4, namespace: 12 });
    let deadline = Duration::from_secs(30);
    for number in 0..50 {
        let turns = Arc::clone(&turns);
        tokio::spawn(async move {
            loop {
                let asked = tokio::time::timeout(deadline, async {
                    let turn = turns.take(party("hangs", "x"), &number.to_string(), Urgency::First).await;
                    turn.is_late(true);
                    std::future::pending::<()>().await;
                });
                let _ = asked.await;
                sleep(Duration::from_secs(1)).await;
            }
        });
    }
    let healthy = (0..200).map(|number| {
        let turns = Arc::clone(&turns);
        tokio::spawn(async move {
            let mut latest = Duration::ZERO;
            for _ in 0..10 {
                let asked = Instant::now();
                let host = format!("host{}", number % 20);
                let turn = turns.take(party(&host, "x"), "q", Urgency::Repeat).await;
                sleep(Duration::from_millis(20)).await;
                drop(turn);
                latest = latest.max(asked.elapsed());
                sleep(Duration::from_mins(1)).await;
            }
            latest
        })
    });
    for latest in futures::future::join_all(healthy).await {
        let latest = latest.expect("no panic");
        assert!(latest < Duration::from_secs(2), "{latest:?}");
    }
}

/// A shelf of this registry, together with a place, where both are to be had at once.
fn shelf(turns: &Arc<Turns>, host: &str, namespace: &str, registry: &str) -> Option<(Turn, Option<Shelf>)> {
    turns.take_with_shelf(party(host, namespace), "q", registry).now_or_never()
}

const ENOUGH: Places = Places { all: 100, host: 100, namespace: 100 };

#[tokio::test]
async fn neither_one_registry_nor_one_namespace_has_all_shelves() {
    let turns = Turns::with_shelves(ENOUGH, 2);
    let slow: Vec<_> = (0..9).map_while(|_| shelf(&turns, "a", "x", "slow")).collect();
    assert_eq!(slow.len(), 3, "a fourth tree of the slow one would lie in wait");
    let more: Vec<_> = (0..9).map_while(|number| shelf(&turns, "a", "x", &number.to_string())).collect();
    assert_eq!(more.len(), 3, "nor has a namespace with many slow ones all");
    assert!(shelf(&turns, "a", "x", "other").is_none());
    let others: Vec<_> = (0..9).map_while(|_| shelf(&turns, "a", "y", "other")).collect();
    assert_eq!(others.len(), 2);
    drop(slow);
    assert!(shelf(&turns, "a", "z", "slow").is_some(), "the next one's turn comes when a layer is pushed");
}

#[tokio::test]
async fn who_waits_for_a_shelf_has_no_place_and_who_waits_for_a_place_no_shelf() {
    let turns = Turns::with_shelves(Places { all: 4, host: 4, namespace: 4 }, 2);
    let slow: Vec<_> = (0..3).map_while(|_| shelf(&turns, "a", "x", "slow")).map(|(_, shelf)| shelf).collect();
    let mut waits = Box::pin(turns.take_with_shelf(party("a", "x"), "q", "slow"));
    assert!((&mut waits).now_or_never().is_none());
    let places: Vec<_> =
        (0..9).map_while(|_| turns.take(party("b", "y"), "q", Urgency::First).now_or_never()).collect();
    assert_eq!(places.len(), 4, "all that there are");
    drop(slow);
    assert!((&mut waits).now_or_never().is_none(), "there is a shelf, and no place");
    drop(places);
    let held: Vec<_> = (0..9).map_while(|_| shelf(&turns, "b", "y", "slow")).collect();
    assert_eq!(held.len(), 2, "who waited was first");
    assert!(waits.await.1.is_some());
}

/// Who came first has the registry's shelves, and does not have the next one as well.
#[tokio::test]
async fn a_namespace_that_has_shelves_comes_after_one_that_has_none() {
    let turns = Turns::with_shelves(ENOUGH, 2);
    let mut held: Vec<_> = (0..3).map_while(|_| shelf(&turns, "a", "x", "r")).map(|(_, shelf)| shelf).collect();
    let mut more = Box::pin(turns.take_with_shelf(party("a", "x"), "q", "r"));
    assert!((&mut more).now_or_never().is_none());
    let mut other = Box::pin(turns.take_with_shelf(party("a", "y"), "q", "r"));
    assert!((&mut other).now_or_never().is_none());
    held.pop();
    assert!((&mut more).now_or_never().is_none() && (&mut other).now_or_never().is_some());
}

#[tokio::test]
async fn a_host_in_several_spellings_has_the_places_of_one() {
    let turns = Turns::new(PLACES);
    let spellings =
        ["git.example.com", "Git.Example.COM", "git.example.com.", "git.example.com:443", "GIT.example.com.:22"];
    let take = |host: &str| turns.take(Party::new([host], "x"), "q", Urgency::First).now_or_never();
    let held: Vec<_> = spellings.into_iter().filter_map(take).collect();
    assert_eq!(held.len(), PLACES.host);
    assert!(take("git.example.com:8443").is_some(), "what listens elsewhere may be another one");
    let both = ["Git.example.com:443", "git.example.com"];
    assert_eq!(Party::new(both, "x"), Party::new(["git.example.com"], "x"));
}

/// Each of a thousand that wait for one registry is woken when its turn has come, and not before.
#[tokio::test(start_paused = true)]
async fn a_thousand_that_wait_for_a_registry_have_their_turns_one_after_the_other() {
    let turns = Turns::with_shelves(Places { all: 2, host: 2, namespace: 2 }, 2);
    let polls = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let build = |_| {
        let (turns, polls) = (Arc::clone(&turns), Arc::clone(&polls));
        tokio::spawn(async move {
            let mut taking = Box::pin(turns.take_with_shelf(party("a", "x"), "q", "r"));
            let taken = std::future::poll_fn(|context| {
                polls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                taking.as_mut().poll(context)
            });
            let (turn, shelf) = taken.await;
            sleep(Duration::from_millis(300)).await;
            drop(turn);
            sleep(Duration::from_millis(600)).await;
            drop(shelf);
        })
    };
    let started = Instant::now();
    for build in (0..1_000).map(build).collect::<Vec<_>>() {
        build.await.unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(310), "{:?}: three at a time", started.elapsed());
    let polls = polls.load(std::sync::atomic::Ordering::SeqCst);
    assert!(polls <= 2_000, "{polls}: nobody was woken in vain");
}
