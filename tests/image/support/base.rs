//! Base images made by hand, and pushed with nothing but HTTP.

use serde_json::{Value, json};
use tengine_operator::domain::Digest;

use super::http;
use super::registry::{PASSWORD, Registry, USER};

pub const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
pub const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// An image with these layers, and for this architecture of Linux.
pub struct Image {
    pub architecture: &'static str,
    pub media_type: &'static str,
    pub layers: Vec<Vec<u8>>,
}

impl Default for Image {
    fn default() -> Self {
        let layers = vec![b"the first layer".to_vec(), vec![7; 300_000]];
        Self { architecture: "amd64", media_type: OCI, layers }
    }
}

impl Image {
    pub fn config(&self) -> Vec<u8> {
        let ids: Vec<_> = self.layers.iter().map(|layer| Digest::of(layer)).collect();
        json!({
            "os": "linux",
            "architecture": self.architecture,
            "config": {"Env": ["LANG=C.UTF-8"], "Cmd": ["tengined"], "Healthcheck": {"Test": ["NONE"]}},
            "rootfs": {"type": "layers", "diff_ids": ids},
            "history": ids.iter().map(|_| json!({"created_by": "base"})).collect::<Vec<_>>(),
            "com.example.unknown": {"kept": true},
        })
        .to_string()
        .into_bytes()
    }

    pub fn manifest(&self) -> Vec<u8> {
        let layer = if self.media_type == DOCKER {
            "application/vnd.docker.image.rootfs.diff.tar"
        } else {
            "application/vnd.oci.image.layer.v1.tar"
        };
        let config = if self.media_type == DOCKER {
            "application/vnd.docker.container.image.v1+json"
        } else {
            "application/vnd.oci.image.config.v1+json"
        };
        json!({
            "schemaVersion": 2,
            "mediaType": self.media_type,
            "config": descriptor(config, &self.config()),
            "layers": self.layers.iter().map(|bytes| descriptor(layer, bytes)).collect::<Vec<_>>(),
        })
        .to_string()
        .into_bytes()
    }

    /// Pushes it and says its digest.
    pub async fn push(&self, registry: &Registry, repository: &str, tag: &str) -> Digest {
        for layer in &self.layers {
            push_blob(registry, repository, layer).await;
        }
        push_blob(registry, repository, &self.config()).await;
        push_manifest(registry, repository, tag, self.media_type, self.manifest()).await
    }
}

/// Pushes these images and an index over them, and says the index's digest.
pub async fn push_index(registry: &Registry, repository: &str, tag: &str, images: &[Image]) -> Digest {
    let mut entries = Vec::new();
    for image in images {
        image.push(registry, repository, image.architecture).await;
        let mut entry = descriptor(image.media_type, &image.manifest());
        entry["platform"] = json!({"os": "linux", "architecture": image.architecture});
        entries.push(entry);
    }
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).to_string();
    push_manifest(registry, repository, tag, INDEX, index.into_bytes()).await
}

pub fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len()})
}

pub async fn push_blob(registry: &Registry, repository: &str, bytes: &[u8]) {
    let client = http();
    let begin = client.post(format!("http://{}/v2/{repository}/blobs/uploads/", registry.host));
    let opened = begin.basic_auth(USER, Some(PASSWORD)).send().await.unwrap().error_for_status().unwrap();
    let location = opened.headers()["location"].to_str().unwrap();
    let mut url = opened.url().join(location).unwrap();
    url.query_pairs_mut().append_pair("digest", Digest::of(bytes).as_ref());
    let put = client.put(url).basic_auth(USER, Some(PASSWORD)).body(bytes.to_vec());
    put.send().await.unwrap().error_for_status().unwrap();
}

pub async fn push_manifest(
    registry: &Registry,
    repository: &str,
    tag: &str,
    media_type: &str,
    bytes: Vec<u8>,
) -> Digest {
    let digest = Digest::of(&bytes);
    let put = http().put(format!("http://{}/v2/{repository}/manifests/{tag}", registry.host));
    let put = put.basic_auth(USER, Some(PASSWORD)).header("content-type", media_type).body(bytes);
    put.send().await.unwrap().error_for_status().unwrap();
    digest
}

/// What a registry has under a tag or digest, with its media type.
pub async fn manifest_at(registry: &Registry, repository: &str, at: &str) -> (String, Value) {
    let get = http().get(format!("http://{}/v2/{repository}/manifests/{at}", registry.host));
    let accepted = format!("{OCI}, {DOCKER}, {INDEX}");
    let answer = get.basic_auth(USER, Some(PASSWORD)).header("accept", accepted).send().await.unwrap();
    let answer = answer.error_for_status().unwrap();
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (media_type, answer.json().await.unwrap())
}

pub async fn blob_at(registry: &Registry, repository: &str, digest: &Value) -> Vec<u8> {
    let digest = digest.as_str().unwrap();
    let get = http().get(format!("http://{}/v2/{repository}/blobs/{digest}", registry.host));
    let answer = get.basic_auth(USER, Some(PASSWORD)).send().await.unwrap().error_for_status().unwrap();
    answer.bytes().await.unwrap().to_vec()
}
