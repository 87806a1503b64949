//! What a build hears of the Ruby in its base.

use super::{Scene, release};
use crate::api::v1alpha1::TengineReleaseSpec;
use crate::controller::ruby::of_base;
use crate::domain::Digest;
use crate::dsl::RubyVersion;
use crate::settings::{Hosts, RegistryHost};
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// What is heard where the registry has a base with this environment, or answers all else with `otherwise`.
async fn heard(environment: Option<Value>, otherwise: u16) -> Option<RubyVersion> {
    let registry = MockServer::start().await;
    let host = registry.address().to_string();
    let plain = RegistryHost { plain_http: true, ..RegistryHost::default() };
    let hosts = Hosts { registries: [(host.clone(), plain)].into(), ..Hosts::default() };
    let scene = Scene::among(hosts, super::Caches::default(), &json!({}), Vec::new());
    let platform = &scene.context.shared.settings.platform;
    let config = json!({
        "os": platform.os, "architecture": platform.architecture, "config": { "Env": environment },
        "rootfs": { "type": "layers", "diff_ids": [] },
    })
    .to_string();
    let at = Digest::of(config.as_bytes());
    let named = json!({ "mediaType": "application/vnd.oci.image.config.v1+json", "digest": at, "size": config.len() });
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": named, "layers": [] }).to_string();
    let digest = Digest::of(manifest.as_bytes());
    if environment.is_some() {
        let answers = [
            (format!("/v2/core/manifests/{digest}"), manifest, MANIFEST),
            (format!("/v2/core/blobs/{at}"), config, "application/octet-stream"),
        ];
        for (at, body, kind) in answers {
            let answer = ResponseTemplate::new(200).set_body_raw(body, kind);
            Mock::given(path(at)).respond_with(answer).mount(&registry).await;
        }
    }
    Mock::given(any()).respond_with(ResponseTemplate::new(otherwise)).with_priority(9).mount(&registry).await;
    let mut release: TengineReleaseSpec = release(None).spec;
    release.build.base = format!("{host}/core:1");
    release.build.base_digest = digest.to_string();
    let heard = of_base(&scene.context.shared, &release, None).await;
    scene.script.end();
    heard
}

#[rstest]
#[case(json!(["PATH=/bin", "RUBY_VERSION=3.1.4"]), Some("3.1"))]
#[case(json!(["RUBY_VERSION=ruby-2.7.8"]), Some("2.7"))]
#[case(json!(["RUBY_VERSION=3.4.0-preview1"]), Some("3.4"))]
#[case(json!(["RUBY_VERSION=2.7.8", "RUBY_VERSION=3.1.4"]), Some("3.1"))]
#[case(json!(["RUBY_VERSION=truffleruby-24.0"]), None)]
#[case(json!(["RUBY_VERSION="]), None)]
#[case(json!(["RUBY_VERSION"]), None)]
#[case(json!(["MY_RUBY_VERSION=3.1"]), None)]
#[case(json!("RUBY_VERSION=3.1.4"), None)]
#[case(json!(null), None)]
#[tokio::test]
async fn a_base_says_its_ruby_or_nothing_is_assumed(#[case] environment: Value, #[case] ruby: Option<&str>) {
    assert_eq!(heard(Some(environment), 404).await, ruby.map(|ruby| ruby.parse().unwrap()));
}

#[rstest]
#[tokio::test]
async fn nothing_is_assumed_where_the_registry_does_not_say(#[values(401, 404, 503)] status: u16) {
    assert_eq!(heard(None, status).await, None);
}
