//! tengine-operator keeps Tengine job engines on Kubernetes at the commit of a Git branch.
//!
//! The modules in reading order; an arrow of imports only ever points upwards in this list:
//!
//! - [`dsl`]: reads Ruby definitions; pure, and a crate of its own.
//! - [`domain`]: values that cannot be wrong (commit, digest, URL, names).
//! - [`api`]: the two kinds a cluster knows, `TengineDeployment` and `TengineRelease`.
//! - [`manifest`]: renders the Kubernetes objects of a release; pure.
//! - [`plan`]: decides what to do, from what is wanted and what is seen; pure.
//! - [`controller`]: validate, observe, plan, execute, report.
//!
//! [`source`], [`worker`], [`image`], [`lease`], [`server`], [`metrics`], [`telemetry`], [`tls`], [`words`] and [`settings`] are leaves
//! that the controller calls; [`cli`] is the door.

// Not for tests, where a panic is how a claim fails.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod api;
pub mod cli;
pub mod controller;
pub mod domain;
pub mod image;
pub mod lease;
pub mod manifest;
pub mod metrics;
pub mod plan;
pub mod server;
pub mod settings;
pub mod source;
pub mod telemetry;
pub mod tls;
pub mod words;
pub mod worker;

pub use tengine_dsl as dsl;
