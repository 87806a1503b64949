//! A registry that keeps what it is given, and remembers what was written.

use crate::domain::Digest;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

#[derive(Default)]
struct Content {
    /// By path.
    kept: HashMap<String, Bytes>,
    /// Paths, in the order of their being written.
    written: Vec<String>,
}

/// A running one. It ends with the test.
pub struct Registry {
    pub host: String,
    content: Arc<Mutex<Content>>,
}

impl Registry {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let content = Arc::<Mutex<Content>>::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&content));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { host, content }
    }

    /// Has an image of one layer, for what this program runs on, as `ops/core`; gives its digest.
    pub fn keep_base(&self) -> Digest {
        let (layer, platform) = (b"what a core is made of", crate::settings::platform_of_this_build());
        let config = json!({
            "os": platform.os, "architecture": platform.architecture, "config": {},
            "rootfs": { "type": "layers", "diff_ids": [Digest::of(layer)] },
        });
        let config = config.to_string();
        let descriptor = |kind: &str, bytes: &[u8]| {
            let media_type = format!("application/vnd.oci.image.{kind}");
            json!({ "mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len() })
        };
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": descriptor("config.v1+json", config.as_bytes()),
            "layers": [descriptor("layer.v1.tar", layer)],
        });
        let manifest = manifest.to_string();
        let digest = Digest::of(manifest.as_bytes());
        let kept = &mut self.content.lock().unwrap().kept;
        kept.insert(format!("/v2/ops/core/manifests/{digest}"), manifest.into());
        kept.insert(format!("/v2/ops/core/blobs/{}", Digest::of(config.as_bytes())), config.into());
        kept.insert(format!("/v2/ops/core/blobs/{}", Digest::of(layer)), Bytes::from_static(layer));
        digest
    }

    /// What was written below this path.
    pub fn written(&self, below: &str) -> Vec<String> {
        let content = self.content.lock().unwrap();
        content.written.iter().filter(|path| path.starts_with(below)).cloned().collect()
    }
}

async fn answer(State(content): State<Arc<Mutex<Content>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path().to_owned();
    let mut content = content.lock().unwrap();
    if parts.method == Method::POST {
        return (StatusCode::ACCEPTED, [(header::LOCATION, format!("{path}1"))]).into_response();
    }
    if parts.method == Method::PUT {
        let of_blob = path.split_once("/uploads/").map(|(blobs, _)| format!("{blobs}/{}", Digest::of(&body)));
        let path = of_blob.unwrap_or(path);
        content.kept.insert(path.clone(), body);
        content.written.push(path);
        return StatusCode::CREATED.into_response();
    }
    let Some(bytes) = content.kept.get(&path).cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let digest = Digest::of(&bytes).to_string();
    Response::builder()
        .header(header::CONTENT_TYPE, if path.contains("/manifests/") { MANIFEST } else { "application/octet-stream" })
        .header("docker-content-digest", digest)
        .body(Body::from(bytes))
        .unwrap()
}
