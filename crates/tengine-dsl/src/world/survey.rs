//! The walk through all files that finds what they define, and what may define more than is seen.

use super::World;
use super::names::{ENDS, HOOKS, MOULDS, REOPENED};
use crate::objects::Objects;
use crate::parse::ParsedFile;
use crate::reads::each_taken;
use crate::requires;
use crate::source::Extent;
use crate::syntax::{Call, Def, Expr, Kind};
use crate::vocabulary;
use std::collections::{HashMap, HashSet};

/// Where code stands.
enum Place {
    Top,
    Module(String),
    Elsewhere,
}

/// What was found so far.
pub(super) struct Survey<'a> {
    world: World<'a>,
    counts: HashMap<&'a str, usize>,
    /// Constants that are assigned elsewhere than in a module's body.
    top_constants: HashSet<&'a str>,
    /// Whether the top level is extended by modules that are not known.
    mixed: bool,
    paths: HashSet<&'a str>,
    here: &'a str,
}

impl<'a> Survey<'a> {
    /// Of files with these paths, none of which was looked at yet.
    pub(super) fn of(paths: HashSet<&'a str>) -> Self {
        Self {
            world: World::default(),
            counts: HashMap::new(),
            top_constants: HashSet::new(),
            mixed: false,
            paths,
            here: "",
        }
    }

    /// Looks at one more file.
    pub(super) fn file(&mut self, file: &'a ParsedFile) {
        self.here = &file.path;
        match &file.body {
            Some(body) => self.walk(body, &Place::Top),
            None => self.world.opaque = true,
        }
    }

    fn walk(&mut self, expr: &'a Expr, place: &Place) {
        match &expr.kind {
            Kind::Def(def) => {
                self.define(def, place);
                self.reach(&def.body);
                def.params.optional.iter().for_each(|(_, default)| self.reach(default));
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
                self.world.bodies.push(module.body.span);
                self.walk(&module.body, &inner);
            }
            Kind::Sequence(parts) => parts.iter().for_each(|part| self.walk(part, place)),
            Kind::ConstAssign(name, value) => {
                *self.world.constants.entry(name).or_default() += 1;
                match place {
                    Place::Module(_) => self.world.nested_constants.insert(name),
                    Place::Top | Place::Elsewhere => self.top_constants.insert(name),
                };
                self.walk(value, &Place::Elsewhere);
            }
            Kind::Const(path) => {
                let last = path.rsplit("::").next().unwrap_or(path);
                self.world.wild |= matches!(last, "ObjectSpace" | "TracePoint" | "TOPLEVEL_BINDING");
                self.world.driver_classes |= last == "Driveable";
            }
            Kind::Call(call) => {
                self.call(call);
                expr.each_part(&mut |part| self.walk(part, &Place::Elsewhere));
            }
            _ => expr.each_part(&mut |part| self.walk(part, &Place::Elsewhere)),
        }
    }

    /// What a body mentions that runs whenever its method is called.
    fn reach(&mut self, body: &'a Expr) {
        let mut parts = vec![body];
        while let Some(part) = parts.pop() {
            if let Kind::Const(path) = &part.kind {
                self.world.reach.insert(path.rsplit("::").next().unwrap_or(path));
            }
            each_taken(part, &mut |inner| parts.push(inner));
            if let Kind::Call(call) = &part.kind {
                let named = |arg: &Expr| matches!(&arg.kind, Kind::Str(name) if vocabulary::brings_jobs(name));
                self.world.requires_jobs |= call.name == "require" && call.args.first().is_some_and(named);
                self.world.exits |= ENDS.contains(&call.name.as_str());
                parts.extend(call.literal_block().map(|block| &block.body));
            }
        }
    }

    fn define(&mut self, def: &'a Def, place: &Place) {
        *self.counts.entry(def.name.as_str()).or_default() += 1;
        self.world.methods.insert(&def.name);
        self.world.defined.insert(&def.name);
        self.world.opaque |= matches!(def.name.as_str(), "method_missing" | "respond_to_missing?");
        // Operators and assignments are written in many ways that are no calls.
        let spelled = def.name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '?' | '!'));
        self.world.hooks |= HOOKS.contains(&def.name.as_str()) || !spelled;
        match place {
            Place::Top if !def.on_self => {
                self.world.helpers.insert(&def.name, def);
            }
            Place::Module(name) if def.on_self => {
                self.world.module_functions.insert(format!("{name}.{}", def.name), def);
            }
            Place::Module(_) => drop(self.world.of_objects.insert(&def.name)),
            Place::Top | Place::Elsewhere => {}
        }
    }

    fn module(&mut self, name: Option<&str>, has_superclass: bool) {
        let name = name.unwrap_or_default();
        // Tengine's own classes may be changed into anything, and so may Ruby's.
        self.world.wild |= REOPENED.contains(&name) || (name.starts_with("Tengine") && !has_superclass);
    }

    fn call(&mut self, call: &'a Call) {
        match call.name.as_str() {
            "define_method"
            | "define_singleton_method"
            | "attr_accessor"
            | "attr_reader"
            | "attr_writer"
            | "alias_method"
            | "remove_method"
            | "undef_method"
            | "attr"
            | "def_delegator"
            | "def_delegators"
            | "delegate"
            | "public_class_method" => self.named(call),
            "include" | "extend" | "prepend" => self.mixed_in(call),
            "using" | "refine" | "const_set" | "remove_const" | "binding" | "set_trace_func" | "eval" | "BEGIN" => {
                self.world.wild = true;
            }
            "instance_eval" | "class_eval" | "module_eval" | "instance_exec" | "class_exec" | "module_exec" => {
                // Text is evaluated, or a class is changed that is not seen here.
                self.world.wild |= call.block.is_none();
                // What a literal gets in a block, nothing else has.
                let literal = |on: &Expr| {
                    matches!(on.kind, Kind::Str(_) | Kind::Sym(_) | Kind::Int(_) | Kind::Array(_) | Kind::Hash(_))
                };
                let seen = call.literal_block().is_some() && call.receiver.as_ref().is_none_or(literal);
                self.world.opaque |= !seen;
            }
            "const_get" | "constants" => self.world.constants_by_name = true,
            "require_dependency" | "autoload" | "method_missing" | "const_missing" => self.world.opaque = true,
            "send" | "public_send" | "__send__" => self.sent(call),
            "require" | "load" | "require_relative" => self.required(call),
            _ => {}
        }
    }

    fn named(&mut self, call: &'a Call) {
        let none = matches!(call.name.as_str(), "undef_method" | "remove_method");
        for (at, arg) in call.args.iter().enumerate() {
            match &arg.kind {
                Kind::Sym(old) | Kind::Str(old) if at == 1 && call.name == "alias_method" => {
                    self.under_another_name(old);
                }
                Kind::Sym(name) | Kind::Str(name) => {
                    self.world.wild |= none && MOULDS.contains(&name.as_str());
                    if !none {
                        self.world.defined.insert(name);
                    }
                    self.world.methods.insert(name);
                    *self.counts.entry(name).or_default() += 1;
                }
                Kind::Hash(_) | Kind::Lambda(_) => {}
                _ => self.world.opaque = true,
            }
        }
    }

    /// What an alias gives another name stays what it is, and does the same under both.
    fn under_another_name(&mut self, old: &str) {
        self.world.wild |= MOULDS.contains(&old);
        self.world.exits |= ENDS.contains(&old) || matches!(old, "raise" | "fail");
    }

    /// A module of the tree brings methods that are seen; any other may bring anything.
    fn mixed_in(&mut self, call: &'a Call) {
        let known = |arg: &Expr| matches!(&arg.kind, Kind::Const(_));
        let brings = call.args.iter().any(|arg| match &arg.kind {
            Kind::Const(name) => !vocabulary::HARMLESS_MODULES.contains(&name.as_str()),
            _ => true,
        });
        // `extend` of the top level brings methods, and no constants.
        if call.name == "extend" && call.receiver.is_none() && call.args.iter().all(known) {
            self.mixed |= brings;
        } else {
            self.world.opaque |= brings;
        }
    }

    fn sent(&mut self, call: &'a Call) {
        let Some(Kind::Sym(name) | Kind::Str(name)) = call.args.first().map(|name| &name.kind) else {
            self.world.wild = true;
            return;
        };
        match name.as_str() {
            "const_get" | "constants" => self.world.constants_by_name = true,
            "const_set" | "remove_const" | "eval" | "instance_eval" | "class_eval" | "module_eval" | "binding"
            | "refine" | "using" => self.world.wild = true,
            "define_method" | "define_singleton_method" | "alias_method" | "remove_method" | "undef_method" => {
                match call.args.get(1).map(|arg| &arg.kind) {
                    Some(Kind::Sym(name) | Kind::Str(name)) => {
                        self.world.methods.insert(name);
                        *self.counts.entry(name).or_default() += 1;
                    }
                    _ => self.world.wild = true,
                }
            }
            "include" | "extend" | "prepend" => self.world.opaque = true,
            _ => {}
        }
    }

    fn required(&mut self, call: &'a Call) {
        let Some(Kind::Str(name)) = call.args.first().map(|arg| &arg.kind) else {
            self.world.opaque = true;
            return;
        };
        let found = requires::resolve(&call.name, name, self.here, |path| self.paths.contains(path).then_some(0));
        self.world.opaque |= match found {
            requires::Resolved::InTree(_) => false,
            requires::Resolved::Missing(_) => true,
            requires::Resolved::Library => !vocabulary::is_known_library(name),
        };
    }

    /// What all of them define together.
    pub(super) fn finish(mut self, files: &'a [ParsedFile], extent: Extent) -> World<'a> {
        self.world.partial = extent == Extent::Part;
        self.world.constants_opaque = self.world.opaque;
        self.world.opaque |= self.mixed;
        let counts = &self.counts;
        let once = |name: &str| counts.get(name).copied().unwrap_or_default() == 1;
        self.world.helpers.retain(|name, _| once(name));
        self.world.module_functions.retain(|_, def| once(&def.name));
        self.world.of_objects.retain(|name| once(name));
        self.world.once = counts.keys().copied().filter(|name| once(name)).collect();
        let top = &self.top_constants;
        self.world.nested_constants.retain(|name| !top.contains(name));
        let constants = &self.world.constants;
        self.world.objects = Objects::of(files, |name| constants.get(name) == Some(&1));
        self.world
    }
}
