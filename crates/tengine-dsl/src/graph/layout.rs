//! Where everything goes: boxes in boxes, in columns from left to right.
//!
//! Each jobnet is laid out on its own, from the inside out: a child's column is the longest way to it from the start;
//! edges over several columns get a place of their own in each, so that they pass between the boxes; within a column
//! children stand near what they come from. A long row is folded into several.

use super::{note, title};
use crate::model::{End, Jobnet, JobnetKind, Vertex};
use crate::report::text::width;
use std::collections::BTreeMap;

/// A placed rectangle; positions are relative to the box around it.
#[derive(Debug, Clone, Default)]
pub struct Placed {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
    /// How it is drawn.
    pub class: &'static str,
    /// What is written on it.
    pub label: String,
    /// What is in it.
    pub inner: Vec<Placed>,
    /// Lines between what is in it, as points.
    pub lines: Vec<Vec<(f64, f64)>>,
}

const COLUMN_GAP: f64 = 44.0;
const ROW_GAP: f64 = 12.0;
const PADDING: f64 = 16.0;
const TITLE: f64 = 26.0;
const JOB_HEIGHT: f64 = 30.0;
const DOT: f64 = 12.0;
const FOLD: f64 = 1500.0;

/// The width of a text, roughly.
pub fn text_width(text: &str) -> f64 {
    text.chars().map(|c| if width(c) == 2 { 13.0 } else { 7.2 }).sum()
}

/// At most `most` columns of a text.
pub fn shortened(text: &str, most: usize) -> String {
    let mut used = 0;
    let mut out = String::new();
    for c in text.chars() {
        used += width(c);
        if used > most {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out
}

/// Lays out a jobnet and everything in it.
pub fn jobnet(jobnet: &Jobnet) -> Placed {
    let mut grid = Grid::of(jobnet);
    grid.order();
    let mut placed = grid.place();
    placed.class = match jobnet.kind {
        JobnetKind::Finally => "finally",
        JobnetKind::HadoopJobRun => "hadoop",
        JobnetKind::Jobnet => "jobnet",
    };
    placed.label = shortened(&title(jobnet), 60);
    if let Some(finally) = &jobnet.finally {
        let mut below = self::jobnet(finally);
        (below.x, below.y) = (PADDING, placed.h);
        placed.w = placed.w.max(below.w + 2.0 * PADDING);
        placed.h += below.h + PADDING;
        placed.inner.push(below);
    }
    placed.w = placed.w.max(text_width(&placed.label) + 2.0 * PADDING);
    placed
}

fn leaf(vertex: &Vertex) -> Placed {
    let label = match note(vertex) {
        "" => shortened(vertex.name(), 40),
        note => format!("{} ({note})", shortened(vertex.name(), 40)),
    };
    let class = if matches!(vertex, Vertex::Expansion(_)) { "expansion" } else { "job" };
    Placed { w: text_width(&label) + 20.0, h: JOB_HEIGHT, class, label, ..Placed::default() }
}

fn dot(class: &'static str) -> Placed {
    Placed { w: DOT, h: DOT, class, ..Placed::default() }
}

/// One thing in a column: a child, or the place where an edge passes.
struct Cell {
    placed: Option<Placed>,
    column: usize,
    from: Vec<usize>,
    /// The right edge of its column: lines go straight to it before they turn.
    right: f64,
}

struct Grid {
    cells: Vec<Cell>,
    columns: Vec<Vec<usize>>,
    /// Each edge as the cells it goes through.
    ways: Vec<Vec<usize>>,
}

impl Grid {
    fn of(jobnet: &Jobnet) -> Self {
        let count = jobnet.children.len();
        let index: BTreeMap<&str, usize> =
            jobnet.children.iter().enumerate().rev().map(|(at, child)| (child.name(), at + 1)).collect();
        let number = |end: &End| match end {
            End::Start => Some(0),
            End::End => Some(count + 1),
            End::Child(name) => index.get(name.as_str()).copied(),
        };
        let edges: Vec<(usize, usize)> =
            jobnet.edges().iter().filter_map(|(from, to)| Some((number(from)?, number(to)?))).collect();
        let ranks = ranks(count + 2, &edges);
        let mut cells: Vec<Cell> = Vec::new();
        for (at, column) in ranks.iter().enumerate() {
            let child = at.checked_sub(1).and_then(|at| jobnet.children.get(at));
            let placed = match child {
                Some(Vertex::Jobnet(inner)) => self::jobnet(inner),
                Some(vertex) => leaf(vertex),
                None => dot(if at == 0 { "start" } else { "end" }),
            };
            cells.push(Cell { placed: Some(placed), column: *column, from: Vec::new(), right: 0.0 });
        }
        let mut grid = Self { cells, columns: Vec::new(), ways: Vec::new() };
        edges.iter().for_each(|(from, to)| grid.connect(*from, *to));
        grid.columns = vec![Vec::new(); grid.cells.iter().map(|cell| cell.column + 1).max().unwrap_or(1)];
        for (at, cell) in grid.cells.iter().enumerate() {
            grid.columns.iter_mut().skip(cell.column).take(1).for_each(|column| column.push(at));
        }
        grid
    }

    /// Draws an edge through a place of its own in each column between its ends.
    fn connect(&mut self, from: usize, to: usize) {
        let column = |grid: &Self, at: usize| grid.cells.get(at).map_or(0, |cell| cell.column);
        let (first, last) = (column(self, from), column(self, to));
        let mut way = vec![from];
        if last > first && self.cells.len() < 20_000 {
            for column in first + 1..last {
                let previous = way.last().copied().unwrap_or(from);
                way.push(self.cells.len());
                self.cells.push(Cell { placed: None, column, from: vec![previous], right: 0.0 });
            }
        }
        let previous = way.last().copied().unwrap_or(from);
        if let Some(cell) = self.cells.get_mut(to) {
            cell.from.push(previous);
        }
        way.push(to);
        self.ways.push(way);
    }

    /// Puts what belongs together side by side: each cell goes to the mean place of those it comes from.
    fn order(&mut self) {
        for at in 1..self.columns.len() {
            let (before, rest) = self.columns.split_at_mut(at);
            let places: BTreeMap<usize, usize> =
                before.last().into_iter().flatten().enumerate().map(|(place, cell)| (*cell, place)).collect();
            let mean = |cell: usize| {
                let found: Vec<usize> = self
                    .cells
                    .get(cell)
                    .map(|cell| cell.from.iter().filter_map(|from| places.get(from).copied()).collect())
                    .unwrap_or_default();
                if found.is_empty() { usize::MAX } else { found.iter().sum::<usize>() * 1000 / found.len() }
            };
            for column in rest.iter_mut().take(1) {
                column.sort_by_key(|cell| mean(*cell));
            }
        }
    }

    /// Gives every cell its position, folding columns into rows where they grow too wide.
    fn place(mut self) -> Placed {
        let widths: Vec<f64> =
            self.columns.iter().map(|column| column.iter().map(|at| self.size(*at).0).fold(0.0, f64::max)).collect();
        let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
        let mut x = 0.0;
        for (column, width) in widths.iter().enumerate() {
            if x + width > FOLD && x > FOLD / 2.0 {
                rows.push(Vec::new());
                x = 0.0;
            }
            rows.iter_mut().rev().take(1).for_each(|row| row.push(column));
            x += width + COLUMN_GAP;
        }
        let mut top = TITLE;
        let mut right: f64 = 0.0;
        let mut row_of = BTreeMap::new();
        let mut floors = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            let height = row.iter().map(|column| self.height(*column)).fold(0.0, f64::max);
            let mut x = PADDING + if number > 0 { COLUMN_GAP / 2.0 } else { 0.0 };
            for column in row {
                row_of.insert(*column, number);
                let width = widths.get(*column).copied().unwrap_or_default();
                self.fill(*column, x, width, top + (height - self.height(*column)) / 2.0);
                x += width + COLUMN_GAP;
            }
            right = right.max(x - COLUMN_GAP);
            top += height;
            floors.push(top + 9.0);
            top += if number + 1 < rows.len() { 22.0 + ROW_GAP } else { 0.0 };
        }
        let wide = right + PADDING + if rows.len() > 1 { COLUMN_GAP / 2.0 } else { 0.0 };
        let lines = self.lines(&row_of, &floors, wide);
        let inner =
            self.cells.into_iter().filter_map(|cell| cell.placed.filter(|placed| !placed.class.is_empty())).collect();
        Placed { w: wide, h: top + PADDING, inner, lines, ..Placed::default() }
    }

    fn size(&self, at: usize) -> (f64, f64) {
        let placed = self.cells.get(at).and_then(|cell| cell.placed.as_ref());
        placed.map_or((0.0, 6.0), |placed| (placed.w, placed.h))
    }

    fn height(&self, column: usize) -> f64 {
        let column = self.columns.get(column).map(Vec::as_slice).unwrap_or_default();
        column.iter().map(|at| self.size(*at).1 + ROW_GAP).sum::<f64>() - ROW_GAP
    }

    fn fill(&mut self, column: usize, x: f64, width: f64, top: f64) {
        let mut y = top;
        for at in self.columns.get(column).cloned().unwrap_or_default() {
            let (_, h) = self.size(at);
            if let Some(cell) = self.cells.get_mut(at) {
                cell.right = x + width;
                let placed = cell.placed.get_or_insert_with(Placed::default);
                // To the left, so that what comes in does not pass below a wider neighbour.
                (placed.x, placed.y) = (x, y);
                if placed.class.is_empty() {
                    (placed.x, placed.w, placed.h) = (x, width, 6.0);
                }
            }
            y += h + ROW_GAP;
        }
    }

    fn lines(&self, row_of: &BTreeMap<usize, usize>, floors: &[f64], wide: f64) -> Vec<Vec<(f64, f64)>> {
        let row = |at: usize| self.cells.get(at).and_then(|cell| row_of.get(&cell.column)).copied().unwrap_or_default();
        let place = |at: usize| self.cells.get(at).and_then(|cell| cell.placed.clone()).unwrap_or_default();
        let mut lines = Vec::new();
        for way in &self.ways {
            let mut line = Vec::new();
            for (step, at) in way.iter().enumerate() {
                let here = place(*at);
                let middle = here.y + here.h / 2.0;
                if step > 0 {
                    let before = way.get(step - 1).map_or(0, |before| row(*before));
                    if row(*at) > before {
                        // Over the edge of the page: down at the right, back below the row, in from the left.
                        let y = line.last().map_or(middle, |(_, y)| *y);
                        let floor = floors.get(row(*at) - 1).copied().unwrap_or(middle);
                        let (far, near) = (wide - PADDING, PADDING);
                        line.extend([(far, y), (far, floor), (near, floor), (near, middle)]);
                    }
                    line.push((here.x, middle));
                }
                if step + 1 < way.len() {
                    line.push((here.x + here.w, middle));
                    let right = self.cells.get(*at).map_or(0.0, |cell| cell.right);
                    if right > here.x + here.w + 1.0 {
                        line.push((right, middle));
                    }
                }
            }
            lines.push(line);
        }
        lines
    }
}

/// The length of the longest way to each node; in a circle, of some way.
fn ranks(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut incoming = vec![0_usize; count];
    let mut outgoing: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (from, to) in edges {
        incoming.iter_mut().skip(*to).take(1).for_each(|n| *n += 1);
        outgoing.iter_mut().skip(*from).take(1).for_each(|list| list.push(*to));
    }
    let mut ranks = vec![1_usize; count];
    ranks.iter_mut().take(1).for_each(|rank| *rank = 0);
    let mut ready: Vec<usize> = (0..count).filter(|at| incoming.get(*at) == Some(&0)).collect();
    while let Some(at) = ready.pop() {
        let rank = ranks.get(at).copied().unwrap_or_default();
        for to in outgoing.get(at).cloned().unwrap_or_default() {
            ranks.iter_mut().skip(to).take(1).for_each(|known| *known = (*known).max(rank + 1));
            if let Some(left) = incoming.get_mut(to) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(to);
                }
            }
        }
    }
    let last = ranks.iter().take(count - 1).copied().max().unwrap_or_default() + 1;
    ranks.iter_mut().skip(count - 1).for_each(|rank| *rank = last);
    ranks
}
