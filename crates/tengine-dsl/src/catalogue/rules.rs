//! Every rule, by family.

mod drivers;
mod names;
mod production;
mod reading;
mod words;

use super::Rule;
use std::sync::LazyLock;

/// Every rule, by family.
pub static RULES: LazyLock<Vec<Rule>> =
    LazyLock::new(|| [reading::RULES, words::RULES, names::RULES, drivers::RULES, production::RULES].concat());
