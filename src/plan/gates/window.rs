//! A gate that is open at certain times.
//!
//! How it stands follows from the present time and the spec alone, so that a clock which jumps changes nothing but what it says.

use super::passage::{Passage, Shut};
use crate::api::v1alpha1::condition::Reason;
use crate::plan::desired::{Closing, Opening, WantedWindow};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Openings that a freeze covers are passed over, so many of them.
const MOST_STEPS: usize = 400;

/// How such a gate stands now, and when that changes.
pub fn judge(wanted: &WantedWindow, now: Timestamp) -> (Passage, Option<Timestamp>) {
    let frozen = wanted.closed.iter().find_map(|closing| closed_until(closing, now).map(|until| (closing, until)));
    if frozen.is_none()
        && let Some(until) = open_until(wanted, now)
    {
        let until = until.min(next_closing(wanted, now).unwrap_or(Timestamp::MAX));
        let ends = (until < Timestamp::MAX).then_some(until);
        let words = ends.map_or_else(String::new, |until| format!(" until {}", shown(wanted, until)));
        return (Passage::Open(format!("open{words}")), ends);
    }
    let opens_at = next_opening(wanted, now);
    let why = match frozen {
        Some((Closing { reason: Some(reason), .. }, _)) => format!("closed ({reason})"),
        Some(_) | None => "closed".to_owned(),
    };
    let message = match opens_at {
        Some(at) => format!("{why}, opens {}", shown(wanted, at)),
        None => format!("{why}, and does not open any more"),
    };
    (Passage::Shut(Shut { reason: Reason::WaitingForWindow, message, opens_at }), opens_at)
}

/// Until when it is open, where it is: for ever without opening hours.
fn open_until(wanted: &WantedWindow, at: Timestamp) -> Option<Timestamp> {
    if wanted.open.is_empty() {
        return Some(Timestamp::MAX);
    }
    wanted
        .open
        .iter()
        .filter_map(|opening| opening.around(at).filter(|(begin, _)| *begin <= at))
        .map(|(_, end)| end)
        .max()
}

fn closed_until(closing: &Closing, at: Timestamp) -> Option<Timestamp> {
    closing.around(at).filter(|(begin, _)| *begin <= at).map(|(_, end)| end)
}

fn next_closing(wanted: &WantedWindow, now: Timestamp) -> Option<Timestamp> {
    wanted.closed.iter().filter_map(|closing| closing.around(now)).map(|(begin, _)| begin).min()
}

/// The first time from now on that is within opening hours and outside of every freeze.
fn next_opening(wanted: &WantedWindow, now: Timestamp) -> Option<Timestamp> {
    let mut at = now;
    for _ in 0..MOST_STEPS {
        if let Some(until) = wanted.closed.iter().filter_map(|closing| closed_until(closing, at)).max() {
            at = until;
        } else if open_until(wanted, at).is_some() {
            return Some(at);
        } else {
            at = wanted.open.iter().filter_map(|opening| opening.around(at)).map(|(begin, _)| begin).min()?;
        }
    }
    None
}

/// A time as those read it who wrote the window.
fn shown(wanted: &WantedWindow, at: Timestamp) -> String {
    let zone = wanted.open.first().map(Opening::zone).or_else(|| wanted.closed.first().map(Closing::zone));
    at.to_zoned(zone.unwrap_or(TimeZone::UTC)).strftime("%a %Y-%m-%d %H:%M %Z").to_string()
}
