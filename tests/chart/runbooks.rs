//! Alerts, their runbooks, and the metrics they are made of.

use std::collections::BTreeSet;
use std::time::Duration;

use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::metrics::{Look, Metrics, ReadyState, ReconcileResult, WorkerOutcome};

use crate::{CHART, read, repository};

fn rules() -> String {
    read(&format!("{CHART}/templates/prometheusrule.yaml"))
}

#[test]
fn every_alert_has_a_runbook_and_every_runbook_an_alert() {
    let alerts: BTreeSet<String> =
        rules().lines().filter_map(|line| line.trim().strip_prefix("- alert: ").map(str::to_owned)).collect();
    let pages: BTreeSet<String> = std::fs::read_dir(repository("docs/runbooks"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".md").map(str::to_owned))
        .filter(|name| name != "README")
        .collect();
    assert_eq!(alerts, pages);
    let index = read("docs/runbooks/README.md");
    for alert in &alerts {
        assert!(index.contains(&format!("({alert}.md)")), "{alert} is not in the index");
        assert!(rules().contains(&format!("/{alert}.md")), "{alert} does not link its page");
    }
}

#[test]
fn every_metric_in_an_alert_exists() {
    let metrics = Metrics::new();
    metrics.reconciled(ReconcileResult::Failed, Duration::ZERO);
    metrics.looked(Look::Source, "Succeeded", Duration::ZERO);
    metrics.worker_ended(WorkerOutcome::Answered, Duration::ZERO);
    metrics.watch_failing("Pod", 1);
    metrics.object_unreadable("Pod");
    metrics.deployments([ReadyState { ready: "True".into(), reason: "UpToDate".into() }]);
    let exported = metrics.encode().unwrap();
    let rules = rules();
    for word in rules.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        if word.starts_with("tengine_operator_") {
            assert!(exported.contains(&format!("\n{word}")), "{word} is not exported");
        }
    }
}

/// One CamelCase word of more than one part, such as `NameTaken`.
fn is_reason_like(word: &str) -> bool {
    let capitals = word.bytes().filter(u8::is_ascii_uppercase).count();
    capitals > 1 && word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(|b| b.is_ascii_alphabetic())
}

#[test]
fn every_reason_in_a_runbook_exists() {
    let page = read("docs/runbooks/TengineDeploymentNotReady.md") + &read("docs/runbooks/TengineLooksFail.md");
    let known: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.word()).collect();
    for word in page.split('`').skip(1).step_by(2).filter(|word| is_reason_like(word)) {
        assert!(known.contains(word), "{word} is no reason");
    }
}
