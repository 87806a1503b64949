//! Looking at a base image, and proving the right to push.

use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::{BaseReference, Digest};

use crate::support::base::Image;
use crate::support::registry::{Options, PASSWORD, Registry, USER};
use crate::support::{login, registries, repository};

fn reference(registry: &Registry, rest: &str) -> BaseReference {
    format!("{}/{rest}", registry.host).parse().unwrap()
}

#[tokio::test]
async fn a_tag_is_looked_up_with_one_request() {
    let registry = Registry::open().await;
    let digest = Image::default().push(&registry, "ops/base", "1.2").await;
    registry.forget_requests().await;
    let seen = registries(&[&registry.host]).look_at_base(&reference(&registry, "ops/base:1.2"), None).await.unwrap();
    assert_eq!(seen.digest, digest);
    assert_eq!(registry.requests().await, ["HEAD /v2/ops/base/manifests/1.2 HTTP/1.1"]);
}

#[tokio::test]
async fn a_moved_tag_has_another_digest() {
    let registry = Registry::open().await;
    let first = Image::default().push(&registry, "ops/base", "1.2").await;
    let moved = Image { layers: vec![b"newer".to_vec()], ..Image::default() };
    let second = moved.push(&registry, "ops/base", "1.2").await;
    let all = registries(&[&registry.host]);
    let seen = all.look_at_base(&reference(&registry, "ops/base:1.2"), None).await.unwrap();
    assert_eq!(seen.digest, second);
    let pinned = reference(&registry, &format!("ops/base:1.2@{first}"));
    assert_eq!(all.look_at_base(&pinned, None).await.unwrap().digest, first);
}

#[tokio::test]
async fn an_image_that_is_not_there_is_named() {
    let registry = Registry::open().await;
    Image::default().push(&registry, "ops/base", "1.2").await;
    let all = registries(&[&registry.host]);
    let missing = Digest::of(b"missing");
    for rest in ["ops/base:9.9".to_owned(), "ops/other:1.2".to_owned(), format!("ops/base@{missing}")] {
        let base = reference(&registry, &rest);
        let error = all.look_at_base(&base, None).await.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), (Reason::BaseImageNotFound, true));
        assert!(error.to_string().contains(&base.to_string()), "{error}");
    }
}

#[tokio::test]
async fn credentials_are_used_where_they_belong() {
    let registry = Registry::protected().await;
    Image::default().push(&registry, "ops/base", "1.2").await;
    let all = registries(&[&registry.host]);
    let base = reference(&registry, "ops/base:1.2");
    let good = login(&registry.host, USER, PASSWORD);
    assert!(all.look_at_base(&base, Some(&good)).await.is_ok());

    let wrong = login(&registry.host, USER, "wr0ng-password");
    let error = all.look_at_base(&base, Some(&wrong)).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::AuthenticationFailed, true));
    assert!(error.to_string().contains(&registry.host) && error.to_string().contains("ops/base"), "{error}");
    assert!(!format!("{error} {error:?}").contains("wr0ng-password"));

    for none in [None, Some(login("elsewhere.example.com", USER, PASSWORD))] {
        let error = all.look_at_base(&base, none.as_ref()).await.unwrap_err();
        assert_eq!(error.reason(), Reason::AuthenticationRequired);
        assert!(error.to_string().contains("there are none for it"), "{error}");
        assert!(error.to_string().ends_with(error.reason().advice()), "{error}");
    }
    // The good ones again: nothing was remembered of the wrong ones.
    assert!(all.look_at_base(&base, Some(&good)).await.is_ok());
}

#[tokio::test]
async fn the_right_to_push_is_proven_with_two_bytes_once() {
    let registry = Registry::protected().await;
    let all = registries(&[&registry.host]);
    let target = repository(&registry.host, "ops/billing");
    let good = login(&registry.host, USER, PASSWORD);
    all.check_push(&target, Some(&good)).await.unwrap();
    assert_eq!(std::fs::read(registry.file_of(&Digest::of(b"{}"))).unwrap(), b"{}");
    assert_eq!(registry.uploads("ops/billing"), 0);
    registry.forget_requests().await;
    all.check_push(&target, Some(&good)).await.unwrap();
    let methods: Vec<_> = registry.requests().await.iter().map(|request| request[..4].to_owned()).collect();
    assert_eq!(methods, ["HEAD", "HEAD", "POST"], "once refused without a password; seen, and mounted");
    assert_eq!(registry.uploads("ops/billing"), 0);

    let wrong = login(&registry.host, USER, "wr0ng-password");
    let error = all.check_push(&target, Some(&wrong)).await.unwrap_err();
    assert_eq!(error.reason(), Reason::AuthenticationFailed);
}

#[tokio::test]
async fn a_registry_that_takes_nothing_denies_the_push() {
    let registry = Registry::start(Options { read_only: true, ..Options::default() }).await;
    let target = repository(&registry.host, "ops/billing");
    let error = registries(&[&registry.host]).check_push(&target, None).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::PushDenied, true));
    assert!(
        error.to_string().starts_with(&format!("{}/ops/billing: pushing is not allowed", registry.host)),
        "{error}"
    );
}
