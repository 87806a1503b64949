//! Which types of events only one of two definitions handles.

use super::is_partial;
use crate::model::Definition;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Types of events, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventTypes {
    /// That the newer definition handles, and the older does not.
    pub added: Vec<String>,
    /// That the older definition handles, and the newer does not.
    pub removed: Vec<String>,
}

impl EventTypes {
    /// Whether both handle the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// What only one of them handles. Where something of either could not be seen, nothing is known to be handled by one alone.
pub fn event_types(old: &Definition, new: &Definition) -> EventTypes {
    if is_partial(old) || is_partial(new) {
        return EventTypes::default();
    }
    let (before, after) = (handled(old), handled(new));
    let only =
        |mine: &BTreeSet<&str>, other: &BTreeSet<&str>| mine.difference(other).map(|it| (*it).to_owned()).collect();
    EventTypes { added: only(&after, &before), removed: only(&before, &after) }
}

/// Of two drivers of one name the handlers of the first are registered; which is a warning of its own.
fn handled(definition: &Definition) -> BTreeSet<&str> {
    definition.drivers.iter().flat_map(|driver| &driver.handlers).map(String::as_str).collect()
}
