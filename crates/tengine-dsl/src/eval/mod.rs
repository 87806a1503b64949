//! Follows a definition as Ruby would run it, as far as everything is certain.
//!
//! What is not certain is never run: it is walked for what it *might* change ([`havoc`]), and everything it might
//! change is from then on unknown. A jobnet into which something unseen might put jobs is *open*, and rules about what
//! is missing say nothing about it.

mod arguments;
mod attach;
mod calls;
mod core_methods;
mod driver;
mod expressions;
mod havoc;
mod iterate;
mod jobnets;
mod judge_calls;
mod judge_constants;
mod judge_objects;
mod load_time;
mod methods;
mod modules;
mod outer;
mod values;
mod words;

use super::frame::Frame;
use super::limits;
use super::model::Definition;
use super::parse::{Finding, ParsedFile};
use super::source::Span;
use super::value::{Closure, Placed, Scope, Value};
use super::world::World;
use crate::rules::Code;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What following a definition gave.
pub struct Evaluated {
    /// What is certainly defined.
    pub definition: Definition,
    /// What was found on the way.
    pub findings: Vec<Finding>,
    /// How many places could not be seen through.
    pub opaque: usize,
}

/// Follows all `files`, in the order in which they are given.
pub fn evaluate<'a>(files: &'a [ParsedFile], world: &'a World<'a>) -> Evaluated {
    let mut evaluator = Evaluator::new(files, world);
    for index in 0..files.len() {
        evaluator.load(index, true);
    }
    evaluator.definition.open |= files.iter().any(|file| file.body.is_none());
    Evaluated { definition: evaluator.definition, findings: evaluator.findings, opaque: evaluator.opaque.len() }
}

/// How far control has left the code that is being followed. Later ones reach further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leaving {
    /// Not at all.
    Staying,
    /// Perhaps out of this block.
    Block,
    /// Perhaps out of this method or file.
    Method,
    /// Perhaps out of everything.
    Everything,
}

/// Whose words are understood here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// The top level of a file, or a jobnet's block.
    Top,
    /// A `driver` block.
    Driver,
    /// A class or module: nothing is said about words there.
    Module,
}

struct Evaluator<'a> {
    files: &'a [ParsedFile],
    paths: HashMap<&'a str, usize>,
    world: &'a World<'a>,
    required: Vec<bool>,
    /// The files whose load has begun.
    begun: Vec<bool>,
    /// Where Tengine's own configuration was overwritten.
    config_taken: Option<Span>,
    /// Constants of the top level that hold a value that is no class.
    values: HashSet<&'a str>,
    /// Classes whose superclass was made for them.
    made_anew: HashSet<&'a str>,
    file: usize,
    constants: HashMap<&'a str, Placed<'a>>,
    frames: Vec<Frame>,
    driver: Option<driver::Building>,
    inside: Inside,
    definition: Definition,
    roots: HashMap<String, Span>,
    findings: Vec<Finding>,
    told: HashSet<(Span, Code)>,
    opaque: HashSet<Span>,
    /// Constants that hold a frozen literal.
    frozen: HashSet<&'a str>,
    /// The body of the method that is followed, if self is no definition there.
    object_body: Option<Span>,
    /// The constants whose definition was met, run or not.
    constants_met: HashSet<&'a str>,
    /// The methods whose `def` was met, run or not.
    met: HashSet<&'a str>,
    /// Whether `tengine_job` was certainly required.
    jobs_met: bool,
    /// Whether files may have been loaded in another order than is followed.
    order_open: bool,
    leaving: Leaving,
    /// Whether the code at hand may be kept and run again by code that is not followed.
    kept: bool,
    /// Whether code is kept somewhere that may run words.
    stray: bool,
    /// Whether code of the tree may have run out of sight since a constant was assigned last.
    reached: bool,
    /// Constants that kept code mentions.
    shared_constants: HashSet<&'a str>,
    /// What code out of sight has just got hold of: values, and blocks that are still to be walked.
    escaping: Vec<Value<'a>>,
    loose: Vec<Rc<Closure<'a>>>,
    fuel: u64,
    depth: u32,
}

impl<'a> Evaluator<'a> {
    fn new(files: &'a [ParsedFile], world: &'a World<'a>) -> Self {
        Self {
            files,
            paths: files.iter().enumerate().map(|(index, file)| (file.path.as_str(), index)).collect(),
            world,
            required: vec![false; files.len()],
            begun: vec![false; files.len()],
            config_taken: None,
            values: HashSet::new(),
            made_anew: HashSet::new(),
            file: 0,
            constants: HashMap::new(),
            frames: Vec::new(),
            driver: None,
            inside: Inside::Top,
            definition: Definition::default(),
            roots: HashMap::new(),
            findings: Vec::new(),
            told: HashSet::new(),
            opaque: HashSet::new(),
            // Where names cannot be seen nothing is certain, from the first line.
            leaving: if world.wild { Leaving::Everything } else { Leaving::Staying },
            kept: false,
            stray: false,
            reached: false,
            shared_constants: HashSet::new(),
            escaping: Vec::new(),
            loose: Vec::new(),
            frozen: HashSet::new(),
            object_body: None,
            constants_met: HashSet::new(),
            met: HashSet::new(),
            jobs_met: false,
            order_open: false,
            fuel: fuel_for(files),
            depth: 0,
        }
    }

    /// Runs the file with this index. The core loads each, in order, whether or not another has required it before; what is
    /// required is loaded once.
    fn load(&mut self, index: usize, again: bool) {
        let Some(required) = self.required.get_mut(index) else { return };
        if !again && std::mem::replace(required, true) {
            return;
        }
        let body = self.files.get(index).and_then(|file| file.body.as_ref()).filter(|_| self.depth < limits::CALLS);
        let Some(body) = body else {
            self.open_here();
            return self.lose_constants();
        };
        if let Some(begun) = self.begun.get_mut(index) {
            *begun = true;
        }
        self.depth += 1;
        let outer = (std::mem::replace(&mut self.file, index), self.inside);
        self.inside = Inside::Top;
        self.eval(body, &Scope::fresh(None));
        self.leave_up_to(Leaving::Method);
        (self.file, self.inside) = outer;
        self.depth -= 1;
    }

    /// Control that left no further than `reach` is back.
    fn leave_up_to(&mut self, reach: Leaving) {
        if self.leaving <= reach {
            self.leaving = Leaving::Staying;
        }
    }

    /// Adds a finding, once for each place and rule.
    fn tell(&mut self, finding: Finding) {
        if self.would_tell(finding.span, finding.code) {
            self.told.insert((finding.span, finding.code));
            self.findings.push(finding);
        }
    }

    /// Whether a finding would be new: in a loop it is met again and again, and advice (what is close to a name) takes time.
    fn would_tell(&self, span: Span, code: Code) -> bool {
        self.fuel > 0 && self.leaving == Leaving::Staying && !self.told.contains(&(span, code))
    }

    fn tell_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.tell(finding);
        }
    }

    /// Something unseen may add to what is being defined here.
    fn open_here(&mut self) {
        match (self.frames.last_mut(), self.inside) {
            (_, Inside::Driver) => {}
            (Some(frame), _) => frame.open = true,
            (None, _) => self.definition.open = true,
        }
    }

    /// The code at `span` is not followed, and what it does matters.
    fn not_seen(&mut self, span: Span) {
        self.opaque.insert(span);
        self.open_here();
    }

    fn spend(&mut self, span: Span) -> bool {
        if self.fuel == 0 {
            return false;
        }
        self.fuel -= 1;
        if self.fuel == 0 {
            self.fuel = 1;
            let message = "this definition does too much while it is loaded to be followed; the rest is not checked";
            self.tell(Finding::new(Code::TooMuch, span, message));
            self.fuel = 0;
            self.definition.open = true;
            self.frames.iter_mut().for_each(|frame| frame.open = true);
        }
        self.fuel > 0
    }
}

/// How many steps are followed: enough for loops in a small definition, in proportion to the size of a large one.
fn fuel_for(files: &[ParsedFile]) -> u64 {
    let bytes: usize = files.iter().map(|file| file.text.as_str().len()).sum();
    (limits::FIRST_STEPS + u64::try_from(bytes).unwrap_or(limits::STEPS)).min(limits::STEPS)
}
