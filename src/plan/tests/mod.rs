//! The plan against a small world that does what clusters, hosts and cores do.

mod approvals;
mod budgets;
mod builds;
mod check_pods;
mod checks;
mod cluster;
mod definitions;
mod environments;
mod evidence;
mod gate_laws;
mod hand_over;
mod history;
mod jobs;
mod laws;
mod leaders;
mod people;
mod promotion;
mod restore;
mod scenarios;
mod sources;
mod stages;
mod validate;
mod verdicts;
mod windows;
mod world;
