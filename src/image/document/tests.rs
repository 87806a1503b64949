use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::api::v1alpha1::condition::Reason;
use crate::domain::{Digest, Platform};
use crate::image::error::{ImageError, Place};

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

fn manifest(content_type: &str, value: &Value) -> Manifest {
    let bytes = value.to_string().into_bytes();
    Manifest { content_type: content_type.to_owned(), digest: Digest::of(&bytes), bytes }
}

fn image() -> Value {
    json!({
        "schemaVersion": 2,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest("config"), "size": 6, "data": "e30="},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest("layer"), "size": 5}],
        "annotations": {"com.example.kept": "yes", "org.opencontainers.image.revision": "the base's own"},
        "subject": {"digest": digest("signed")},
        "com.example.unknown": {"kept": [1, 2.5, null]},
    })
}

fn config() -> Value {
    json!({
        "os": "linux",
        "architecture": "amd64",
        "created": "2020-01-01T00:00:00Z",
        "rootfs": {"type": "layers", "diff_ids": [digest("layer")]},
        "history": [{"created_by": "ADD"}, {"created_by": "ENV", "empty_layer": true}],
        "config": {"Env": ["PATH=/bin"], "Healthcheck": {"Test": ["NONE"]}, "StopSignal": "SIGTERM", "Labels": null},
        "com.example.unknown": true,
    })
}

fn base(content_type: &str, value: &Value) -> Base {
    match Document::parse(&manifest(content_type, value)) {
        Ok(Document::Image(base)) => base,
        other => panic!("expected an image, got {other:?}"),
    }
}

fn linux(variant: Option<&str>) -> Platform {
    let variant = variant.map(str::to_owned);
    Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant }
}

fn built(content_type: &str, value: &Value, config: &Value) -> Result<Built, Problem> {
    let layer = Blob { digest: digest("ours"), size: 4 };
    let change = Change {
        layer: &layer,
        platform: &linux(None),
        created_by: "us".to_owned(),
        labels: [("org.opencontainers.image.version".to_owned(), "0badcafe".to_owned())].into(),
    };
    build(&base(content_type, value), config.to_string().as_bytes(), &change)
}

fn reason(problem: Problem) -> Reason {
    ImageError { at: Place { registry: String::new(), repository: String::new() }, problem }.reason()
}

#[test]
fn a_layer_is_put_on_top_and_the_rest_survives() {
    let built = built(OCI, &image(), &config()).unwrap();
    let config: Value = serde_json::from_slice(&built.config).unwrap();
    assert_eq!(
        config,
        json!({
            "os": "linux",
            "architecture": "amd64",
            "created": "2020-01-01T00:00:00Z",
            "rootfs": {"type": "layers", "diff_ids": [digest("layer"), digest("ours")]},
            "history": [
                {"created_by": "ADD"},
                {"created_by": "ENV", "empty_layer": true},
                {"created": "2020-01-01T00:00:00Z", "created_by": "us"},
            ],
            "config": {
                "Env": ["PATH=/bin"],
                "Healthcheck": {"Test": ["NONE"]},
                "StopSignal": "SIGHUP",
                "Labels": {"org.opencontainers.image.version": "0badcafe"},
            },
            "com.example.unknown": true,
        })
    );
    let manifest: Value = serde_json::from_slice(&built.manifest).unwrap();
    assert_eq!(
        manifest,
        json!({
            "schemaVersion": 2,
            "mediaType": OCI,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": Digest::of(&built.config),
                "size": built.config.len(),
            },
            "layers": [
                {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest("layer"), "size": 5},
                {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest("ours"), "size": 4},
            ],
            "annotations": {"com.example.kept": "yes", "org.opencontainers.image.version": "0badcafe"},
            "com.example.unknown": {"kept": [1, 2.5, null]},
        })
    );
    assert_eq!(built.digest, Digest::of(&built.manifest));
}

/// If this fails, the next build of every deployment would give a new digest: then the tag's rules count up (`image/tag.rs`). See the
/// same test of the layer. It fails too if some
/// dependency makes JSON objects keep the order in which they were read.
#[test]
fn the_bytes_are_the_ones_we_have_always_written() {
    let built = built(OCI, &image(), &config()).unwrap();
    assert_eq!(built.digest.to_string(), "sha256:4b9c764c257e14883195632f13323df89d33b90ce5ebd0d1f3fbcc9d92bdb214");
}

#[test]
fn docker_images_stay_docker_images() {
    let built = built(DOCKER, &image(), &config()).unwrap();
    let manifest: Value = serde_json::from_slice(&built.manifest).unwrap();
    assert_eq!(built.media_type, DOCKER);
    assert_eq!(manifest["mediaType"], DOCKER);
    assert_eq!(manifest["layers"][1]["mediaType"], "application/vnd.docker.image.rootfs.diff.tar");
    assert_eq!(manifest["annotations"], image()["annotations"], "Docker's manifests have none, so they are not ours");
}

#[test]
fn a_history_that_does_not_tell_of_every_layer_is_left_alone() {
    let mut partial = config();
    partial["history"] = json!([]);
    let built = built(OCI, &image(), &partial).unwrap();
    let config: Value = serde_json::from_slice(&built.config).unwrap();
    assert_eq!(config["history"], json!([]));
}

#[test]
fn a_config_without_settings_gets_some() {
    let mut bare = config();
    bare.as_object_mut().unwrap().remove("config");
    let built = built(OCI, &image(), &bare).unwrap();
    let config: Value = serde_json::from_slice(&built.config).unwrap();
    assert_eq!(config["config"]["StopSignal"], "SIGHUP");
}

#[rstest]
#[case::layers_untold("/rootfs/diff_ids", json!([]))]
#[case::no_root_file_system("/rootfs", json!(null))]
#[case::no_architecture("/architecture", json!(""))]
fn a_config_that_is_not_one_is_refused(#[case] at: &str, #[case] value: Value) {
    let mut wrong = config();
    *wrong.pointer_mut(at).unwrap() = value;
    assert_eq!(reason(built(OCI, &image(), &wrong).unwrap_err()), Reason::InvalidImage);
}

#[test]
fn an_image_for_another_platform_is_refused() {
    let mut other = config();
    other["architecture"] = json!("arm64");
    let problem = built(OCI, &image(), &other).unwrap_err();
    assert_eq!(problem, Problem::PlatformMissing { wanted: "linux/amd64".into(), offered: "linux/arm64".into() });
}

#[rstest]
#[case::nothing("", json!({}))]
#[case::not_an_object(OCI, json!([]))]
#[case::no_layers(OCI, json!({"config": {"digest": digest("c"), "size": 1}}))]
#[case::digest_is_none(OCI, json!({"config": {"digest": "sha256:1", "size": 1}, "layers": []}))]
#[case::size_is_negative(OCI, json!({"config": {"digest": digest("c"), "size": -1}, "layers": []}))]
#[case::an_artifact(OCI, json!({"mediaType": "application/vnd.example.artifact+json", "layers": []}))]
#[case::old_docker("application/vnd.docker.distribution.manifest.v1+prettyjws", json!({"schemaVersion": 1}))]
#[case::two_things_at_once(OCI, json!({"manifests": [], "layers": []}))]
#[case::two_media_types(OCI, json!({"mediaType": INDEX, "manifests": []}))]
#[case::index_without_list(INDEX, json!({}))]
fn what_is_not_an_image_is_refused(#[case] content_type: &str, #[case] value: Value) {
    let problem = Document::parse(&manifest(content_type, &value)).unwrap_err();
    assert_eq!(reason(problem), Reason::InvalidImage);
}

#[test]
fn a_manifest_may_leave_its_media_type_to_the_registry_and_the_other_way_round() {
    assert_eq!(base(OCI, &image()).family, Family::Oci);
    assert_eq!(base(DOCKER, &image()).family, Family::Docker);
    let mut written = image();
    written["mediaType"] = json!(DOCKER);
    assert_eq!(base("application/octet-stream", &written).family, Family::Docker);
}

#[test]
fn a_layer_that_comes_twice_is_copied_once_and_a_foreign_one_never() {
    let mut value = image();
    let layers = value["layers"].as_array_mut().unwrap();
    layers.push(layers[0].clone());
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    layers.push(json!({"mediaType": foreign, "digest": digest("f"), "size": 1}));
    let base = base(OCI, &value);
    assert_eq!((base.blobs.len(), base.layer_count), (1, 3));
}

fn entry(platform: &str) -> Value {
    let parts: Vec<&str> = platform.split('/').collect();
    let mut value = json!({"os": parts[0], "architecture": parts[1]});
    if let Some(variant) = parts.get(2) {
        value["variant"] = json!(variant);
    }
    json!({"mediaType": OCI, "digest": digest(platform), "platform": value})
}

#[rstest]
#[case::exact(&["linux/arm64", "linux/amd64"], "linux/amd64", "linux/amd64")]
#[case::first_of_two(&["linux/amd64", "linux/amd64/v1"], "linux/amd64", "linux/amd64")]
#[case::usual_variant_unsaid(&["linux/arm64/v8"], "linux/arm64", "linux/arm64/v8")]
#[case::usual_variant_said(&["linux/arm64"], "linux/arm64/v8", "linux/arm64")]
#[case::variant(&["linux/arm/v6", "linux/arm/v7"], "linux/arm/v7", "linux/arm/v7")]
fn the_image_for_a_platform_is_found(#[case] offered: &[&str], #[case] wanted: &str, #[case] expected: &str) {
    let entries: Vec<Value> = offered.iter().map(|platform| entry(platform)).collect();
    let found = candidates(&entries, &wanted.parse().unwrap(), &mut Offered::default()).unwrap();
    assert_eq!(found[0], Candidate { digest: digest(expected), says_platform: true });
}

#[rstest]
#[case::others(&["linux/arm64", "windows/amd64"], "linux/arm64, windows/amd64")]
#[case::newer_variant(&["linux/amd64/v3"], "linux/amd64/v3")]
#[case::attestations_only(&["unknown/unknown"], "no platform")]
#[case::nothing(&[], "no platform")]
fn what_is_offered_instead_is_said(#[case] offered: &[&str], #[case] said: &str) {
    let entries: Vec<Value> = offered.iter().map(|platform| entry(platform)).collect();
    let mut instead = Offered::default();
    assert_eq!(candidates(&entries, &linux(None), &mut instead).unwrap(), []);
    assert_eq!(
        instead.without(&linux(None)),
        Problem::PlatformMissing { wanted: "linux/amd64".into(), offered: said.into() }
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let keys = proptest::sample::select(vec![
        "manifests",
        "layers",
        "config",
        "digest",
        "size",
        "mediaType",
        "platform",
        "os",
        "architecture",
        "rootfs",
        "diff_ids",
        "history",
        "annotations",
        "Labels",
    ]);
    let valid = digest("x").to_string();
    let leaf = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), Just(json!(valid)), Just(json!(OCI))];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(keys.clone(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_registry_sends_is_answered_with_words(sent in any_json(), config in any_json()) {
        if let Ok(Document::Index(entries)) = Document::parse(&manifest(OCI, &sent)) {
            let _ = candidates(&entries, &linux(None), &mut Offered::default());
        }
        if let Ok(built) = built(OCI, &image(), &config) {
            prop_assert!(serde_json::from_slice::<Value>(&built.config).is_ok());
        }
        if let Ok(Document::Image(base)) = Document::parse(&manifest(DOCKER, &sent)) {
            prop_assert_eq!(base.family, Family::Docker);
        }
    }
}
