//! Servers that answer what a registry should not: nothing of it is believed, or passed on.

use rstest::rstest;
use serde_json::json;
use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::Digest;
use tengine_operator::image::Registries;
use wiremock::matchers::{any, method, path_regex, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::base::{Image, OCI, blob_at};
use crate::support::registry::Registry;
use crate::support::{http, login, registries, repository, wanted};

async fn server_with_manifest(bytes: Vec<u8>) -> (MockServer, String, Registries) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(bytes, OCI);
    Mock::given(method("GET")).and(path_regex("/manifests/")).respond_with(answer).mount(&server).await;
    let host = server.address().to_string();
    let all = registries(&[&host]);
    (server, host, all)
}

#[rstest]
#[case::no_json(b"<html>".to_vec())]
#[case::no_image(b"{}".to_vec())]
#[case::an_index_of_nothing_known(br#"{"manifests": 1}"#.to_vec())]
#[tokio::test]
async fn a_manifest_that_is_none_is_refused(#[case] bytes: Vec<u8>) {
    let digest = Digest::of(&bytes);
    let (_server, host, all) = server_with_manifest(bytes).await;
    let wanted = wanted(&format!("{host}/ops/base:1.2"), &digest, &repository(&host, "ops/billing"));
    let error = all.append(wanted.clone()).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::InvalidImage, true), "{error}");
}

#[tokio::test]
async fn a_manifest_with_another_digest_is_refused() {
    let (_server, host, all) = server_with_manifest(Image::default().manifest()).await;
    let wanted = wanted(&format!("{host}/ops/base:1.2"), &Digest::of(b"other"), &repository(&host, "ops/billing"));
    let error = all.append(wanted.clone()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidImage, "{error}");
}

#[tokio::test]
async fn a_manifest_is_read_up_to_a_limit() {
    let bytes = vec![b' '; 4 * 1024 * 1024 + 1];
    let digest = Digest::of(&bytes);
    let (_server, host, all) = server_with_manifest(bytes).await;
    let wanted = wanted(&format!("{host}/ops/base:1.2"), &digest, &repository(&host, "ops/billing"));
    let error = all.append(wanted.clone()).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::TooLarge, true), "{error}");
}

#[tokio::test]
async fn a_registry_that_does_not_tell_the_digest_is_read() {
    let manifest = Image::default().manifest();
    let (server, host, all) = server_with_manifest(manifest.clone()).await;
    Mock::given(method("HEAD")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let base = format!("{host}/ops/base:1.2").parse().unwrap();
    assert_eq!(all.look_at_base(&base, None).await.unwrap().digest, Digest::of(&manifest));
}

#[tokio::test]
async fn credentials_that_the_registry_repeats_are_masked() {
    let server = MockServer::start().await;
    let text = "user ann with pa55word (YW5uOnBhNTV3b3Jk) may not\u{7}";
    let body = json!({"errors": [{"code": "DENIED", "message": text}]});
    let denied = ResponseTemplate::new(403).set_body_json(body);
    let challenge = ResponseTemplate::new(401).insert_header("www-authenticate", "Basic realm=\"r\"");
    Mock::given(any()).respond_with(challenge).up_to_n_times(1).with_priority(1).mount(&server).await;
    Mock::given(any()).respond_with(denied).mount(&server).await;
    let host = server.address().to_string();
    let login = login(&host, "ann", "pa55word");
    let error = registries(&[&host]).check_push(&repository(&host, "ops/billing"), Some(&login)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::PushDenied);
    assert!(error.to_string().contains("user *** with *** (***) may not"), "{error}");
}

/// Both ends of a mount that is declined go on in one upload.
#[tokio::test]
async fn a_declined_mount_becomes_an_upload() {
    let real = Registry::open().await;
    let image = Image::default();
    let digest = image.push(&real, "ops/base", "1.2").await;
    let front = front_of(&real, |request| {
        // The registry is asked the same without the parameters that mean a mount.
        request.url.query().is_some_and(|query| query.contains("mount="))
    })
    .await;
    let host = front.address().to_string();
    let wanted = wanted(&format!("{host}/ops/base:1.2"), &digest, &repository(&host, "ops/billing"));
    let appended = registries(&[&host]).append(wanted.clone()).await.unwrap();
    assert!(appended.bytes_pushed > 300_000);
    assert_eq!(blob_at(&real, "ops/billing", &json!(Digest::of(&image.layers[1]))).await, image.layers[1]);
    assert_eq!(real.open_uploads("ops/billing"), 0);
}

/// Something that passes every request on to `registry`, without its query where `strips` says so.
async fn front_of(registry: &Registry, strips: fn(&Request) -> bool) -> MockServer {
    let server = MockServer::start().await;
    let upstream = format!("http://{}", registry.host);
    let pass = move |request: &Request| {
        let mut url = reqwest::Url::parse(&upstream).unwrap();
        url.set_path(request.url.path());
        url.set_query(request.url.query().filter(|_| !strips(request)));
        pass_on(url, request)
    };
    Mock::given(any()).respond_with(pass).mount(&server).await;
    server
}

/// The mock server wants its answer at once, so this asks on a thread of its own.
fn pass_on(url: reqwest::Url, request: &Request) -> ResponseTemplate {
    let (method, mut headers, body) = (request.method.clone(), request.headers.clone(), request.body.clone());
    headers.remove("host");
    let asking = async move {
        let answer = http().request(method, url).headers(headers).body(body).send().await.unwrap();
        let mut template = ResponseTemplate::new(answer.status().as_u16());
        for name in ["content-type", "docker-content-digest", "location"] {
            if let Some(value) = answer.headers().get(name) {
                // As a path only, so that the client comes back to us.
                let value = value.to_str().unwrap();
                let path = value.split_once("/v2/").map(|(_, rest)| format!("/v2/{rest}"));
                let value = path.filter(|_| name == "location").unwrap_or_else(|| value.to_owned());
                template = template.append_header(name, value);
            }
        }
        template.set_body_bytes(answer.bytes().await.unwrap())
    };
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    std::thread::spawn(move || runtime().block_on(asking)).join().unwrap()
}

#[tokio::test]
async fn redirects_carry_no_credentials_elsewhere() {
    let (registry, elsewhere) = (MockServer::start().await, MockServer::start().await);
    let manifest = Image::default().manifest();
    let found = ResponseTemplate::new(200).set_body_raw(manifest.clone(), OCI);
    Mock::given(any()).respond_with(found).mount(&elsewhere).await;
    let challenge = ResponseTemplate::new(401).insert_header("www-authenticate", "Basic realm=\"r\"");
    let leads_on = ResponseTemplate::new(307).insert_header("location", format!("{}/there", elsewhere.uri()));
    Mock::given(any()).respond_with(challenge).up_to_n_times(1).with_priority(1).mount(&registry).await;
    Mock::given(any()).respond_with(leads_on).mount(&registry).await;
    let host = registry.address().to_string();
    let base = format!("{host}/ops/base:1.2").parse().unwrap();
    let seen = registries(&[&host]).look_at_base(&base, Some(&login(&host, "ann", "pa55word"))).await.unwrap();
    assert_eq!(seen.digest, Digest::of(&manifest));
    let sent = registry.received_requests().await.unwrap();
    assert!(sent.iter().any(|request| request.headers.contains_key("authorization")));
    for request in elsewhere.received_requests().await.unwrap() {
        assert!(!request.headers.contains_key("authorization"));
    }
}

#[tokio::test]
async fn redirects_in_circles_end() {
    let server = MockServer::start().await;
    let circle = ResponseTemplate::new(307).insert_header("location", "/v2/again");
    Mock::given(any()).respond_with(circle).mount(&server).await;
    let host = server.address().to_string();
    let base = format!("{host}/ops/base:1.2").parse().unwrap();
    let error = registries(&[&host]).look_at_base(&base, None).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Unreachable);
}

#[tokio::test]
async fn an_upload_elsewhere_gets_no_credentials() {
    let (registry, elsewhere) = (MockServer::start().await, MockServer::start().await);
    Mock::given(any()).respond_with(ResponseTemplate::new(201)).mount(&elsewhere).await;
    let challenge = ResponseTemplate::new(401).insert_header("www-authenticate", "Basic realm=\"r\"");
    let begun = ResponseTemplate::new(202).insert_header("location", format!("{}/upload?state=1", elsewhere.uri()));
    Mock::given(any()).respond_with(challenge).up_to_n_times(1).with_priority(1).mount(&registry).await;
    Mock::given(method("HEAD")).respond_with(ResponseTemplate::new(404)).mount(&registry).await;
    Mock::given(any()).respond_with(begun).mount(&registry).await;
    let host = registry.address().to_string();
    let all = registries(&[&host]);
    all.check_push(&repository(&host, "ops/billing"), Some(&login(&host, "ann", "pa55word"))).await.unwrap();
    let requests = elsewhere.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_blob_that_is_too_large_for_a_proxy_is_said() {
    let registry = MockServer::start().await;
    let too_large = ResponseTemplate::new(413).set_body_string("<html>nginx</html>");
    let begun = ResponseTemplate::new(202).insert_header("location", "/v2/ops/billing/blobs/uploads/1");
    Mock::given(method("POST")).respond_with(begun).mount(&registry).await;
    Mock::given(method("PUT"))
        .and(query_param("digest", Digest::of(b"x").to_string()))
        .respond_with(too_large.clone())
        .mount(&registry)
        .await;
    Mock::given(method("PUT")).respond_with(too_large).mount(&registry).await;
    Mock::given(method("HEAD")).respond_with(ResponseTemplate::new(404)).mount(&registry).await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(204)).expect(1).mount(&registry).await;
    let real = Registry::open().await;
    let digest = Image::default().push(&real, "ops/base", "1.2").await;
    let host = registry.address().to_string();
    let wanted = wanted(&format!("{}/ops/base:1.2", real.host), &digest, &repository(&host, "ops/billing"));
    let error = registries(&[&host, &real.host]).append(wanted.clone()).await.unwrap_err();
    assert_eq!((error.reason(), error.at.registry), (Reason::TooLarge, host));
}
