//! Leader election on a real API server (`eval "$(hack/cluster env)"`); without one these tests say so and pass.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

mod candidates;
mod cluster;
mod processes;
