//! What is known of a value while a definition is followed.
//!
//! Arrays, hashes and strings can be changed after they were made; they are shared here as they are in Ruby, and one
//! that was changed in a way not followed is *lost*: from then on it is [`Value::Unknown`] to everybody who holds it.

use super::source::Span;
use super::syntax::{Block, Ends};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

/// A value, as far as it is certain.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// `nil`
    Nil,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string.
    Str(Shared<String>),
    /// A symbol.
    Sym(Rc<str>),
    /// An array.
    Array(Shared<Vec<Placed<'a>>>),
    /// A hash, in order of insertion.
    Hash(Shared<Vec<(Placed<'a>, Placed<'a>)>>),
    /// Whole numbers from one to another.
    Range(i64, i64, Ends),
    /// A block or lambda.
    Proc(Rc<Closure<'a>>),
    /// `:a & :b`, `:a.at("x")`: an event filter, and whether it can ever match.
    Filter(FilterKind),
    /// Not certain.
    Unknown,
}

/// What sort of event filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// Can match.
    Plausible,
    /// Waits for something that is not an event.
    NeverMatches,
}

/// A value and the text it came from.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Where it was written.
    pub span: Span,
}

/// Content that several names may share; `None` once it is lost.
#[derive(Debug)]
pub struct Shared<T>(Rc<RefCell<Option<T>>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: Clone> Shared<T> {
    /// Fresh content.
    pub fn new(content: T) -> Self {
        Self(Rc::new(RefCell::new(Some(content))))
    }

    /// The content, if it is still known.
    pub fn get(&self) -> Option<T> {
        self.0.borrow().clone()
    }

    /// Reads the content, if it is still known.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.0.borrow().as_ref().map(read)
    }

    /// Changes the content in a way that is followed.
    pub fn change(&self, change: impl FnOnce(&mut T)) {
        if let Some(content) = self.0.borrow_mut().as_mut() {
            change(content);
        }
    }

    /// The content is no longer known; gives what it was.
    pub fn lose(&self) -> Option<T> {
        self.0.borrow_mut().take()
    }
}

/// A block with the variables around it.
#[derive(Debug)]
pub struct Closure<'a> {
    /// The code.
    pub block: &'a Block,
    /// Its surroundings.
    pub scope: Rc<Scope<'a>>,
    /// Whether it is a lambda, which takes exactly the arguments it names.
    pub lambda: bool,
    /// Whether code that is not followed holds it, and may run it at any time.
    pub escaped: Cell<bool>,
}

impl<'a> Closure<'a> {
    /// A block or lambda as a value.
    pub fn value(block: &'a Block, scope: &Rc<Scope<'a>>, lambda: bool) -> Value<'a> {
        Value::Proc(Rc::new(Self { block, scope: Rc::clone(scope), lambda, escaped: Cell::new(false) }))
    }
}

#[derive(Debug)]
struct Variable<'a> {
    holds: Placed<'a>,
    /// Code that is not followed may assign it at any time.
    shared: bool,
}

/// Local variables of a file, method or block.
#[derive(Debug, Default)]
pub struct Scope<'a> {
    vars: RefCell<HashMap<String, Variable<'a>>>,
    parent: Option<Rc<Scope<'a>>>,
    /// The block that `yield` calls.
    pub given: Option<Value<'a>>,
}

impl<'a> Scope<'a> {
    /// A file's or method's scope: nothing around it.
    pub fn fresh(given: Option<Value<'a>>) -> Rc<Self> {
        Rc::new(Self { given, ..Self::default() })
    }

    /// A block's scope.
    pub fn inside(parent: &Rc<Self>) -> Rc<Self> {
        Rc::new(Self { parent: Some(Rc::clone(parent)), given: parent.given.clone(), ..Self::default() })
    }

    /// Whether nothing is around it: a file's, or a method's.
    pub fn is_outermost(&self) -> bool {
        self.parent.is_none()
    }

    /// The variable `name`.
    pub fn get(&self, name: &str) -> Option<Placed<'a>> {
        match self.vars.borrow().get(name) {
            Some(found) => Some(found.holds.clone()),
            None => self.parent.as_ref().and_then(|parent| parent.get(name)),
        }
    }

    /// Binds `name` here, as a parameter does.
    pub fn bind(&self, name: &str, value: Placed<'a>) {
        self.vars.borrow_mut().insert(name.to_owned(), Variable { holds: value, shared: false });
    }

    /// Assigns to `name` where it lives, or here. What a shared variable gets is out of sight: it is given back.
    pub fn assign(&self, name: &str, value: Placed<'a>) -> Option<Placed<'a>> {
        self.reassign(name, value).unwrap_or_else(|value| {
            self.bind(name, value);
            None
        })
    }

    fn reassign(&self, name: &str, value: Placed<'a>) -> Result<Option<Placed<'a>>, Placed<'a>> {
        if let Some(slot) = self.vars.borrow_mut().get_mut(name) {
            if slot.shared {
                return Ok(Some(value));
            }
            slot.holds = value;
            return Ok(None);
        }
        match &self.parent {
            Some(parent) => parent.reassign(name, value),
            None => Err(value),
        }
    }

    /// Code that is not followed may assign `name` from now on; gives what it held. A name that is not known yet may be one
    /// that is assigned later, anywhere around this block.
    pub fn share(&self, name: &str, span: Span) -> Option<Placed<'a>> {
        if let Some(slot) = self.vars.borrow_mut().get_mut(name) {
            slot.shared = true;
            return Some(std::mem::replace(&mut slot.holds, Placed::unknown(span)));
        }
        if let Some(parent) = &self.parent {
            return parent.share(name, span);
        }
        self.vars.borrow_mut().insert(name.to_owned(), Variable { holds: Placed::unknown(span), shared: true });
        None
    }
}

impl<'a> Value<'a> {
    /// A string.
    pub fn str(text: impl Into<String>) -> Self {
        Self::Str(Shared::new(text.into()))
    }

    /// A symbol.
    pub fn sym(text: &str) -> Self {
        Self::Sym(text.into())
    }

    /// An array.
    pub fn array(elements: Vec<Placed<'a>>) -> Self {
        Self::Array(Shared::new(elements))
    }

    /// Whether it counts as true; `None` if not known.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Self::Nil => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Unknown => None,
            Self::Int(_) | Self::Str(_) | Self::Sym(_) | Self::Array(_) | Self::Hash(_) => Some(true),
            Self::Range(..) | Self::Proc(_) | Self::Filter(_) => Some(true),
        }
    }

    /// The text of a string or symbol, if it is known.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Str(text) => text.get(),
            Self::Sym(text) => Some(text.to_string()),
            _ => None,
        }
    }

    /// What `to_s` and interpolation give, if it is known.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Nil => Some(String::new()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            _ => self.name(),
        }
    }

    /// Whether something about it is not known.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Str(text) => text.with(|_| ()).is_none(),
            Self::Array(list) => list.with(|_| ()).is_none(),
            Self::Hash(pairs) => pairs.with(|_| ()).is_none(),
            _ => false,
        }
    }

    /// Whether two values are equal, if both are known.
    pub fn same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Unknown, _) | (_, Self::Unknown) => None,
            (Self::Nil, Self::Nil) => Some(true),
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            (Self::Int(a), Self::Int(b)) => Some(a == b),
            (Self::Sym(a), Self::Sym(b)) => Some(a == b),
            (Self::Str(a), Self::Str(b)) => Some(a.get()? == b.get()?),
            (Self::Array(_) | Self::Hash(_) | Self::Range(..), _) => None,
            (_, Self::Array(_) | Self::Hash(_) | Self::Range(..)) => None,
            (Self::Proc(_) | Self::Filter(_), _) | (_, Self::Proc(_) | Self::Filter(_)) => None,
            _ => Some(false),
        }
    }
}

impl<'a> Placed<'a> {
    /// A value at a place.
    pub fn new(value: Value<'a>, span: Span) -> Self {
        Self { value, span }
    }

    /// Something not known at a place.
    pub fn unknown(span: Span) -> Self {
        Self::new(Value::Unknown, span)
    }
}
