//! Expansions: root jobnets that run in the place of others.

use crate::graph_walk;
use crate::limits;
use crate::model::{Definition, Expansion, Jobnet, Vertex};
use crate::parse::Finding;
use crate::rules::Code;
use crate::vocabulary::closest;
use std::collections::BTreeMap;

/// Expansions of what is not there, and ways round through several root jobnets.
pub fn check(definition: &Definition) -> Vec<Finding> {
    let uses: BTreeMap<&str, Vec<&Expansion>> =
        definition.jobnets.iter().map(|jobnet| (jobnet.name.as_str(), expansions(jobnet))).collect();
    let mut findings = Vec::new();
    if !definition.open {
        let unknown = uses.values().flatten().filter(|expansion| !uses.contains_key(expansion.name.as_str()));
        for (number, expansion) in unknown.enumerate() {
            let message = format!("there is no root jobnet \"{}\" to expand in this load path", expansion.name);
            let mut finding = Finding::new(Code::UnknownExpansion, expansion.span, message);
            let near = (number < limits::ADVICES).then(|| closest(&expansion.name, uses.keys().copied()));
            if let Some(near) = near.flatten() {
                finding = finding.with_help(format!("did you mean \"{near}\"?"));
            }
            findings.push(finding);
        }
    }
    findings.extend(circle(&uses));
    findings
}

fn expansions(jobnet: &Jobnet) -> Vec<&Expansion> {
    let mut found = Vec::new();
    jobnet.each_vertex(&mut |vertex| {
        if let Vertex::Expansion(expansion) = vertex {
            found.push(expansion);
        }
    });
    found
}

fn circle(uses: &BTreeMap<&str, Vec<&Expansion>>) -> Option<Finding> {
    let graph = uses
        .iter()
        .map(|(name, uses)| (*name, uses.iter().map(|expansion| expansion.name.as_str()).collect()))
        .collect();
    let round = graph_walk::cycle(&graph)?;
    let (first, second) = (round.first()?, round.get(1)?);
    let place = uses.get(first)?.iter().find(|expansion| expansion.name == **second)?.span;
    Some(Finding::new(Code::ExpansionCycle, place, format!("a circle of expansions: {}", round.join(" -> "))))
}
