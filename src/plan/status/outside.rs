//! Trouble with those outside: who makes it, and what to do about it.

use super::super::observed::{Build, Step, Trouble};
use super::super::reading::Reading;
use crate::api::v1alpha1::condition::Reason;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outside {
    /// Where the definitions come from.
    GitHost,
    /// Where images come from and go.
    Registry,
}

impl Outside {
    /// What to do, with the field that is about this side.
    pub(super) fn advice(self, reason: Reason) -> &'static str {
        match (self, reason) {
            (Self::GitHost, Reason::RepositoryNotFound) => "Correct source.git.url, or let these credentials see it.",
            (Self::Registry, Reason::RepositoryNotFound) => {
                "Correct image.repository, or let these credentials see it."
            }
            (Self::GitHost | Self::Registry, other) => other.advice(),
        }
    }
}

/// Trouble of the looks, and of the candidate's build.
pub(super) fn troubles<'a>(reading: &'a Reading<'_>) -> Vec<(Outside, &'a Trouble)> {
    if reading.sight.desired.suspend {
        return Vec::new();
    }
    let observed = reading.sight.observed;
    let build = reading.candidate.and_then(|candidate| reading.build_of(candidate));
    let build = build.and_then(Build::trouble).map(|(step, trouble)| match step {
        Step::Source => (Outside::GitHost, trouble),
        Step::Image => (Outside::Registry, trouble),
    });
    let looks = [
        (Outside::GitHost, &observed.source.trouble),
        (Outside::Registry, &observed.base.trouble),
        (Outside::Registry, &observed.push.trouble),
    ];
    looks.into_iter().filter_map(|(place, trouble)| Some((place, trouble.as_ref()?))).chain(build).collect()
}
