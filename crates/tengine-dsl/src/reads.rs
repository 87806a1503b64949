//! Which mentions of a variable or constant neither change nor keep what it holds.

use crate::syntax::{Call, Expr, Kind};
use crate::vocabulary::{CORE_WORDS, JOB_WORDS};

/// Methods of Ruby's own values that change nothing, and give nothing that shares anything with their receiver or arguments.
const ONLY_READ: &[&str] = &[
    "!",
    "nil?",
    "empty?",
    "size",
    "length",
    "include?",
    "key?",
    "has_key?",
    "member?",
    "start_with?",
    "end_with?",
    "==",
    "!=",
    "=~",
    "<",
    ">",
    "<=",
    ">=",
    "to_sym",
    "to_i",
    "inspect",
    "is_a?",
    "kind_of?",
    "instance_of?",
    "frozen?",
    "join",
    "upcase",
    "downcase",
    "capitalize",
    "strip",
    "chomp",
    "class",
    "succ",
    "next",
    "ord",
    "hex",
    "hash",
    "object_id",
];

/// Calls without receiver that only read their arguments.
const TELLERS: &[&str] = &["puts", "print", "printf", "warn", "format", "sprintf"];

/// Methods of Ruby's collections and numbers that run their block before they return, and keep nothing of it.
pub const ITERATORS: &[&str] = &[
    "each",
    "each_with_index",
    "each_pair",
    "each_key",
    "each_value",
    "each_slice",
    "each_cons",
    "each_with_object",
    "each_line",
    "each_char",
    "map",
    "collect",
    "flat_map",
    "select",
    "filter",
    "reject",
    "find",
    "detect",
    "any?",
    "all?",
    "none?",
    "times",
    "upto",
    "downto",
    "step",
    "loop",
    "tap",
    "then",
    "inject",
    "reduce",
    "sort_by",
    "group_by",
    "partition",
    "zip",
    "sum",
    "count",
    "map!",
    "delete_if",
    "reverse_each",
    "fetch",
    "open",
    "foreach",
    "glob",
];

/// Whether calling a method of this name on one of Ruby's own values only reads.
pub fn only_reads(name: &str) -> bool {
    ONLY_READ.contains(&name)
}

/// Visits the parts of `expr` but its own literal block, less the bare mentions that it only reads.
pub fn each_taken<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    match &expr.kind {
        Kind::Interpolated(parts) | Kind::InterpolatedSym(parts) => {
            parts.iter().filter(|part| !is_mention(part)).for_each(visit);
        }
        Kind::Call(call) => of_call(call, visit),
        _ => expr.each_part(visit),
    }
}

fn of_call<'a>(call: &'a Call, visit: &mut dyn FnMut(&'a Expr)) {
    let name = call.name.as_str();
    let reads = only_reads(name) && call.block.is_none();
    call.receiver.iter().filter(|receiver| !(reads && is_mention(receiver))).for_each(&mut *visit);
    let word = call.receiver.is_none() && JOB_WORDS.contains(&name);
    let last = call.args.len().saturating_sub(1);
    for (index, arg) in call.args.iter().enumerate() {
        // A hash that is given to a word as it is loses what the word takes out of it.
        let read = reads || (word && (index < last || name == "boot_jobs"));
        let told = call.receiver.is_none() && TELLERS.contains(&name);
        match &arg.kind {
            _ if (read || told) && is_mention(arg) => {}
            Kind::Hash(pairs) if word => {
                pairs
                    .iter()
                    .flat_map(|(key, value)| [key, value])
                    .filter(|part| !is_mention(part))
                    .for_each(&mut *visit);
            }
            _ => visit(arg),
        }
    }
    if let Some(crate::syntax::BlockArg::Passed(passed)) = &call.block {
        visit(passed);
    }
}

/// A variable or constant, and nothing else.
fn is_mention(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Local(_) | Kind::Const(_) => true,
        Kind::Sequence(parts) => matches!(parts.as_slice(), [one] if is_mention(one)),
        _ => false,
    }
}

/// Whether running `expr` may put something into a jobnet: anything but reading, telling and assigning.
pub fn may_run_words(expr: &Expr) -> bool {
    let mut found = match &expr.kind {
        Kind::Call(call) => {
            let name = call.name.as_str();
            let own = call.receiver.is_none();
            let word = JOB_WORDS.contains(&name) || CORE_WORDS.contains(&name);
            word || !(only_reads(name) || (own && TELLERS.contains(&name)) || is_core(name))
        }
        Kind::Yield(_) => true,
        _ => false,
    };
    expr.each_part(&mut |part| found = found || may_run_words(part));
    found
}

/// Everyday methods that run no code but the block they are given.
fn is_core(name: &str) -> bool {
    matches!(
        name,
        "+" | "-"
            | "*"
            | "/"
            | "%"
            | "<<"
            | "push"
            | "[]"
            | "[]="
            | "each"
            | "map"
            | "select"
            | "reject"
            | "first"
            | "last"
            | "to_s"
            | "gsub"
            | "sub"
            | "split"
            | "tr"
            | "merge"
            | "fetch"
            | "keys"
            | "values"
            | "sort"
            | "upto"
            | "times"
    )
}
