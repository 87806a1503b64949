//! A gate that waits for people.

use super::passage::{Passage, Shut};
use crate::api::v1alpha1::Person;
use crate::api::v1alpha1::condition::Reason;
use crate::plan::desired::WantedApproval;
use crate::plan::people::{Decision, Say, Words};
use crate::plan::releases::Release;
use crate::plan::sight::Sight;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How such a gate stands for a release, and when that changes by the clock alone: an approval runs out. What people said of
/// *this image* counts, as far as the gate lets them have a say now.
pub fn judge(sight: Sight<'_>, gate: &str, wanted: &WantedApproval, release: &Release) -> (Passage, Option<Timestamp>) {
    let digest = release.digest().unwrap_or_default();
    // The last word of each: they are in the order in which they were said.
    let last: BTreeMap<&str, &Decision> = sight
        .observed
        .words
        .decisions(digest)
        .filter(|decision| {
            decision.gate == gate && decision.say != Say::Override && speaks_of(sight, decision, release)
        })
        .map(|decision| (decision.by.user.as_str(), decision))
        .collect();
    let may = |decision: &&Decision| may_say(wanted, &decision.by, release).is_ok();
    let mut said: Vec<&Decision> = last.into_values().filter(may).collect();
    said.sort_by_key(|decision| decision.at);
    if let Some(against) = said.iter().find(|decision| decision.say == Say::Against) {
        let why = against.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let message = format!("{} rejected it{why}", against.by.user);
        return (Shut::passage(Reason::WaitingForApproval, message), None);
    }
    let runs_out = |decision: &Decision| wanted.expires.and_then(|expires| decision.at.checked_add(expires).ok());
    let counted: Vec<&Decision> = said
        .into_iter()
        .filter(|decision| decision.say == Say::For && runs_out(decision).is_none_or(|until| until > sight.now))
        .collect();
    let next = counted.iter().filter_map(|decision| runs_out(decision)).min();
    let names: Vec<&str> = counted.iter().map(|decision| decision.by.user.as_str()).collect();
    let names = names.join(", ");
    if counted.len() >= wanted.required {
        return (Passage::Open(format!("approved by {names}")), next);
    }
    let so_far = if names.is_empty() { String::new() } else { format!(" ({names})") };
    let message = format!("{} of {} approvals{so_far}", counted.len(), wanted.required);
    match sight.observed.vouching.complaint() {
        Some(why) => {
            (Shut::passage(Reason::NobodyVouches, format!("{message}, and nobody's word counts: {why}")), next)
        }
        None => (Shut::passage(Reason::WaitingForApproval, message), next),
    }
}

/// Whether a person may say anything at this gate about this release.
///
/// # Errors
/// Why not.
pub fn may_say(wanted: &WantedApproval, person: &Person, release: &Release) -> Result<(), String> {
    let named = wanted.users.contains(&person.user) || person.groups.iter().any(|group| wanted.groups.contains(group));
    let anybody = wanted.users.is_empty() && wanted.groups.is_empty();
    if !(named || anybody) {
        let mut may = wanted.users.clone();
        may.extend(wanted.groups.iter().map(|group| format!("group {group}")));
        return Err(format!("{} is none of those whose word counts there: {}", person.user, may.join(", ")));
    }
    let author = release.status.author.as_deref().unwrap_or_default();
    if wanted.not_author && is_author(&person.user, author) {
        return Err(format!("{} is the author of the commit", person.user));
    }
    Ok(())
}

/// A commit names its author as they please: the name is compared with the user name, and with what stands before its `@`,
/// without regard to case, and to what stands between first and last name.
fn is_author(user: &str, author: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let before_at = user.split_once('@').map_or(user, |(name, _)| name);
    let author = plain(author);
    !author.is_empty() && (plain(user) == author || plain(before_at) == author)
}

/// Whether what was said of a version was said of this release: of it, or of one with the same settings.
pub fn speaks_of(sight: Sight<'_>, decision: &Decision, release: &Release) -> bool {
    let same = |named: &Release| named.spec.settings == release.spec.settings;
    decision.release == release.name || sight.observed.releases.named(&decision.release).is_some_and(same)
}

/// The word of a person that opens any gate for a release, and for no other that comes out as the same image: what was urgent then
/// opens no later freeze.
pub fn overridden<'a>(words: &'a Words, gate: &str, release: &Release) -> Option<&'a Decision> {
    let digest = release.digest()?;
    let mut all = words.decisions(digest).filter(|decision| decision.release == release.name);
    all.find(|decision| decision.gate == gate && decision.say == Say::Override)
}
