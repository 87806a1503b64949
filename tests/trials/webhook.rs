//! A mutating webhook that puts a container before ours, served by the trials themselves.

use crate::stage::{SPACE, Stage, env, run};
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use axum::serve::Listener;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The label of pods that get the container.
pub const LABEL: &str = "trials-sidecar";
/// The name of the container: it stands before `tengined` in the alphabet too.
pub const SIDECAR: &str = "a-sidecar";
/// What it ends with.
pub const EXIT_CODE: i32 = 7;

/// What the container does in the pods that are made from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sidecar {
    Stays,
    /// Says what a core would say of definitions it refuses, and ends.
    Crashes,
}

/// It goes with the namespace.
pub struct Webhook(Arc<Mutex<Sidecar>>);

impl Webhook {
    pub async fn open(stage: &Stage) -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (key, certificate) = (path("key.pem"), path("certificate.pem"));
        let name = format!("subjectAltName=IP:{}", env("TENGINE_HOST"));
        let make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
        let of = ["-subj", "/CN=trials", "-addext", &name, "-keyout", &key, "-out", &certificate];
        run("openssl", &[&make[..], &of].concat(), "").await;
        let (key, certificate) = (std::fs::read(key).unwrap(), std::fs::read(certificate).unwrap());

        let listener = Tls::bind(&certificate, &key).await;
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let sidecar = Arc::new(Mutex::new(Sidecar::Stays));
        let router = Router::new().route("/", post(inject)).with_state(Arc::clone(&sidecar));
        tokio::spawn(async move { axum::serve(listener, router).await });
        stage.apply(configuration(stage, &url, &certificate).await).await;
        Self(sidecar)
    }

    pub fn turn(&self, sidecar: Sidecar) {
        *self.0.lock().unwrap() = sidecar;
    }
}

async fn configuration(stage: &Stage, url: &str, authority: &[u8]) -> Value {
    let uid = stage.kubectl(&["get", "namespace", SPACE, "-o", "jsonpath={.metadata.uid}"]).await;
    let owner = json!({ "apiVersion": "v1", "kind": "Namespace", "name": SPACE, "uid": uid });
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
        "metadata": { "name": "trials-sidecar", "ownerReferences": [owner] },
        "webhooks": [{
            "name": "sidecar.trials.tengine.dev",
            "clientConfig": { "url": url, "caBundle": STANDARD.encode(authority) },
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": SPACE } },
            "objectSelector": { "matchLabels": { LABEL: "yes" } },
            "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"] }],
            "sideEffects": "None", "admissionReviewVersions": ["v1"], "failurePolicy": "Fail", "timeoutSeconds": 5,
        }],
    })
}

async fn inject(State(sidecar): State<Arc<Mutex<Sidecar>>>, review: String) -> impl IntoResponse {
    let review: Value = serde_json::from_str(&review).unwrap();
    let container = container(*sidecar.lock().unwrap());
    let patch = json!([{ "op": "add", "path": "/spec/containers/0", "value": container }]);
    let response = json!({
        "uid": review["request"]["uid"], "allowed": true, "patchType": "JSONPatch",
        "patch": STANDARD.encode(patch.to_string()),
    });
    let review = json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response });
    ([(CONTENT_TYPE, "application/json")], review.to_string())
}

fn container(sidecar: Sidecar) -> Value {
    let said = "echo \"/tengine/definitions/sidecar.rb:1:in 'call': undefined method 'no' (NoMethodError)\" >&2";
    let script = match sidecar {
        Sidecar::Stays => "trap 'exit 0' TERM; while :; do sleep 1; done".to_owned(),
        Sidecar::Crashes => format!("{said}; exit {EXIT_CODE}"),
    };
    let is_ready = if sidecar == Sidecar::Stays { "true" } else { "false" };
    json!({
        "name": SIDECAR, "image": env("TENGINE_CORE_IMAGE"), "command": ["sh", "-c", script],
        "readinessProbe": { "exec": { "command": [is_ready] }, "periodSeconds": 1 },
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "readOnlyRootFilesystem": true,
        },
    })
}

/// Connections whose handshake is done; the others are nobody's loss.
struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Tls {
    async fn bind(certificate: &[u8], key: &[u8]) -> Self {
        let (chain, key) = (CertificateDer::from_pem_slice(certificate).unwrap(), PrivateKeyDer::from_pem_slice(key));
        let config = rustls::ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![chain], key.unwrap()).unwrap();
        let listener = TcpListener::bind((env("TENGINE_HOST"), 0)).await.unwrap();
        Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }
}

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((connection, address)) = self.listener.accept().await else { continue };
            if let Ok(connection) = self.acceptor.accept(connection).await {
                return (connection, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
