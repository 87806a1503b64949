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

/// Times that come again.
#[derive(Debug, Clone)]
pub struct Times {
    /// As in the spec, with its zone.
    text: String,
    crontab: Crontab,
    zone: TimeZone,
}

impl PartialEq for Times {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Times {
    /// The first one after this. Where the zone skips it, there is none that day; where it has it twice, it comes twice.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        Some(self.crontab.find_next(after).ok()?.timestamp())
    }

    /// The last one after `after` and not after `now`.
    pub fn last(&self, after: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let is_one_after = |second: i64| {
            let next = Timestamp::from_second(second).ok().and_then(|at| self.next(at));
            next.filter(|next| *next <= now)
        };
        let (mut low, mut high) = (after.as_second(), now.as_second());
        let mut last = is_one_after(low).filter(|next| *next > after)?;
        // There is one after `low`, and none after `high`.
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match is_one_after(middle) {
                Some(next) => (last, low) = (next, middle),
                None => high = middle,
            }
        }
        Some(last)
    }
}

/// Opening hours: they begin by a schedule and last for a while, in elapsed time.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    begins: Times,
    lasts: SignedDuration,
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

impl Opening {
    /// The hours that are not over at this time: under way, or the next ones. Where the zone skips the time at which they
    /// begin, there are none that day; where it has it twice, they begin twice.
    pub fn around(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let begin = self.begins.next(at.checked_sub(self.lasts).ok()?)?;
        Some((begin, begin.checked_add(self.lasts).ok()?))
    }

    /// Where its times are read.
    pub fn zone(&self) -> TimeZone {
        self.begins.zone.clone()
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
    let begins = read_times(check, field, "schedule", schedule, zone)?;
    Some(Opening { begins, lasts: SignedDuration::try_from(lasts).ok()? })
}

/// Reads a schedule, which stands in this field of an object beside `timeZone`.
pub(super) fn read_times(
    check: &mut Check,
    object: &str,
    field: &str,
    schedule: &str,
    zone: Option<&str>,
) -> Option<Times> {
    let name = zone.unwrap_or("UTC");
    let zone = TimeZone::get(name);
    if zone.is_err() {
        check.complain(format!(
            "{object}.timeZone: there is no time zone {name:?}: give its IANA name, such as Europe/Zurich"
        ));
    }
    let text = format!("{schedule} {name}");
    let crontab = match cronexpr::parse_crontab(&text) {
        Ok(crontab) => Some(crontab),
        // A zone that is not there is said once.
        Err(_) if zone.is_err() => None,
        Err(_) => {
            let shape = "minute, hour, day of the month, month and day of the week, such as 0 9 * * 1-5";
            check.complain(format!("{object}.{field}: {schedule:?} is no cron schedule: give {shape}"));
            None
        }
    };
    Some(Times { text, crontab: crontab?, zone: zone.ok()? })
}
