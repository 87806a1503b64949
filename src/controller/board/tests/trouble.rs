//! What is kept of a failure, and when it is tried again.

use super::*;

#[tokio::test]
async fn refused_credentials_are_not_tried_every_interval() {
    let mut room = Room::new();
    room.push("a");
    let refused = || Failure { reason: Reason::AuthenticationFailed, definite: true, ..unreachable() };
    let mut waits = Vec::new();
    for _ in 0..8 {
        room.ask(async move { Err(refused()) });
        room.woken().await;
        let trouble = room.push("a").trouble.expect("trouble");
        waits.push(trouble.retry_at.duration_since(Timestamp::now()).as_secs().div_euclid(60) + 1);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60, 60], "in minutes");
    let other = room.push("another Secret");
    assert!(other.trouble.is_none() && other.answer.is_none(), "asked at once");
}

/// Such as where who knows the accounts is up later than the host itself.
#[tokio::test]
async fn one_refusal_after_an_outage_is_the_first_one() {
    let mut room = Room::new();
    room.push("a");
    let refused = || Failure { reason: Reason::AuthenticationFailed, definite: true, ..unreachable() };
    let mut minutes = async |failure: Failure| {
        room.ask(async move { Err(failure) });
        room.woken().await;
        let trouble = room.push("a").trouble.expect("trouble");
        trouble.retry_at.duration_since(Timestamp::now()).as_secs().div_euclid(60) + 1
    };
    for _ in 0..10 {
        minutes(unreachable()).await;
    }
    assert_eq!((minutes(refused()).await, minutes(refused()).await), (2, 4));
    // Who is kept out for the many refusals, and told so in other words, is refused again after that.
    minutes(unreachable()).await;
    assert_eq!(minutes(refused()).await, 8);
}

#[tokio::test]
async fn trouble_says_how_old_the_last_answer_is() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { Ok(()) });
    room.woken().await;
    let at = room.push("a").answer.expect("an answer").1.round(jiff::Unit::Second).expect("a second");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    assert_eq!(room.push("a").trouble.expect("trouble").message, format!("no route (last answer: {at})"));
}

/// As long as the answer is fresh; and what the other side said before is not over by that.
#[tokio::test]
async fn who_finds_no_place_to_ask_again_is_in_no_trouble() {
    let unasked = || Failure { unasked: true, ..unreachable() };
    let mut room = Room::new();
    room.push("a");
    room.ask(async move { Err(unasked()) });
    room.woken().await;
    assert!(room.push("a").trouble.is_some(), "nothing is known yet");
    room.ask(async { Ok(()) });
    room.woken().await;
    room.ask(async move { Err(unasked()) });
    room.woken().await;
    let look = room.push("a");
    assert!(look.trouble.is_none() && look.answer.is_some(), "{look:?}");
    assert!(look.put_off.is_some_and(|at| at > Timestamp::now()), "it is not tried again at once: {look:?}");
    for failure in [unreachable(), unasked()] {
        room.ask(async move { Err(failure) });
        room.woken().await;
        assert!(room.push("a").trouble.is_some());
    }
}

#[tokio::test]
async fn trouble_keeps_the_time_it_began_and_an_answer_ends_it() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    let first = room.push("a").trouble.expect("trouble");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    let second = room.push("a").trouble.expect("trouble");
    assert_eq!(first.since, second.since);
    assert!(second.retry_at > first.retry_at, "later each time");
    room.ask(async { Ok(()) });
    room.woken().await;
    assert!(room.push("a").trouble.is_none());
}

#[tokio::test]
async fn a_retry_is_no_later_than_the_interval_but_never_before_what_the_other_side_asked() {
    let mut room = Room::new();
    room.push("a");
    let start = Timestamp::now();
    for _ in 0..20 {
        room.ask(async { Err(unreachable()) });
        room.woken().await;
    }
    let bounded = room.push("a").trouble.expect("trouble").retry_at;
    assert!(bounded.duration_since(start) < jiff::SignedDuration::from_secs(62), "{bounded} after {start}");
    room.ask(async { Err(Failure { retry_after: Some(Duration::from_mins(10)), ..unreachable() }) });
    room.woken().await;
    let asked = room.push("a").trouble.expect("trouble").retry_at;
    assert!(asked.duration_since(start) >= jiff::SignedDuration::from_secs(600), "{asked} after {start}");
}

#[tokio::test]
async fn trouble_of_other_inputs_is_forgotten() {
    let mut room = Room::new();
    room.build("billing-0001", async { BuildOutcome::Failed(Step::Image, unreachable()) });
    room.woken().await;
    assert_eq!(room.board.builds("1", "inputs").len(), 1);
    assert!(room.board.builds("1", "a repaired Secret").is_empty(), "tried at once");
}
