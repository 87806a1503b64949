//! The plan against a small world that does what clusters, hosts and cores do.

mod builds;
mod cluster;
mod evidence;
mod laws;
mod people;
mod scenarios;
mod sources;
mod validate;
mod verdicts;
mod world;
