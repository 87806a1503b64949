use super::*;
use HostRelease::{Draft, Full, PreRelease};
use rstest::rstest;

#[rstest]
#[case(r#"{"tag_name": "v1", "draft": false, "prerelease": false}"#, GitProvider::Gitea, Some(Full))]
#[case(r#"{"tag_name": "v1", "draft": false, "prerelease": true}"#, GitProvider::GitHub, Some(PreRelease))]
#[case(r#"{"tag_name": "v1", "draft": true, "prerelease": true}"#, GitProvider::GitHub, Some(Draft))]
#[case::gitlab(
    r#"{"tag_name": "v1", "upcoming_release": false, "released_at": "2999-01-01T00:00:00Z"}"#,
    GitProvider::GitLab,
    Some(Full)
)]
#[case(
    r#"{"tag_name": "v1", "upcoming_release": true, "released_at": "2019-01-01T00:00:00Z"}"#,
    GitProvider::GitLab,
    Some(PreRelease)
)]
#[case::gitlab_without_its_word(
    r#"{"tag_name": "v1", "released_at": "2019-01-03T01:56:19.539Z"}"#,
    GitProvider::GitLab,
    Some(Full)
)]
#[case(r#"{"tag_name": "v1", "released_at": "2999-01-03T01:56:19.539Z"}"#, GitProvider::GitLab, Some(PreRelease))]
#[case::what_nobody_said_is_not_out(
    r#"{"tag_name": "v1", "released_at": null}"#,
    GitProvider::GitLab,
    Some(PreRelease)
)]
#[case::of_another_host(r#"{"tag_name": "v1", "released_at": "2019-01-03T01:56:19.539Z"}"#, GitProvider::GitHub, None)]
#[case(r#"{"tag_name": "v1", "draft": false, "prerelease": false}"#, GitProvider::GitLab, None)]
fn a_release_is_read_in_the_words_of_its_host(
    #[case] text: &str,
    #[case] provider: GitProvider,
    #[case] expected: Option<HostRelease>,
) {
    let told: Told = serde_json::from_str(text).unwrap();
    let now = "2026-11-21T12:04:00Z".parse().unwrap();
    assert_eq!(told.read(provider, now), expected.map(|release| ("v1".to_owned(), release)));
}

#[rstest]
#[case(&[Draft, Full], Some(Full))]
#[case(&[Full, Draft], Some(Full))]
#[case(&[Full, PreRelease], Some(PreRelease))]
#[case(&[PreRelease, Full], Some(PreRelease))]
#[case(&[Draft], None)]
fn of_two_releases_of_a_tag_a_draft_counts_least_and_then_the_full_one(
    #[case] told: &[HostRelease],
    #[case] published: Option<HostRelease>,
) {
    let mut listing = Listing::default();
    for release in told {
        listing.add("v1".to_owned(), *release);
    }
    assert_eq!(listing.published("v1"), published);
}
