//! Where fetched trees lie in the scratch folder, from the beginning of a build until its layer is pushed.
//!
//! When a base image moves under a hundred deployments and their registry is slow, all of them have packed long before the first push ends; so
//! a build has its shelf before it fetches. Neither one registry nor one namespace ever has all of them: others' builds go on. Nor does a build that
//! waits for its Git host have one: it gets both at one time, since whoever has the one and waits for the other keeps somebody from it, and whoever
//! gives back the one to wait for the other is waited for in turn, without an end.

use super::Places;

/// How many there are besides those of builds that children work on.
const WAITING: usize = 6;

/// How many of them hold what goes to one registry.
const FOR_ONE_REGISTRY: usize = 3;

/// How many there are for so many children at a time, with registries instead of hosts.
pub(super) fn shelves(children: usize) -> Places {
    let all = children + WAITING;
    Places { all, host: FOR_ONE_REGISTRY, namespace: (all - 2).max(FOR_ONE_REGISTRY) }
}
