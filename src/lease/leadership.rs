//! Whether this process may still write.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::time::Instant;

/// Until when one Lease is surely ours. Cloning gives another handle.
#[derive(Debug, Clone, Default)]
pub(super) struct Term(Arc<Mutex<Option<Instant>>>);

impl Term {
    /// Whether the last renewal is recent enough that nobody else can hold it.
    pub fn holds(&self) -> bool {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    pub fn until(&self, until: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

/// Answers, at any time and without asking the cluster, whether this process leads.
#[derive(Debug, Clone, Default)]
pub struct Leadership {
    own: Term,
    /// Where it takes a second Lease to lead.
    number: Option<Term>,
    /// From when until when nobody led.
    vacancy: Option<(Timestamp, Timestamp)>,
}

impl Leadership {
    pub(super) fn of(own: &Term, number: Option<&Term>) -> Self {
        Self { own: own.clone(), number: number.cloned(), vacancy: None }
    }

    pub(super) fn after(self, vacancy: Option<(Timestamp, Timestamp)>) -> Self {
        Self { vacancy, ..self }
    }

    /// From when until when nobody led before: from the last renewal, by the clock of who did it. `None` where nobody ever had the Lease.
    pub const fn vacancy(&self) -> Option<(Timestamp, Timestamp)> {
        self.vacancy
    }

    /// Whether the last renewals are recent enough that nobody else can lead.
    pub fn holds(&self) -> bool {
        self.own.holds() && self.number.as_ref().is_none_or(Term::holds)
    }

    /// Leads for as long as a test takes.
    #[cfg(test)]
    pub fn of_a_test() -> Self {
        let leadership = Self::default();
        leadership.own.until(Some(Instant::now() + std::time::Duration::from_hours(1)));
        leadership
    }

    /// Leads no more.
    #[cfg(test)]
    pub fn lose(&self) {
        self.own.until(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn where_it_takes_two_leases_to_lead_one_of_them_is_not_enough() {
        let (own, number) = (Term::default(), Term::default());
        let both = Leadership::of(&own, Some(&number));
        let soon = Instant::now() + Duration::from_secs(10);
        own.until(Some(soon));
        assert!(!both.holds(), "its own");
        number.until(Some(soon));
        assert!(both.holds());
        own.until(None);
        assert!(!both.holds(), "that of all");
        assert!(!Leadership::of(&own, None).holds());
    }
}
