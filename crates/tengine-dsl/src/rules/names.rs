//! Names: of children, successors, boot jobs, root jobnets; and the ways round that `:to` makes.

use crate::Severity;
use crate::graph_walk;
use crate::limits;
use crate::model::{Jobnet, Named, Order, Vertex};
use crate::parse::{Finding, ParsedFile};
use crate::source::Span;
use crate::vocabulary::closest;
use std::collections::{BTreeMap, HashSet};

/// A child whose name the jobnet has already.
pub fn new_child(children: &[Vertex], new: &Vertex) -> Option<Finding> {
    // The last few are looked at one by one; `whole` finds the rest by set.
    let near = children.len().saturating_sub(64);
    let known = children.get(near..)?.iter().find(|child| child.name() == new.name() && !new.name().is_empty())?;
    Some(duplicate(new, known.span() == new.span()))
}

fn duplicate(vertex: &Vertex, same_line: bool) -> Finding {
    let name = vertex.name();
    let message = if same_line {
        format!("this line makes more than one \"{name}\" in one jobnet")
    } else {
        format!("this jobnet has a \"{name}\" already")
    };
    Finding::error("duplicate-name", vertex.span(), message)
        .with_help("names are unique within a jobnet; a nested jobnet may use them again")
}

/// Everything about the names of a jobnet whose block has ended.
pub fn whole(jobnet: &Jobnet, open: bool, edges_open: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for child in &jobnet.children {
        if !seen.insert(child.name()) && !child.name().is_empty() {
            findings.push(duplicate(child, false));
        }
    }
    if !open {
        missing(jobnet, &seen, &mut findings);
    }
    findings.extend(circle(jobnet));
    if !open && !edges_open && findings.is_empty() {
        unreached(jobnet, &mut findings);
    }
    findings
}

fn missing(jobnet: &Jobnet, known: &HashSet<&str>, findings: &mut Vec<Finding>) {
    let mut asked = 0;
    let mut advised = |finding: Finding, named: &Named| match nearest(&named.name, known, &mut asked) {
        Some(near) => finding.with_help(format!("did you mean \"{near}\"?")),
        None => finding,
    };
    for child in &jobnet.children {
        for to in child.to().iter().filter(|to| !known.contains(to.name.as_str())) {
            let message = format!(
                "{} \"{}\" names \"{}\" in :to, which this jobnet does not have",
                child.word(),
                child.name(),
                to.name
            );
            let finding = Finding {
                severity: severity(jobnet, &to.name),
                ..Finding::error("unknown-successor", to.span, message)
            };
            findings.push(advised(finding, to));
        }
    }
    if let Order::Boot(first) = &jobnet.order {
        for boot in first.iter().filter(|boot| !known.contains(boot.name.as_str())) {
            let message = format!("boot_jobs names \"{}\", which this jobnet does not have", boot.name);
            findings.push(advised(Finding::error("unknown-boot-job", boot.span, message), boot));
        }
    }
}

/// Names that Tengine gives to other things than children.
const RESERVED: &[&str] = &["start", "end", "finally", ".", ".."];

/// Without `boot_jobs` the children run one after the other and `:to` has no effect, so whatever it says is no more than a doubt.
fn severity(jobnet: &Jobnet, name: &str) -> Severity {
    match jobnet.order {
        Order::Boot(_) if !RESERVED.contains(&name) => Severity::Error,
        Order::Boot(_) | Order::Sequence { .. } => Severity::Warning,
    }
}

/// The known name that is close to a missing one; told for the first few only, since each is compared with all.
fn nearest<'k>(name: &str, known: &HashSet<&'k str>, asked: &mut usize) -> Option<&'k str> {
    *asked += 1;
    if *asked <= limits::ADVICES { closest(name, known.iter().copied()) } else { None }
}

/// A way round through `:to`.
fn circle(jobnet: &Jobnet) -> Option<Finding> {
    if jobnet.children.iter().all(|child| child.to().is_empty()) {
        return None;
    }
    let graph: BTreeMap<&str, Vec<&str>> = jobnet
        .children
        .iter()
        .map(|child| (child.name(), child.to().iter().map(|to| to.name.as_str()).collect()))
        .collect();
    let round = graph_walk::cycle(&graph)?;
    let (first, second) = (round.first()?, round.get(1)?);
    let place = jobnet.child(first)?.to().iter().find(|to| to.name == **second)?.span;
    let message = format!("a circle of :to: {}", round.join(" -> "));
    Some(Finding { severity: severity(jobnet, ""), ..Finding::error("cycle", place, message) })
}

fn unreached(jobnet: &Jobnet, findings: &mut Vec<Finding>) {
    let reached = jobnet.reached();
    for child in jobnet.children.iter().filter(|child| !reached.contains(child.name())) {
        let message = format!(
            "nothing reaches {} \"{}\": boot_jobs does not name it, and no :to of a job that runs does",
            child.word(),
            child.name()
        );
        findings.push(Finding::warning("unreachable-job", child.span(), message));
    }
}

/// Two root jobnets of one name in different places.
pub fn duplicate_root(files: &[ParsedFile], name: &str, first: Span, second: Span) -> Option<Finding> {
    let place = |span: Span| {
        let file = files.get(span.file as usize)?;
        Some((file.path.as_str(), file.text.position(span.start).line))
    };
    let (path, line) = place(first)?;
    if place(first) == place(second) {
        return None;
    }
    let message = format!("there is a root jobnet \"{name}\" already, at {path}:{line}");
    Some(Finding::error("duplicate-jobnet", second, message))
}
