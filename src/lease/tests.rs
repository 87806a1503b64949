use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use proptest::prelude::*;
use rstest::rstest;
use tokio::time::Instant;

use super::Config;
use super::decide::{Decision, Record, Sighting, created, decide, freed, renewed, taken};

fn config(identity: &str) -> Config {
    Config {
        namespace: "tengine-system".into(),
        name: "tengine-operator".into(),
        identity: identity.into(),
        duration: Duration::from_secs(15),
        renew_deadline: Duration::from_secs(10),
        retry_period: Duration::from_secs(2),
    }
}

fn lease_of(holder: &str, version: u64) -> Lease {
    let mut lease = created(&config(holder), Timestamp::UNIX_EPOCH);
    lease.metadata.resource_version = Some(version.to_string());
    lease
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn no_lease_is_created() {
    assert_eq!(decide("a", None, Instant::now()), Decision::Create);
}

#[test]
fn a_free_lease_is_taken_at_once() {
    let lease = lease_of("", 1);
    let sighting = Sighting::new(lease.clone(), Instant::now());
    assert_eq!(decide("a", Some(&sighting), Instant::now()), Decision::Take(Box::new(lease)));
}

#[test]
fn a_restarted_container_goes_on_with_its_own_lease() {
    let lease = lease_of("a", 1);
    let sighting = Sighting::new(lease.clone(), Instant::now());
    assert_eq!(decide("a", Some(&sighting), Instant::now()), Decision::Renew(Box::new(lease)));
}

#[test]
fn a_lease_is_taken_over_only_after_its_whole_duration_unchanged() {
    let start = Instant::now();
    let sighting = Sighting::new(lease_of("b", 1), start);
    let waits = Decision::Wait { holder: "b".into() };
    assert_eq!(decide("a", Some(&sighting), start + seconds(15)), waits);
    let later = start + Duration::from_millis(15_001);
    assert!(matches!(decide("a", Some(&sighting), later), Decision::Take(_)));
}

#[test]
fn a_renewal_starts_the_wait_anew_whatever_its_clock_says() {
    let start = Instant::now();
    let first = Sighting::new(lease_of("b", 1), start);
    let same = Sighting::again(Some(first), lease_of("b", 1), start + seconds(14));
    assert!(matches!(decide("a", Some(&same), start + seconds(16)), Decision::Take(_)));
    let renewed = Sighting::again(Some(same), lease_of("b", 2), start + seconds(16));
    assert!(matches!(decide("a", Some(&renewed), start + seconds(20)), Decision::Wait { .. }));
}

#[test]
fn taking_counts_a_transition_and_renewing_keeps_the_time_of_acquisition() {
    let then = Timestamp::UNIX_EPOCH;
    let now = then + jiff::SignedDuration::from_secs(60);
    let taken = taken(&config("a"), lease_of("b", 1), now).spec.unwrap();
    assert_eq!((taken.lease_transitions, taken.acquire_time.unwrap().0), (Some(1), now));
    let renewed = renewed(&config("b"), lease_of("b", 1), now).spec.unwrap();
    assert_eq!((renewed.lease_transitions, renewed.acquire_time.unwrap().0), (Some(0), then));
    assert_eq!(renewed.renew_time.unwrap().0, now);
}

#[test]
fn a_freed_lease_has_no_holder() {
    assert_eq!(Record::of(&freed(lease_of("a", 1))).holder, None);
}

#[rstest]
#[case(15, 10, 2, true)]
#[case(15, 15, 2, false)]
#[case(15, 10, 10, false)]
#[case(15, 10, 9, false)]
fn durations_must_fall(#[case] d: u64, #[case] r: u64, #[case] p: u64, #[case] good: bool) {
    let config = Config { duration: seconds(d), renew_deadline: seconds(r), retry_period: seconds(p), ..config("a") };
    assert_eq!(config.check().is_ok(), good);
}

#[test]
fn half_seconds_cannot_be_written_into_a_lease() {
    let config = Config { duration: Duration::from_millis(15_500), ..config("a") };
    assert!(config.check().is_err());
}

/// A replica in the model: what it saw, and until when it believes that it leads.
struct Replica {
    config: Config,
    sighting: Option<Sighting>,
    believes_until: Option<Instant>,
}

/// One thing that happens in the model.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// This replica looks at the lease.
    Look(usize),
    /// This replica acts on what it saw last; the write arrives this many milliseconds after it was sent.
    Act { who: usize, travels: u64 },
    /// Time passes.
    Pass(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (0..3usize).prop_map(Event::Look),
        (0..3usize, 0..4_000u64).prop_map(|(who, travels)| Event::Act { who, travels }),
        (0..8_000u64).prop_map(Event::Pass),
    ];
    prop::collection::vec(event, 1..200)
}

/// The write a replica would send, or none.
fn write_of(replica: &Replica, now: Instant) -> Option<Lease> {
    match decide(&replica.config.identity, replica.sighting.as_ref(), now) {
        Decision::Wait { .. } => None,
        Decision::Create => Some(created(&replica.config, Timestamp::UNIX_EPOCH)),
        Decision::Take(lease) => Some(taken(&replica.config, *lease, Timestamp::UNIX_EPOCH)),
        Decision::Renew(lease) => Some(renewed(&replica.config, *lease, Timestamp::UNIX_EPOCH)),
    }
}

/// The API server: a write goes through if it was made on the stored version.
fn store(stored: &mut Option<Lease>, mut lease: Lease, version: &mut u64) -> Option<Lease> {
    let current = stored.as_ref().and_then(|lease| lease.metadata.resource_version.clone());
    if current != lease.metadata.resource_version {
        return None;
    }
    *version += 1;
    lease.metadata.resource_version = Some(version.to_string());
    *stored = Some(lease.clone());
    Some(lease)
}

/// Plays the events, and gives the identities of those who believe that they hold the lease, after each.
fn believers(identities: [&'static str; 3], events: Vec<Event>) -> Vec<Vec<&'static str>> {
    let mut now = Instant::now();
    let (mut stored, mut version) = (None, 0);
    let mut replicas =
        identities.map(|identity| Replica { config: config(identity), sighting: None, believes_until: None });
    let mut all = Vec::new();
    for event in events {
        match event {
            Event::Pass(millis) => now += Duration::from_millis(millis),
            Event::Look(who) => {
                let replica = &mut replicas[who];
                let before = replica.sighting.take();
                replica.sighting = stored.clone().map(|lease| Sighting::again(before, lease, now));
            }
            Event::Act { who, travels } => {
                let sent = now;
                let write = write_of(&replicas[who], sent);
                now += Duration::from_millis(travels);
                if let Some(lease) = write.and_then(|lease| store(&mut stored, lease, &mut version)) {
                    let replica = &mut replicas[who];
                    replica.sighting = Some(Sighting::new(lease, sent));
                    replica.believes_until = Some(sent + replica.config.renew_deadline);
                }
            }
        }
        let believe = replicas.iter().map(|replica| replica.believes_until.is_some_and(|until| now < until));
        all.push(identities.into_iter().zip(believe).filter_map(|(who, believes)| believes.then_some(who)).collect());
    }
    all
}

proptest! {
    #[test]
    fn never_do_two_replicas_believe_that_they_lead(events in events()) {
        for leaders in believers(["a", "b", "c"], events) {
            prop_assert!(leaders.len() <= 1);
        }
    }

    /// Those of one number hold it together; nobody of another does at the same time.
    #[test]
    fn never_do_two_numbers_of_shards_hold_at_one_time(events in events()) {
        for holders in believers(["2-shards", "2-shards", "3-shards"], events) {
            prop_assert!(!(holders.contains(&"2-shards") && holders.contains(&"3-shards")), "{holders:?}");
        }
    }
}
