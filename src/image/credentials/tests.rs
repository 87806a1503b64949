use rstest::rstest;
use serde_json::json;

use super::*;

fn with_entries(keys: &[&str]) -> Credentials {
    let auths: serde_json::Map<_, _> =
        keys.iter().map(|key| ((*key).to_owned(), json!({"username": key, "password": "s3cret"}))).collect();
    Credentials::parse(json!({ "auths": auths }).to_string().as_bytes()).unwrap()
}

/// The key of the entry that is used; each entry's user name is its key.
fn used(keys: &[&str], host: &str, path: &str) -> Option<String> {
    with_entries(keys).for_repository(host, path).unwrap().map(|basic| basic.username)
}

#[rstest]
#[case::host("r.example.com", "r.example.com", true)]
#[case::case_of_host("R.example.COM", "r.example.com", true)]
#[case::scheme("https://r.example.com", "r.example.com", true)]
#[case::api_path("https://r.example.com/v2/", "r.example.com", true)]
#[case::old_api_path("https://r.example.com/v1/", "r.example.com", true)]
#[case::same_port("r.example.com:5000", "r.example.com:5000", true)]
#[case::address("10.88.0.1:5000", "10.88.0.1:5000", true)]
#[case::other_port("r.example.com:5000", "r.example.com:5001", false)]
#[case::port_missing("r.example.com:5000", "r.example.com", false)]
#[case::port_not_wanted("r.example.com", "r.example.com:5000", false)]
#[case::other_host("r.example.com", "s.example.com", false)]
#[case::glob("*.example.com", "r.example.com", true)]
#[case::glob_part("r*.example.com", "r12.example.com", true)]
#[case::glob_again("*ab*ab?.example.com", "xababcabd.example.com", true)]
#[case::glob_of_nothing("r*.example.com", "r.example.com", true)]
#[case::glob_too_long("r?.example.com", "r.example.com", false)]
// Tried one after the other, the ways to share the letters among the stars would not end.
#[case::glob_without_end(
    "********************x.example.com",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.com",
    false
)]
#[case::glob_with_port("*.example.com:5000", "r.example.com:5000", true)]
#[case::glob_is_one_part("*.example.com", "a.r.example.com", false)]
#[case::glob_is_a_part("*.example.com", "example.com", false)]
#[case::path("r.example.com/ops", "r.example.com", true)]
#[case::path_deeper("r.example.com/ops/billing", "r.example.com", true)]
#[case::other_path("r.example.com/dev", "r.example.com", false)]
#[case::hub("https://index.docker.io/v1/", "docker.io", true)]
#[case::hub_short("docker.io", "docker.io", true)]
fn an_entry_belongs_to_a_repository(#[case] key: &str, #[case] host: &str, #[case] expected: bool) {
    assert_eq!(used(&[key], host, "ops/billing").is_some(), expected);
}

#[test]
fn the_most_specific_entry_wins() {
    let keys = ["r.example.com", "r.example.com/ops", "r.example.com/ops/billing", "*.example.com"];
    assert_eq!(used(&keys, "r.example.com", "ops/billing").unwrap(), "r.example.com/ops/billing");
    assert_eq!(used(&keys, "r.example.com", "ops/other").unwrap(), "r.example.com/ops");
    assert_eq!(used(&keys, "r.example.com", "dev/x").unwrap(), "r.example.com");
    assert_eq!(used(&keys, "s.example.com", "dev/x").unwrap(), "*.example.com");
}

fn login(fields: &serde_json::Value) -> Result<Option<Basic>, CredentialsError> {
    let json = json!({"auths": {"r": fields}}).to_string();
    Credentials::parse(json.as_bytes()).unwrap().for_repository("r", "a")
}

#[test]
fn the_auth_field_is_split_at_its_first_colon() {
    let basic = login(&json!({"auth": STANDARD.encode("ann:pa:ss")})).unwrap().unwrap();
    assert_eq!((basic.username.as_str(), basic.password.as_str()), ("ann", "pa:ss"));
}

#[test]
fn line_breaks_in_the_auth_field_are_read_over() {
    let basic = login(&json!({"auth": " YW5u\nOnBh\r\nc3M=\n"})).unwrap().unwrap();
    assert_eq!((basic.username.as_str(), basic.password.as_str()), ("ann", "pass"));
}

#[test]
fn user_name_and_password_will_do_without_the_auth_field() {
    let basic = login(&json!({"username": "ann", "password": "pass"})).unwrap().unwrap();
    assert_eq!((basic.username.as_str(), basic.password.as_str()), ("ann", "pass"));
}

#[rstest]
#[case(json!({"identitytoken": "s3cret", "auth": "YTpi"}), EntryError::IdentityToken)]
#[case(json!({"auth": "s3cret!"}), EntryError::NotBase64)]
#[case(json!({"auth": "czNjcmV0"}), EntryError::NoColon)]
#[case(json!({"username": "ann"}), EntryError::Empty)]
#[case(json!({}), EntryError::Empty)]
fn an_entry_of_no_use_is_named_without_its_values(#[case] fields: serde_json::Value, #[case] why: EntryError) {
    let error = login(&fields).unwrap_err();
    assert_eq!(error, CredentialsError::Entry { key: "r".to_owned(), why });
    assert!(error.to_string().starts_with("key .dockerconfigjson, entry \"r\""));
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[test]
fn an_entry_of_no_use_does_not_spoil_the_others() {
    let json = json!({"auths": {"broken": {"auth": "!"}, "r": {"auth": "YTpi"}}}).to_string();
    let credentials = Credentials::parse(json.as_bytes()).unwrap();
    assert!(credentials.for_repository("r", "a").unwrap().is_some());
    assert_eq!(credentials.for_repository("elsewhere", "a").unwrap(), None);
}

#[rstest]
#[case("", "an unexpected end")]
#[case("{\"auths\": {\"r\": \"s3cret\"}}", "a value of the wrong type")]
#[case("s3cret", "a syntax error")]
fn what_is_not_a_docker_config_is_told_by_place_only(#[case] text: &str, #[case] what: &str) {
    let error = Credentials::parse(text.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("key .dockerconfigjson is not a docker config: {what} at line")), "{error}");
    assert!(!error.contains("s3cret"));
}

#[test]
fn debug_output_has_no_secret() {
    let credentials = with_entries(&["r.example.com"]);
    let basic = credentials.for_repository("r.example.com", "a").unwrap();
    let shown = format!("{credentials:?} {basic:?}");
    assert!(shown.contains("r.example.com") && !shown.contains("s3cret"), "{shown}");
}
