//! What Ruby or Tengine certainly refuses of a call: whatever comes of its arguments, or by how many there are.
//!
//! The proof that each error owes: the call is run and not merely walked (`tell` says nothing while control may have left), its name means
//! what it seems to (`World`: no other method of that name, nothing opaque that might define one), and where order decides, the order of
//! the files is certain.

use super::calls::is_plain;
use super::methods::fits;
use super::{Evaluator, Inside};
use crate::objects::statements;
use crate::parse::Finding;
use crate::rules::Code;
use crate::rules::{frozen_change, unknown_method, word_in_object};
use crate::source::Span;
use crate::syntax::{Call, Def, Expr, Kind};
use crate::value::{Closure, Placed, Value};
use crate::vocabulary::{self, CORE_WORDS, DRIVER_WORDS, EVERYWHERE, JOB_WORDS};

impl<'a> Evaluator<'a> {
    // These are methods of their own so that what they put together takes no room in the frames that recurse.
    pub(super) fn judge_own_call(&mut self, call: &Call, span: Span) {
        let found = self.certain_refusal(call, span);
        self.tell_all(found);
    }

    /// What Ruby or Tengine certainly refuses of a call without receiver, whatever comes of its arguments.
    pub(super) fn certain_refusal(&self, call: &Call, span: Span) -> Option<Finding> {
        let name = call.name.as_str();
        let ours = self.world.methods.contains(name) || self.world.opaque;
        let at = call.name_span;
        let main = self.inside == Inside::Top;
        let in_object =
            self.object_body.is_some_and(|body| body.file == at.file && body.start <= at.start && at.end <= body.end);
        if in_object && !ours && JOB_WORDS.contains(&name) {
            return Some(word_in_object::finding(call, "a method of a class or module"));
        }
        match name {
            "ruby_job" | "ssh_job" if !ours && self.inside != Inside::Module => {
                let message = format!("Tengine 1.2.2 has no word \"{name}\"");
                Some(Finding::new(Code::RemovedWord, at, message).with_help("use job with a script"))
            }
            "session" | "fire" | "event" if main && (!ours || self.is_shadowed(name)) => {
                let message =
                    format!("\"{name}\" outside of a handler: nothing is handled while a definition is loaded");
                Some(Finding::new(Code::OutsideHandler, at, message))
            }
            "raise" | "fail" | "throw" if !ours && self.inside != Inside::Module => Some(Finding::new(
                Code::RaisesAtLoad,
                span,
                format!("loading certainly comes to this {name}, and nothing rescues it"),
            )),
            "exit" | "abort" | "exit!" if !ours && self.inside != Inside::Module => {
                let message =
                    format!("loading ends at this {name}: Tengine serves what was loaded before it, without the rest");
                Some(Finding::new(Code::EndsLoad, span, message))
            }
            _ if JOB_WORDS.contains(&name) || CORE_WORDS.contains(&name) => None,
            "alias_method" | "undef_method" if main && !self.world.opaque => self.unknown_alias(call, span),
            _ if main && !self.world.opaque && self.world.of_objects.contains(name) => self.of_an_object(call),
            _ if self.world.helpers.contains_key(name) && !self.world.opaque && !self.order_open => {
                self.used_too_early(call)
            }
            _ => None,
        }
    }

    /// The method that gets another name, or none, is not there.
    fn unknown_alias(&self, call: &Call, span: Span) -> Option<Finding> {
        let old = call.args.get(usize::from(call.name == "alias_method")).map(|arg| &arg.kind);
        let Some(Kind::Sym(old)) = old.filter(|_| call.name_span == span) else { return None };
        let known = self.world.defined.contains(old.as_str()) || EVERYWHERE.contains(&old.as_str());
        let word = JOB_WORDS.contains(&old.as_str()) || CORE_WORDS.contains(&old.as_str());
        let certain = !known && !word && is_plain(old) && !unknown_method::is_anywhere(old);
        let message = || format!("there is no method \"{old}\"");
        certain.then(|| Finding::new(Code::UnknownMethod, call.name_span, message()))
    }

    /// A method of a class or module, called at the top level.
    fn of_an_object(&self, call: &Call) -> Option<Finding> {
        let name = call.name.as_str();
        let known = EVERYWHERE.contains(&name) || self.object_body.is_some() || DRIVER_WORDS.contains(&name);
        let message = || format!("\"{name}\" belongs to a class or module, and is not a method of the top level");
        let finding = || Finding::new(Code::UnknownWord, call.name_span, message());
        (!known && !unknown_method::is_anywhere(name))
            .then(|| finding().with_help("extend the top level with the module"))
    }

    /// A method of the definitions' own, called before its def.
    fn used_too_early(&self, call: &Call) -> Option<Finding> {
        let name = call.name.as_str();
        let early = !self.met.contains(name) && self.inside != Inside::Module && !EVERYWHERE.contains(&name);
        let message =
            || format!("\"{name}\" is not defined yet: its def comes later in the order in which files are loaded");
        let finding = || Finding::new(Code::UsedTooEarly, call.name_span, message());
        early.then(|| finding().with_help("files are loaded sorted by name; require_relative brings one forward"))
    }

    pub(super) fn judge_count(&mut self, def: &Def, call: &Call, args: Option<&[Placed<'a>]>) {
        self.judge_keywords(def, call);
        self.judge_hash_for_keywords(def, call, args);
        self.judge_endless(def, call);
        let clear = is_countable(call) && !def.params.complex;
        let Some(args) = args.filter(|args| clear && !fits(&def.params, args.len())) else { return };
        let message = format!("\"{}\" is called with {} arguments, which its def does not take", call.name, args.len());
        self.tell(Finding::new(Code::WrongArgumentCount, call.name_span, message));
    }

    /// A lambda takes as many arguments as it says.
    pub(super) fn judge_lambda(&mut self, closure: &Closure<'a>, call: &Call, count: usize) {
        let params = &closure.block.params;
        if is_countable(call) && closure.lambda && !params.complex && !call.forwards && !fits(params, count) {
            let message = format!("this lambda is called with {count} arguments, which it does not take");
            self.tell(Finding::new(Code::WrongArgumentCount, call.name_span, message));
        }
    }

    /// A hash that is no literal, where keywords are taken.
    pub(super) fn judge_hash_for_keywords(&mut self, def: &Def, call: &Call, args: Option<&[Placed<'a>]>) {
        let Some(args) = args.filter(|args| def.params.takes_keywords && args.len() == def.params.required.len() + 1)
        else {
            return;
        };
        let held = matches!(call.args.last().map(|arg| &arg.kind), Some(Kind::Const(_) | Kind::Local(_)));
        if held && matches!(args.last().map(|last| &last.value), Some(Value::Hash(_))) {
            let message = format!("\"{}\" takes keywords, and Ruby 3 does not take a hash for them", call.name);
            self.tell(Finding::new(Code::OlderSyntax, call.name_span, message).with_help("write ** before it"));
        }
    }

    /// A keyword without default, where none is given.
    pub(super) fn judge_keywords(&mut self, def: &Def, call: &Call) {
        let unclear = |arg: &Expr| matches!(arg.kind, Kind::Splat(_));
        let hash = call.args.last().is_some_and(|arg| !matches!(arg.kind, Kind::Str(_) | Kind::Sym(_) | Kind::Int(_)));
        let clear = !call.forwards && !hash && !call.args.iter().any(unclear);
        if let Some(keyword) = def.params.keywords.first().filter(|_| clear) {
            let message = format!("\"{}\" is called without its keyword {keyword}:", call.name);
            self.tell(Finding::new(Code::WrongArgumentCount, call.name_span, message));
        }
    }

    /// A method that begins with calling itself.
    pub(super) fn judge_endless(&mut self, def: &Def, call: &Call) {
        let plain = |arg: &Expr| matches!(arg.kind, Kind::Local(_) | Kind::Int(_) | Kind::Str(_) | Kind::Sym(_));
        let reckoned = |arg: &Expr| match &arg.kind {
            Kind::Call(sum) => {
                matches!(sum.name.as_str(), "+" | "-")
                    && sum.receiver.as_ref().is_some_and(plain)
                    && sum.args.iter().all(plain)
            }
            _ => plain(arg),
        };
        let first = statements(&def.body).into_iter().next();
        let Some(Kind::Call(inner)) = first.map(|first| &first.kind) else { return };
        if inner.receiver.is_none() && inner.name == def.name && inner.args.iter().all(reckoned) && !self.world.wild {
            let message = format!("\"{}\" begins with calling itself, without end", call.name);
            self.tell(Finding::new(Code::RaisesAtLoad, call.name_span, message));
        }
    }

    pub(super) fn judge_frozen(&mut self, path: &str, call: &Call) {
        let name = call.name.as_str();
        let certain = !self.world.opaque && !self.world.wild && !self.world.methods.contains(name);
        if certain && self.frozen.contains(path) && frozen_change::CHANGES.contains(&name) {
            let message = format!("{path} is frozen, and \"{name}\" changes it");
            self.tell(Finding::new(Code::FrozenChange, call.name_span, message));
        }
    }

    /// Whether the only method of this name is a `def` at the top level: Tengine's own comes before it.
    pub(super) fn is_shadowed(&self, name: &str) -> bool {
        !self.world.opaque
            && self.object_body.is_none()
            && self.world.helpers.contains_key(name)
            && (self.jobs_met || !JOB_WORDS.contains(&name))
    }

    pub(super) fn unknown_word(&mut self, call: &Call) {
        if !self.would_tell(call.name_span, Code::UnknownWord) {
            return;
        }
        let (place, words): (_, Vec<&str>) = match (self.inside, self.frames.last()) {
            (Inside::Driver, _) => ("a driver block", DRIVER_WORDS.to_vec()),
            (_, Some(frame)) => (frame.kind.word(), JOB_WORDS.to_vec()),
            (_, None) => ("a file's top level", [JOB_WORDS, CORE_WORDS].concat()),
        };
        let place = if self.frames.is_empty() { place.to_owned() } else { format!("a {place} block") };
        let message = format!("\"{}\" is not a word of {place}, and no file of this load path defines it", call.name);
        let known =
            words.into_iter().chain(self.world.methods.iter().copied()).chain(["puts", "require", "require_relative"]);
        let mut finding = Finding::new(Code::UnknownWord, call.name_span, message);
        let wide = |c: char| matches!(c, '\u{3000}' | '\u{201C}' | '\u{201D}' | '\u{2018}' | '\u{2019}');
        if call.name.contains(wide) {
            finding = finding.with_help("Ruby takes a full-width space or a curly quote for part of a name");
        }
        if let Some(word) = vocabulary::closest(&call.name, known) {
            finding = finding.with_help(format!("did you mean \"{word}\"?"));
        }
        self.tell(finding);
    }
}

/// Whether it can be said how many arguments there are: `**hash` is none where the hash is empty.
fn is_countable(call: &Call) -> bool {
    let taken_apart = |(key, _): &(Expr, Expr)| matches!(key.kind, Kind::DoubleSplat(_));
    !call.args.iter().any(|arg| matches!(&arg.kind, Kind::Hash(pairs) if pairs.iter().any(taken_apart)))
}
