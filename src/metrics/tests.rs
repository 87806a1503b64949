use std::time::Duration;

use crate::worker::WorkerError;

use super::{Look, Metrics, ReadyState, ReconcileResult, WorkerOutcome};

fn state(ready: &'static str, reason: &'static str) -> ReadyState {
    ReadyState { ready: ready.into(), reason: reason.into() }
}

#[test]
fn each_measurement_appears_under_its_name() {
    let metrics = Metrics::new();
    let took = Duration::from_millis(20);
    metrics.reconciled(ReconcileResult::Acted, took);
    metrics.looked(Look::Source, "AuthenticationFailed", took);
    metrics.built("Pushed", took, 4096);
    metrics.worker_ended(WorkerOutcome::TimedOut, took);
    metrics.deployments([state("True", "UpToDate")]);
    metrics.looks_waiting(3);
    metrics.oldest_answer(Look::Base, Duration::from_secs(90));
    metrics.object_unreadable("TengineRelease");
    metrics.leading();
    let text = metrics.encode().unwrap();
    for line in [
        r#"tengine_operator_reconciles_total{result="Acted"} 1"#,
        r#"tengine_operator_looks_total{what="Source",outcome="AuthenticationFailed"} 1"#,
        r#"tengine_operator_look_duration_seconds_count{what="Source"} 1"#,
        r#"tengine_operator_builds_total{outcome="Pushed"} 1"#,
        "tengine_operator_image_pushed_bytes_total 4096",
        r#"tengine_operator_worker_runs_total{outcome="TimedOut"} 1"#,
        r#"tengine_operator_deployments{ready="True",reason="UpToDate"} 1"#,
        "tengine_operator_looks_waiting 3",
        r#"tengine_operator_oldest_answer_age_seconds{what="Base"} 90.0"#,
        r#"tengine_operator_unreadable_objects_total{kind="TengineRelease"} 1"#,
        "tengine_operator_leader 1",
        r#"tengine_operator_build_info{version=""#,
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
}

#[test]
fn a_state_that_emptied_goes_to_zero() {
    let metrics = Metrics::new();
    metrics.deployments([state("True", "UpToDate"), state("True", "UpToDate")]);
    metrics.deployments([state("False", "Unavailable")]);
    let text = metrics.encode().unwrap();
    assert!(text.contains(r#"deployments{ready="True",reason="UpToDate"} 0"#), "{text}");
    assert!(text.contains(r#"deployments{ready="False",reason="Unavailable"} 1"#), "{text}");
}

#[test]
fn a_replica_that_stands_by_is_not_the_leader() {
    let metrics = Metrics::new();
    metrics.leading();
    metrics.standing_by();
    assert!(metrics.encode().unwrap().contains("tengine_operator_leader 0\n"));
}

#[test]
fn a_worker_that_answered_is_no_crash() {
    let outcomes = [
        WorkerOutcome::from(None),
        Some(&WorkerError::TimedOut { after: Duration::from_secs(1), step: None }).into(),
        Some(&WorkerError::Garbage).into(),
        Some(&WorkerError::Start(std::io::Error::other("no"))).into(),
    ];
    let expected =
        [WorkerOutcome::Answered, WorkerOutcome::TimedOut, WorkerOutcome::Crashed, WorkerOutcome::NotStarted];
    assert_eq!(outcomes, expected);
}

#[test]
fn a_shard_is_told_where_there_are_several() {
    let told = |shard: &str| Metrics::of(shard.parse().unwrap()).encode().unwrap();
    assert!(told("2/3").contains(r#"tengine_operator_shard_info{shard="2",of="3"} 1"#), "{}", told("2/3"));
    assert_eq!(told("1/1"), Metrics::new().encode().unwrap());
}
