//! What all files of a load path define together, found without running anything.
//!
//! All files are loaded into one process, so a method defined in one may be called in any other. A name is *foreign*
//! only if nothing in the tree defines it and nothing in the tree is opaque enough to.

mod names;
mod survey;

use super::objects::Objects;
use super::parse::ParsedFile;
use super::source::{Extent, Span};
use super::syntax::Def;
use std::collections::{HashMap, HashSet};
use survey::Survey;

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
    /// Method names that are defined exactly once, by whatever means.
    pub once: HashSet<&'a str>,
    /// Methods that are certainly defined by `def` as a module's or class's own objects' only.
    pub of_objects: HashSet<&'a str>,
    /// Names that something of the tree defines, and does not only mention.
    pub defined: HashSet<&'a str>,
    /// Classes, modules and Structs that are seen whole.
    pub objects: Objects<'a>,
    /// Constants that are assigned in the body of a module or class and nowhere else.
    pub nested_constants: HashSet<&'a str>,
    /// Where the bodies of modules and classes stand.
    pub bodies: Vec<Span>,
    /// Whether something may define names that are not seen.
    pub opaque: bool,
    /// Whether something may define constants that are not seen.
    pub constants_opaque: bool,
    /// Constants that methods of the tree mention, other than to read them.
    pub reach: HashSet<&'a str>,
    /// Whether the tree has methods that Ruby calls by itself, wherever it likes.
    pub hooks: bool,
    /// Whether constants are read by a name that is made up.
    pub constants_by_name: bool,
    /// Whether a method of the tree may end the load without an error.
    pub exits: bool,
    /// Whether any name may mean anything: text is evaluated, or Ruby's or Tengine's own classes are changed. Nothing
    /// is certain then.
    pub wild: bool,
    /// Whether files beside those given can be required.
    pub partial: bool,
    /// Whether classes may be drivers: something mentions what makes them one.
    pub driver_classes: bool,
    /// Whether a method requires `tengine_job`: who calls it, and when, is not seen.
    pub requires_jobs: bool,
}

impl<'a> World<'a> {
    /// Surveys `files`.
    pub fn of(files: &'a [ParsedFile], extent: Extent) -> Self {
        let paths: HashSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
        let mut survey = Survey::of(paths);
        files.iter().for_each(|file| survey.file(file));
        survey.finish(files, extent)
    }

    /// Whether calling `name` without receiver can reach something that is defined.
    pub fn may_define(&self, name: &str) -> bool {
        self.opaque || self.methods.contains(name)
    }
}
