//! When may a build begin? One that ended the operator, such as by all of its memory, must not do so after every start.

use super::observed::{Build, Step, Trouble};
use super::releases::{Fate, Release};
use super::sight::Sight;
use crate::api::v1alpha1::condition::Reason;
use jiff::{SignedDuration, Timestamp};

/// The first wait for a build that never came to an end, in seconds; it doubles each time.
const FIRST_WAIT: i64 = 10;
/// The longest, in seconds.
const LONGEST_WAIT: i64 = 600;

/// Whether a registry refuses who asks, as far as the questions know that all share who ask the same: a build would only be refused once more, and an
/// account is locked by such tries.
pub fn are_refused(sight: Sight<'_>) -> bool {
    let (push, base) = (&sight.observed.push.trouble, &sight.observed.base.trouble);
    [push, base].into_iter().flatten().any(is_refusal)
}

/// Whether that is trouble of this kind.
pub fn is_refusal(trouble: &Trouble) -> bool {
    trouble.definite && trouble.reason == Reason::AuthenticationFailed
}

/// Whether the build of the wanted release, which has no image, begins now.
pub fn begins(sight: Sight<'_>, release: &Release) -> bool {
    if are_refused(sight) {
        return false;
    }
    match sight.observed.builds.get(&release.name) {
        // What is tried again is written down as such first: a quick outcome would be taken for the old one.
        None => !release.amended && unended(release).is_none_or(|trouble| trouble.retry_at <= sight.now),
        Some(Build::Trouble(_, trouble)) => trouble.retry_at <= sight.now,
        Some(Build::Running(_) | Build::Built(_) | Build::Refused(_)) => false,
    }
}

/// What is to be thought of a build of which this process knows nothing: begun more than once by processes that ended before it
/// did, it may be what ended them.
pub fn held(sight: Sight<'_>, release: &Release) -> Option<Build> {
    let unknown = release.fate == Fate::Pending && !sight.observed.builds.contains_key(&release.name);
    unended(release).filter(|_| unknown).map(|trouble| Build::Trouble(Step::Source, trouble))
}

/// More than one beginning without an end, and when the next may be.
pub fn unended(release: &Release) -> Option<Trouble> {
    let attempts = release.status.build_attempts.filter(|attempts| *attempts > 1)?;
    let since = release.status.build_begun_at.as_ref()?.0;
    let doubled = u32::try_from(attempts - 2).unwrap_or_default().min(10);
    let retry_at: Timestamp = since + SignedDuration::from_secs((FIRST_WAIT << doubled).min(LONGEST_WAIT));
    let message = format!(
        "its build was begun {attempts} times and never came to an end, because the operator ended before it did: it is begun again at {retry_at:.0}"
    );
    Some(Trouble { reason: Reason::WorkerFailed, message, definite: false, since, at: since, retry_at })
}
