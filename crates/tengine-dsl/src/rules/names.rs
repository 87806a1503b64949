//! Names: of children, successors, boot jobs, root jobnets; and the ways round that `:to` makes.

use crate::frame::Odd;
use crate::graph_walk;
use crate::limits;
use crate::model::{Jobnet, Named, Order, Vertex};
use crate::parse::{Finding, ParsedFile};
use crate::rules::Code;
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
    Finding::new(Code::DuplicateName, vertex.span(), message)
        .with_help("names are unique within a jobnet; a nested jobnet may use them again")
}

/// Everything about the names of a jobnet whose block has ended.
pub fn whole(jobnet: &Jobnet, odd: &[Odd], open: bool, edges_open: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    for child in &jobnet.children {
        if !seen.insert(child.name()) && !child.name().is_empty() {
            findings.push(duplicate(child, false));
        }
    }
    if open {
        return findings;
    }
    let nothing = jobnet.children.is_empty() && jobnet.finally.is_none();
    match &jobnet.order {
        Order::Sequence { .. } => findings.extend(ignored(jobnet)),
        // Without children Tengine looks at none of the names.
        Order::Boot(_) if nothing => {}
        Order::Boot(first) => {
            findings.extend(odd.iter().map(not_text));
            missing(jobnet, first, &seen, &mut findings);
            findings.extend(circle(jobnet, first, edges_open));
        }
    }
    if !edges_open && findings.is_empty() {
        unreached(jobnet, &mut findings);
    }
    findings
}

/// `:to` where the children run one after the other: told once.
fn ignored(jobnet: &Jobnet) -> Option<Finding> {
    let (child, to) = jobnet.children.iter().find_map(|child| Some((child, child.to().first()?)))?;
    let message = format!(
        "{} \"{}\" has :to, which is not read: without boot_jobs the jobs run one after the other, as written",
        child.word(),
        child.name()
    );
    Some(Finding::new(Code::IgnoredSuccessor, to.span, message))
}

fn not_text(odd: &Odd) -> Finding {
    let message = format!("names are texts, and {} is none: no job is called so", odd.printed);
    let finding = Finding::new(Code::NameNotText, odd.span, message);
    match &odd.meant {
        Some(meant) => finding.with_help(format!("write \"{meant}\"")),
        None => finding,
    }
}

/// What a name in `boot_jobs` or `:to` leads to.
enum Leads {
    ToAChild,
    /// Tengine has its own idea of this name.
    Elsewhere,
    Nowhere,
}

fn leads(name: &str, jobnet: &Jobnet, known: &HashSet<&str>) -> Leads {
    let typed =
        |child: &Vertex| matches!(child, Vertex::Jobnet(inner) if inner.options.contains_key("jobnet_type_key"));
    match name {
        "start" | "." | ".." => Leads::Elsewhere,
        "finally" if jobnet.finally.is_some() || jobnet.children.iter().any(typed) => Leads::Elsewhere,
        // Tengine makes the end later, and never looks for a job that is called so.
        "end" | "finally" => Leads::Nowhere,
        name if known.contains(name) => Leads::ToAChild,
        _ => Leads::Nowhere,
    }
}

fn missing(jobnet: &Jobnet, first: &[Named], known: &HashSet<&str>, findings: &mut Vec<Finding>) {
    let mut asked = 0;
    let mut judge = |code: Code, told: String, named: &Named| match leads(&named.name, jobnet, known) {
        Leads::ToAChild => {}
        Leads::Elsewhere => {
            let message = format!("{told}, which is Tengine's own name for something else than a job");
            findings.push(Finding::new(Code::ReservedName, named.span, message));
        }
        Leads::Nowhere if known.contains(named.name.as_str()) => {
            let message = format!("{told}, which Tengine never takes for the job of that name");
            findings.push(Finding::new(code, named.span, message).with_help("call the job something else"));
        }
        Leads::Nowhere => {
            let finding = Finding::new(code, named.span, format!("{told}, which this jobnet does not have"));
            findings.push(match nearest(&named.name, known, &mut asked) {
                Some(near) => finding.with_help(format!("did you mean \"{near}\"?")),
                None => finding,
            });
        }
    };
    for child in &jobnet.children {
        for to in child.to() {
            let told = format!("{} \"{}\" names \"{}\" in :to", child.word(), child.name(), to.name);
            judge(Code::UnknownSuccessor, told, to);
        }
    }
    for boot in first {
        judge(Code::UnknownBootJob, format!("boot_jobs names \"{}\"", boot.name), boot);
    }
}

/// The known name that is close to a missing one; told for the first few only, since each is compared with all.
fn nearest<'k>(name: &str, known: &HashSet<&'k str>, asked: &mut usize) -> Option<&'k str> {
    *asked += 1;
    if *asked <= limits::ADVICES { closest(name, known.iter().copied()) } else { None }
}

/// A way round through `:to`.
fn circle(jobnet: &Jobnet, first: &[Named], edges_open: bool) -> Option<Finding> {
    let others = |child: &Vertex, to: &&Named| to.name != child.name();
    let graph: BTreeMap<&str, Vec<&str>> = jobnet
        .children
        .iter()
        .map(|child| {
            (child.name(), child.to().iter().filter(|to| others(child, to)).map(|to| to.name.as_str()).collect())
        })
        .collect();
    if let Some(round) = graph_walk::cycle(&graph) {
        let (from, next) = (round.first()?, round.get(1)?);
        let place = jobnet.child(from)?.to().iter().find(|to| to.name == **next)?.span;
        return Some(Finding::new(Code::Cycle, place, format!("a circle of :to: {}", round.join(" -> "))));
    }
    let own = |child: &Vertex| child.to().iter().find(|to| to.name == child.name()).map(|to| to.span);
    let place = jobnet.children.iter().find_map(own)?;
    // Tengine goes on as long as some job has nothing after it.
    let after = |name: &str| jobnet.children.iter().any(|child| child.name() == name && !child.to().is_empty());
    let named = first.iter().chain(jobnet.children.iter().flat_map(Vertex::to));
    let ends = named.into_iter().any(|named| !after(&named.name));
    if ends || edges_open {
        return Some(Finding::new(Code::SelfLoop, place, "this job waits for itself, so it never runs"));
    }
    Some(Finding::new(Code::Cycle, place, "this job waits for itself, and no other job ends the jobnet"))
}

fn unreached(jobnet: &Jobnet, findings: &mut Vec<Finding>) {
    let reached = jobnet.reached();
    for child in jobnet.children.iter().filter(|child| !reached.contains(child.name())) {
        let message = format!(
            "nothing reaches {} \"{}\": boot_jobs does not name it, and no :to of a job that runs does",
            child.word(),
            child.name()
        );
        findings.push(Finding::new(Code::UnreachableJob, child.span(), message));
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
    Some(Finding::new(Code::DuplicateJobnet, second, message))
}
