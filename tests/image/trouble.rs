//! Registries that cannot be reached, or keep us waiting: every call ends, and says so.

use std::time::{Duration, Instant};

use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::{BaseReference, Digest};
use tengine_operator::image::{Deadlines, Registries};
use tengine_operator::settings::{Hosts, RegistryHost};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::base::{Image, OCI};
use crate::support::registry::Registry;
use crate::support::{deadlines, registries, registries_within, repository, silent, wanted};

const SHORT: Duration = Duration::from_millis(300);

fn impatient() -> Deadlines {
    Deadlines { call: SHORT, stall: SHORT, ..deadlines() }
}

fn base_at(host: &str) -> BaseReference {
    format!("{host}/ops/base:1.2").parse().unwrap()
}

#[tokio::test]
async fn a_registry_that_says_nothing_is_not_waited_for() {
    let host = silent::server(b"").await;
    let all = registries_within(&[&host], impatient());
    let begun = Instant::now();
    for error in [
        all.look_at_base(&base_at(&host), None).await.unwrap_err(),
        all.check_push(&repository(&host, "ops/billing"), None).await.unwrap_err(),
    ] {
        assert_eq!((error.reason(), error.is_definite()), (Reason::TimedOut, false));
        assert!(error.to_string().contains(&host) && error.to_string().contains("0.3 s"), "{error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_manifest_that_never_ends_is_not_waited_for() {
    let answer =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.oci.image.manifest.v1+json\r\ncontent-length: 100\r\n\r\n{";
    let host = silent::server(answer).await;
    let target = repository(&host, "ops/billing");
    let wanted = wanted(&format!("{host}/ops/base:1.2"), &Digest::of(b""), &target);
    let error = registries_within(&[&host], impatient()).append(wanted.clone()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::TimedOut, "{error}");
}

#[tokio::test]
async fn a_layer_that_stands_still_is_given_up() {
    let stalled = silent::server(b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\nsome").await;
    let source = MockServer::start().await;
    let image = Image::default();
    let document = |at: String, bytes: Vec<u8>, media_type: &str| {
        let answer = ResponseTemplate::new(200).set_body_raw(bytes, media_type);
        Mock::given(method("GET")).and(path_regex(at)).respond_with(answer)
    };
    let config = format!("/blobs/{}", Digest::of(&image.config()));
    document(config, image.config(), "application/octet-stream").mount(&source).await;
    document("/manifests/".to_owned(), image.manifest(), OCI).mount(&source).await;
    let elsewhere = ResponseTemplate::new(307).insert_header("location", format!("http://{stalled}/layer"));
    Mock::given(method("GET")).and(path_regex("/blobs/")).respond_with(elsewhere).mount(&source).await;

    let target = Registry::open().await;
    let from = source.address().to_string();
    let wanted = wanted(
        &format!("{from}/ops/base:1.2"),
        &Digest::of(&image.manifest()),
        &repository(&target.host, "ops/billing"),
    );
    let patient = Deadlines { stall: SHORT, ..deadlines() };
    let error = registries_within(&[&from, &target.host], patient).append(wanted.clone()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::TimedOut, "{error}");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let all = registries(&[&free]);
    let error = all.look_at_base(&base_at(&free), None).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::Unreachable, false));
    assert!(error.to_string().contains("refuses connections"), "{error}");

    let nowhere = "registry.invalid";
    let error = all.look_at_base(&base_at(nowhere), None).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::Unreachable, false), "{error}");
}

#[tokio::test]
async fn a_registry_may_be_reached_through_a_proxy() {
    let proxy = MockServer::start().await;
    let digest = Digest::of(b"x");
    let found = ResponseTemplate::new(200).insert_header("docker-content-digest", digest.to_string());
    Mock::given(method("HEAD")).and(path_regex("/v2/ops/base/manifests/1.2")).respond_with(found).mount(&proxy).await;
    let host = "registry.invalid";
    let settings = RegistryHost { plain_http: true, proxy: Some(proxy.uri()), ..RegistryHost::default() };
    let hosts = Hosts { registries: [(host.to_owned(), settings)].into(), ..Hosts::default() };
    let all = Registries::new(hosts, deadlines()).unwrap();
    assert_eq!(all.look_at_base(&base_at(host), None).await.unwrap().digest, digest);
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back() {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(429).insert_header("retry-after", "17");
    Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
    let host = server.address().to_string();
    let error = registries(&[&host]).look_at_base(&base_at(&host), None).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::RateLimited, false));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(17)));
    assert_eq!(error.to_string(), format!("{host}/ops/base: too many requests."));
}

#[tokio::test]
async fn a_registry_out_of_order_is_unreachable() {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
    let host = server.address().to_string();
    let error = registries(&[&host]).check_push(&repository(&host, "ops/billing"), None).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::Unreachable, false));
    assert!(error.to_string().contains("503"), "{error}");
}
