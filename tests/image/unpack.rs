//! The image as others see it: copied by `skopeo`, which checks every digest, and unpacked by `umoci`.

use std::path::Path;

use tengine_operator::image::LayerContent;
use tengine_operator::image::layer::{DSL_ROOT, TreeFile, TreeFileKind, pack};
use tokio::process::Command;

use crate::support::base::Image;
use crate::support::registry::Registry;
use crate::support::{definition, registries, repository, wanted};

/// A layer with these files, as anybody else would write it.
fn layer_of(files: &[&str]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for path in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(4);
        tar.append_data(&mut header, path, b"base".as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

async fn run(folder: &Path, program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).current_dir(folder).output().await;
    let output = output.unwrap_or_else(|e| panic!("{program}: {e}; install the package {program}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Paths below `folder`, folders with a slash.
fn listing(folder: &Path, prefix: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(listing(&entry.path(), &format!("{name}/")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn the_definition_is_there_and_nothing_of_the_base_shows_through() {
    let registry = Registry::open().await;
    let of_base =
        ["etc/base", "var/lib/tengine/dsl/stale.rb", "var/lib/tengine/dsl/jobs/stale.rb", "var/lib/tengine/beside"];
    let base = Image { layers: vec![layer_of(&of_base)], ..Image::default() };
    let digest = base.push(&registry, "ops/base", "1.2").await;

    let long = format!("{}/{}.rb", "d".repeat(120), "夜".repeat(40));
    let extra = |path: &str, kind| TreeFile { path: path.to_owned(), kind, bytes: Vec::new() };
    let mut files = definition(2);
    files.push(extra(&long, TreeFileKind::File { executable: true }));
    files.push(extra("link.rb", TreeFileKind::Symlink { target: "jobs/job0000.rb".to_owned() }));
    let layer = pack(&files, "4f2c1a9-0badcafe").unwrap();
    let target = repository(&registry.host, "ops/billing");
    let mut wanted = wanted(&format!("{}/ops/base:1.2", registry.host), &digest, &target);
    (wanted.layer_digest, wanted.layer_size) = (layer.digest.clone(), layer.size());
    wanted.layer = LayerContent::Bytes(layer.bytes.into());
    registries(&[&registry.host]).append(wanted.clone()).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let image = format!("docker://{target}:{}", wanted.tag);
    run(folder.path(), "skopeo", &["copy", "--src-tls-verify=false", &image, "oci:image:it"]).await;
    run(folder.path(), "umoci", &["unpack", "--rootless", "--image", "image:it", "bundle"]).await;
    let root = folder.path().join("bundle/rootfs");
    let dsl = root.join(DSL_ROOT);
    assert_eq!(listing(&dsl, ""), ["VERSION", long.as_str(), "jobs/job0000.rb", "jobs/job0001.rb", "link.rb"]);
    assert_eq!(std::fs::read_to_string(dsl.join("VERSION")).unwrap(), "4f2c1a9-0badcafe");
    assert!(std::fs::read_to_string(dsl.join("link.rb")).unwrap().starts_with("jobnet"));
    assert!(root.join("etc/base").exists() && root.join("var/lib/tengine/beside").exists());
}
