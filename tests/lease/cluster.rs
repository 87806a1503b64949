//! A namespace of its own per test, and a way to the API server that can be cut.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{Api, DeleteParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Client, Config};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

/// An empty namespace, deleted again by [`end`](Self::end).
pub(crate) struct Cluster {
    pub config: Config,
    pub client: Client,
    pub namespace: String,
}

/// Tells the namespaces of one run apart.
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Cluster {
    /// `None` where no cluster is named.
    pub(crate) async fn begin(name: &str) -> Option<Self> {
        if std::env::var_os("KUBECONFIG").is_none() {
            eprintln!("skipped: KUBECONFIG is not set");
            return None;
        }
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = Config::infer().await.unwrap();
        let client = Client::try_from(config.clone()).unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let namespace = format!("lease-{name}-{}-{number}", std::process::id());
        let object = Namespace {
            metadata: ObjectMeta { name: Some(namespace.clone()), ..ObjectMeta::default() },
            ..Namespace::default()
        };
        Api::all(client.clone()).create(&PostParams::default(), &object).await.unwrap();
        Some(Self { config, client, namespace })
    }

    pub(crate) fn leases(&self) -> Api<Lease> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The lease's spec, as it is now.
    pub(crate) async fn lease(&self, name: &str) -> LeaseSpec {
        self.leases().get(name).await.unwrap().spec.unwrap()
    }

    pub(crate) async fn holder(&self, name: &str) -> Option<String> {
        let lease = self.leases().get_opt(name).await.unwrap()?;
        lease.spec?.holder_identity.filter(|holder| !holder.is_empty())
    }

    /// Waits until the lease has this holder; says how long that took.
    pub(crate) async fn wait_for_holder(&self, name: &str, wanted: Option<&str>, at_most: Duration) -> Duration {
        let begun = Instant::now();
        loop {
            let holder = self.holder(name).await;
            if holder.as_deref() == wanted {
                return begun.elapsed();
            }
            assert!(begun.elapsed() < at_most, "the holder is still {holder:?}, not {wanted:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Writes another holder into the lease, as nobody should.
    pub(crate) async fn steal(&self, name: &str) {
        let theft = Patch::Merge(serde_json::json!({"spec": {"holderIdentity": "thief"}}));
        self.leases().patch(name, &PatchParams::default(), &theft).await.unwrap();
    }

    pub(crate) async fn end(self) {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        namespaces.delete(&self.namespace, &DeleteParams::background()).await.unwrap();
    }
}

/// A relay on loopback to the API server.
pub(crate) struct Relay {
    pub client: Client,
    cut: watch::Sender<bool>,
}

impl Relay {
    pub(crate) async fn to(cluster: &Cluster) -> Self {
        let uri = &cluster.config.cluster_url;
        let target = format!("{}:{}", uri.host().unwrap(), uri.port_u16().unwrap_or(443));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (cut, is_cut) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((inbound, _)) = listener.accept().await {
                tokio::spawn(relay(inbound, target.clone(), is_cut.clone()));
            }
        });
        let mut config = cluster.config.clone();
        config.cluster_url = format!("https://127.0.0.1:{port}").parse().unwrap();
        Self { client: Client::try_from(config).unwrap(), cut }
    }

    /// From now on nothing passes, and no connection is closed: what a lost network looks like.
    pub(crate) fn cut(&self) {
        self.cut.send_replace(true);
    }
}

async fn relay(mut inbound: TcpStream, target: String, mut is_cut: watch::Receiver<bool>) {
    let mut outbound = TcpStream::connect(target).await.unwrap();
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut inbound, &mut outbound) => return,
        _ = is_cut.wait_for(|cut| *cut) => {}
    }
    // Keeps both connections, silent.
    std::future::pending::<()>().await;
}
