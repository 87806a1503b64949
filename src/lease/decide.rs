//! What to do about a lease, given what was seen of it. Pure: `now` is a parameter.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use tokio::time::Instant;

use super::Config;

/// The parts of a Lease that decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Absent or empty: free.
    pub holder: Option<String>,
    pub duration: Duration,
    pub resource_version: Option<String>,
}

impl Record {
    pub(super) fn of(lease: &Lease) -> Self {
        let spec = lease.spec.as_ref();
        let seconds = spec.and_then(|spec| spec.lease_duration_seconds).unwrap_or(0);
        Self {
            holder: spec.and_then(|spec| spec.holder_identity.clone()).filter(|holder| !holder.is_empty()),
            duration: Duration::from_secs(u64::try_from(seconds).unwrap_or(0)),
            resource_version: lease.metadata.resource_version.clone(),
        }
    }
}

/// A lease, and since when it looks like this by our own clock.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    lease: Lease,
    record: Record,
    since: Instant,
}

impl Sighting {
    /// Seen for the first time, or written by us.
    pub(super) fn new(lease: Lease, since: Instant) -> Self {
        let record = Record::of(&lease);
        Self { lease, record, since }
    }

    /// Seen again; the time goes on when nothing was written in between.
    pub(super) fn again(before: Option<Self>, lease: Lease, now: Instant) -> Self {
        let seen = Self::new(lease, now);
        match before {
            Some(before) if before.record == seen.record => Self { since: before.since, ..seen },
            _ => seen,
        }
    }
}

impl Sighting {
    /// When it was renewed last, by the clock of who did it.
    pub(super) fn renewed_at(&self) -> Option<Timestamp> {
        Some(self.lease.spec.as_ref()?.renew_time.as_ref()?.0)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Decision {
    /// There is no lease.
    Create,
    /// It is free, or its holder has not renewed it for its whole duration.
    Take(Box<Lease>),
    /// It is ours.
    Renew(Box<Lease>),
    /// It is somebody else's.
    Wait { holder: String },
}

pub(super) fn decide(me: &str, sighting: Option<&Sighting>, now: Instant) -> Decision {
    let Some(Sighting { lease, record, since }) = sighting else {
        return Decision::Create;
    };
    match &record.holder {
        None => Decision::Take(Box::new(lease.clone())),
        Some(holder) if holder == me => Decision::Renew(Box::new(lease.clone())),
        Some(_) if now.duration_since(*since) > record.duration => Decision::Take(Box::new(lease.clone())),
        Some(holder) => Decision::Wait { holder: holder.clone() },
    }
}

pub(super) fn created(config: &Config, now: Timestamp) -> Lease {
    Lease {
        metadata: ObjectMeta {
            name: Some(config.name.clone()),
            namespace: Some(config.namespace.clone()),
            ..ObjectMeta::default()
        },
        spec: Some(LeaseSpec {
            acquire_time: Some(MicroTime(now)),
            lease_transitions: Some(0),
            ..written(config, now, LeaseSpec::default())
        }),
    }
}

pub(super) fn taken(config: &Config, mut lease: Lease, now: Timestamp) -> Lease {
    let before = lease.spec.take().unwrap_or_default();
    lease.spec = Some(LeaseSpec {
        acquire_time: Some(MicroTime(now)),
        lease_transitions: Some(before.lease_transitions.unwrap_or(0).saturating_add(1)),
        ..written(config, now, before)
    });
    lease
}

pub(super) fn renewed(config: &Config, mut lease: Lease, now: Timestamp) -> Lease {
    let before = lease.spec.take().unwrap_or_default();
    lease.spec = Some(written(config, now, before));
    lease
}

fn written(config: &Config, now: Timestamp, before: LeaseSpec) -> LeaseSpec {
    LeaseSpec {
        holder_identity: Some(config.identity.clone()),
        lease_duration_seconds: Some(i32::try_from(config.duration.as_secs()).unwrap_or(i32::MAX)),
        renew_time: Some(MicroTime(now)),
        ..before
    }
}

/// The lease without a holder. One second is the shortest duration the API takes.
pub(super) fn freed(mut lease: Lease) -> Lease {
    if let Some(spec) = &mut lease.spec {
        spec.holder_identity = None;
        spec.lease_duration_seconds = Some(1);
    }
    lease
}
