//! The model of a jobnet with its edges and resolved options, for programs.

use crate::model::{End, Jobnet, JobnetKind, Options, Vertex};
use serde::Serialize;

/// A jobnet, a job or an expansion.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Node<'m> {
    kind: &'static str,
    name: &'m str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<&'m str>,
    /// Its own options and those it has from the nearest jobnet that sets them.
    #[serde(skip_serializing_if = "Options::is_empty")]
    options: Options,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<Node<'m>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edges: Vec<Edge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finally: Option<Box<Node<'m>>>,
}

/// From one child to another; `start` and `end` are the jobnet's own.
#[derive(Debug, Serialize)]
pub struct Edge {
    from: End,
    to: End,
}

/// The options that an inner job has from the jobnets around it.
const INHERITED: &[&str] = &["instance_name", "credential_name", "killing_signals", "killing_signal_interval"];

/// The jobnet as a value to serialise.
pub fn node(jobnet: &Jobnet) -> Node<'_> {
    of_jobnet(jobnet, &Options::new())
}

fn resolved(own: &Options, outer: &Options) -> Options {
    let inherited = outer.iter().filter(|(name, _)| INHERITED.contains(&name.as_str()));
    let mut options: Options = inherited.map(|(name, value)| (name.clone(), value.clone())).collect();
    options.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
    options
}

fn of_jobnet<'m>(jobnet: &'m Jobnet, outer: &Options) -> Node<'m> {
    let options = resolved(&jobnet.options, outer);
    Node {
        kind: match jobnet.kind {
            JobnetKind::Jobnet => "jobnet",
            JobnetKind::HadoopJobRun => "hadoop_job_run",
            JobnetKind::Finally => "finally",
        },
        name: &jobnet.name,
        description: jobnet.description.as_deref(),
        script: jobnet.script.as_deref(),
        children: jobnet.children.iter().map(|child| of_vertex(child, &options)).collect(),
        edges: jobnet.edges().into_iter().map(|(from, to)| Edge { from, to }).collect(),
        finally: jobnet.finally.as_ref().map(|finally| Box::new(of_jobnet(finally, &options))),
        options,
    }
}

fn of_vertex<'m>(vertex: &'m Vertex, outer: &Options) -> Node<'m> {
    let (description, script, options) = match vertex {
        Vertex::Jobnet(jobnet) => return of_jobnet(jobnet, outer),
        Vertex::Job(job) => (job.description.as_deref(), job.script.as_deref(), resolved(&job.options, outer)),
        Vertex::Expansion(_) => (None, None, Options::new()),
    };
    Node {
        kind: vertex.word(),
        name: vertex.name(),
        description,
        script,
        options,
        children: Vec::new(),
        edges: Vec::new(),
        finally: None,
    }
}
