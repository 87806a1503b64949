//! Rounds in which nobody was asked: the Secret of who began them cannot be read, or there was no place for its namespace.

use super::*;

/// Somebody of this namespace, who follows what all the others do.
fn of(namespace: &str, number: usize) -> Subject {
    Subject {
        uid: format!("{namespace}{number}"),
        object: ObjectRef::new(&format!("{namespace}{number}")).within(namespace),
    }
}

fn look(room: &Room, who: &Subject) -> Look<SourceSeen> {
    room.board.look(who, &branch("shared", "main"))
}

/// A Secret that could not be read, in words that name it.
fn unread(name: &str) -> Failure {
    Failure { about: About::Asker, ..Failure::new(Reason::SecretMissing, format!("Secret {name} is not there"), true) }
}

/// One asks, whose Secret cannot be read; the number of those that came to try.
fn asks_in_vain(room: &Room, who: &Subject, by_hand: Option<&str>, tried: &Arc<AtomicUsize>) {
    let (name, tried) = (who.uid.clone(), Arc::clone(tried));
    let ask = |_, _| async move {
        tried.fetch_add(1, Ordering::SeqCst);
        Err(unread(&name))
    };
    room.board.ask::<AtSource, _>(who, by_hand.map(Into::into), ask);
}

async fn settled() {
    for _ in 0..5_000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_cannot_read_his_secret_is_told_so_alone_and_those_who_waited_ask_with_theirs() {
    let mut room = Room::new();
    let members = [of("a", 1), of("b", 2), of("c", 3)];
    for member in &members {
        look(&room, member);
    }
    let tried = Arc::default();
    asks_in_vain(&room, &members[0], Some("by hand"), &tried);
    let (begun, begins) = oneshot::channel::<()>();
    let ask = |references, _| async {
        begins.await.unwrap();
        answer(references, 7)
    };
    room.board.ask::<AtSource, _>(&members[1], None, ask);
    settled().await;
    assert_eq!(room.all_woken(), ["a1"]);
    let told = look(&room, &members[0]);
    assert_eq!(
        told.trouble.map(|trouble| (trouble.reason, trouble.message)),
        Some((Reason::SecretMissing, "Secret a1 is not there".into()))
    );
    assert_eq!(told.served.as_deref(), Some("by hand"));
    for (other, waits) in [(&members[1], true), (&members[2], false)] {
        let told = look(&room, other);
        assert!(told.trouble.is_none() && told.answer.is_none() && told.running == waits, "{told:?}");
    }
    // An answer is everybody's.
    begun.send(()).unwrap();
    settled().await;
    assert_eq!(room.all_woken().len(), 3);
    for member in &members {
        let told = look(&room, member);
        assert!(told.answer.is_some() && told.trouble.is_none(), "{told:?}");
    }
}

/// Two of a namespace that has no place left, and two of others.
#[tokio::test]
async fn a_namespace_that_asks_too_much_is_told_so_alone_and_the_others_ask() {
    let mut room = Room::new();
    let members = [of("full", 1), of("full", 2), of("other", 3), of("idle", 4)];
    for member in &members {
        look(&room, member);
    }
    let full = || Failure { about: About::Namespace, ..Failure::new(Reason::TimedOut, "it was not asked", false) };
    for member in &members[..2] {
        room.board.ask::<AtSource, _>(member, None, move |_, _| async move { Err(full()) });
    }
    let (begun, begins) = oneshot::channel::<()>();
    let ask = |references, _| async {
        begins.await.unwrap();
        answer(references, 7)
    };
    room.board.ask::<AtSource, _>(&members[2], None, ask);
    settled().await;
    let woken: BTreeSet<String> = room.all_woken().into_iter().collect();
    assert_eq!(woken, ["full1", "full2"].map(str::to_owned).into());
    for (member, waits) in members.iter().zip([None, None, Some(true), Some(false)]) {
        let told = look(&room, member);
        let trouble = told.trouble.map(|trouble| trouble.message);
        assert_eq!((trouble.is_some(), told.running), (waits.is_none(), waits == Some(true)), "{trouble:?}");
    }
    begun.send(()).unwrap();
    settled().await;
    for member in &members {
        let told = look(&room, member);
        assert!(told.answer.is_some() && told.trouble.is_none(), "{told:?}");
    }
}

/// Four of a namespace whose Secrets the operator may not read any more, beside others that have the same content in theirs.
#[tokio::test]
async fn a_namespace_whose_secrets_cannot_be_read_speaks_for_no_other_however_often_it_asks() {
    let mut room = Room::new();
    let (others, forbidden) =
        ([of("healthy", 1), of("healthy", 2)], [0, 1, 2, 3, 4, 5].map(|number| of("broken", number)));
    for other in others.iter().chain(&forbidden) {
        look(&room, other);
    }
    let tried = Arc::default();
    for interval in 0..10 {
        for who in &forbidden {
            asks_in_vain(&room, who, None, &tried);
        }
        settled().await;
        assert!(forbidden.iter().all(|who| look(&room, who).trouble.is_some()));
        assert!(room.all_woken().iter().all(|name| name.starts_with("broken")));
        // One that can read its own waits behind them, and for one of them at the most.
        asks_in_vain(&room, &forbidden[0], None, &tried);
        asks_in_vain(&room, &forbidden[1], None, &tried);
        let before = tried.load(Ordering::SeqCst);
        room.board.ask::<AtSource, _>(
            &others[0],
            None,
            move |references, _| async move { answer(references, interval) },
        );
        settled().await;
        assert_eq!(tried.load(Ordering::SeqCst), before + 1);
        for other in &others {
            let told = look(&room, other);
            assert!(told.trouble.is_none() && told.answer.is_some(), "{told:?}");
        }
        room.all_woken();
    }
}

/// Each of a thousand would have to find it out for itself.
#[tokio::test]
async fn where_nobody_of_a_namespace_can_read_his_secret_all_that_wait_there_are_told() {
    let mut room = Room::new();
    let members: Vec<_> = (0..1_000).map(|number| of("broken", number)).collect();
    for member in &members {
        look(&room, member);
    }
    let tried = Arc::default();
    for member in &members[..999] {
        asks_in_vain(&room, member, None, &tried);
    }
    settled().await;
    assert_eq!((tried.load(Ordering::SeqCst), room.all_woken().len()), (4, 999));
    let told: Vec<_> = members.iter().filter_map(|member| look(&room, member).trouble).collect();
    assert_eq!(told.len(), 999, "and who did not ask is not");
    let in_its_own_words = |trouble: &&crate::plan::observed::Trouble| trouble.message.contains("is not there");
    assert_eq!(told.iter().filter(in_its_own_words).count(), 4);
}

/// Nobody wakes the others to try in their turn: each reads its own Secret once, and is woken once.
#[tokio::test]
async fn a_thousand_namespaces_whose_secrets_cannot_be_read_are_told_one_by_one() {
    let mut room = Room::new();
    let members: Vec<_> = (0..1_000).map(|number| of(&format!("n{number}-"), 0)).collect();
    let tried = Arc::default();
    for member in &members {
        look(&room, member);
        asks_in_vain(&room, member, None, &tried);
    }
    settled().await;
    assert_eq!((tried.load(Ordering::SeqCst), room.all_woken().len()), (1_000, 1_000));
    for member in &members {
        let told = look(&room, member).trouble.unwrap();
        assert_eq!(told.message, format!("Secret {} is not there", member.uid));
    }
}
