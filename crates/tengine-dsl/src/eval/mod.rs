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
mod havoc;
mod iterate;
mod judge_objects;
mod load_time;
mod outer;
mod values;
mod words;

use super::frame::Frame;
use super::limits;
use super::model::Definition;
use super::parse::{Finding, ParsedFile};
use super::rules::{undefined_constant, word_in_object};
use super::source::Span;
use super::syntax::{Expr, Kind};
use super::value::{Closure, Placed, Scope, Value};
use super::vocabulary;
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
        if self.fuel > 0 && self.leaving == Leaving::Staying && self.told.insert((finding.span, finding.code)) {
            self.findings.push(finding);
        }
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

    /// The value of `expr`; everything it certainly does is done.
    fn eval(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        if !self.spend(expr.span) || self.leaving > Leaving::Staying || self.depth >= limits::CALLS {
            self.not_seen(expr.span);
            if self.fuel > 0 {
                self.havoc(expr, scope);
            }
            return Placed::unknown(expr.span);
        }
        self.depth += 1;
        let value = self.value_of(expr, scope);
        self.depth -= 1;
        value
    }

    fn value_of(&mut self, expr: &'a Expr, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let value = match &expr.kind {
            Kind::Nil => Value::Nil,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Int(value) => Value::Int(*value),
            Kind::Str(text) => Value::str(text.as_str()),
            Kind::Sym(name) => Value::sym(name),
            Kind::Interpolated(parts) => self.interpolated(parts, scope),
            Kind::InterpolatedSym(parts) => {
                self.interpolated(parts, scope).name().map_or(Value::Unknown, |name| Value::sym(&name))
            }
            Kind::Array(elements) => self.elements(elements, scope).map_or(Value::Unknown, Value::array),
            Kind::Hash(pairs) => self.hash(pairs, scope),
            Kind::Range(from, to, ends) => self.range(from, to, *ends, scope),
            Kind::Local(name) => scope.get(name).map_or(Value::Unknown, |placed| placed.value),
            Kind::Const(path) => {
                self.judge_constant(path, expr.span);
                self.constant(path)
            }
            Kind::Assign(name, value) => {
                let value = self.eval(value, scope);
                if let Some(shared) = scope.assign(name, value.clone()) {
                    self.escape(shared.value);
                }
                value.value
            }
            Kind::ConstAssign(name, value) => self.assign_constant(name, value, scope),
            Kind::Global(name) => self.global(name),
            Kind::Outer(name, value) => self.assign_outer(name, value, expr.span, scope),
            Kind::Call(call) => return self.call(call, expr.span, scope),
            Kind::Sequence(parts) => return self.sequence(parts, expr.span, scope),
            Kind::If(parts) => return self.branch(parts, expr.span, scope),
            Kind::And(parts) | Kind::Or(parts) => {
                return self.either(parts, matches!(expr.kind, Kind::And(_)), expr.span, scope);
            }
            Kind::Module(module) => {
                self.module(module, scope);
                Value::Unknown
            }
            Kind::Lambda(block) => Closure::value(block, scope, true),
            Kind::Yield(args) => return self.yielded(args, expr.span, scope),
            Kind::Def(def) => {
                self.met.insert(&def.name);
                Value::Unknown
            }
            Kind::SelfRef => Value::Unknown,
            Kind::Assigned(_)
            | Kind::DoubleSplat(_)
            | Kind::Splat(_)
            | Kind::Next(_)
            | Kind::Leave(_)
            | Kind::Shell(_)
            | Kind::Other(_) => {
                self.havoc(expr, scope);
                Value::Unknown
            }
        };
        Placed::new(value, expr.span)
    }

    fn sequence(&mut self, parts: &'a [Expr], span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let mut last = Placed::new(Value::Nil, span);
        for part in parts {
            last = self.eval(part, scope);
        }
        last
    }

    fn branch(&mut self, parts: &'a [Expr; 3], span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let [condition, then, otherwise] = parts;
        match self.eval(condition, scope).value.truth() {
            Some(true) => self.eval(then, scope),
            Some(false) => self.eval(otherwise, scope),
            None => {
                self.havoc(then, scope);
                self.havoc(otherwise, scope);
                Placed::unknown(span)
            }
        }
    }

    fn either(&mut self, parts: &'a [Expr; 2], and: bool, span: Span, scope: &Rc<Scope<'a>>) -> Placed<'a> {
        let [left, right] = parts;
        let left = self.eval(left, scope);
        match left.value.truth() {
            Some(truth) if truth == and => self.eval(right, scope),
            Some(_) => left,
            None => {
                self.havoc(right, scope);
                Placed::unknown(span)
            }
        }
    }

    /// A constant that is not defined, or not yet.
    fn judge_constant(&mut self, path: &'a str, span: Span) {
        let first = path.split("::").next().unwrap_or(path);
        let told = self.told.contains(&(span, Code::UndefinedConstant));
        let wide = self.world.constants_opaque || self.world.partial;
        if told || wide || self.constants_met.contains(first) && !self.is_nested(path, span) {
            return;
        }
        if self.is_nested(path, span) {
            let message = format!("{path} is a constant of a module: the top level does not see it");
            return self.tell(Finding::new(Code::UndefinedConstant, span, message));
        }
        match self.world.constants.get(first) {
            None if self.inside != Inside::Module
                && !self.world.constants.keys().any(|known| known.ends_with(first)) =>
            {
                match undefined_constant::check(self.files, first, span) {
                    Some(found) => self.tell(found),
                    None => drop(self.constants_met.insert(first)),
                }
            }
            Some(1) if !self.order_open && self.inside != Inside::Module => {
                let message = format!(
                    "{first} is not defined yet: its definition comes later in the order in which files are loaded"
                );
                self.tell(
                    Finding::new(Code::UndefinedConstant, span, message)
                        .with_help("files are loaded sorted by name; require_relative brings one forward"),
                );
            }
            _ => {}
        }
    }

    /// A constant of modules alone, asked for outside of every module.
    fn is_nested(&self, path: &str, span: Span) -> bool {
        let inside = |body: &Span| body.file == span.file && body.start <= span.start && span.end <= body.end;
        let by_file = |file: &ParsedFile| {
            let base = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rb").replace('_', "");
            base.eq_ignore_ascii_case(&path.replace('_', ""))
        };
        self.world.nested_constants.contains(path)
            && !undefined_constant::is_known(path)
            && self.inside == Inside::Top
            && !self.world.bodies.iter().any(inside)
            && !self.files.iter().any(by_file)
    }

    /// A class or module that is opened again as something else.
    fn judge_reopened(&mut self, module: &'a super::syntax::Module, top: bool) {
        let Some(name) = module.name.as_deref().filter(|name| top && !name.contains("::")) else { return };
        if self.inside != Inside::Top {
            return;
        }
        let anew = |above: &Expr| {
            let Kind::Call(call) = &above.kind else { return false };
            call.name == "new" && matches!(&call.receiver, Some(Expr { kind: Kind::Const(of), .. }) if of == "Struct")
        };
        let anew = module.superclass.as_ref().is_some_and(anew);
        if self.values.contains(name) || (anew && self.made_anew.contains(name)) {
            let message = format!("{name} is defined already, and as something else");
            self.tell(Finding::new(Code::ClassMismatch, module.body.span, message));
        }
        if anew && self.leaving == Leaving::Staying {
            self.made_anew.insert(name);
        }
    }

    /// A word of the top level in the body of a class or module that cannot have it.
    fn word_in_class(&self, module: &super::syntax::Module, statement: &Expr) -> Option<Finding> {
        let Kind::Call(call) = &statement.kind else { return None };
        let name = call.name.as_str();
        let body = match &module.body.kind {
            Kind::Sequence(statements) => statements.as_slice(),
            _ => std::slice::from_ref(&module.body),
        };
        let mixed = |part: &Expr| match &part.kind {
            Kind::Call(call) => {
                matches!(call.name.as_str(), "include" | "extend" | "prepend" | "class_eval" | "instance_eval")
            }
            _ => false,
        };
        let plain = call.receiver.is_none() && module.superclass.is_none() && module.name.is_some();
        let theirs = vocabulary::JOB_WORDS.contains(&name) || matches!(name, "on" | "driver");
        let certain =
            plain && theirs && !self.world.opaque && !self.world.methods.contains(name) && !body.iter().any(mixed);
        certain.then(|| word_in_object::finding(call, "the body of a class or module"))
    }

    /// In a class or module only constants and what is nested in it are followed.
    fn module(&mut self, module: &'a super::syntax::Module, scope: &Rc<Scope<'a>>) {
        if let Some(Expr { kind: Kind::Const(path), span }) = &module.superclass {
            self.judge_constant(path, *span);
        }
        self.judge_reopened(module, scope.is_outermost());
        self.constants_met.extend(module.name.as_deref());
        let outer = std::mem::replace(&mut self.inside, Inside::Module);
        self.driver_class(module, outer == Inside::Module);
        let statements = match &module.body.kind {
            Kind::Sequence(statements) => statements.as_slice(),
            _ => std::slice::from_ref(&module.body),
        };
        let inner = Scope::fresh(None);
        for statement in statements {
            match &statement.kind {
                Kind::ConstAssign(..) | Kind::Module(_) | Kind::Def(_) => {
                    self.eval(statement, &inner);
                }
                _ => {
                    self.tell_all(self.word_in_class(module, statement));
                    self.havoc(statement, scope);
                }
            }
        }
        self.inside = outer;
    }
}

/// How many steps are followed: enough for loops in a small definition, in proportion to the size of a large one.
fn fuel_for(files: &[ParsedFile]) -> u64 {
    let bytes: usize = files.iter().map(|file| file.text.as_str().len()).sum();
    (limits::FIRST_STEPS + u64::try_from(bytes).unwrap_or(limits::STEPS)).min(limits::STEPS)
}
