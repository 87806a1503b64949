use std::io;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;

use super::{filter, json};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines_of(level: &str, body: impl FnOnce()) -> Vec<Value> {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber =
        tracing_subscriber::registry().with(filter(level).unwrap()).with(json::layer(move || writer.clone()));
    tracing::subscriber::with_default(subscriber, body);
    let bytes = captured.0.lock().unwrap().clone();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_line_carries_the_fields_of_the_spans_around_it() {
    let lines = lines_of("info", || {
        let outer = tracing::info_span!("reconcile", namespace = "prod", name = "billing");
        let _outer = outer.enter();
        let inner = tracing::info_span!("build", commit = "4f2c1a9", name = "inner");
        let _inner = inner.enter();
        tracing::info!(bytes = 3, "pushed");
    });
    let line = &lines[0];
    assert_eq!(line["namespace"], json!("prod"));
    assert_eq!(line["name"], json!("inner"), "the innermost value wins");
    assert_eq!(line["commit"], json!("4f2c1a9"));
    assert_eq!((&line["bytes"], &line["message"]), (&json!(3), &json!("pushed")));
    assert_eq!(line["level"], json!("INFO"));
    assert!(line["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
}

#[test]
fn libraries_are_quiet_unless_asked_by_name() {
    let speak = || tracing::info!(target: "hyper", "frame");
    assert!(lines_of("info", speak).is_empty());
    assert_eq!(lines_of("info,hyper=info", speak).len(), 1);
}

#[test]
fn a_misspelt_level_is_refused() {
    let error = filter("tengine_operator=loud").unwrap_err();
    assert!(error.to_string().contains("loud"), "{error}");
}
