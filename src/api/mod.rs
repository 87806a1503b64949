//! The kinds of `tengine.dev`: serde, schema and rules at the door; no behaviour.

mod crd;
mod door;
mod reference;
pub mod v1alpha1;

pub use crd::{crds, print};
pub use reference::reference;

/// The API group of both kinds.
pub const GROUP: &str = "tengine.dev";
