//! Ways round in a graph of names.

use std::collections::{BTreeMap, HashSet};

/// One way round, its first name repeated at the end; `None` if there is none. Never recurses.
pub fn cycle<'n>(graph: &BTreeMap<&'n str, Vec<&'n str>>) -> Option<Vec<&'n str>> {
    let mut done: HashSet<&str> = HashSet::new();
    for start in graph.keys() {
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        let mut on_path: HashSet<&str> = HashSet::from([*start]);
        if done.contains(start) {
            continue;
        }
        while let Some((name, next)) = path.last_mut() {
            let Some(successor) = graph.get(name).and_then(|list| list.get(*next)).copied() else {
                done.insert(name);
                on_path.remove(name);
                path.pop();
                continue;
            };
            *next += 1;
            if on_path.contains(successor) {
                let from = path.iter().position(|(name, _)| *name == successor)?;
                let round = path.get(from..)?.iter().map(|(name, _)| *name);
                return Some(round.chain([successor]).collect());
            }
            if !done.contains(successor) {
                on_path.insert(successor);
                path.push((successor, 0));
            }
        }
    }
    None
}
