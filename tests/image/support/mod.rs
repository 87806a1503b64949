//! What the tests need to say what they claim in a few lines.

pub mod base;
pub mod imitation;
pub mod registry;
pub mod silent;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tengine_operator::domain::{Digest, ImageRepository};
use tengine_operator::image::layer::{TreeFile, TreeFileKind, pack};
use tengine_operator::image::{Append, Credentials, Deadlines, LayerContent, Registries};
use tengine_operator::settings::{Hosts, RegistryHost};

/// Short enough for tests that wait for one, long enough for a busy machine.
pub fn deadlines() -> Deadlines {
    Deadlines {
        connect: Duration::from_secs(10),
        call: Duration::from_secs(20),
        stall: Duration::from_secs(20),
        look: Duration::from_secs(40),
        append: Duration::from_mins(2),
    }
}

/// A plain HTTP client, for the tests' own requests.
pub fn http() -> reqwest::Client {
    // Fails if another test was quicker, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// Registries that speak plain HTTP on these hosts.
pub fn registries(hosts: &[&str]) -> Registries {
    registries_within(hosts, deadlines())
}

pub fn registries_within(hosts: &[&str], deadlines: Deadlines) -> Registries {
    let plain = RegistryHost { plain_http: true, ..RegistryHost::default() };
    let registries = hosts.iter().map(|host| ((*host).to_owned(), plain.clone())).collect();
    Registries::new(Hosts { registries, git_hosts: BTreeMap::new() }, deadlines).unwrap()
}

pub fn login(host: &str, username: &str, password: &str) -> Credentials {
    let json = json!({"auths": {host: {"username": username, "password": password}}}).to_string();
    Credentials::parse(json.as_bytes()).unwrap()
}

pub fn repository(host: &str, path: &str) -> ImageRepository {
    format!("{host}/{path}").parse().unwrap()
}

/// A definition of as many files.
pub fn definition(files: usize) -> Vec<TreeFile> {
    let file = |i| TreeFile {
        path: format!("jobs/job{i:04}.rb"),
        kind: TreeFileKind::File { executable: false },
        bytes: format!("jobnet(\"job{i}\") do\n  job(\"a\", \"echo {i}\")\nend\n").into_bytes(),
    };
    (0..files).map(file).collect()
}

/// `definition(files)` on top of `base` (a reference), to `repository:tag`.
pub fn wanted(base: &str, base_digest: &Digest, repository: &ImageRepository) -> Append {
    let version = "0badcafe0badcafe0badcafe0badcafe0badcafe";
    let layer = pack(&definition(3), version).unwrap();
    Append {
        base: base.parse().unwrap(),
        base_digest: base_digest.clone(),
        base_credentials: None,
        platform: "linux/amd64".parse().unwrap(),
        repository: repository.clone(),
        credentials: None,
        tag: "4f2c1a9-0123456789abcdef".to_owned(),
        layer_digest: layer.digest.clone(),
        layer_size: layer.size(),
        layer: LayerContent::Bytes(layer.bytes.into()),
        version: version.to_owned(),
    }
}
