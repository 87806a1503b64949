//! What all files of a load path define together, found without running anything.
//!
//! All files are loaded into one process, so a method defined in one may be called in any other. A name is *foreign*
//! only if nothing in the tree defines it and nothing in the tree is opaque enough to.

use super::check::Extent;
use super::parse::ParsedFile;
use super::rules::loading;
use super::syntax::{Def, Expr, Kind};
use super::vocabulary;
use std::collections::{HashMap, HashSet};

/// What the files of a load path define.
#[derive(Debug, Default)]
pub struct World<'a> {
    /// Every method name defined anywhere, by whatever means are visible.
    pub methods: HashSet<&'a str>,
    /// Methods defined exactly once, at the top level of a file: these are followed.
    pub helpers: HashMap<&'a str, &'a Def>,
    /// `Module.method` defined exactly once: these are followed, by `Module.method`.
    pub module_functions: HashMap<String, &'a Def>,
    /// How often each constant is assigned.
    pub constants: HashMap<&'a str, usize>,
    /// Whether something may define names that are not seen.
    pub opaque: bool,
    /// Whether a core class (`String`, `Array`, …) is reopened, so that its methods cannot be followed.
    pub core_reopened: bool,
    /// Whether files beside those given can be required.
    pub partial: bool,
    /// Whether some file requires `tengine_job`, or may.
    pub requires_jobs: bool,
}

impl<'a> World<'a> {
    /// Surveys `files`.
    pub fn of(files: &'a [ParsedFile], extent: Extent) -> Self {
        let paths: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let mut survey = Survey { world: Self::default(), counts: HashMap::new(), paths, here: "" };
        for file in files {
            survey.here = &file.path;
            match &file.body {
                Some(body) => survey.walk(body, &Place::Top),
                None => survey.world.opaque = true,
            }
        }
        survey.world.partial = extent == Extent::Part;
        survey.finish()
    }

    /// Whether calling `name` without receiver can reach something that is defined.
    pub fn may_define(&self, name: &str) -> bool {
        self.opaque || self.methods.contains(name)
    }
}

enum Place {
    Top,
    Module(String),
    Elsewhere,
}

struct Survey<'a> {
    world: World<'a>,
    counts: HashMap<&'a str, usize>,
    paths: HashSet<&'a str>,
    here: &'a str,
}

const REOPENED: &[&str] = &[
    "Object",
    "Kernel",
    "BasicObject",
    "String",
    "Symbol",
    "Array",
    "Hash",
    "Integer",
    "Fixnum",
    "Numeric",
    "Range",
    "Enumerable",
    "Module",
    "Class",
    "Comparable",
    "NilClass",
    "Proc",
];

impl<'a> Survey<'a> {
    fn walk(&mut self, expr: &'a Expr, place: &Place) {
        match &expr.kind {
            Kind::Def(def) => {
                self.define(def, place);
                self.walk(&def.body, &Place::Elsewhere);
            }
            Kind::Module(module) => {
                self.module(module.name.as_deref(), module.superclass.is_some());
                if let Some(name) = module.name.as_deref() {
                    *self.world.constants.entry(name).or_default() += 1;
                }
                let inner = match (place, &module.name) {
                    (Place::Top, Some(name)) => Place::Module(name.clone()),
                    (Place::Top | Place::Module(_) | Place::Elsewhere, _) => Place::Elsewhere,
                };
                self.walk(&module.body, &inner);
            }
            Kind::Sequence(parts) => parts.iter().for_each(|part| self.walk(part, place)),
            Kind::ConstAssign(name, value) => {
                *self.world.constants.entry(name).or_default() += 1;
                self.walk(value, &Place::Elsewhere);
            }
            Kind::Call(call) => {
                self.call(call);
                expr.each_part(&mut |part| self.walk(part, &Place::Elsewhere));
            }
            _ => expr.each_part(&mut |part| self.walk(part, &Place::Elsewhere)),
        }
    }

    fn define(&mut self, def: &'a Def, place: &Place) {
        *self.counts.entry(def.name.as_str()).or_default() += 1;
        self.world.methods.insert(&def.name);
        self.world.opaque |= matches!(def.name.as_str(), "method_missing" | "respond_to_missing?");
        match place {
            Place::Top => {
                self.world.helpers.insert(&def.name, def);
            }
            Place::Module(name) if def.on_self => {
                self.world.module_functions.insert(format!("{name}.{}", def.name), def);
            }
            Place::Module(_) | Place::Elsewhere => {}
        }
    }

    fn module(&mut self, name: Option<&str>, has_superclass: bool) {
        let name = name.unwrap_or_default();
        self.world.core_reopened |= REOPENED.contains(&name);
        // Tengine's own classes may be changed into anything.
        self.world.opaque |= name.starts_with("Tengine") && !has_superclass;
    }

    fn call(&mut self, call: &'a super::syntax::Call) {
        match call.name.as_str() {
            "define_method"
            | "define_singleton_method"
            | "attr_accessor"
            | "attr_reader"
            | "attr_writer"
            | "alias_method"
            | "attr"
            | "def_delegator"
            | "def_delegators"
            | "delegate" => self.named(call),
            "include" | "extend" | "prepend" | "using" | "refine" => self.mixed_in(call),
            "eval" | "instance_eval" | "class_eval" | "module_eval" | "instance_exec" | "class_exec"
            | "module_exec" | "require_dependency" | "autoload" | "method_missing" | "const_missing" | "binding" => {
                self.world.opaque |= call.literal_block().is_none() || call.receiver.is_some();
            }
            "send" | "public_send" | "__send__" => self.sent(call),
            "require" | "load" | "require_relative" => self.required(call),
            _ => {}
        }
    }

    fn named(&mut self, call: &'a super::syntax::Call) {
        for arg in &call.args {
            match &arg.kind {
                Kind::Sym(name) | Kind::Str(name) => {
                    self.world.methods.insert(name);
                    *self.counts.entry(name).or_default() += 1;
                }
                Kind::Hash(_) | Kind::Lambda(_) => {}
                _ => self.world.opaque = true,
            }
        }
    }

    /// A module of the tree brings methods that are seen; any other may bring anything.
    fn mixed_in(&mut self, call: &'a super::syntax::Call) {
        self.world.opaque |= call.args.iter().any(|arg| match &arg.kind {
            Kind::Const(name) => !vocabulary::HARMLESS_MODULES.contains(&name.as_str()),
            _ => true,
        });
    }

    fn sent(&mut self, call: &'a super::syntax::Call) {
        let harmless = call.args.first().is_some_and(|name| match &name.kind {
            Kind::Sym(name) | Kind::Str(name) => !matches!(
                name.as_str(),
                "define_method"
                    | "include"
                    | "extend"
                    | "prepend"
                    | "eval"
                    | "instance_eval"
                    | "class_eval"
                    | "module_eval"
                    | "alias_method"
                    | "define_singleton_method"
            ),
            _ => false,
        });
        self.world.opaque |= !harmless;
    }

    fn required(&mut self, call: &'a super::syntax::Call) {
        let Some(Kind::Str(name)) = call.args.first().map(|arg| &arg.kind) else {
            self.world.opaque = true;
            return;
        };
        self.world.requires_jobs |= vocabulary::brings_jobs(name);
        let found = loading::resolve(&call.name, name, self.here, |path| self.paths.contains(path).then_some(0));
        self.world.opaque |= match found {
            loading::Resolved::InTree(_) => false,
            loading::Resolved::Missing(_) => true,
            loading::Resolved::Library => !vocabulary::is_known_library(name),
        };
    }

    fn finish(mut self) -> World<'a> {
        let counts = &self.counts;
        let once = |name: &str| counts.get(name).copied().unwrap_or_default() == 1;
        self.world.helpers.retain(|name, _| once(name));
        self.world.module_functions.retain(|_, def| once(&def.name));
        self.world
    }
}
