//! Against what those who share a build have it compared: each of them may serve another release.

use crate::source::Place;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many places a build is compared with: who has another one builds once more.
const MOST: usize = 4;

/// What stands for a place among those of one repository.
pub type Name = String;

/// Each place, and how many have it.
type Places = BTreeMap<Name, (Place, usize)>;

/// Of each build who waits for it, and what they have now.
#[derive(Debug, Default)]
pub struct Wishes(Mutex<HashMap<String, Places>>);

/// One of them; over when this is dropped.
#[derive(Debug)]
pub struct Wish {
    wishes: Arc<Wishes>,
    build: String,
    name: Name,
}

impl Wish {
    /// Under what its answer is found.
    pub fn name(&self) -> &Name {
        &self.name
    }
}

impl Drop for Wish {
    fn drop(&mut self) {
        let mut all = self.wishes.lock();
        let Some(places) = all.get_mut(&self.build) else { return };
        if let Some((_, wishers)) = places.get_mut(&self.name) {
            *wishers -= 1;
        }
        places.retain(|_, (_, wishers)| *wishers > 0);
        if places.is_empty() {
            all.remove(&self.build);
        }
    }
}

impl Wishes {
    /// Somebody has the definitions of this place, and waits for a build.
    pub fn add(self: &Arc<Self>, build: &str, place: Place) -> Wish {
        let name = format!("{} {}", place.seen.commit, place.path);
        let mut all = self.lock();
        let places = all.entry(build.to_owned()).or_default();
        places.entry(name.clone()).or_insert_with(|| (place, 0)).1 += 1;
        Wish { wishes: Arc::clone(self), build: build.to_owned(), name }
    }

    /// What a build is to be compared with, by now: with what who builds has, where that is anything, and with others.
    pub fn of(&self, build: &str, own: Option<&str>) -> Vec<(Name, Place)> {
        let all = self.lock();
        let mut places: Vec<_> = all.get(build).into_iter().flatten().collect();
        places.sort_by_key(|(name, _)| Some(name.as_str()) != own);
        places.into_iter().take(MOST).map(|(name, (place, _))| (name.clone(), place.clone())).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Places>> {
        // A panic elsewhere leaves plain data behind, which is as good as before.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Seen;

    fn place(digit: &str) -> Place {
        let seen = Seen::new("refs/heads/main", digit.repeat(40).parse().unwrap());
        Place { seen, path: "jobs".parse().unwrap() }
    }

    #[test]
    fn a_build_is_compared_with_what_each_who_waits_for_it_has_and_with_nothing_twice() {
        let wishes = Arc::new(Wishes::default());
        let held = ["a", "b", "a"].map(|digit| wishes.add("build", place(digit)));
        assert_eq!((held[0].name() == held[2].name(), held[0].name() == held[1].name()), (true, false));
        let of = |build: &str| wishes.of(build, None).into_iter().map(|(_, place)| place).collect::<Vec<_>>();
        assert_eq!((of("build"), of("other")), (vec![place("a"), place("b")], Vec::new()));
        let [one, other, same] = held;
        drop((one, other));
        assert_eq!(of("build"), [place("a")], "somebody waits with it still");
        drop(same);
        assert!(wishes.0.lock().unwrap().is_empty(), "nothing is left of who is gone");
    }

    #[test]
    fn where_many_have_another_one_who_builds_is_among_those_that_are_compared() {
        let wishes = Arc::new(Wishes::default());
        let held = ["1", "2", "3", "4", "5", "6"].map(|digit| wishes.add("build", place(digit)));
        for own in &held {
            let of = wishes.of("build", Some(own.name()));
            assert_eq!((of.len(), &of[0].0), (MOST, own.name()));
        }
    }
}
