//! Classes and modules: what stands in them is walked, and only what is certain of them is told.

use super::{Evaluator, Inside, Leaving};
use crate::parse::Finding;
use crate::rules::Code;
use crate::rules::word_in_object;
use crate::syntax::{Expr, Kind, Module};
use crate::value::Scope;
use crate::vocabulary;
use std::rc::Rc;

impl<'a> Evaluator<'a> {
    /// In a class or module only constants and what is nested in it are followed.
    pub(super) fn module(&mut self, module: &'a Module, scope: &Rc<Scope<'a>>) {
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

    /// A class or module that is opened again as something else.
    pub(super) fn judge_reopened(&mut self, module: &'a Module, top: bool) {
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
    pub(super) fn word_in_class(&self, module: &Module, statement: &Expr) -> Option<Finding> {
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
        let theirs =
            vocabulary::JOB_WORDS.contains(&name) || (matches!(name, "on" | "driver") && !self.world.driver_classes);
        let certain =
            plain && theirs && !self.world.opaque && !self.world.methods.contains(name) && !body.iter().any(mixed);
        certain.then(|| word_in_object::finding(call, "the body of a class or module"))
    }
}
