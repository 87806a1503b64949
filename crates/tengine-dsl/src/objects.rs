//! Classes, modules and Structs of the load path whose every method is seen.
//!
//! What is told of them rests on three things: the constant is defined once, its body holds nothing but what is read here, and
//! no method of the tree is defined or made public out of sight ([`Objects::of`] is empty where one may be).

use super::parse::ParsedFile;
use super::syntax::{Call, Def, Expr, Kind, Module};
use crate::rules::undefined_constant::is_known;
use std::collections::{HashMap, HashSet};

/// What sort of thing a constant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A class that inherits from nothing of the tree.
    Class,
    /// A module.
    Module,
    /// `Struct.new(:a, :b)`.
    Struct {
        /// Whether its members are given by name.
        keywords: bool,
    },
}

/// A class, module or Struct that is seen whole.
#[derive(Debug)]
pub struct Shape<'a> {
    /// What it is.
    pub sort: Sort,
    /// Its objects' methods.
    pub methods: HashMap<&'a str, &'a Def>,
    /// Those that are called without receiver only.
    pub private: HashSet<&'a str>,
    /// Its own methods.
    pub own: HashSet<&'a str>,
    /// Those of its own that are called without receiver only.
    pub own_private: HashSet<&'a str>,
    /// A Struct's members.
    pub members: Vec<&'a str>,
}

/// Those of a load path, by name.
#[derive(Debug, Default)]
pub struct Objects<'a>(HashMap<&'a str, Shape<'a>>);

impl<'a> Objects<'a> {
    /// What stands at the top level of `files`, as far as `once` says that nothing else has its name.
    pub fn of(files: &'a [ParsedFile], once: impl Fn(&str) -> bool) -> Self {
        let mut found = HashMap::new();
        if files.iter().any(|file| file.body.is_none() || file.text.as_str().contains("send")) {
            return Self(found);
        }
        for statement in files.iter().filter_map(|file| file.body.as_ref()).flat_map(statements) {
            if let Some((name, shape)) = shape(statement).filter(|(name, _)| once(name) && !is_known(name)) {
                found.insert(name, shape);
            }
        }
        Self(found)
    }

    /// The one called `name`.
    pub fn get(&self, name: &str) -> Option<&Shape<'a>> {
        self.0.get(name)
    }

    /// What `expr` makes an object of: `Name.new(…)`.
    pub fn made(&self, expr: &'a Expr) -> Option<(&'a str, &Shape<'a>)> {
        let Kind::Call(call) = &expr.kind else { return None };
        let name = call.receiver.as_ref().filter(|_| call.name == "new").and_then(constant)?;
        let shape = self.get(name).filter(|shape| shape.sort != Sort::Module && !shape.own.contains("new"))?;
        Some((name, shape))
    }
}

/// The statements of a body, however it is wrapped.
pub fn statements(body: &Expr) -> Vec<&Expr> {
    match &body.kind {
        Kind::Sequence(parts) => parts.iter().flat_map(statements).collect(),
        _ => vec![body],
    }
}

/// A plain constant.
pub fn constant(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        Kind::Const(path) => Some(path.as_str()),
        _ => None,
    }
}

fn shape(statement: &Expr) -> Option<(&str, Shape<'_>)> {
    match &statement.kind {
        Kind::Module(module) => of_module(module),
        Kind::ConstAssign(name, value) => Some((name.as_str(), of_struct(value)?)),
        _ => None,
    }
}

fn of_module(module: &Module) -> Option<(&str, Shape<'_>)> {
    let name = module.name.as_deref().filter(|name| !name.contains("::") && module.superclass.is_none())?;
    let mut shape = Shape::new(if module.class { Sort::Class } else { Sort::Module });
    shape.read(&module.body)?;
    Some((name, shape))
}

fn of_struct(value: &Expr) -> Option<Shape<'_>> {
    let Kind::Call(call) = &value.kind else { return None };
    let plain = call.name == "new" && !call.forwards && call.receiver.as_ref().and_then(constant) == Some("Struct");
    let mut shape = Shape::new(Sort::Struct { keywords: false });
    for arg in call.args.iter().filter(|_| plain) {
        match &arg.kind {
            Kind::Sym(member) => shape.members.push(member),
            Kind::Hash(pairs) => match pairs.as_slice() {
                [(Expr { kind: Kind::Sym(key), .. }, Expr { kind: Kind::Bool(keywords), .. })]
                    if key == "keyword_init" =>
                {
                    shape.sort = Sort::Struct { keywords: *keywords };
                }
                _ => return None,
            },
            _ => return None,
        }
    }
    match (&call.block, call.literal_block()) {
        (None, _) => {}
        (Some(_), Some(block)) => shape.read(&block.body)?,
        (Some(_), None) => return None,
    }
    (plain && !shape.members.is_empty()).then_some(shape)
}

impl<'a> Shape<'a> {
    fn new(sort: Sort) -> Self {
        Self {
            sort,
            methods: HashMap::new(),
            private: HashSet::new(),
            own: HashSet::new(),
            own_private: HashSet::new(),
            members: Vec::new(),
        }
    }

    /// Takes in a body; `None` if it holds anything that may bring more.
    fn read(&mut self, body: &'a Expr) -> Option<()> {
        let mut hidden = false;
        for statement in statements(body) {
            match &statement.kind {
                Kind::Nil | Kind::ConstAssign(..) => {}
                Kind::Def(def) if def.on_self => drop(self.own.insert(&def.name)),
                Kind::Def(def) => {
                    self.methods.insert(&def.name, def);
                    if hidden {
                        self.private.insert(&def.name);
                    }
                }
                Kind::Call(call) if call.receiver.is_none() && call.block.is_none() => self.told(call, &mut hidden)?,
                _ => return None,
            }
        }
        Some(())
    }

    fn told(&mut self, call: &'a Call, hidden: &mut bool) -> Option<()> {
        let names: Option<Vec<&str>> = call
            .args
            .iter()
            .map(|arg| match &arg.kind {
                Kind::Sym(name) | Kind::Str(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        match (call.name.as_str(), names?) {
            ("private", names) if names.is_empty() => *hidden = true,
            ("public", names) if names.is_empty() => *hidden = false,
            ("private", names) => self.private.extend(names),
            ("private_class_method", names) => self.own_private.extend(names),
            ("attr_reader" | "attr_writer" | "attr_accessor" | "private_constant", _) => {}
            _ => return None,
        }
        Some(())
    }
}
