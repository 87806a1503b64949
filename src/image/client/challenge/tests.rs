use reqwest::header::HeaderValue;

use super::*;

fn of(values: &[&str]) -> Option<Challenge> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
    }
    Challenge::of(&headers)
}

fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
    Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned), scope: scope.map(str::to_owned) }
}

#[test]
fn a_token_service_is_read_with_commas_in_its_scope() {
    let header = r#"Bearer realm="https://auth.example.com/token",service="registry",scope="repository:a/b:pull,push",error="x""#;
    assert_eq!(
        of(&[header]),
        Some(bearer("https://auth.example.com/token", Some("registry"), Some("repository:a/b:pull,push")))
    );
}

#[test]
fn spaces_bare_values_and_escapes_are_understood() {
    assert_eq!(
        of(&[r#"bearer realm="https://a/\"b\"" , service=x"#]),
        Some(bearer("https://a/\"b\"", Some("x"), None))
    );
}

#[test]
fn a_token_is_preferred_to_a_password() {
    assert_eq!(of(&["Basic realm=\"r\"", "Bearer realm=\"https://a\""]), Some(bearer("https://a", None, None)));
    assert_eq!(of(&["Basic realm=\"r\""]), Some(Challenge::Basic));
    assert_eq!(of(&["Basic"]), Some(Challenge::Basic));
}

#[test]
fn what_we_cannot_do_hides_nothing_that_we_can() {
    assert_eq!(of(&[r#"Negotiate, NTLM, Basic realm="Régistre", charset="UTF-8""#]), Some(Challenge::Basic));
    assert_eq!(
        of(&[r#"Basic realm="r", Bearer realm="https://a",service="s""#]),
        Some(bearer("https://a", Some("s"), None))
    );
    assert_eq!(of(&["Negotiate", "Basic realm=\"r\""]), Some(Challenge::Basic));
}

#[test]
fn what_nobody_can_follow_is_no_challenge() {
    assert_eq!(of(&[]), None);
    assert_eq!(of(&["Negotiate"]), None);
    assert_eq!(of(&["Bearer service=\"x\""]), None);
    assert_eq!(of(&["Bearer realm"]), None);
}
