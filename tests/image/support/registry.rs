//! A real registry, for the time of one test: Debian's `docker-registry`, on a free port of the loopback interface.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tengine_operator::domain::Digest;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// What `push` may log in with where the registry wants it.
pub const USER: &str = "pusher";
/// Its password.
pub const PASSWORD: &str = "pushpass";
const HTPASSWD: &str = "pusher:$2b$04$FsW/lCgnSkMP9EwsaHmxHeKRjkoR/O9uTWMBjWmBPnyfyP4YU3XmS\n";

/// Settings of a registry.
#[derive(Default)]
pub struct Options {
    /// Wants [`USER`] and [`PASSWORD`].
    pub protected: bool,
    /// Refuses to be written to.
    pub read_only: bool,
    /// Certificate and key.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// A running registry. Ends with this value.
pub struct Registry {
    /// `127.0.0.1:port`.
    pub host: String,
    folder: TempDir,
    storage: PathBuf,
    requests: Arc<Mutex<Vec<String>>>,
    _process: Child,
}

impl Registry {
    pub async fn open() -> Self {
        Self::start(Options::default()).await
    }

    pub async fn protected() -> Self {
        Self::start(Options { protected: true, ..Options::default() }).await
    }

    pub async fn start(options: Options) -> Self {
        // Between finding a free port and listening on it, somebody else may take it.
        for _ in 0..5 {
            if let Some(registry) = Self::try_start(&options).await {
                return registry;
            }
        }
        panic!("docker-registry does not start");
    }

    async fn try_start(options: &Options) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let host = format!("127.0.0.1:{port}");
        let storage = folder.path().join("storage");
        std::fs::write(folder.path().join("htpasswd"), HTPASSWD).unwrap();
        let config = folder.path().join("config.yml");
        std::fs::write(&config, configuration(options, folder.path(), &storage, &host)).unwrap();
        let binary = std::env::var("DOCKER_REGISTRY").unwrap_or_else(|_| "/usr/bin/docker-registry".to_owned());
        let mut process = Command::new(&binary)
            .arg("serve")
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|e| panic!("{binary}: {e}; install the package docker-registry"));
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        loop {
            let line = log.next_line().await.unwrap()?;
            if line.contains("listening on") {
                break;
            }
        }
        tokio::spawn(async move { while let Ok(Some(_)) = log.next_line().await {} });
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let mut access = BufReader::new(process.stdout.take().unwrap()).lines();
        tokio::spawn(async move {
            while let Ok(Some(line)) = access.next_line().await {
                let request = line.split('"').nth(1).unwrap_or_default().to_owned();
                seen.lock().unwrap().push(request);
            }
        });
        Some(Self { host, folder, storage, requests, _process: process })
    }

    /// `METHOD /path PROTOCOL` of each request that was answered and logged so far. A request of our own marks the end: what was
    /// answered before it is logged before it.
    pub async fn requests(&self) -> Vec<String> {
        let marker = format!("/v2/marker/{:x}", rand());
        let _ = super::http().get(format!("http://{}{marker}", self.host)).send().await.unwrap();
        loop {
            let mut requests = self.requests.lock().unwrap().clone();
            if let Some(end) = requests.iter().position(|request| request.contains(&marker)) {
                requests.truncate(end);
                requests.retain(|request| !request.contains("/v2/marker/"));
                return requests;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Forgets what was asked so far.
    pub async fn forget_requests(&self) {
        self.requests().await;
        self.requests.lock().unwrap().clear();
    }

    /// Those that change something.
    pub async fn writes(&self) -> Vec<String> {
        let mut requests = self.requests().await;
        requests.retain(|request| !request.starts_with("GET ") && !request.starts_with("HEAD "));
        requests
    }

    /// The file in which the registry keeps a blob or manifest.
    pub fn file_of(&self, digest: &Digest) -> PathBuf {
        let blobs = self.storage.join("docker/registry/v2/blobs/sha256");
        blobs.join(digest.short(2)).join(digest.hex()).join("data")
    }

    /// The uploads that the registry knows of. One that was cancelled leaves a folder without data (in version 2.8).
    pub fn uploads(&self, repository: &str) -> usize {
        self.upload_folders(repository).len()
    }

    /// The uploads that were begun and neither finished nor cancelled.
    pub fn open_uploads(&self, repository: &str) -> usize {
        self.upload_folders(repository).iter().filter(|folder| folder.join("data").exists()).count()
    }

    fn upload_folders(&self, repository: &str) -> Vec<PathBuf> {
        let folder = self.storage.join("docker/registry/v2/repositories").join(repository).join("_uploads");
        let entries = std::fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    /// A folder for the test's own files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn configuration(options: &Options, folder: &Path, storage: &Path, host: &str) -> String {
    let mut text = format!(
        "version: 0.1\nlog: {{level: info}}\nstorage:\n  filesystem: {{rootdirectory: {}}}\n  maintenance: {{readonly: {{enabled: {}}}}}\nhttp:\n  addr: {host}\n",
        storage.display(),
        options.read_only,
    );
    if let Some((certificate, key)) = &options.tls {
        writeln!(text, "  tls: {{certificate: {}, key: {}}}", certificate.display(), key.display()).unwrap();
    }
    if options.protected {
        writeln!(text, "auth: {{htpasswd: {{realm: test, path: {}}}}}", folder.join("htpasswd").display()).unwrap();
    }
    text
}

/// Something that no other call returns.
fn rand() -> usize {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}
