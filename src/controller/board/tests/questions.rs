//! Who asks, who is answered, and when.

use super::*;

#[tokio::test]
async fn an_answer_wakes_and_belongs_to_its_question() {
    let mut room = Room::new();
    assert!(room.push("a").answer.is_none());
    room.ask(async { Ok(()) });
    assert!(room.push("a").running, "from the moment it is asked");
    room.woken().await;
    let seen = room.push("a");
    assert!(seen.answer.is_some() && !seen.running && seen.served.as_deref() == Some("now"));
    assert!(room.push("b").answer.is_none(), "another question");
    assert!(room.push("a").answer.is_none(), "and the old answer is gone with it");
}

#[tokio::test]
async fn another_question_ends_the_work_on_the_first() {
    let room = Room::new();
    room.push("a");
    let (alive, mut ended) = oneshot::channel::<()>();
    room.ask(async move {
        std::future::pending::<()>().await;
        drop(alive);
        Ok(())
    });
    assert!(ended.try_recv() == Err(oneshot::error::TryRecvError::Empty));
    assert!(!room.push("b").running);
    assert!(ended.await.is_err(), "the work was dropped");
}

#[tokio::test]
async fn a_question_is_asked_once_at_a_time_unless_by_hand_since() {
    let mut room = Room::new();
    room.push("a");
    room.ask(async { Err(unreachable()) });
    room.woken().await;
    room.ask(async { Err(unreachable()) });
    room.ask(async { Ok(()) });
    room.woken().await;
    assert!(room.push("a").answer.is_none(), "the third was not started");

    // What was pushed before this request may have been pushed after the look under way.
    room.ask(async { Err(unreachable()) });
    room.serve("again", async { Ok(()) });
    room.woken().await;
    let seen = room.push("a");
    assert!(seen.answer.is_some() && seen.served.as_deref() == Some("again"), "{seen:?}");
}

/// A thousand deployments on as many branches of one repository, and one of other credentials.
#[tokio::test]
async fn one_round_answers_all_that_share_the_key_and_nobody_else() {
    let mut room = Room::new();
    let rounds = Arc::new(AtomicUsize::new(0));
    let everybody = || (0..1_000).map(|number| (subject(number), branch("shared", &format!("b{number}"))));
    for (subject, question) in everybody() {
        assert!(room.board.look(&subject, &question).answer.is_none());
    }
    let stranger = (subject(1_000), branch("other credentials", "b1"));
    room.board.look(&stranger.0, &stranger.1);
    for (subject, _) in everybody() {
        let rounds = Arc::clone(&rounds);
        let ask = move |references: BTreeSet<Reference>, _| async move {
            tokio::task::yield_now().await;
            answer(references, rounds.fetch_add(1, Ordering::SeqCst))
        };
        room.board.ask::<AtSource, _>(&subject, None, ask);
    }
    for _ in 0..1_000 {
        room.woken.next().await;
    }
    assert_eq!(rounds.load(Ordering::SeqCst), 1);
    for (subject, question) in everybody() {
        let seen = room.board.look(&subject, &question);
        assert!(seen.answer.is_some() && !seen.running);
    }
    assert!(room.board.look(&stranger.0, &stranger.1).answer.is_none(), "never what other credentials were told");

    // One asks again and is told nothing new: nobody else is woken, and everybody's answer is as fresh.
    let again = |round| move |references, _| async move { answer(references, round) };
    let (first, question) = (subject(7), branch("shared", "b7"));
    let before = room.board.look(&first, &question).answer.expect("an answer").1;
    room.board.ask::<AtSource, _>(&subject(8), None, again(0));
    room.woken.next().await;
    assert_eq!(room.all_woken(), Vec::<String>::new());
    assert!(room.board.look(&first, &question).answer.expect("an answer").1 > before);
    // Something new: everybody.
    room.board.ask::<AtSource, _>(&subject(8), None, again(1));
    room.woken.next().await;
    assert_eq!(room.all_woken().len(), 999);
}

#[tokio::test]
async fn who_comes_while_others_are_asked_about_gets_a_round_that_asks_for_it() {
    let mut room = Room::new();
    let (old, new) = (branch("shared", "old"), branch("shared", "new"));
    room.board.look(&subject(1), &old);
    let (answered, wait) = oneshot::channel::<()>();
    let ask = |references: BTreeSet<Reference>, _| async move {
        wait.await.expect("the test goes on");
        answer(references, 0)
    };
    room.board.ask::<AtSource, _>(&subject(1), None, ask);
    tokio::task::yield_now().await;
    room.board.look(&subject(2), &new);
    room.board.ask::<AtSource, _>(&subject(2), None, |references, _| async move { answer(references, 1) });
    answered.send(()).expect("it is waited for");
    room.woken.next().await;
    while room.board.look(&subject(2), &new).running {
        room.woken.next().await;
    }
    assert!(room.board.look(&subject(2), &new).answer.is_some());
}

#[tokio::test]
async fn the_work_goes_on_while_anybody_wants_to_know() {
    let room = Room::new();
    for number in [1, 2] {
        room.board.look(&subject(number), &push("shared"));
    }
    let (alive, mut ended) = oneshot::channel::<()>();
    room.ask(async move {
        let _alive = alive;
        std::future::pending().await
    });
    room.board.forget("1");
    tokio::task::yield_now().await;
    assert_eq!(ended.try_recv(), Err(oneshot::error::TryRecvError::Empty));
    room.board.forget("2");
    assert!(ended.await.is_err());
}

#[tokio::test]
async fn repeats_after_a_start_are_spread_but_a_changed_secret_asks_at_once() {
    let room = Room::new();
    let now = Timestamp::now();
    let question = |key: &str| Question { remembers: true, ..push(key) };
    let first_times: Vec<_> = (0..100)
        .map(|number| room.board.look(&subject(number), &question(&number.to_string())).not_before.expect("a time"))
        .collect();
    let quarters: HashSet<_> = first_times.iter().map(|at| at.duration_since(now).as_secs() / 15).collect();
    assert_eq!(quarters, HashSet::from([0, 1, 2, 3]), "spread over the minute");
    assert_eq!(room.board.look(&subject(1), &question("another Secret")).not_before, None);
}
