//! The part of Ruby that is followed, as a tree of our own.
//!
//! The parser's tree belongs to one thread; this one is owned, can be sent, and is never deeper than
//! [`limits::DEPTH`](super::limits::DEPTH), so that walking it cannot exhaust a stack.

use super::source::Span;

/// An expression and where it stands.
#[derive(Debug)]
pub struct Expr {
    /// The text it was read from.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What an expression is.
#[derive(Debug)]
pub enum Kind {
    /// `nil`, and an empty body.
    Nil,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A string without interpolation.
    Str(String),
    /// A symbol without interpolation.
    Sym(String),
    /// A string with interpolation.
    Interpolated(Vec<Expr>),
    /// A symbol with interpolation.
    InterpolatedSym(Vec<Expr>),
    /// An array literal.
    Array(Vec<Expr>),
    /// A hash literal, with or without braces.
    Hash(Vec<(Expr, Expr)>),
    /// `**hash` among the pairs of a hash, as a pair's key.
    DoubleSplat(Box<Expr>),
    /// A range with both ends.
    Range(Box<Expr>, Box<Expr>, Ends),
    /// `*list` among arguments or elements.
    Splat(Box<Expr>),
    /// A local variable.
    Local(String),
    /// `name = value`.
    Assign(String, Box<Expr>),
    /// A variable that gets a value that is not followed.
    Assigned(String),
    /// `$name`.
    Global(String),
    /// `@name = value` and `$name = value`, however it is written: the name with its sign.
    Outer(String, Box<Expr>),
    /// A constant, `A` or `A::B`.
    Const(String),
    /// `NAME = value`.
    ConstAssign(String, Box<Expr>),
    /// A method call.
    Call(Box<Call>),
    /// One after the other.
    Sequence(Vec<Expr>),
    /// `if`, `unless`, `?:`.
    If(Box<[Expr; 3]>),
    /// `a && b`.
    And(Box<[Expr; 2]>),
    /// `a || b`.
    Or(Box<[Expr; 2]>),
    /// A method definition.
    Def(Box<Def>),
    /// `class` or `module`.
    Module(Box<Module>),
    /// `-> {}`; nothing of it runs here.
    Lambda(Box<Block>),
    /// `yield`.
    Yield(Vec<Expr>),
    /// `next`.
    Next(Vec<Expr>),
    /// `break`, `return`, `redo`, `retry`.
    Leave(Vec<Expr>),
    /// `self`.
    SelfRef,
    /// `` `command` ``.
    Shell(Vec<Expr>),
    /// Anything else: its parts may run, in whatever order and number.
    Other(Vec<Expr>),
}

/// Whether a range takes its last element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// `a..b`
    Inclusive,
    /// `a...b`
    Exclusive,
}

/// A method call.
#[derive(Debug)]
pub struct Call {
    /// What it is called on, if that is written.
    pub receiver: Option<Expr>,
    /// The method.
    pub name: String,
    /// Where the method's name stands.
    pub name_span: Span,
    /// The positional arguments; keyword arguments are a hash at the end.
    pub args: Vec<Expr>,
    /// Whether it is `&.`, which does nothing with `nil`.
    pub safe: bool,
    /// Arguments that are not followed (`...`).
    pub forwards: bool,
    /// The block.
    pub block: Option<BlockArg>,
}

/// What stands for the block of a call.
#[derive(Debug)]
pub enum BlockArg {
    /// `do … end` or `{ … }`.
    Literal(Block),
    /// `&expression`.
    Passed(Expr),
}

/// A block or the body of a lambda.
#[derive(Debug)]
pub struct Block {
    /// Its parameters.
    pub params: Params,
    /// What it runs.
    pub body: Expr,
    /// All of it.
    pub span: Span,
}

/// Parameters of a block or method.
#[derive(Debug, Default)]
pub struct Params {
    /// Those without default.
    pub required: Vec<String>,
    /// Those with.
    pub optional: Vec<(String, Expr)>,
    /// `*rest`.
    pub rest: Option<String>,
    /// `&block`.
    pub block: Option<String>,
    /// Whether it takes keywords, after its required parameters and nothing else.
    pub takes_keywords: bool,
    /// Keywords that have no default.
    pub keywords: Vec<String>,
    /// The names of everything else (keywords, destructuring): present, values not followed.
    pub others: Vec<String>,
    /// Whether `others` or anything unnamed makes binding by position uncertain.
    pub complex: bool,
}

/// A method definition.
#[derive(Debug)]
pub struct Def {
    /// The method's name.
    pub name: String,
    /// Whether it is `def self.name`.
    pub on_self: bool,
    /// Its parameters.
    pub params: Params,
    /// Its body.
    pub body: Expr,
}

/// `class` or `module`.
#[derive(Debug)]
pub struct Module {
    /// Its name, if it is a plain path.
    pub name: Option<String>,
    /// Whether it is a class.
    pub class: bool,
    /// Its superclass, if any.
    pub superclass: Option<Expr>,
    /// Its body.
    pub body: Expr,
}

impl Expr {
    /// Calls `visit` on each direct part of this expression.
    pub fn each_part<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match &self.kind {
            Kind::Nil | Kind::Bool(_) | Kind::Int(_) | Kind::Str(_) | Kind::Sym(_) | Kind::Local(_) => {}
            Kind::Assigned(_) | Kind::Const(_) | Kind::Global(_) | Kind::SelfRef => {}
            Kind::Interpolated(parts)
            | Kind::InterpolatedSym(parts)
            | Kind::Array(parts)
            | Kind::Sequence(parts)
            | Kind::Yield(parts)
            | Kind::Next(parts)
            | Kind::Leave(parts)
            | Kind::Shell(parts)
            | Kind::Other(parts) => parts.iter().for_each(visit),
            Kind::Hash(pairs) => pairs.iter().for_each(|(key, value)| {
                visit(key);
                visit(value);
            }),
            Kind::Range(from, to, _) => {
                visit(from);
                visit(to);
            }
            Kind::DoubleSplat(inner)
            | Kind::Splat(inner)
            | Kind::Assign(_, inner)
            | Kind::Outer(_, inner)
            | Kind::ConstAssign(_, inner) => {
                visit(inner);
            }
            Kind::If(parts) => parts.iter().for_each(visit),
            Kind::And(parts) | Kind::Or(parts) => parts.iter().for_each(visit),
            Kind::Call(call) => call.each_part(visit),
            Kind::Def(def) => visit(&def.body),
            Kind::Module(module) => {
                module.superclass.iter().for_each(&mut *visit);
                visit(&module.body);
            }
            Kind::Lambda(block) => visit(&block.body),
        }
    }
}

impl Call {
    fn each_part<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        self.receiver.iter().for_each(&mut *visit);
        self.args.iter().for_each(&mut *visit);
        match &self.block {
            Some(BlockArg::Literal(block)) => visit(&block.body),
            Some(BlockArg::Passed(expr)) => visit(expr),
            None => {}
        }
    }

    /// The literal block, if there is one.
    pub fn literal_block(&self) -> Option<&Block> {
        match &self.block {
            Some(BlockArg::Literal(block)) => Some(block),
            Some(BlockArg::Passed(_)) | None => None,
        }
    }
}
