//! A model as a definition: what is printed here reads as the same model.

use super::model::{Definition, Driver, Expansion, Job, JobKind, Jobnet, JobnetKind, Named, Options, Order, Vertex};
use std::fmt::Write;

/// The definition as Ruby.
pub fn print(definition: &Definition) -> String {
    let mut out = String::from("require 'tengine_job'\n");
    definition.jobnets.iter().for_each(|jobnet| print_jobnet(jobnet, 0, &mut out));
    definition.drivers.iter().for_each(|driver| print_driver(driver, &mut out));
    out
}

/// A text as a Ruby string literal.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '#' if matches!(chars.peek(), Some('{' | '$' | '@')) => out.push_str("\\#"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                let _ = write!(out, "\\x{:02X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn line(depth: usize, text: &str, out: &mut String) {
    for _ in 0..depth {
        out.push_str("  ");
    }
    out.push_str(text);
    out.push('\n');
}

fn options(to: &[Named], options: &Options) -> String {
    let mut out = String::new();
    for (name, value) in options {
        let _ = write!(out, ", :{name} => {value}");
    }
    match to {
        [] => {}
        [one] => {
            let _ = write!(out, ", :to => {}", quoted(&one.name));
        }
        several => {
            let names: Vec<String> = several.iter().map(|named| quoted(&named.name)).collect();
            let _ = write!(out, ", :to => [{}]", names.join(", "));
        }
    }
    out
}

fn print_jobnet(jobnet: &Jobnet, depth: usize, out: &mut String) {
    let mut head = jobnet.kind.word().to_owned();
    if jobnet.kind != JobnetKind::Finally {
        let _ = write!(head, "({}", quoted(&jobnet.name));
        let texts = [&jobnet.description, &jobnet.script];
        texts.into_iter().flatten().for_each(|text| {
            let _ = write!(head, ", {}", quoted(text));
        });
        head += &options(&jobnet.to, &jobnet.options);
        head.push(')');
    }
    line(depth, &format!("{head} do"), out);
    match &jobnet.order {
        Order::Sequence { written: true } => line(depth + 1, "auto_sequence", out),
        Order::Sequence { written: false } => {}
        Order::Boot(first) => {
            let names: Vec<String> = first.iter().map(|named| quoted(&named.name)).collect();
            line(depth + 1, &format!("boot_jobs({})", names.join(", ")), out);
        }
    }
    for child in &jobnet.children {
        match child {
            Vertex::Job(job) => line(depth + 1, &job_line(job), out),
            Vertex::Jobnet(inner) => print_jobnet(inner, depth + 1, out),
            Vertex::Expansion(Expansion { name, to, .. }) => {
                line(depth + 1, &format!("expansion({}{})", quoted(name), options(to, &Options::new())), out);
            }
        }
    }
    if let Some(finally) = &jobnet.finally {
        print_jobnet(finally, depth + 1, out);
    }
    line(depth, "end", out);
}

fn job_line(job: &Job) -> String {
    let mut out = format!("{}({}", job.kind.word(), quoted(&job.name));
    for text in [&job.description, &job.script].into_iter().flatten() {
        let _ = write!(out, ", {}", quoted(text));
    }
    out += &options(&job.to, &job.options);
    out.push(')');
    if job.kind == JobKind::RubyJob {
        out.push_str(" { }");
    }
    out
}

fn print_driver(driver: &Driver, out: &mut String) {
    let enabled = match driver.enabled_on_activation {
        Some(false) => ", :enabled_on_activation => false",
        Some(true) | None => "",
    };
    line(0, &format!("driver({}{enabled}) do", quoted(&driver.name)), out);
    for event in &driver.handlers {
        line(1, &format!("on({}) {{ }}", quoted(event)), out);
    }
    line(0, "end", out);
}
