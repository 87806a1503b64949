//! A picture that any browser shows.

use super::layout::{self, Placed};
use crate::model::Jobnet;
use std::fmt::Write;

const STYLE: &str = "text{font:13px sans-serif;fill:#1f2933}.title{font-weight:bold;fill:#334e68}\
.jobnet{fill:#f8fafc;stroke:#829ab1}.finally{fill:#fdf6e9;stroke:#b7791f;stroke-dasharray:5 4}\
.hadoop{fill:#f3f0ff;stroke:#7c6bb5}.job{fill:#fff;stroke:#486581}.expansion{fill:#e6f4ff;stroke:#2b6cb0;stroke-width:2.5}\
.start{fill:#2f855a}.end{fill:#fff;stroke:#c53030;stroke-width:3}.line{fill:none;stroke:#52667a;stroke-width:1.3}";

/// The jobnet as an SVG document.
pub fn print(jobnet: &Jobnet) -> String {
    let placed = layout::jobnet(jobnet);
    let (w, h) = (placed.w + 20.0, placed.h + 20.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w:.0}\" height=\"{h:.0}\" viewBox=\"0 0 {w:.0} {h:.0}\">\n\
         <style>{STYLE}</style>\n<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0,0.5 L8,4 L0,7.5 z\" fill=\"#52667a\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    shape(&placed, 10.0, 10.0, &mut out);
    out.push_str("</svg>\n");
    out
}

#[allow(clippy::many_single_char_names)] // x, y, w and h are what everybody calls them
fn shape(placed: &Placed, left: f64, top: f64, out: &mut String) {
    let (x, y) = (left + placed.x, top + placed.y);
    let (w, h, class) = (placed.w, placed.h, placed.class);
    if matches!(class, "start" | "end") {
        let radius = w / 2.0;
        let _ = writeln!(
            out,
            "<circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\"/>",
            x + radius,
            y + radius,
            radius - 1.0
        );
        return;
    }
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"6\"/>"
    );
    let leaf = matches!(class, "job" | "expansion");
    let label = escaped(&placed.label);
    if leaf {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            x + w / 2.0,
            y + h / 2.0 + 4.5
        );
        return;
    }
    let _ = writeln!(out, "<text class=\"title\" x=\"{:.1}\" y=\"{:.1}\">{label}</text>", x + 12.0, y + 18.0);
    placed.lines.iter().for_each(|points| line(points, x, y, out));
    placed.inner.iter().for_each(|inner| shape(inner, x, y, out));
}

/// Straight along and across, with a bow from one height to the next.
fn line(points: &[(f64, f64)], left: f64, top: f64, out: &mut String) {
    let mut path = String::new();
    let mut last: Option<(f64, f64)> = None;
    for (x, y) in points.iter().map(|(x, y)| (x + left, y + top)) {
        match last {
            None => {
                let _ = write!(path, "M{x:.1},{y:.1}");
            }
            Some((from, level)) if x > from && (y - level).abs() > 0.5 => {
                let middle = f64::midpoint(from, x);
                let _ = write!(path, " C{middle:.1},{level:.1} {middle:.1},{y:.1} {x:.1},{y:.1}");
            }
            Some(_) => {
                let _ = write!(path, " L{x:.1},{y:.1}");
            }
        }
        last = Some((x, y));
    }
    let _ = writeln!(out, "<path class=\"line\" d=\"{path}\" marker-end=\"url(#arrow)\"/>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
