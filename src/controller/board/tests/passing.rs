use super::*;
use crate::api::v1alpha1::PassedOn;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use std::future::pending;

fn pushed() -> PassedOn {
    PassedOn { branch: Some("release".into()), tag: None, at: Time(Timestamp::UNIX_EPOCH) }
}

fn refused() -> Failure {
    let message = "the host does not take branch release: a hook".to_owned();
    Failure::new(Reason::PromotionRefused, message, true)
}

impl Room {
    fn pass_on(&self, release: &str, work: impl Future<Output = Result<PassedOn, Failure>> + Send + 'static) {
        self.board.pass_on(&self.subject, release, "to release", work);
    }

    fn passing(&self, release: &str) -> Look<PassedOn> {
        self.board.passing("1", "to release").remove(release).unwrap()
    }
}

#[tokio::test]
async fn a_push_is_made_once_at_a_time_and_its_trouble_holds_until_it_succeeds() {
    let mut room = Room::new();
    room.pass_on("billing-0001", async { Err(refused()) });
    room.woken().await;
    let first = room.passing("billing-0001").trouble.unwrap();
    let (done, waits) = oneshot::channel();
    room.pass_on("billing-0001", async { waits.await.unwrap() });
    room.pass_on("billing-0001", async { panic!("nobody pushes beside it") });
    let again = room.passing("billing-0001");
    assert_eq!((again.running, again.trouble.map(|trouble| trouble.since)), (true, Some(first.since)));
    done.send(Ok(pushed())).unwrap();
    room.woken().await;
    let done = room.passing("billing-0001");
    assert_eq!((done.running, done.trouble, done.answer.unwrap().0), (false, None, pushed()));
}

#[tokio::test]
async fn what_came_of_another_push_is_forgotten_and_ends() {
    struct Ends(Option<oneshot::Sender<()>>);
    impl Drop for Ends {
        fn drop(&mut self) {
            self.0.take().map(|told| told.send(()));
        }
    }
    let room = Room::new();
    let (told, ended) = oneshot::channel();
    let alive = Ends(Some(told));
    room.pass_on("billing-0001", async move {
        let _alive = alive;
        pending().await
    });
    room.pass_on("billing-0002", pending());
    ended.await.unwrap();
    assert_eq!(room.board.passing("1", "to release").into_keys().collect::<Vec<_>>(), ["billing-0002"]);
    assert!(room.board.passing("1", "to another branch").is_empty());
    assert!(room.board.passing("1", "to release").is_empty(), "it ended with that");
}
