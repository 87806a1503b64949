//! The Helm chart: what is generated is fresh, the values are described and checked, and what is
//! rendered is what the operator needs and no more.
//!
//! Tests that render need `helm` on the PATH (`eval "$(hack/cluster env)"`); without it they say so
//! and pass, except where `CI` or `KUBECONFIG` is set.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

mod door;
mod generated;
mod on_cluster;
mod rendered;
mod runbooks;
mod values;

use std::path::PathBuf;

/// A path inside the repository.
fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a file of the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The chart's folder, from the repository's root.
const CHART: &str = "charts/tengine-operator";
