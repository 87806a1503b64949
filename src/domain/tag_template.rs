//! The names of tags that a deployment puts on what it verified.

use super::git_ref::is_well_formed;
use super::{CommitId, GitRef, Malformed, text_value};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// How tags are called: text with `{{date}}`, `{{number}}` and `{{commit}}` in it, such as `test-{{date}}-{{number}}`. At least one of the
/// last two is in it, so that two commits have two names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TagTemplate(String);
text_value!(TagTemplate);

const DATE: &str = "{{date}}";
const NUMBER: &str = "{{number}}";
const COMMIT: &str = "{{commit}}";

impl std::str::FromStr for TagTemplate {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let template = Self(text.into());
        let example = template.filled("2026.11.27", "1", "0123456");
        let tells_apart = [NUMBER, COMMIT].iter().any(|part| text.contains(part));
        (tells_apart && text.len() <= LONGEST && !example.contains(['{', '}']) && is_well_formed(&example))
            .then_some(template)
            .ok_or_else(|| {
                let rule = "give the name of a tag with {{number}} or {{commit}} in it, and {{date}} where you like, such as \
                            test-{{date}}-{{number}}";
                Malformed::new("a template of tags", text, rule)
            })
    }
}

/// With everything filled in, names stay within what Git and this API take.
const LONGEST: usize = 150;

impl TagTemplate {
    /// The tag of a release of this number, which was verified then, on its commit: the same whenever it is asked for.
    ///
    /// # Errors
    /// Where no tag can be called so.
    pub fn name(&self, verified: Timestamp, number: i64, commit: &CommitId) -> Result<GitRef, Malformed> {
        let date = verified.to_zoned(TimeZone::UTC).strftime("%Y.%m.%d").to_string();
        self.filled(&date, &number.to_string(), commit.short()).parse()
    }

    fn filled(&self, date: &str, number: &str, commit: &str) -> String {
        self.0.replace(DATE, date).replace(NUMBER, number).replace(COMMIT, commit)
    }

    /// Whether a tag is called so, whatever the date, the number and the commit.
    pub fn is_of(&self, tag: &str) -> bool {
        let (mut rest, mut open) = (tag, false);
        let mut template = self.0.as_str();
        while !template.is_empty() {
            let next = [DATE, NUMBER, COMMIT].iter().filter_map(|part| Some((template.find(part)?, part.len()))).min();
            let (text, after) = match next {
                Some((at, length)) => (&template[..at], &template[at + length..]),
                None => (template, ""),
            };
            let found = match (open, next.is_none()) {
                (false, _) => rest.strip_prefix(text),
                (true, true) => rest.strip_suffix(text).filter(|part| !part.is_empty()).map(|_| ""),
                // What stands for a part is one character at least.
                (true, false) => rest
                    .char_indices()
                    .nth(1)
                    .and_then(|(first, _)| rest[first..].find(text).map(|at| &rest[first + at + text.len()..])),
            };
            let Some(found) = found else { return false };
            (rest, open, template) = (found, next.is_some(), after);
        }
        rest.is_empty() != open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn template(text: &str) -> TagTemplate {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("test-{{date}}-{{number}}", "test-2026.11.27-42")]
    #[case("{{commit}}", "0123456")]
    #[case("candidates/{{number}}", "candidates/42")]
    fn a_name_is_filled_in(#[case] text: &str, #[case] name: &str) {
        let (verified, commit) = ("2026-11-27T23:59:59Z".parse().unwrap(), "0123456789".repeat(4).parse().unwrap());
        assert_eq!(template(text).name(verified, 42, &commit).unwrap().as_ref(), name);
    }

    #[rstest]
    #[case("test")]
    #[case("test-{{date}}")]
    #[case("test {{number}}")]
    #[case("test-{{numbre}}-{{number}}")]
    #[case("-{{number}}")]
    #[case("test..{{number}}")]
    #[case("{{number}}.lock")]
    fn what_is_no_template_is_refused(#[case] text: &str) {
        assert!(text.parse::<TagTemplate>().unwrap_err().to_string().contains("{{number}}"), "{text}");
    }

    #[rstest]
    #[case("test-{{date}}-{{number}}", "test-2026.11.27-42", true)]
    #[case("test-{{date}}-{{number}}", "test-2026.11.27", false)]
    #[case("test-{{date}}-{{number}}", "test--42", false)]
    #[case("test-{{date}}-{{number}}", "release-2026.11.27-42", false)]
    #[case("v{{number}}-rc", "v42-rc", true)]
    #[case("v{{number}}-rc", "v42-rc1", false)]
    #[case("v{{number}}-rc", "v-rc", false)]
    fn a_tag_is_recognised(#[case] text: &str, #[case] tag: &str, #[case] is: bool) {
        assert_eq!(template(text).is_of(tag), is);
    }

    proptest! {
        #[test]
        fn what_it_makes_it_recognises(
            parts in prop::collection::vec(prop::sample::select(vec!["a-", "{{date}}", "/", "x", "{{commit}}", "v", "-rc"]), 0..5),
            number in 0i64..10_000,
            seconds in 0i64..4_000_000_000,
        ) {
            let text = format!("{}{{{{number}}}}", parts.concat());
            if let Ok(template) = text.parse::<TagTemplate>() {
                let commit = "89abcdef01".repeat(4).parse().unwrap();
                let tag = template.name(Timestamp::from_second(seconds).unwrap(), number, &commit).unwrap();
                prop_assert!(template.is_of(tag.as_ref()), "{} {}", text, tag);
            }
        }
    }
}
