//! Base images, the layer, and the registry.
