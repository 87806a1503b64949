//! Candidates of the library against each other.

use std::time::Duration;

use kube::api::DeleteParams;
use tengine_operator::lease::{Candidate, Config, Lost};
use tokio::time::{Instant, sleep, timeout};

use crate::cluster::{Cluster, Relay};

const NAME: &str = "operator";
const DURATION: Duration = Duration::from_secs(3);
const DEADLINE: Duration = Duration::from_secs(2);
const RETRY: Duration = Duration::from_millis(300);

fn candidate(cluster: &Cluster, identity: &str) -> Candidate {
    candidate_through(cluster.client.clone(), cluster, identity)
}

fn candidate_through(client: kube::Client, cluster: &Cluster, identity: &str) -> Candidate {
    let config = Config {
        namespace: cluster.namespace.clone(),
        name: NAME.into(),
        identity: identity.into(),
        duration: DURATION,
        renew_deadline: DEADLINE,
        retry_period: RETRY,
    };
    config.check().unwrap();
    Candidate::new(client, config)
}

#[tokio::test]
async fn a_dead_leader_is_replaced_after_its_lease_and_not_before() {
    let Some(cluster) = Cluster::begin("dead").await else { return };
    let (mut first, mut second) = (candidate(&cluster, "first"), candidate(&cluster, "second"));
    first.acquire().await;
    let leadership = first.leadership();
    assert_eq!(leadership.vacancy(), None, "nobody led before");
    let holding = tokio::spawn(async move { first.hold(|| ()).await });
    assert!(timeout(DURATION * 2, second.acquire()).await.is_err(), "it took a lease that is being renewed");
    assert!(leadership.holds());

    holding.abort();
    let died = Instant::now();
    timeout(DURATION * 3, second.acquire()).await.expect("nobody took over");
    assert!(died.elapsed() + RETRY * 2 >= DURATION, "taken over after {:?}", died.elapsed());
    assert!(!leadership.holds(), "two believe that they lead");
    let (from, until) = second.leadership().vacancy().expect("somebody led before");
    let vacant = until.duration_since(from).unsigned_abs();
    assert!(vacant + RETRY * 2 >= DURATION && vacant <= died.elapsed() + RETRY * 2, "nobody led for {vacant:?}");
    assert_eq!(cluster.lease(NAME).await.lease_transitions, Some(1));
    second.release().await;
    cluster.end().await;
}

#[tokio::test]
async fn a_lease_that_is_given_back_is_taken_at_once() {
    let Some(cluster) = Cluster::begin("given-back").await else { return };
    let (mut first, mut second) = (candidate(&cluster, "first"), candidate(&cluster, "second"));
    first.acquire().await;
    let waiting = tokio::spawn(async move {
        second.acquire().await;
        second
    });
    sleep(RETRY).await;
    first.release().await;
    let second = timeout(RETRY * 4, waiting).await.expect("nobody took over").unwrap();
    second.release().await;
    assert_eq!(cluster.holder(NAME).await, None);
    cluster.end().await;
}

#[tokio::test]
async fn only_one_of_many_that_start_together_leads() {
    let Some(cluster) = Cluster::begin("many").await else { return };
    let identities: Vec<String> = (0..8).map(|number| format!("candidate-{number}")).collect();
    let starts = identities.iter().map(|identity| {
        let mut candidate = candidate(&cluster, identity);
        async move { timeout(RETRY * 4, candidate.acquire()).await.is_ok() }
    });
    let leaders = futures::future::join_all(starts).await.into_iter().filter(|leads| *leads).count();
    assert_eq!(leaders, 1);
    cluster.end().await;
}

#[tokio::test]
async fn a_lease_that_somebody_else_took_is_noticed() {
    let Some(cluster) = Cluster::begin("stolen").await else { return };
    let mut leader = candidate(&cluster, "leader");
    leader.acquire().await;
    cluster.steal(NAME).await;
    let lost = timeout(DEADLINE, leader.hold(|| ())).await.expect("it went on");
    assert_eq!(lost, Lost::Taken { holder: "thief".into() });
    leader.release().await;
    assert_eq!(cluster.holder(NAME).await.as_deref(), Some("thief"), "only the holder gives a lease back");
    cluster.end().await;
}

#[tokio::test]
async fn a_deleted_lease_is_made_again() {
    let Some(cluster) = Cluster::begin("deleted").await else { return };
    let mut leader = candidate(&cluster, "leader");
    leader.acquire().await;
    let holding = tokio::spawn(async move { leader.hold(|| ()).await });
    cluster.leases().delete(NAME, &DeleteParams::default()).await.unwrap();
    cluster.wait_for_holder(NAME, Some("leader"), DEADLINE).await;
    assert!(!holding.is_finished());
    holding.abort();
    cluster.end().await;
}

#[tokio::test]
async fn a_leader_that_is_cut_off_stops_before_another_may_begin() {
    let Some(cluster) = Cluster::begin("cut-off").await else { return };
    let relay = Relay::to(&cluster).await;
    let mut leader = candidate_through(relay.client.clone(), &cluster, "leader");
    leader.acquire().await;
    let leadership = leader.leadership();
    let holding = tokio::spawn(async move { leader.hold(|| ()).await });
    sleep(RETRY * 3).await;
    relay.cut();
    let begun = Instant::now();
    let lost = timeout(DURATION, holding).await.expect("it went on").unwrap();
    assert_eq!(lost, Lost::NotRenewed { within: DEADLINE });
    assert!(begun.elapsed() <= DEADLINE + RETRY, "it stopped only after {:?}", begun.elapsed());
    assert!(!leadership.holds());
    cluster.end().await;
}
