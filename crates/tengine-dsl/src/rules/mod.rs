//! What is wrong with a definition: an enum of codes, and a file for each rule with everything there is to say about it.
//!
//! The other files hold functions that several rules of a family share.

pub mod conversion;
pub mod dictionary;
pub mod drivers;
pub mod emptiness;
pub mod expansions;
pub mod names;
pub mod options;
pub mod place;
pub mod production;
pub mod sequence;

use crate::Severity;

/// What comes of a definition that a rule finds fault with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Tengine refuses to load it.
    Refuses,
    /// Tengine loads it, and does something else than was meant.
    Loads,
    /// Tengine loads it with some base images and refuses it with others.
    Depends,
    /// Tengine loads it, and has nothing to do.
    Nothing,
    /// The rule speaks of the check itself.
    Aside,
}

impl Verdict {
    /// How bad a finding is: only what is certainly refused is an error, and what would leave nothing to run.
    pub fn severity(self) -> Severity {
        match self {
            Self::Refuses | Self::Nothing => Severity::Error,
            Self::Loads | Self::Depends | Self::Aside => Severity::Warning,
        }
    }

    /// The verdict as the beginning of a paragraph.
    pub fn words(self) -> &'static str {
        match self {
            Self::Refuses => "Tengine refuses",
            Self::Loads => "Tengine loads, but",
            Self::Depends => "Tengine loads or refuses, as the base image is",
            Self::Nothing => "Tengine loads, and has nothing to run; refused all the same",
            Self::Aside => "About the check itself",
        }
    }
}

/// A rule as users know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name, in kebab case.
    pub code: &'static str,
    /// What Tengine does.
    pub verdict: Verdict,
    /// What it finds, in one sentence.
    pub title: &'static str,
    /// Why that is bad, and what the check takes care of.
    pub why: &'static str,
    /// A definition that it finds fault with; empty where none can be shown in one file of text.
    pub wrong: &'static str,
    /// The same without the fault.
    pub right: &'static str,
}

macro_rules! rules {
    ($($variant:ident: $file:ident,)*) => {
        $(pub mod $file;)*

        /// The rules by name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, clippy::enum_variant_names)] // each has a file of its own
        pub enum Code { $($variant,)* }

        /// Every rule, in the order of the page.
        pub const RULES: &[Rule] = &[$($file::RULE,)*];

        impl Code {
            /// What is told of it.
            pub fn rule(self) -> &'static Rule {
                match self { $(Self::$variant => &$file::RULE,)* }
            }
        }
    };
}

rules! {
    RemovedWord: removed_word,
    WordInObject: word_in_object,
    UsedTooEarly: used_too_early,
    UndefinedConstant: undefined_constant,
    UnknownMethod: unknown_method,
    WrongType: wrong_type,
    ClassMismatch: class_mismatch,
    OwnVariable: own_variable,
    WrongArgumentCount: wrong_argument_count,
    FrozenChange: frozen_change,
    RaisesAtLoad: raises_at_load,
    EndsLoad: ends_load,
    OutsideHandler: outside_handler,
    FolderNamedRb: folder_named_rb,
    UnstorableValue: unstorable_value,
    DictionaryUnread: dictionary_unread,
    DriverClassTaken: driver_class_taken,
    DriverArguments: driver_arguments,
    UnreadEncoding: unread_encoding,
    Syntax: syntax,
    OlderSyntax: older_syntax,
    NewerSyntax: newer_syntax,
    InvalidEncoding: invalid_encoding,
    UnknownEncoding: unknown_encoding,
    TooLarge: too_large,
    TooDeep: too_deep,
    TooMuch: too_much,
    NoRubyFile: no_ruby_file,
    EmptyFile: empty_file,
    EmptyDefinition: empty_definition,
    MissingRequire: missing_require,
    MissingFile: missing_file,
    MissingLibrary: missing_library,
    UnknownWord: unknown_word,
    MisplacedWord: misplaced_word,
    WordOutsideJobnet: word_outside_jobnet,
    DuplicateFinally: duplicate_finally,
    FinallyNotLast: finally_not_last,
    DuplicateSequence: duplicate_sequence,
    SequenceNotFirst: sequence_not_first,
    UnknownOption: unknown_option,
    WrongOptionValue: wrong_option_value,
    WrongArguments: wrong_arguments,
    MissingBlock: missing_block,
    NoBlock: no_block,
    BlankName: blank_name,
    DuplicateName: duplicate_name,
    DuplicateJobnet: duplicate_jobnet,
    UnknownSuccessor: unknown_successor,
    IgnoredSuccessor: ignored_successor,
    NameNotText: name_not_text,
    ReservedName: reserved_name,
    UnknownBootJob: unknown_boot_job,
    RootWithTo: root_with_to,
    Cycle: cycle,
    SelfLoop: self_loop,
    UnreachableJob: unreachable_job,
    UnknownExpansion: unknown_expansion,
    ExpansionCycle: expansion_cycle,
    EmptyJobnet: empty_jobnet,
    DictionarySyntax: dictionary_syntax,
    DictionaryUnknownName: dictionary_unknown_name,
    DriverName: driver_name,
    DuplicateDriver: duplicate_driver,
    DuplicateHandler: duplicate_handler,
    HandlerParameters: handler_parameters,
    UnknownHandlerWord: unknown_handler_word,
    InvalidFilter: invalid_filter,
    FilterNeverMatches: filter_never_matches,
    ClockAtLoad: clock_at_load,
    RandomAtLoad: random_at_load,
    SleepAtLoad: sleep_at_load,
    NetworkAtLoad: network_at_load,
    DeveloperPath: developer_path,
    InsecureLiteral: insecure_literal,
    UnknownCode: unknown_code,
}
