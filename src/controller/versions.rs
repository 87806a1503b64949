//! What was read of objects, kept for as long as their version is the same and they are there.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was read of objects of one kind, by namespace and name.
#[derive(Debug)]
pub struct Versions<T>(Mutex<HashMap<(String, String), Kept<T>>>);

#[derive(Debug)]
struct Kept<T> {
    version: String,
    what: T,
}

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Versions<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), Kept<T>>> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was read of this very version.
    pub fn get(&self, namespace: &str, name: &str, version: &str) -> Option<T> {
        let all = self.lock();
        let kept = all.get(&(namespace.to_owned(), name.to_owned()))?;
        (kept.version == version).then(|| kept.what.clone())
    }

    /// Takes the place of what was read of other versions.
    pub fn put(&self, namespace: &str, name: &str, version: &str, what: T) {
        let kept = Kept { version: version.to_owned(), what };
        self.lock().insert((namespace.to_owned(), name.to_owned()), kept);
    }

    /// The object is gone.
    pub fn forget(&self, namespace: &str, name: &str) {
        self.lock().remove(&(namespace.to_owned(), name.to_owned()));
    }

    /// Forgets objects of this namespace (of all, with `None`) that are not there any more.
    pub fn keep_only(&self, namespace: Option<&str>, there: impl Fn(&str, &str) -> bool) {
        self.lock().retain(|(of, name), _| namespace.is_some_and(|namespace| namespace != of) || there(of, name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_counts_for_one_version_and_goes_with_its_object() {
        let versions = Versions::default();
        versions.put("a", "broker", "1", "first");
        assert_eq!(versions.get("a", "broker", "1"), Some("first"));
        assert_eq!(versions.get("a", "broker", "2"), None);
        versions.put("a", "broker", "2", "second");
        assert_eq!(versions.get("a", "broker", "1"), None, "one version is kept");
        versions.forget("a", "broker");
        assert_eq!(versions.get("a", "broker", "2"), None);
        assert!(versions.lock().is_empty());
    }

    #[test]
    fn a_listing_of_one_namespace_says_nothing_of_others() {
        let versions = Versions::default();
        for (namespace, name) in [("a", "gone"), ("a", "there"), ("b", "other")] {
            versions.put(namespace, name, "1", ());
        }
        versions.keep_only(Some("a"), |_, name| name == "there");
        assert_eq!(versions.get("a", "gone", "1"), None);
        assert!(versions.get("a", "there", "1").is_some() && versions.get("b", "other", "1").is_some());
        versions.keep_only(None, |_, _| false);
        assert!(versions.lock().is_empty());
    }
}
