//! Registries that want a token from a token service.

use serde_json::json;
use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::Digest;
use tengine_operator::image::Registries;
use wiremock::matchers::{any, header, method, path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::base::{Image, OCI};
use crate::support::{login, registries, repository, wanted};

/// A registry that wants `Bearer t0ken` from its own `/token`, which answers with `answer`.
async fn registry(answer: ResponseTemplate) -> (MockServer, String, Registries) {
    let server = MockServer::start().await;
    let host = server.address().to_string();
    let challenge = format!("Bearer realm=\"http://{host}/token\",service=\"s\",scope=\"repository:x:pull\"");
    Mock::given(path("/token")).respond_with(answer).with_priority(1).mount(&server).await;
    let unauthorized = ResponseTemplate::new(401).insert_header("www-authenticate", challenge);
    Mock::given(any()).respond_with(unauthorized).with_priority(9).mount(&server).await;
    let all = registries(&[&host]);
    (server, host, all)
}

fn granted() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"token": "t0ken"}))
}

async fn token_requests(server: &MockServer) -> Vec<wiremock::Request> {
    let mut requests = server.received_requests().await.unwrap();
    requests.retain(|request| request.url.path() == "/token");
    requests
}

#[tokio::test]
async fn a_token_is_asked_for_with_the_right_scope_and_then_used() {
    let (server, host, all) = registry(granted()).await;
    let none = ResponseTemplate::new(404);
    Mock::given(method("HEAD")).and(header("authorization", "Bearer t0ken")).respond_with(none).mount(&server).await;
    let begun = ResponseTemplate::new(202).insert_header("location", "/v2/ops/billing/blobs/uploads/1");
    Mock::given(method("POST")).and(header("authorization", "Bearer t0ken")).respond_with(begun).mount(&server).await;
    Mock::given(method("PUT"))
        .and(header("authorization", "Bearer t0ken"))
        .respond_with(ResponseTemplate::new(201))
        .expect(1)
        .mount(&server)
        .await;
    let login = login(&host, "ann", "pa55word");
    all.check_push(&repository(&host, "ops/billing"), Some(&login)).await.unwrap();
    let requests = token_requests(&server).await;
    assert_eq!(requests.len(), 1);
    let query = requests[0].url.query_pairs();
    let scopes: Vec<_> = query.filter(|(key, _)| key == "scope").map(|(_, value)| value.into_owned()).collect();
    assert_eq!(scopes, ["repository:ops/billing:pull,push", "repository:x:pull"]);
    assert_eq!(requests[0].headers["authorization"], "Basic YW5uOnBhNTV3b3Jk");
}

/// A registry that says what it was sent, and turns the line around with it.
#[tokio::test]
async fn a_token_that_the_registry_repeats_is_masked() {
    let (server, host, all) = registry(granted()).await;
    let text = "t0ken of ann\u{202e} may\u{1b}[31m not";
    let denied = ResponseTemplate::new(403).set_body_json(json!({"errors": [{"code": "DENIED", "message": text}]}));
    Mock::given(header("authorization", "Bearer t0ken")).respond_with(denied).mount(&server).await;
    let login = login(&host, "ann", "pa55word");
    let error = all.check_push(&repository(&host, "ops/billing"), Some(&login)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::PushDenied);
    assert!(error.to_string().contains("*** of ***  may not"), "{error}");
}

#[tokio::test]
async fn a_mount_asks_for_both_repositories_in_one_token() {
    let (server, host, all) = registry(granted()).await;
    let image = Image::default();
    let found = |bytes: Vec<u8>, media_type: &str| ResponseTemplate::new(200).set_body_raw(bytes, media_type);
    let authorized = || Mock::given(header("authorization", "Bearer t0ken"));
    let config = format!("/v2/ops/base/blobs/{}", Digest::of(&image.config()));
    let manifest = found(image.manifest(), OCI);
    authorized().and(path_regex("/v2/ops/base/manifests/")).respond_with(manifest).mount(&server).await;
    authorized().and(path(config)).respond_with(found(image.config(), "application/json")).mount(&server).await;
    authorized().and(method("HEAD")).respond_with(ResponseTemplate::new(404)).with_priority(2).mount(&server).await;
    authorized().and(method("GET")).respond_with(ResponseTemplate::new(404)).with_priority(6).mount(&server).await;
    authorized().and(method("POST")).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    authorized().and(method("PUT")).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    let digest = Digest::of(&image.manifest());
    let wanted = wanted(&format!("{host}/ops/base:1.2"), &digest, &repository(&host, "ops/billing"));
    let appended = all.append(wanted.clone()).await.unwrap();
    assert_eq!(appended.bytes_pushed, 0, "everything could be mounted");
    let scopes: Vec<String> = token_requests(&server).await.iter().map(|request| request.url.to_string()).collect();
    let both = |url: &&String| {
        url.contains("repository%3Aops%2Fbilling%3Apull%2Cpush") && url.contains("repository%3Aops%2Fbase%3Apull")
    };
    assert_eq!(scopes.iter().filter(both).count(), 1, "{scopes:?}");
}

#[tokio::test]
async fn a_refused_token_is_a_refused_password() {
    let (_server, host, all) = registry(ResponseTemplate::new(401)).await;
    let login = login(&host, "ann", "pa55word");
    let error = all.check_push(&repository(&host, "ops/billing"), Some(&login)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::AuthenticationFailed, true));
    assert!(error.to_string().contains("user name or password"), "{error}");
}

#[tokio::test]
async fn a_token_service_that_knows_us_may_deny_the_push_itself() {
    let denied = json!({"errors": [{"code": "DENIED", "message": "requested access is denied"}]});
    let (_server, host, all) = registry(ResponseTemplate::new(403).set_body_json(denied)).await;
    let login = login(&host, "ann", "pa55word");
    let error = all.check_push(&repository(&host, "ops/billing"), Some(&login)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::PushDenied, true));
    assert!(error.to_string().contains("requested access is denied"), "{error}");
}

#[tokio::test]
async fn a_token_that_does_not_help_is_a_missing_right() {
    let (server, host, all) = registry(granted()).await;
    let login = login(&host, "ann", "pa55word");
    let error = all.check_push(&repository(&host, "ops/billing"), Some(&login)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::PushDenied, true));
    assert_eq!(token_requests(&server).await.len(), 2, "asked once for each request, and not again and again");
}

#[tokio::test]
async fn without_credentials_a_token_is_asked_for_all_the_same() {
    let (server, host, all) = registry(granted()).await;
    let digest = Digest::of(b"x");
    let found = ResponseTemplate::new(200).insert_header("docker-content-digest", digest.to_string());
    Mock::given(method("HEAD")).and(header("authorization", "Bearer t0ken")).respond_with(found).mount(&server).await;
    let base = format!("{host}/ops/base:1.2").parse().unwrap();
    assert_eq!(all.look_at_base(&base, None).await.unwrap().digest, digest);
    assert!(!token_requests(&server).await[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_token_service_without_a_token_is_out_of_order() {
    let (_server, host, all) = registry(ResponseTemplate::new(200).set_body_string("<html>")).await;
    let error = all.check_push(&repository(&host, "ops/billing"), None).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::Unreachable, false));
}
