//! Images as the operator makes them: a definition on top of the stand-in core.

use std::collections::BTreeMap;
use std::time::Duration;
use tengine_operator::image::layer::{TreeFile, TreeFileKind, pack};
use tengine_operator::image::{Append, Deadlines, LayerContent, Registries};
use tengine_operator::settings::{Hosts, RegistryHost};

pub const COMMIT: &str = "4f2c1a9d8e7b6a5f4e3d2c1b0a9f8e7d6c5b4a39";

/// Puts a definition on top of `base` and says the image, by digest.
pub fn build(base: &str, definition: &str) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Runtime::new().unwrap().block_on(append(base, definition))
}

async fn append(base: &str, definition: &str) -> String {
    let host = std::env::var("TENGINE_REGISTRY").unwrap();
    let plain = RegistryHost { plain_http: true, ..RegistryHost::default() };
    let hosts = Hosts { registries: BTreeMap::from([(host.clone(), plain)]), git_hosts: BTreeMap::new() };
    let minute = Duration::from_mins(1);
    let deadlines = Deadlines { connect: minute, call: minute, stall: minute, look: minute, append: minute };
    let registries = Registries::new(hosts, deadlines).unwrap();
    let repository = format!("{host}/manifest-test/definition");
    let wanted = wanted(base, definition, &repository, &registries).await;
    format!("{repository}@{}", registries.append(wanted).await.unwrap().digest)
}

async fn wanted(base: &str, definition: &str, repository: &str, registries: &Registries) -> Append {
    let kind = TreeFileKind::File { executable: false };
    let file = TreeFile { path: "test.rb".into(), kind, bytes: definition.as_bytes().to_vec() };
    let version = format!("{COMMIT}-{:08x}", definition.len());
    let layer = pack(&[file], &version).unwrap();
    let platform = "linux/amd64".parse().unwrap();
    let seen = registries.look_at_base(&base.parse().unwrap(), None).await.unwrap();
    Append {
        base: base.parse().unwrap(),
        base_digest: seen.digest,
        base_credentials: None,
        platform,
        repository: repository.parse().unwrap(),
        credentials: None,
        tag: layer.digest.to_string().replace(':', "-")[..20].to_owned(),
        layer_digest: layer.digest.clone(),
        layer_size: layer.size(),
        layer: LayerContent::Bytes(layer.bytes.into()),
        version,
    }
}
