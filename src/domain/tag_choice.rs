//! Which tags of a repository count, and which of two is the newer one.

use super::git_ref::is_well_formed;
use super::natural::{Dated, Natural};
use super::{Malformed, ReleaseStage, text_value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A range of semantic versions in Cargo's syntax, such as `^1.4`, `~2.1.3`, `>=1.2, <2` or `1.*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionRange(String);
text_value!(VersionRange);

impl std::str::FromStr for VersionRange {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        semver::VersionReq::parse(text).map(|_| Self(text.into())).map_err(|_| {
            let rule =
                "give comparators in Cargo's syntax, with commas between them, such as ^1.4, ~2.1.3 or >=1.2, <2";
            Malformed::new("a range of semantic versions", text, rule)
        })
    }
}

/// Names of tags that have a part in common: text with one `*`, which stands for one character or more.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagPattern(String);
text_value!(TagPattern);

impl std::str::FromStr for TagPattern {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fine = text.matches('*').count() == 1 && is_well_formed(&text.replace('*', "x"));
        fine.then(|| Self(text.into())).ok_or_else(|| {
            Malformed::new("a pattern of tags", text, "give the name of a tag with one * in it, such as release-*")
        })
    }
}

impl TagPattern {
    fn around(&self) -> (&str, &str) {
        self.0.split_once('*').unwrap_or((&self.0, ""))
    }

    /// What the `*` stands for in this tag; `None` where the tag does not match.
    pub fn part<'t>(&self, tag: &'t str) -> Option<&'t str> {
        let (before, after) = self.around();
        tag.strip_prefix(before)?.strip_suffix(after).filter(|part| !part.is_empty())
    }

    /// The tag in which this stands for the `*`.
    pub fn with(&self, part: &str) -> String {
        let (before, after) = self.around();
        format!("{before}{part}{after}")
    }

    /// What all tags of the pattern begin with.
    pub fn prefix(&self) -> &str {
        self.around().0
    }
}

/// By what one tag is newer than another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TagOrder {
    /// By the numbers in it: `1.10` is newer than `1.9`, and `1.2.0-rc.1` older than `1.2.0`.
    Version,
    /// By the day it begins with, then by what follows: `2026.11.21-1204` is newer than `2026.11.9-7`.
    Calendar,
    /// By its characters.
    Alphabetical,
}

/// The tags of which the newest is followed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TagChoice {
    /// Those that are semantic versions (`v1.2.3`, `1.2.3`) in a range.
    Range(VersionRange),
    /// Those of a pattern, by what its `*` stands for.
    Pattern {
        /// The pattern.
        pattern: TagPattern,
        /// By what one is newer.
        order: TagOrder,
        /// What a tag needs on the same commit to count: the tag of this pattern with the same in the place of its `*`.
        counterpart: Option<TagPattern>,
        /// From which stage on a release on the Git host counts, where only tags with one do.
        stage: Option<ReleaseStage>,
    },
}

impl fmt::Display for TagChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => write!(f, "tag with a semantic version in {range}"),
            Self::Pattern { pattern, order: TagOrder::Calendar, .. } => {
                write!(f, "tag {pattern} with a day in the place of *")
            }
            Self::Pattern { pattern, order: TagOrder::Version | TagOrder::Alphabetical, .. } => {
                write!(f, "tag {pattern}")
            }
        }
    }
}

impl TagChoice {
    /// What the names of all tags that count begin with.
    pub fn prefixes(&self) -> Vec<String> {
        match self {
            Self::Range(_) => ('0'..='9').chain(['v']).map(String::from).collect(),
            Self::Pattern { pattern, counterpart, .. } => {
                [Some(pattern), counterpart.as_ref()].into_iter().flatten().map(|one| one.prefix().to_owned()).collect()
            }
        }
    }

    /// From which stage on a release on the Git host counts, where only such tags do.
    pub fn stage(&self) -> Option<ReleaseStage> {
        match self {
            Self::Pattern { stage, .. } => *stage,
            Self::Range(_) => None,
        }
    }

    /// Reads the rule once for many tags.
    pub fn judge(&self) -> TagJudge<'_> {
        match self {
            Self::Range(range) => TagJudge::Range(semver::VersionReq::parse(range.as_ref()).unwrap_or_default()),
            Self::Pattern { pattern, order, .. } => TagJudge::Pattern(pattern, *order),
        }
    }
}

/// Judges tags.
#[derive(Debug)]
pub enum TagJudge<'c> {
    /// By a range of versions.
    Range(semver::VersionReq),
    /// By a pattern.
    Pattern(&'c TagPattern, TagOrder),
}

impl TagJudge<'_> {
    /// Where a tag stands among those that count, the newest last; `None` for one that does not count.
    pub fn rank(&self, tag: &str) -> Option<TagRank> {
        // What a host tells is no better than what people write.
        if !is_well_formed(tag) || !is_read_as_written(tag) {
            return None;
        }
        let key = match self {
            Self::Range(range) => {
                let version = semver::Version::parse(tag.strip_prefix('v').unwrap_or(tag)).ok()?;
                range.matches(&version).then_some(Key::Semantic(version))?
            }
            Self::Pattern(pattern, order) => {
                let part = pattern.part(tag)?;
                match order {
                    TagOrder::Version => Key::Natural(Natural::from(part)),
                    TagOrder::Calendar => Key::Dated(Dated::read(part)?),
                    TagOrder::Alphabetical => Key::Text(part.to_owned()),
                }
            }
        };
        Some(TagRank { key, name: tag.to_owned() })
    }
}

/// Whether people see all of a name: letters, digits and what is printed in ASCII. Of two names that differ in what nobody sees, only one
/// may count.
pub fn is_read_as_written(tag: &str) -> bool {
    tag.chars().all(|c| c.is_alphanumeric() || c.is_ascii_graphic())
}

/// A tag's place in the order. Where two are equally new (`v1.2.0` and `1.2.0`, or `2026.11.9` and `2026.11.09`), the one whose name
/// comes later by its characters is the newer one: any two tags have an order, and it is always the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TagRank {
    key: Key,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Semantic(semver::Version),
    Natural(Natural),
    Dated(Dated),
    Text(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn range(text: &str) -> TagChoice {
        TagChoice::Range(text.parse().unwrap())
    }

    fn pattern(text: &str, order: TagOrder) -> TagChoice {
        TagChoice::Pattern { pattern: text.parse().unwrap(), order, counterpart: None, stage: None }
    }

    /// The newest of these, `-` for none.
    fn newest(choice: &TagChoice, tags: &str) -> String {
        let judge = choice.judge();
        let newest = tags.split(' ').filter_map(|tag| Some((judge.rank(tag)?, tag))).max();
        newest.map_or_else(|| "-".to_owned(), |(_, tag)| tag.to_owned())
    }

    #[rstest]
    #[case("^1.4", "v1.4.0 v1.10.2 v1.9.9 v2.0.0", "v1.10.2")]
    #[case("~1.4", "1.4.0 1.4.7 1.5.0", "1.4.7")]
    #[case(">=1.2, <2", "v1.2.0 v2.0.0 v1.99.0", "v1.99.0")]
    #[case("*", "v1.0.0 v3.0.0 v2.0.0", "v3.0.0")]
    #[case("1.*", "v1.0.0 v1.3.0 v2.0.0", "v1.3.0")]
    #[case::a_version_before_a_release_is_asked_for_by_name("^1.4", "v1.4.0 v1.5.0-rc.1", "v1.4.0")]
    #[case::and_then_counts("^1.5.0-rc", "v1.4.0 v1.5.0-rc.1 v1.5.0-rc.2", "v1.5.0-rc.2")]
    #[case::until_the_release_is_there("^1.5.0-rc", "v1.5.0 v1.5.0-rc.2", "v1.5.0")]
    #[case::both_ways_to_write_it("^1", "1.2.0 v1.3.0", "v1.3.0")]
    #[case::the_same_version_twice("^1", "v1.2.0 1.2.0", "v1.2.0")]
    #[case::no_versions("*", "v1 v1.2 V1.2.3 version-1 vv1.0.0 v1.2.3.4 v01.2.3", "-")]
    #[case::none_fits("^2", "v1.0.0", "-")]
    fn the_newest_of_a_range(#[case] wanted: &str, #[case] tags: &str, #[case] found: &str) {
        assert_eq!(newest(&range(wanted), tags), found);
    }

    #[rstest]
    #[case("release-*", TagOrder::Calendar, "release-2026.11.9-7 release-2026.11.21-1204", "release-2026.11.21-1204")]
    #[case("release-*", TagOrder::Calendar, "release-latest release-2026.2.30 release-2026.2.3", "release-2026.2.3")]
    #[case("release-*", TagOrder::Calendar, "release-latest test-2026.2.3", "-")]
    #[case::equally_new("r-*", TagOrder::Calendar, "r-2026.11.9 r-2026.11.09", "r-2026.11.9")]
    #[case("v*", TagOrder::Version, "v1.9 v1.10 v1.10-rc1", "v1.10")]
    #[case("v*", TagOrder::Alphabetical, "v1.9 v1.10", "v1.9")]
    #[case("*-prod", TagOrder::Version, "1-prod 2-prod 3-stage -prod", "2-prod")]
    #[case("*", TagOrder::Version, "a b c", "c")]
    #[case::in_folders("billing/v*", TagOrder::Version, "billing/v2 other/v3", "billing/v2")]
    #[case::the_star_is_something("release-*", TagOrder::Version, "release-", "-")]
    #[case::beginning_and_end_do_not_overlap("aa*a", TagOrder::Version, "aaa aa", "-")]
    fn the_newest_of_a_pattern(#[case] wanted: &str, #[case] order: TagOrder, #[case] tags: &str, #[case] found: &str) {
        assert_eq!(newest(&pattern(wanted, order), tags), found);
    }

    #[rstest]
    #[case("release-*", true)]
    #[case("*", true)]
    #[case("a/*", true)]
    #[case("v*-prod", true)]
    #[case::no_star("release-1", false)]
    #[case::two_stars("*-*", false)]
    #[case::empty("", false)]
    #[case::no_ref("a..*", false)]
    #[case::hidden(".*", false)]
    #[case::a_lock("*.lock", false)]
    #[case::a_blank("release *", false)]
    fn a_pattern_has_one_star(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(text.parse::<TagPattern>().is_ok(), valid, "{text}");
    }

    proptest! {
        #[test]
        fn what_counts_begins_with_what_is_asked_for(tag in "(v|release-|test-)?[0-9.-]{1,12}", order in 0..4usize) {
            let choice = match order {
                0 => range("*"),
                1 => pattern("release-*", TagOrder::Version),
                2 => pattern("release-*", TagOrder::Calendar),
                _ => pattern("*", TagOrder::Alphabetical),
            };
            if choice.judge().rank(&tag).is_some() {
                prop_assert!(choice.prefixes().iter().any(|prefix| tag.starts_with(prefix.as_str())), "{}", tag);
            }
        }

        #[test]
        fn any_two_tags_have_an_order(one in "v[0-9]{1,2}(\\.0?[0-9]){0,2}", other in "v[0-9]{1,2}(\\.0?[0-9]){0,2}") {
            let choice = pattern("v*", TagOrder::Version);
            let [a, b] = [&one, &other].map(|tag| choice.judge().rank(tag).unwrap());
            prop_assert_eq!(a == b, one == other);
        }
    }
}
