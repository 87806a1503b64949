//! The plan against a small world that does what clusters, hosts and cores do.

mod evidence;
mod laws;
mod scenarios;
mod validate;
mod world;
