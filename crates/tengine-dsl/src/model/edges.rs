//! How the children of a jobnet follow each other, and what is in it at any depth.

use super::{End, Jobnet, Named, Order, Vertex};
use std::collections::{BTreeMap, BTreeSet};

impl Jobnet {
    /// The child called `name`.
    pub fn child(&self, name: &str) -> Option<&Vertex> {
        self.children.iter().find(|child| child.name() == name)
    }

    /// The edges as Tengine draws them: in sequence, or from the boot jobs along `:to` to what has no successor.
    pub fn edges(&self) -> Vec<(End, End)> {
        match &self.order {
            Order::Sequence { .. } => self.sequence(),
            Order::Boot(first) => self.network(first),
        }
    }

    fn sequence(&self) -> Vec<(End, End)> {
        let stations: Vec<End> = std::iter::once(End::Start)
            .chain(self.children.iter().map(|child| End::Child(child.name().to_owned())))
            .chain(std::iter::once(End::End))
            .collect();
        stations.windows(2).filter_map(|pair| Some((pair.first()?.clone(), pair.last()?.clone()))).collect()
    }

    fn network(&self, first: &[Named]) -> Vec<(End, End)> {
        let known = |named: &&Named| self.child(&named.name).is_some();
        let child = |named: &Named| End::Child(named.name.clone());
        let mut edges: Vec<(End, End)> = first.iter().filter(known).map(|named| (End::Start, child(named))).collect();
        let reached = self.reached();
        for vertex in &self.children {
            let from = End::Child(vertex.name().to_owned());
            edges.extend(vertex.to().iter().filter(known).map(|to| (from.clone(), child(to))));
            if vertex.to().is_empty() && reached.contains(vertex.name()) {
                edges.push((from, End::End));
            }
        }
        edges
    }

    /// The names of the children that run: all of them in sequence, those the boot jobs lead to otherwise.
    pub fn reached(&self) -> BTreeSet<&str> {
        let Order::Boot(first) = &self.order else {
            return self.children.iter().map(Vertex::name).collect();
        };
        let successors: BTreeMap<&str, &[Named]> =
            self.children.iter().map(|child| (child.name(), child.to())).collect();
        let mut found = BTreeSet::new();
        let mut waiting: Vec<&str> = first.iter().map(|named| named.name.as_str()).collect();
        while let Some(name) = waiting.pop() {
            if found.insert(name) {
                let next = successors.get(name).copied().unwrap_or_default();
                waiting.extend(next.iter().map(|named| named.name.as_str()));
            }
        }
        found
    }

    /// Every vertex at any depth, `finally` included, with the jobnets it lies in.
    pub fn each_vertex<'m>(&'m self, visit: &mut dyn FnMut(&'m Vertex)) {
        for child in &self.children {
            visit(child);
            if let Vertex::Jobnet(inner) = child {
                inner.each_vertex(visit);
            }
        }
        if let Some(finally) = &self.finally {
            finally.each_vertex(visit);
        }
    }

    /// The number of jobs at any depth.
    pub fn job_count(&self) -> usize {
        let mut count = 0;
        self.each_vertex(&mut |vertex| count += usize::from(matches!(vertex, Vertex::Job(_))));
        count
    }
}
