//! What Ruby certainly refuses of a call on a class, a module or an object of the load path.

use super::Evaluator;
use super::methods::fits;
use crate::objects::{Shape, Sort, constant, statements};
use crate::parse::Finding;
use crate::rules::Code;
use crate::rules::{unknown_method, word_in_object};
use crate::syntax::{BlockArg, Call, Expr, Kind};
use crate::vocabulary::JOB_WORDS;

impl<'a> Evaluator<'a> {
    /// What is wrong with `call` on `receiver`, if every method of what it is called on is seen.
    pub(super) fn judge_object(&mut self, receiver: &'a Expr, call: &'a Call) {
        if self.world.opaque || self.world.wild || call.safe || call.forwards {
            return;
        }
        let found = match &receiver.kind {
            Kind::Const(path) => self.world.objects.get(path).and_then(|shape| self.on_class(path, shape, call)),
            _ => self.world.objects.made(receiver).and_then(|(name, shape)| self.on_object(name, shape, call)),
        };
        self.tell_all(found.or_else(|| self.on_another(receiver, call)));
    }

    fn on_class(&self, name: &str, shape: &Shape<'a>, call: &Call) -> Option<Finding> {
        let method = call.name.as_str();
        if method == "new" && shape.sort != Sort::Module && !shape.own.contains("new") {
            return wrong_count(name, shape, call);
        }
        let told = |what: String| Some(Finding::new(Code::UnknownMethod, call.name_span, what));
        if method == "new" && shape.sort == Sort::Module && !self.world.methods.contains("new") {
            return told(format!("{name} is a module, of which no objects are made"));
        }
        let once = self.world.once.contains(method) && !unknown_method::is_anywhere(method);
        if once && shape.own.contains(method) && shape.own_private.contains(method) {
            return told(format!("\"{method}\" of {name} is private"));
        }
        (once && shape.methods.contains_key(method) && !shape.own.contains(method))
            .then(|| told(format!("{name} has no method \"{method}\" of its own: it is one of its objects")))
            .flatten()
            .map(|finding| finding.with_help(format!("write def self.{method}")))
    }

    fn on_object(&self, name: &str, shape: &Shape<'a>, call: &Call) -> Option<Finding> {
        let method = call.name.as_str();
        let told = |what: String| Some(Finding::new(Code::UnknownMethod, call.name_span, what));
        let plain = method.starts_with(|c: char| c.is_ascii_lowercase()) && !method.ends_with('=');
        if !plain || shape.members.contains(&method) || unknown_method::is_anywhere(method) {
            return None;
        }
        if !self.world.methods.contains(method) {
            return told(format!("an object of {name} has no method \"{method}\""));
        }
        let def = shape.methods.get(method).filter(|_| self.world.once.contains(method))?;
        if shape.private.contains(method) {
            return told(format!("\"{method}\" of an object of {name} is private"));
        }
        let first = statements(&def.body).into_iter().next()?;
        self.misled(first)
            .filter(|inner| !shape.members.contains(&inner.name.as_str()))
            .map(|inner| word_in_object::finding(inner, &format!("a method of {name}")))
    }

    /// A word as the first thing that runs.
    fn misled<'e>(&self, first: &'e Expr) -> Option<&'e Call> {
        match &first.kind {
            Kind::Call(inner) if inner.receiver.is_none() && JOB_WORDS.contains(&inner.name.as_str()) => {
                Some(&**inner).filter(|inner| !self.world.methods.contains(inner.name.as_str()))
            }
            _ => None,
        }
    }

    /// `"a".instance_eval { job … }`: a word that is asked of a value.
    fn on_another(&self, receiver: &Expr, call: &Call) -> Option<Finding> {
        let literal =
            matches!(receiver.kind, Kind::Str(_) | Kind::Sym(_) | Kind::Int(_) | Kind::Array(_) | Kind::Hash(_));
        let runs = literal && matches!(call.name.as_str(), "instance_eval" | "instance_exec");
        let Some(BlockArg::Literal(block)) = call.block.as_ref().filter(|_| runs) else { return None };
        let first = statements(&block.body).into_iter().next()?;
        self.misled(first).map(|inner| word_in_object::finding(inner, &format!("a block of {}", call.name)))
    }

    /// What the database cannot store, if `expr` is certainly an object.
    pub(super) fn is_object(&self, expr: &'a Expr) -> bool {
        let Kind::Call(call) = &expr.kind else { return false };
        let certain =
            !self.world.opaque && !self.world.wild && !call.safe && !self.world.methods.contains("__bson_dump__");
        let of = call.receiver.as_ref().and_then(constant);
        let rubys = match (of, call.name.as_str()) {
            (Some("Object"), "new") => call.args.is_empty(),
            (Some("Set"), "[]" | "new") => true,
            _ => false,
        };
        let own = self.world.objects.made(expr).is_some_and(|(_, shape)| {
            shape.sort == Sort::Class
                && !["to_str", "to_sym", "to_ary", "to_hash"].iter().any(|name| shape.methods.contains_key(name))
        });
        let free = of.is_some_and(|of| own || !self.world.constants.contains_key(of));
        certain && free && (rubys || own)
    }
}

/// A class is asked for an object with arguments it does not take.
fn wrong_count(name: &str, shape: &Shape<'_>, call: &Call) -> Option<Finding> {
    let count = call.args.len();
    let unclear = |arg: &Expr| matches!(arg.kind, Kind::Splat(_) | Kind::Hash(_) | Kind::Other(_));
    if call.args.iter().any(unclear) {
        return None;
    }
    let fit = match (shape.sort, shape.methods.get("initialize")) {
        (Sort::Module, _) => true,
        (_, Some(def)) => def.params.complex || fits(&def.params, count),
        (Sort::Class, None) => count == 0,
        (Sort::Struct { keywords: true }, None) => count == 0,
        (Sort::Struct { keywords: false }, None) => count <= shape.members.len(),
    };
    let message = format!("{name}.new is called with {count} arguments, which its initialize does not take");
    (!fit).then(|| Finding::new(Code::WrongArgumentCount, call.name_span, message))
}
