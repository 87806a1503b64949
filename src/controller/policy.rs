//! What is known of the ValidatingAdmissionPolicy that proves who makes an action, and of its binding.

use super::error::FORBIDDEN;
use super::watching;
use crate::plan::observed::Vouching;
use crate::settings::Trust;
use k8s_openapi::api::admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding};
use kube::runtime::watcher;
use std::sync::{Mutex, PoisonError};

/// A watch that fails so often in a row is more than a connection that ended.
const FAILURES: u32 = 3;

/// What is known of them.
#[derive(Debug)]
pub struct Policy {
    trust: Trust,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    policy: Held<ValidatingAdmissionPolicy>,
    binding: Held<ValidatingAdmissionPolicyBinding>,
}

/// An object, as it was last seen.
#[derive(Debug)]
enum Last<K> {
    /// Nobody looked yet.
    Unread,
    /// It is not there.
    Absent,
    /// As it is.
    There(Box<K>),
}

/// What a watch says of one object.
#[derive(Debug)]
struct Held<K> {
    /// What it said last.
    object: Last<K>,
    /// How often the watch failed since.
    failures: u32,
    /// Why it cannot be read.
    unreadable: Option<String>,
}

impl<K> Default for Held<K> {
    fn default() -> Self {
        Self { object: Last::Unread, failures: 0, unreadable: None }
    }
}

impl<K> Held<K> {
    fn take(&mut self, event: Result<Option<K>, watcher::Error>) {
        match event {
            Ok(object) => {
                let object = object.map_or(Last::Absent, |object| Last::There(Box::new(object)));
                *self = Self { object, ..Self::default() };
            }
            Err(error) => {
                self.failures += 1;
                // Who may not read it does not know what became of it; the first failures of another kind may pass.
                if watching::code(&error) == Some(FORBIDDEN) || self.failures >= FAILURES {
                    self.unreadable = Some(watching::words(&error));
                }
            }
        }
    }
}

/// What a watch of one of them says.
pub(super) enum Event {
    Policy(Result<Option<ValidatingAdmissionPolicy>, watcher::Error>),
    Binding(Result<Option<ValidatingAdmissionPolicyBinding>, watcher::Error>),
}

impl Policy {
    /// Nothing is known of it yet.
    pub fn new(trust: Trust) -> Self {
        Self { trust, seen: Mutex::default() }
    }

    /// Its name and its binding's, where they are looked at.
    pub fn name(&self) -> Option<&str> {
        match &self.trust {
            Trust::Proven(name) => Some(name),
            Trust::Anybody => None,
        }
    }

    /// Whether it proves who makes an action.
    pub fn vouching(&self) -> Vouching {
        let Trust::Proven(name) = &self.trust else { return Vouching::NotAsked };
        // A panic elsewhere leaves plain data behind, which is as good as before.
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let kinds = [&seen.policy.unreadable, &seen.binding.unreadable];
        if let Some(why) = kinds.into_iter().flatten().next() {
            return Vouching::Unreadable(format!(
                "ValidatingAdmissionPolicy {name}, or its binding, cannot be read: {why}"
            ));
        }
        match (&seen.policy.object, &seen.binding.object) {
            (Last::There(policy), Last::There(binding)) => Vouching::by(name, policy, binding),
            (Last::Absent, _) => Vouching::Missing(format!("there is no ValidatingAdmissionPolicy {name}")),
            (_, Last::Absent) => Vouching::Missing(format!("there is no ValidatingAdmissionPolicyBinding {name}")),
            (Last::Unread, _) | (_, Last::Unread) => Vouching::NotRead,
        }
    }

    /// Takes in what a watch says; whether that changes anything.
    pub(super) fn take(&self, event: Event) -> bool {
        let before = self.vouching();
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            match event {
                Event::Policy(event) => seen.policy.take(event),
                Event::Binding(event) => seen.binding.take(event),
            }
        }
        self.vouching() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::core::Status;
    use serde_json::json;

    fn failed(code: u16) -> watcher::Error {
        let status = Status { code, message: "not for you".into(), ..Status::default() };
        watcher::Error::InitialListFailed(kube::Error::Api(Box::new(status)))
    }

    fn policy() -> Event {
        let rule = json!({ "apiGroups": ["tengine.dev"], "operations": ["CREATE"], "resources": ["tengineactions"] });
        let object = json!({
            "metadata": { "name": "it", "creationTimestamp": "2026-01-01T00:00:00Z" },
            "spec": {
                "matchConstraints": { "resourceRules": [rule] },
                "validations": [{ "expression": "object.spec.by.user == request.userInfo.username" }],
            },
        });
        Event::Policy(Ok(Some(serde_json::from_value(object).unwrap())))
    }

    fn binding() -> Event {
        let object = json!({
            "metadata": { "name": "it", "creationTimestamp": "2026-01-01T00:00:00Z" },
            "spec": { "policyName": "it", "validationActions": ["Deny"] },
        });
        Event::Binding(Ok(Some(serde_json::from_value(object).unwrap())))
    }

    fn known() -> Policy {
        let known = Policy::new(Trust::Proven("it".into()));
        assert!(!known.take(policy()), "half of it says nothing");
        assert_eq!(known.vouching(), Vouching::NotRead);
        assert!(known.take(binding()));
        assert!(matches!(known.vouching(), Vouching::Since(_)));
        known
    }

    fn said(known: &Policy) -> String {
        known.vouching().complaint().unwrap_or_default().to_owned()
    }

    #[test]
    fn what_is_not_there_is_named() {
        let known = known();
        assert!(known.take(Event::Binding(Ok(None))));
        assert_eq!(said(&known), "there is no ValidatingAdmissionPolicyBinding it");
        assert!(known.take(Event::Policy(Ok(None))));
        assert_eq!(said(&known), "there is no ValidatingAdmissionPolicy it");
        assert!(!known.take(Event::Policy(Ok(None))), "nobody is woken for what is known");
    }

    #[test]
    fn who_may_not_read_does_not_know_and_says_so() {
        let known = known();
        assert!(known.take(Event::Policy(Err(failed(403)))));
        let why = "ValidatingAdmissionPolicy it, or its binding, cannot be read: not for you";
        assert_eq!(known.vouching(), Vouching::Unreadable(why.into()));
        assert!(known.take(policy()), "the right is given");
        assert!(matches!(known.vouching(), Vouching::Since(_)));
    }

    #[test]
    fn a_watch_that_ends_is_no_reason_to_doubt_and_one_that_fails_on_and_on_is() {
        let known = known();
        assert!(!known.take(Event::Binding(Err(failed(500)))));
        assert!(!known.take(Event::Binding(Err(watcher::Error::NoResourceVersion))));
        assert!(!known.take(binding()), "it is back");
        for turn in 1..=FAILURES {
            assert_eq!(known.take(Event::Binding(Err(failed(500)))), turn == FAILURES);
        }
        assert!(matches!(known.vouching(), Vouching::Unreadable(_)));
    }

    #[test]
    fn whoever_is_trusted_anyway_needs_no_policy() {
        let known = Policy::new(Trust::Anybody);
        assert_eq!(known.vouching(), Vouching::NotAsked);
    }
}
