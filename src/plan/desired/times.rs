//! Opening hours and freezes as values that cannot be wrong.

use super::check::Check;
use crate::api::v1alpha1::{ClosedTime, OpenTime, WindowGate};
use cronexpr::Crontab;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// When a gate is open.
#[derive(Debug, Clone, PartialEq)]
pub struct WantedWindow {
    /// Opening hours; without any, always.
    pub open: Vec<Opening>,
    /// When it is closed all the same.
    pub closed: Vec<Closing>,
}

/// Opening hours: they begin by a schedule and last for a while, in elapsed time.
#[derive(Debug, Clone)]
pub struct Opening {
    /// As in the spec, with its zone.
    text: String,
    begins: Crontab,
    lasts: SignedDuration,
    zone: TimeZone,
}

/// A freeze.
#[derive(Debug, Clone, PartialEq)]
pub struct Closing {
    when: When,
    /// Why, for those who wait.
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum When {
    Again(Opening),
    Once { from: Timestamp, to: Timestamp },
}

impl PartialEq for Opening {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.lasts == other.lasts
    }
}

impl Opening {
    /// The hours that are not over at this time: under way, or the next ones. Where the zone skips the time at which they
    /// begin, there are none that day; where it has it twice, they begin twice.
    pub fn around(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let begin = self.begins.find_next(at.checked_sub(self.lasts).ok()?).ok()?.timestamp();
        Some((begin, begin.checked_add(self.lasts).ok()?))
    }

    /// Where its times are read.
    pub fn zone(&self) -> TimeZone {
        self.zone.clone()
    }
}

impl Closing {
    /// The freeze that is not over at this time: under way, or the next one.
    pub fn around(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        match &self.when {
            When::Again(hours) => hours.around(at),
            When::Once { from, to } => (*to > at).then_some((*from, *to)),
        }
    }

    /// Where its times are read.
    pub fn zone(&self) -> TimeZone {
        match &self.when {
            When::Again(hours) => hours.zone(),
            When::Once { .. } => TimeZone::UTC,
        }
    }
}

/// Reads a window; what is wrong is named by its place.
pub(super) fn read(check: &mut Check, field: &str, window: &WindowGate) -> Option<WantedWindow> {
    if window.open.is_empty() && window.closed.is_empty() {
        check.complain(format!("{field}: give open, closed or both"));
    }
    let before = check.problems.len();
    let mut wanted = WantedWindow { open: Vec::new(), closed: Vec::new() };
    for (number, OpenTime { schedule, duration, time_zone }) in window.open.iter().enumerate() {
        let field = format!("{field}.open[{number}]");
        wanted.open.extend(hours(check, &field, schedule, duration, time_zone.as_deref()));
    }
    for (number, closed) in window.closed.iter().enumerate() {
        let when = freeze(check, &format!("{field}.closed[{number}]"), closed);
        wanted.closed.extend(when.map(|when| Closing { when, reason: closed.reason.clone() }));
    }
    (check.problems.len() == before).then_some(wanted)
}

fn freeze(check: &mut Check, field: &str, closed: &ClosedTime) -> Option<When> {
    match (&closed.schedule, &closed.duration, &closed.from, &closed.to) {
        (Some(schedule), Some(duration), None, None) => {
            hours(check, field, schedule, duration, closed.time_zone.as_deref()).map(When::Again)
        }
        (None, None, Some(from), Some(to)) if from.0 < to.0 => Some(When::Once { from: from.0, to: to.0 }),
        (None, None, Some(_), Some(_)) => {
            check.complain(format!("{field}: to must be later than from"));
            None
        }
        _ => {
            check.complain(format!("{field}: give schedule and duration, or from and to"));
            None
        }
    }
}

fn hours(check: &mut Check, field: &str, schedule: &str, duration: &str, zone: Option<&str>) -> Option<Opening> {
    let lasts = check.span(&format!("{field}.duration"), Some(duration), 0, 1);
    let name = zone.unwrap_or("UTC");
    let zone = TimeZone::get(name);
    if zone.is_err() {
        check.complain(format!(
            "{field}.timeZone: there is no time zone {name:?}: give its IANA name, such as Europe/Zurich"
        ));
    }
    let text = format!("{schedule} {name}");
    let begins = match cronexpr::parse_crontab(&text) {
        Ok(begins) => Some(begins),
        // A zone that is not there is said once.
        Err(_) if zone.is_err() => None,
        Err(_) => {
            let shape = "minute, hour, day of the month, month and day of the week, such as 0 9 * * 1-5";
            check.complain(format!("{field}.schedule: {schedule:?} is no cron schedule: give {shape}"));
            None
        }
    };
    Some(Opening { text, begins: begins?, lasts: SignedDuration::try_from(lasts).ok()?, zone: zone.ok()? })
}
