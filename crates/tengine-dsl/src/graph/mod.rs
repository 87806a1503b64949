//! A root jobnet as a picture: Mermaid, DOT, SVG, JSON.
//!
//! All of them show nesting, the edges as Tengine runs them, `finally` and expansions.

pub mod dot;
pub mod json;
mod layout;
pub mod mermaid;
pub mod svg;

use super::model::{Jobnet, JobnetKind, Vertex};

/// What a vertex says in a picture besides its name.
fn note(vertex: &Vertex) -> &'static str {
    match vertex {
        Vertex::Job(job) => match job.kind {
            super::model::JobKind::Job => "",
            super::model::JobKind::RubyJob => "ruby",
            super::model::JobKind::HadoopJob => "hadoop",
        },
        Vertex::Expansion(_) => "expansion",
        Vertex::Jobnet(_) => "",
    }
}

/// The title of a jobnet's box.
fn title(jobnet: &Jobnet) -> String {
    match jobnet.kind {
        JobnetKind::Finally => "finally".to_owned(),
        JobnetKind::HadoopJobRun => format!("{} (hadoop_job_run)", jobnet.name),
        JobnetKind::Jobnet => match jobnet.description.as_deref().filter(|text| *text != jobnet.name) {
            Some(description) => format!("{}: {description}", jobnet.name),
            None => jobnet.name.clone(),
        },
    }
}
