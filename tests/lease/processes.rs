//! The program itself: two of them, killed, told to stop, and robbed.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;

const LEASE: &str = "program";

/// A running operator; killed at the end whatever happens.
struct Operator(Child);

impl Operator {
    /// One that looks at the test's own namespace only.
    fn start(cluster: &Cluster, identity: &str) -> Self {
        let flags = [
            ("--namespaces", cluster.namespace.as_str()),
            ("--lease-namespace", cluster.namespace.as_str()),
            ("--lease-name", LEASE),
            ("--lease-identity", identity),
            ("--lease-duration", "3s"),
            ("--lease-renew-deadline", "2s"),
            ("--lease-retry-period", "300ms"),
            ("--listen-address", "127.0.0.1:0"),
        ];
        let mut command = Command::new(env!("CARGO_BIN_EXE_tengine-operator"));
        command.arg("run").args(flags.iter().flat_map(|(flag, value)| [flag, value]));
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    async fn ended(&mut self, at_most: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < at_most, "it still runs after {at_most:?}");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_killed_operator_is_replaced_and_a_stopped_one_gives_the_lease_back() {
    let Some(cluster) = Cluster::begin("killed").await else { return };
    let mut one = Operator::start(&cluster, "one");
    cluster.wait_for_holder(LEASE, Some("one"), SOON).await;
    let mut two = Operator::start(&cluster, "two");
    sleep(Duration::from_secs(1)).await;

    one.signal(Signal::KILL);
    one.ended(SOON).await;
    cluster.wait_for_holder(LEASE, Some("two"), SOON).await;

    two.signal(Signal::TERM);
    let status = two.ended(Duration::from_secs(5)).await;
    assert_eq!(status.code(), Some(0));
    assert_eq!(cluster.holder(LEASE).await, None, "the lease was not given back");
    cluster.end().await;
}

#[tokio::test]
async fn a_restarted_container_goes_on_at_once() {
    let Some(cluster) = Cluster::begin("restarted").await else { return };
    let mut before = Operator::start(&cluster, "pod-1");
    cluster.wait_for_holder(LEASE, Some("pod-1"), SOON).await;
    before.signal(Signal::KILL);
    before.ended(SOON).await;
    let renewed = cluster.lease(LEASE).await.renew_time;
    let _after = Operator::start(&cluster, "pod-1");
    let begun = Instant::now();
    while cluster.lease(LEASE).await.renew_time == renewed {
        assert!(begun.elapsed() < Duration::from_millis(2500), "it waited for its own lease");
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(cluster.lease(LEASE).await.lease_transitions, Some(0));
    cluster.end().await;
}

#[tokio::test]
async fn an_operator_that_loses_its_lease_ends_at_once_and_not_well() {
    let Some(cluster) = Cluster::begin("robbed").await else { return };
    let mut operator = Operator::start(&cluster, "one");
    cluster.wait_for_holder(LEASE, Some("one"), SOON).await;
    cluster.steal(LEASE).await;
    let status = operator.ended(Duration::from_secs(4)).await;
    assert_eq!(status.code(), Some(1));
    cluster.end().await;
}

#[tokio::test]
async fn an_operator_that_stands_by_stops_at_once() {
    let Some(cluster) = Cluster::begin("standby").await else { return };
    let _leader = Operator::start(&cluster, "leader");
    cluster.wait_for_holder(LEASE, Some("leader"), SOON).await;
    let mut standby = Operator::start(&cluster, "standby");
    sleep(Duration::from_secs(1)).await;
    standby.signal(Signal::TERM);
    assert_eq!(standby.ended(Duration::from_secs(2)).await.code(), Some(0));
    assert_eq!(cluster.holder(LEASE).await.as_deref(), Some("leader"));
    cluster.end().await;
}
