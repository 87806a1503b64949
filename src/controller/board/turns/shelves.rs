//! Where fetched trees lie in the scratch folder, from the beginning of a build until its layer is pushed.
//!
//! When a base image moves under a hundred deployments and their registry is slow, all of them have packed long before the first push ends; so
//! a build has its shelf before it fetches. Neither one registry nor one namespace ever has all of them: others' builds go on. Nor does a build that
//! waits for its Git host have one: it gets both at one time, since whoever has the one and waits for the other keeps somebody from it, and whoever
//! gives back the one to wait for the other is waited for in turn, without an end.

use std::collections::BTreeMap;

/// How many there are besides those of builds that children work on.
const WAITING: usize = 6;

/// How many of them hold what goes to one registry.
const FOR_ONE_REGISTRY: usize = 3;

/// How many there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shelves {
    all: usize,
    registry: usize,
    namespace: usize,
}

impl Shelves {
    /// For as many children at a time.
    pub(super) fn for_children(children: usize) -> Self {
        let all = children + WAITING;
        Self { all, registry: FOR_ONE_REGISTRY, namespace: (all - 2).max(FOR_ONE_REGISTRY) }
    }
}

/// Those that are taken.
#[derive(Debug, Default)]
pub(super) struct Full {
    all: usize,
    registries: BTreeMap<String, usize>,
    namespaces: BTreeMap<String, usize>,
}

impl Full {
    /// Whether what goes to this registry for this namespace may have one more.
    pub(super) fn leave_one_of(&self, shelves: Shelves, (registry, namespace): (&str, &str)) -> bool {
        let taken = |counts: &BTreeMap<String, usize>, name| counts.get(name).copied().unwrap_or_default();
        self.all < shelves.all
            && taken(&self.registries, registry) < shelves.registry
            && taken(&self.namespaces, namespace) < shelves.namespace
    }

    /// How many a namespace has.
    pub(super) fn of(&self, namespace: &str) -> usize {
        self.namespaces.get(namespace).copied().unwrap_or_default()
    }

    pub(super) fn enter(&mut self, registry: &str, namespace: &str) {
        self.all += 1;
        *self.registries.entry(registry.to_owned()).or_default() += 1;
        *self.namespaces.entry(namespace.to_owned()).or_default() += 1;
    }

    pub(super) fn leave(&mut self, registry: &str, namespace: &str) {
        self.all -= 1;
        for (counts, name) in [(&mut self.registries, registry), (&mut self.namespaces, namespace)] {
            if let Some(count) = counts.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(name);
                }
            }
        }
    }
}
