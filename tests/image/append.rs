//! Putting a definition on top of a base, from a real registry to a real registry.

use std::sync::Arc;

use serde_json::json;
use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::Digest;
use tengine_operator::image::{Append, LayerContent};

use crate::support::base::{DOCKER, Image, OCI, blob_at, manifest_at, push_index};
use crate::support::registry::{Options, PASSWORD, Registry, USER};
use crate::support::{login, registries, repository, wanted};

fn arm() -> Image {
    Image { architecture: "arm64", layers: vec![b"for arm".to_vec()], ..Image::default() }
}

fn on_base(registry: &Registry, digest: &Digest) -> Append {
    let target = repository(&registry.host, "ops/billing");
    wanted(&format!("{}/ops/base:1.2", registry.host), digest, &target)
}

#[tokio::test]
async fn a_definition_is_put_on_top_of_a_plain_image() {
    let registry = Registry::open().await;
    let base = Image::default();
    let digest = base.push(&registry, "ops/base", "1.2").await;
    let wanted = on_base(&registry, &digest);
    let appended = registries(&[&registry.host]).append(wanted.clone()).await.unwrap();
    assert!(appended.pushed);

    for at in [appended.digest.to_string(), wanted.tag.clone()] {
        let (media_type, manifest) = manifest_at(&registry, "ops/billing", &at).await;
        assert_eq!(media_type, OCI);
        assert_eq!(manifest["layers"].as_array().unwrap().len(), 3);
        assert_eq!(manifest["layers"][2]["digest"], json!(wanted.layer_digest));
        assert_eq!(manifest["annotations"]["org.opencontainers.image.base.digest"], json!(digest));
    }
    let (_, manifest) = manifest_at(&registry, "ops/billing", &wanted.tag).await;
    let config = blob_at(&registry, "ops/billing", &manifest["config"]["digest"]).await;
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["rootfs"]["diff_ids"][2], json!(wanted.layer_digest));
    assert_eq!(config["config"]["StopSignal"], "SIGHUP");
    assert_eq!(config["config"]["Cmd"], json!(["tengined"]));
    assert_eq!(config["com.example.unknown"], json!({"kept": true}));
    assert!(config.get("created").is_none(), "the base says none, and ours would be the commit's");
    let labels = &config["config"]["Labels"];
    assert_eq!(labels["org.opencontainers.image.version"], json!(wanted.version));
    assert_eq!(labels["org.opencontainers.image.base.digest"], json!(digest));
    for layer in &base.layers {
        assert_eq!(&blob_at(&registry, "ops/billing", &json!(Digest::of(layer))).await, layer);
    }
}

#[tokio::test]
async fn what_the_base_for_the_platform_says_of_itself_is_read() {
    let registry = Registry::open().await;
    let digest = push_index(&registry, "ops/base", "1.2", &[arm(), Image::default()]).await;
    let all = registries(&[&registry.host]);
    let wanted = on_base(&registry, &digest);
    let at = (&wanted.base, &digest, &wanted.platform);
    assert_eq!(all.look_at_variable(at, "LANG", None).await.unwrap().as_deref(), Some("C.UTF-8"));
    assert_eq!(all.look_at_variable(at, "RUBY_VERSION", None).await.unwrap(), None);
}

#[tokio::test]
async fn the_right_platform_is_taken_from_an_index() {
    let registry = Registry::open().await;
    let digest = push_index(&registry, "ops/base", "1.2", &[arm(), Image::default()]).await;
    let all = registries(&[&registry.host]);
    let mut wanted = on_base(&registry, &digest);
    all.append(wanted.clone()).await.unwrap();
    let (_, manifest) = manifest_at(&registry, "ops/billing", &wanted.tag).await;
    assert_eq!(manifest["layers"].as_array().unwrap().len(), 3);

    wanted.platform = "linux/arm64".parse().unwrap();
    all.append(wanted.clone()).await.unwrap();
    let (_, manifest) = manifest_at(&registry, "ops/billing", &wanted.tag).await;
    assert_eq!(manifest["layers"][0]["digest"], json!(Digest::of(b"for arm")));
}

#[tokio::test]
async fn a_platform_that_is_not_there_is_said_with_those_that_are() {
    let registry = Registry::open().await;
    let index = push_index(&registry, "ops/base", "1.2", &[arm(), Image::default()]).await;
    let plain = arm().push(&registry, "ops/base", "1.2-arm").await;
    let all = registries(&[&registry.host]);
    for (digest, platform, offered) in
        [(index, "linux/s390x", "linux/arm64, linux/amd64"), (plain, "linux/amd64", "linux/arm64")]
    {
        let mut wanted = on_base(&registry, &digest);
        wanted.platform = platform.parse().unwrap();
        let error = all.append(wanted.clone()).await.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), (Reason::PlatformMissing, true));
        assert!(error.to_string().contains(&format!("for {offered}, not for {platform}")), "{error}");
    }
}

#[tokio::test]
async fn a_docker_image_stays_one() {
    let registry = Registry::open().await;
    let base = Image { media_type: DOCKER, ..Image::default() };
    let digest = base.push(&registry, "ops/base", "1.2").await;
    let wanted = on_base(&registry, &digest);
    registries(&[&registry.host]).append(wanted.clone()).await.unwrap();
    let (media_type, manifest) = manifest_at(&registry, "ops/billing", &wanted.tag).await;
    assert_eq!(media_type, DOCKER);
    assert_eq!(manifest["layers"][2]["mediaType"], "application/vnd.docker.image.rootfs.diff.tar");
}

#[tokio::test]
async fn within_a_registry_the_layers_of_the_base_are_mounted() {
    let registry = Registry::open().await;
    let digest = Image::default().push(&registry, "ops/base", "1.2").await;
    registry.forget_requests().await;
    let wanted = on_base(&registry, &digest);
    let appended = registries(&[&registry.host]).append(wanted.clone()).await.unwrap();
    let writes = registry.writes().await;
    let mounts = writes.iter().filter(|request| request.contains("mount=")).count();
    assert_eq!(mounts, 4, "two layers of the base; ours and the config, which are nowhere yet: {writes:?}");
    assert!(appended.bytes_pushed > wanted.layer_size && appended.bytes_pushed < wanted.layer_size + 4096);
}

#[tokio::test]
async fn the_second_time_nothing_is_pushed() {
    let registry = Registry::open().await;
    let digest = Image::default().push(&registry, "ops/base", "1.2").await;
    let all = registries(&[&registry.host]);
    let mut wanted = on_base(&registry, &digest);
    let first = all.append(wanted.clone()).await.unwrap();
    registry.forget_requests().await;
    let second = all.append(wanted.clone()).await.unwrap();
    assert_eq!((second.digest, second.pushed, second.bytes_pushed), (first.digest.clone(), false, 0));
    assert_eq!(registry.writes().await, Vec::<String>::new());

    // Under another tag it is there already too; only the tag is missing.
    wanted.tag = "other".to_owned();
    let third = all.append(wanted.clone()).await.unwrap();
    assert_eq!((third.digest, third.pushed), (first.digest, false));
    assert_eq!(registry.writes().await, ["PUT /v2/ops/billing/manifests/other HTTP/1.1"]);
}

#[tokio::test]
async fn a_tag_that_moved_away_is_put_back() {
    let registry = Registry::open().await;
    let digest = Image::default().push(&registry, "ops/base", "1.2").await;
    let all = registries(&[&registry.host]);
    let wanted = on_base(&registry, &digest);
    let first = all.append(wanted.clone()).await.unwrap();
    arm().push(&registry, "ops/billing", &wanted.tag).await;
    all.append(wanted.clone()).await.unwrap();
    let tag = format!("{}/ops/billing:{}", registry.host, wanted.tag).parse().unwrap();
    assert_eq!(all.look_at_base(&tag, None).await.unwrap().digest, first.digest);
}

#[tokio::test]
async fn from_registry_to_registry_the_layers_are_copied() {
    let (from, to) = (Registry::protected().await, Registry::protected().await);
    let base = Image::default();
    let digest = base.push(&from, "ops/base", "1.2").await;
    let target = repository(&to.host, "ops/billing");
    let mut wanted = wanted(&format!("{}/ops/base:1.2", from.host), &digest, &target);
    wanted.base_credentials = Some(login(&from.host, USER, PASSWORD));
    wanted.credentials = Some(login(&to.host, USER, PASSWORD));
    let all = registries(&[&from.host, &to.host]);
    let appended = all.append(wanted.clone()).await.unwrap();
    assert!(appended.bytes_pushed > 300_000);
    for layer in &base.layers {
        assert_eq!(&blob_at(&to, "ops/billing", &json!(Digest::of(layer))).await, layer);
    }
    assert_eq!(from.writes().await.len(), 2 * 3 + 1, "only what the test itself pushed");
    let again = all.append(wanted.clone()).await.unwrap();
    assert_eq!((again.digest, again.pushed), (appended.digest, false));
}

#[tokio::test]
async fn a_layer_can_come_from_a_file() {
    let registry = Registry::open().await;
    let digest = Image::default().push(&registry, "ops/base", "1.2").await;
    let all = registries(&[&registry.host]);
    let mut wanted = on_base(&registry, &digest);
    let LayerContent::Bytes(bytes) = wanted.layer.clone() else { unreachable!() };
    let path = registry.folder().join("layer.tar");
    std::fs::write(&path, &bytes).unwrap();
    wanted.layer = LayerContent::File(Arc::new(path.clone()));
    let from_file = all.append(wanted.clone()).await.unwrap();
    let target = repository(&registry.host, "ops/other");
    let from_memory = Append { layer: LayerContent::Bytes(bytes), repository: target, ..wanted.clone() };
    assert_eq!(all.append(from_memory).await.unwrap().digest, from_file.digest);

    let gone = Append { repository: repository(&registry.host, "ops/third"), ..wanted };
    std::fs::remove_file(path).unwrap();
    let error = all.append(gone).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::WorkerFailed, false));
    assert_eq!(registry.open_uploads("ops/third"), 0);
}

#[tokio::test]
async fn a_base_that_is_gone_is_named() {
    let registry = Registry::open().await;
    let wanted = on_base(&registry, &Digest::of(b"gone"));
    let error = registries(&[&registry.host]).append(wanted.clone()).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::BaseImageNotFound, true));
    assert!(error.to_string().contains("ops/base@sha256:"), "{error}");
}

#[tokio::test]
async fn a_denied_push_shows_before_anything_is_copied() {
    let from = Registry::open().await;
    let digest = Image::default().push(&from, "ops/base", "1.2").await;
    let to = Registry::start(Options { read_only: true, ..Options::default() }).await;
    from.forget_requests().await;
    let target = repository(&to.host, "ops/billing");
    let wanted = wanted(&format!("{}/ops/base:1.2", from.host), &digest, &target);
    let error = registries(&[&from.host, &to.host]).append(wanted.clone()).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::PushDenied, true));
    assert_eq!(error.at.registry, to.host);
    assert_eq!(from.requests().await.len(), 2, "manifest and config, no layer");
}

#[tokio::test]
async fn a_blob_with_other_bytes_than_its_digest_says_is_not_passed_on() {
    let (from, to) = (Registry::open().await, Registry::open().await);
    let base = Image::default();
    let digest = base.push(&from, "ops/base", "1.2").await;
    let mut bytes = base.layers[1].clone();
    bytes[299_999] = 8;
    std::fs::write(from.file_of(&Digest::of(&base.layers[1])), bytes).unwrap();
    let target = repository(&to.host, "ops/billing");
    let wanted = wanted(&format!("{}/ops/base:1.2", from.host), &digest, &target);
    let error = registries(&[&from.host, &to.host]).append(wanted.clone()).await.unwrap_err();
    assert_eq!((error.reason(), error.at.registry.as_str()), (Reason::InvalidImage, from.host.as_str()), "{error}");
    assert!(!to.file_of(&Digest::of(&base.layers[1])).exists());
    let tag = format!("{}/ops/billing:{}", to.host, wanted.tag).parse().unwrap();
    let error = registries(&[&to.host]).look_at_base(&tag, None).await.unwrap_err();
    assert_eq!(error.reason(), Reason::BaseImageNotFound);
}

#[tokio::test]
async fn a_layer_that_is_not_what_it_is_said_to_be_is_not_pushed() {
    let registry = Registry::open().await;
    let digest = Image::default().push(&registry, "ops/base", "1.2").await;
    let mut wanted = on_base(&registry, &digest);
    wanted.layer_digest = Digest::of(b"something else");
    let error = registries(&[&registry.host]).append(wanted.clone()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::InvalidImage);
    assert_eq!(registry.open_uploads("ops/billing"), 0);
}
