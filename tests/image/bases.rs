//! What stands where a base image should: indexes in indexes, entries that are no image, pages for people.

use serde_json::json;
use tengine_operator::api::v1alpha1::condition::Reason;
use tengine_operator::domain::Digest;
use tengine_operator::image::ImageError;

use crate::habits::{BASE, OURS, look, on_base};
use crate::support::base::{Image, descriptor};
use crate::support::imitation::{Habits, Imitation, Page, bare_entry, entry, index};
use crate::support::registries;

fn arm() -> Image {
    Image { architecture: "arm64", layers: vec![b"for arm".to_vec()], ..Image::default() }
}

/// Puts the images beside the index, and builds on it.
async fn layers_on(registry: &Imitation, digest: &Digest) -> Result<usize, ImageError> {
    let appended = registries(&[&registry.host]).append(on_base(registry, digest)).await?;
    let manifest = registry.manifest(OURS, appended.digest.as_ref()).unwrap();
    Ok(manifest["layers"].as_array().unwrap().len())
}

#[tokio::test]
async fn an_index_in_an_index_is_followed() {
    let registry = Imitation::with(Habits::default()).await;
    for image in [arm(), Image::default()] {
        registry.has(BASE, image.architecture, &image);
    }
    let inner = [entry(&arm()), entry(&Image::default())];
    registry.has_index(BASE, "inner", &inner);
    let outer = descriptor("application/vnd.oci.image.index.v1+json", &index(&inner));
    let digest = registry.has_index(BASE, "1.2", &[outer]);
    assert_eq!(layers_on(&registry, &digest).await.unwrap(), 3);
}

#[tokio::test]
async fn entries_without_a_platform_are_looked_into() {
    let registry = Imitation::with(Habits::default()).await;
    for image in [arm(), Image::default()] {
        registry.has(BASE, image.architecture, &image);
    }
    let digest = registry.has_index(BASE, "1.2", &[bare_entry(&arm()), bare_entry(&Image::default())]);
    assert_eq!(layers_on(&registry, &digest).await.unwrap(), 3);

    let others = registry.has_index(BASE, "1.3", &[bare_entry(&arm())]);
    let error = layers_on(&registry, &others).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::PlatformMissing, true));
    assert!(error.to_string().contains("for linux/arm64, not for linux/amd64"), "{error}");
}

#[tokio::test]
async fn what_lies_beside_the_images_is_no_base() {
    let registry = Imitation::with(Habits::default()).await;
    let image = Image::default();
    registry.has(BASE, "amd64", &image);
    let mut attestation = bare_entry(&arm());
    attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    let mut signature = bare_entry(&arm());
    signature["artifactType"] = json!("application/vnd.example.signature");
    let mut said = bare_entry(&arm());
    said["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest"});
    // None of these manifests is there: whoever reads one fails.
    let digest = registry.has_index(BASE, "1.2", &[attestation, signature, said, bare_entry(&image)]);
    assert_eq!(layers_on(&registry, &digest).await.unwrap(), 3);
}

#[tokio::test]
async fn indexes_without_end_come_to_one() {
    let registry = Imitation::with(Habits::default()).await;
    let mut entries = vec![entry(&Image::default())];
    let mut digest = Digest::of(b"");
    for _ in 0..10 {
        digest = registry.has_index(BASE, "1.2", &entries);
        entries = vec![descriptor("application/vnd.oci.image.index.v1+json", &index(&entries)); 3];
    }
    let error = layers_on(&registry, &digest).await.unwrap_err();
    assert_eq!((error.reason(), error.is_definite()), (Reason::InvalidImage, true), "{error}");
    assert!(registry.requests().len() < 40, "{}", registry.requests().len());
}

#[tokio::test]
async fn a_page_to_log_in_at_is_no_base() {
    let registry = Imitation::with(Habits { page: Page::Manifests, ..Habits::default() }).await;
    let digest = registry.has(BASE, "1.2", &Image::default());
    let appended = registries(&[&registry.host]).append(on_base(&registry, &digest)).await.map(|_| digest);
    for outcome in [look(&registry).await, appended] {
        let error = outcome.unwrap_err();
        assert_eq!((error.reason(), error.is_definite()), (Reason::Unreachable, false));
        assert!(error.to_string().contains("web page"), "{error}");
    }
}

#[tokio::test]
async fn a_page_to_log_in_at_is_no_blob_that_is_there() {
    let source = Imitation::with(Habits::default()).await;
    let digest = source.has(BASE, "1.2", &Image::default());
    let target = Imitation::with(Habits { page: Page::Blobs, ..Habits::default() }).await;
    let mut wanted = on_base(&target, &digest);
    wanted.base = format!("{}/{BASE}:1.2", source.host).parse().unwrap();
    let error = registries(&[&source.host, &target.host]).append(wanted.clone()).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Unreachable);
    assert!(error.to_string().contains(&target.host) && error.to_string().contains("web page"), "{error}");
    assert_eq!(target.manifest(OURS, &wanted.tag), None);
}
