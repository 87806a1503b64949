//! The rendered objects on a real cluster (`eval "$(hack/cluster env)"`), in a namespace that enforces Pod Security
//! `restricted`; without a cluster these tests say so and pass. What
//! needs a kernel only, `alone`, needs no cluster.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failing helper fails its test")]

mod alone;
mod applying;
mod definitions;
mod image;
mod kubectl;
mod serving;
mod stage;
mod stopping;
