//! Who waits for an answer does not wait for a repeat's turn.

use super::*;
use std::future::pending;
use tokio::task::yield_now;

/// Two that follow a branch and were answered; the first asks again. What it holds until its round ends.
async fn asking_again(room: &mut Room, has_turn: bool) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
    for number in [1, 2] {
        room.board.look(&subject(number), &branch("shared", "main"));
        room.board.ask::<AtSource, _>(&subject(number), None, |references, _| async { answer(references, 0) });
    }
    for _ in 0..2 {
        room.woken.next().await;
    }
    let (alive, ended) = oneshot::channel::<()>();
    let (go, wait) = oneshot::channel::<()>();
    let ask = move |references, call: Call| async move {
        let _alive = alive;
        assert_eq!(call.urgency, Urgency::Repeat);
        if !has_turn {
            pending::<()>().await;
        }
        call.begins();
        wait.await.unwrap();
        answer(references, 1)
    };
    room.board.ask::<AtSource, _>(&subject(1), None, ask);
    yield_now().await;
    (ended, go)
}

/// Everything goes on that can.
async fn settled() {
    for _ in 0..20 {
        yield_now().await;
    }
}

/// One asks about this branch, and what it is told is of round 2.
fn asks(room: &Room, number: usize, name: &str, by_hand: Option<&str>) {
    room.board.look(&subject(number), &branch("shared", name));
    let ask = |references, call: Call| async move {
        assert_eq!(call.urgency, Urgency::First);
        answer(references, 2)
    };
    room.board.ask::<AtSource, _>(&subject(number), by_hand.map(Into::into), ask);
}

fn told(room: &Room, number: usize, name: &str) -> Option<SourceSeen> {
    room.board.look(&subject(number), &branch("shared", name)).answer.map(|(seen, _)| seen)
}

/// What is told in this round.
fn of(round: usize) -> Option<SourceSeen> {
    answer([Reference::Default].into(), round).unwrap().into_values().next()?.ok()
}

#[tokio::test]
async fn a_repeat_that_has_no_turn_yet_gives_way_to_who_knows_nothing_or_asks_by_hand() {
    for (number, name, by_hand) in [(3, "other", None), (2, "main", Some("now")), (1, "main", Some("now"))] {
        let mut room = Room::new();
        let (mut ended, _go) = asking_again(&mut room, false).await;
        asks(&room, number, name, by_hand);
        settled().await;
        assert_eq!(ended.try_recv(), Err(oneshot::error::TryRecvError::Closed), "it waits no more");
        assert_eq!((told(&room, number, name), told(&room, 1, "main")), (of(2), of(2)), "one round for all");
        let seen = room.board.look(&subject(1), &branch("shared", "main"));
        assert!(!seen.running);
    }
}

#[tokio::test]
async fn a_repeat_whose_turn_has_come_is_not_cut_off() {
    let mut room = Room::new();
    let (mut ended, go) = asking_again(&mut room, true).await;
    asks(&room, 3, "other", None);
    settled().await;
    assert_eq!(ended.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    go.send(()).unwrap();
    settled().await;
    assert_eq!(told(&room, 3, "other"), of(2));
}

#[tokio::test]
async fn what_is_being_served_shows() {
    let mut room = Room::new();
    let _held = asking_again(&mut room, true).await;
    let look = |room: &Room| room.board.look(&subject(1), &branch("shared", "main"));
    assert_eq!((look(&room).running, look(&room).serving), (true, None));
    asks(&room, 1, "main", Some("now"));
    assert_eq!((look(&room).running, look(&room).serving.as_deref()), (true, Some("now")));
}
