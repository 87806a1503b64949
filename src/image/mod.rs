//! Base images, the layer, and the registry.

pub mod credentials;
pub mod layer;
