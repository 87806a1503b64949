//! Rules at the door: what the API server refuses before the operator sees it, each with a message a person understands.
//!
//! They say the same as the types of [`domain`](crate::domain), as far as CEL can: a test throws random texts at both. The door
//! never refuses what the operator would take. Whole formats are rules and not patterns, because the API server answers to a
//! pattern with the pattern.
//!
//! Rules are evaluated within a budget that the API server estimates from lengths: every string that a rule reads has a
//! longest length, every list and map a largest size.

mod foreign;
mod texts;

pub(super) use foreign::guard_pod_settings;
pub(super) use texts::{
    api_url, check_name, config_key, decimal, full_ref, git_ref, git_url, host, hosts_and_ports, http_url,
    image_reference, image_repository, label, object_name, quantity, release_api, release_provider, span, tag_pattern,
    tag_template, tree_path, variable, version_range, word, words,
};
