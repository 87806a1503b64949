use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::{Health, Phase, bind, router, serve};
use crate::metrics::Metrics;

struct Served {
    address: std::net::SocketAddr,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

async fn served(health: Health) -> Served {
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let router = router(health, Arc::new(Metrics::new()));
    let task = tokio::spawn(serve(listener, router, stop.clone()));
    Served { address, stop, task }
}

async fn get(served: &Served, path: &str) -> String {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn a_leader_that_is_kept_from_its_work_says_by_what() {
    let health = Health::default();
    health.enter(Phase::Leading);
    health.complain(Some("the watch of Pod fails: forbidden".into()));
    assert_eq!(health.ready(), Err("the watch of Pod fails: forbidden".into()));
    health.complain(None);
    assert_eq!(health.ready(), Ok(()));
}

#[tokio::test]
async fn a_standby_is_ready_and_a_leader_only_with_full_caches() {
    let health = Health::default();
    let served = served(health.clone()).await;
    for (phase, status) in
        [(Phase::Starting, "503"), (Phase::Standby, "200"), (Phase::Syncing, "503"), (Phase::Leading, "200")]
    {
        health.enter(phase);
        let answer = get(&served, "/readyz").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{phase:?}: {answer}");
    }
}

#[tokio::test]
async fn metrics_come_as_openmetrics() {
    let served = served(Health::default()).await;
    let answer = get(&served, "/metrics").await;
    assert!(answer.contains("content-type: application/openmetrics-text; version=1.0.0"));
    assert!(answer.trim_end().ends_with("# EOF"), "{answer}");
}

#[tokio::test]
async fn other_paths_and_verbs_are_refused() {
    let served = served(Health::default()).await;
    assert!(get(&served, "/").await.starts_with("HTTP/1.1 404"));
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"POST /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
}

#[tokio::test]
async fn open_connections_do_not_hold_up_the_stop() {
    let served = served(Health::default()).await;
    let _idle = TcpStream::connect(served.address).await.unwrap();
    served.stop.cancel();
    tokio::time::timeout(Duration::from_secs(1), served.task).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_stands_still_is_seen() {
    let health = Health::default();
    assert!(health.alive().is_ok());
    health.beat_while(tokio::time::sleep(Duration::from_mins(2))).await;
    assert!(health.alive().is_ok(), "it beat while it worked");
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert!(health.alive().unwrap_err().contains("31 s"));
}
