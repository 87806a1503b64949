use std::io::Read;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const VERSION: &str = "4f2c1a9e0d5b4f2c1a9e0d5b4f2c1a9e0d5b4f2c-0badcafe";

fn file(path: &str, text: &str) -> TreeFile {
    TreeFile { path: path.to_owned(), kind: TreeFileKind::File { executable: false }, bytes: text.as_bytes().to_vec() }
}

fn executable(path: &str, text: &str) -> TreeFile {
    TreeFile { kind: TreeFileKind::File { executable: true }, ..file(path, text) }
}

fn link(path: &str, target: &str) -> TreeFile {
    TreeFile { kind: TreeFileKind::Symlink { target: target.to_owned() }, ..file(path, "") }
}

fn sample() -> Vec<TreeFile> {
    vec![
        file("nightly.rb", "jobnet(\"nightly\") do\nend\n"),
        executable("bin/report.sh", "#!/bin/sh\n"),
        link("bin/latest", "../nightly.rb"),
        file("夜間/ジョブ.rb", "# ジョブ\n"),
        file(&format!("long/{}/{}.rb", "d".repeat(120), "f".repeat(120)), "x"),
        link("long/link", &format!("{}/{}.rb", "d".repeat(120), "f".repeat(120))),
    ]
}

/// Each entry as `mode owner time path [-> target | content]`.
fn listing(layer: &Layer) -> Vec<String> {
    let mut archive = tar::Archive::new(layer.bytes.as_slice());
    let entries = archive.entries().unwrap();
    entries
        .map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let target = entry.link_name().unwrap().map(|target| format!(" -> {}", target.display()));
            let content = (!text.is_empty()).then(|| format!(" = {text:?}"));
            let header = entry.header();
            format!(
                "{:04o} {}:{} {} {}{}{}",
                header.mode().unwrap(),
                header.uid().unwrap(),
                header.gid().unwrap(),
                header.mtime().unwrap(),
                entry.path().unwrap().display(),
                target.unwrap_or_default(),
                content.unwrap_or_default(),
            )
        })
        .collect()
}

fn why(result: Result<Layer, LayerError>) -> PathError {
    match result {
        Err(LayerError::Path { why, .. }) => why,
        other => panic!("expected a refused path, got {other:?}"),
    }
}

#[test]
fn the_tree_lies_under_an_opaque_root_with_our_version() {
    let files = [file("b.rb", "b"), executable("a/run.sh", "run"), link("a/b.rb", "../b.rb")];
    insta::assert_snapshot!(listing(&pack(&files, "abc-123").unwrap()).join("\n"), @r#"
    0755 0:0 0 var/
    0755 0:0 0 var/lib/
    0755 0:0 0 var/lib/tengine/
    0755 0:0 0 var/lib/tengine/dsl/
    0644 0:0 0 var/lib/tengine/dsl/.wh..wh..opq
    0644 0:0 0 var/lib/tengine/dsl/VERSION = "abc-123"
    0755 0:0 0 var/lib/tengine/dsl/a/
    0777 0:0 0 var/lib/tengine/dsl/a/b.rb -> ../b.rb
    0755 0:0 0 var/lib/tengine/dsl/a/run.sh = "run"
    0644 0:0 0 var/lib/tengine/dsl/b.rb = "b"
    "#);
}

/// If this fails, every running deployment would get a new image digest with the next version of the operator: only
/// change it knowingly.
#[test]
fn the_bytes_are_the_ones_we_have_always_written() {
    let layer = pack(&sample(), VERSION).unwrap();
    assert_eq!(layer.digest.to_string(), "sha256:f5d3e2653367d95768bdda51206ff5200962796ac0f9d5fac5425cb53c98b3b1");
    assert_eq!(
        tree_digest(&sample()).unwrap().to_string(),
        "sha256:e9f482f3705a80550985cfa000cb5369822ba17633566caa7dda0dafa29d01d3"
    );
    assert_eq!(layer.digest, Digest::of(&layer.bytes));
    assert_eq!(layer.size(), layer.bytes.len() as u64);
}

#[test]
fn a_version_of_the_tree_is_replaced_and_said() {
    let with = [file("a.rb", "a"), file("VERSION", "1.0")];
    let without = [file("a.rb", "a")];
    let layer = pack(&with, VERSION).unwrap();
    assert!(layer.replaced_version);
    assert_eq!(layer.digest, pack(&without, VERSION).unwrap().digest);
    assert_eq!(tree_digest(&with).unwrap(), tree_digest(&without).unwrap());
    assert!(!pack(&without, VERSION).unwrap().replaced_version);
}

#[test]
fn a_version_deeper_in_the_tree_is_an_ordinary_file() {
    let layer = pack(&[file("gem/VERSION", "1.0")], VERSION).unwrap();
    assert!(!layer.replaced_version);
    assert!(listing(&layer).iter().any(|line| line.ends_with("gem/VERSION = \"1.0\"")));
}

#[rstest]
#[case::absolute("/etc/passwd", PathError::Absolute)]
#[case::climbing("a/../../b", PathError::NotStraight)]
#[case::only_climbing("..", PathError::NotStraight)]
#[case::dot("./a", PathError::NotStraight)]
#[case::doubled_slash("a//b", PathError::NotStraight)]
#[case::folder("a/", PathError::NotStraight)]
#[case::nothing("", PathError::NotStraight)]
#[case::whiteout(".wh.nightly.rb", PathError::Whiteout)]
#[case::opaque("a/.wh..wh..opq", PathError::Whiteout)]
#[case::whiteout_folder(".wh.a/b", PathError::Whiteout)]
#[case::nul("a\0b", PathError::Nul)]
#[case::below_version("VERSION/a.rb", PathError::FileAndFolder)]
fn a_name_that_must_not_get_into_an_image_is_refused(#[case] path: &str, #[case] expected: PathError) {
    assert_eq!(why(pack(&[file(path, "")], VERSION)), expected);
    assert!(tree_digest(&[file(path, "")]).is_err());
}

#[test]
fn a_name_no_file_system_takes_is_refused() {
    assert_eq!(why(pack(&[file(&"n".repeat(256), "")], VERSION)), PathError::TooLong);
    assert_eq!(why(pack(&[file(&"d/".repeat(2000), "")], VERSION)), PathError::TooLong);
}

#[rstest]
#[case::twice(&[file("a", "1"), file("a", "1")], PathError::Duplicate)]
#[case::file_and_link(&[file("a", "1"), link("a", "b")], PathError::Duplicate)]
#[case::two_versions(&[file("VERSION", "1"), file("VERSION", "1")], PathError::Duplicate)]
#[case::file_then_folder(&[file("a", "1"), file("a/b", "1")], PathError::FileAndFolder)]
#[case::folder_then_file(&[file("a/b", "1"), file("a", "1")], PathError::FileAndFolder)]
#[case::through_a_link(&[link("a", "b"), file("a/c", "1")], PathError::FileAndFolder)]
fn a_place_is_taken_only_once(#[case] files: &[TreeFile], #[case] expected: PathError) {
    assert_eq!(why(pack(files, VERSION)), expected);
}

#[rstest]
#[case::sibling("a/l", "b.rb")]
#[case::up_and_down("a/l", "../b/c.rb")]
#[case::the_root("a/b/l", "../..")]
#[case::dangling("l", "nowhere")]
#[case::dots("a/l", "./.././b")]
fn a_link_inside_the_tree_is_packed(#[case] path: &str, #[case] target: &str) {
    assert!(pack(&[link(path, target)], VERSION).is_ok());
}

#[rstest]
#[case::root("l", "..")]
#[case::far("a/l", "../../etc/passwd")]
#[case::down_and_up("l", "a/../b")]
#[case::through_another_link("l", "deep/link/../../..")]
fn a_link_that_could_leave_the_tree_is_refused(#[case] path: &str, #[case] target: &str) {
    assert_eq!(why(pack(&[link(path, target)], VERSION)), PathError::LinkLeaves(target.to_owned()));
}

#[test]
fn a_link_to_an_absolute_path_or_to_nothing_is_refused() {
    let absolute = why(pack(&[link("l", "/etc/shadow")], VERSION));
    assert_eq!(absolute, PathError::LinkAbsolute("/etc/shadow".to_owned()));
    assert_eq!(why(pack(&[link("l", "")], VERSION)), PathError::LinkEmpty);
}

#[test]
fn an_error_names_the_path_and_the_rule() {
    let error = pack(&[file("jobs/.wh.a", "")], VERSION).unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"jobs/.wh.a\" has a part that begins with \".wh.\"; image layers delete files by such names, so rename it"
    );
}

#[rstest]
#[case("")]
#[case("two words")]
#[case("line\n")]
fn a_version_is_one_word(#[case] version: &str) {
    assert!(matches!(pack(&[], version), Err(LayerError::Version(_))));
}

#[test]
fn an_empty_tree_still_has_its_root_and_version() {
    assert_eq!(listing(&pack(&[], VERSION).unwrap()).len(), 6);
}

#[test]
fn the_tree_digest_tells_kinds_and_borders_apart() {
    let trees = [
        vec![file("a", "b")],
        vec![executable("a", "b")],
        vec![link("a", "b")],
        vec![file("ab", "")],
        vec![file("a", ""), file("b", "")],
        vec![],
    ];
    let digests: std::collections::BTreeSet<_> =
        trees.iter().map(|tree| tree_digest(tree).unwrap().to_string()).collect();
    assert_eq!(digests.len(), trees.len());
}

fn any_tree() -> impl Strategy<Value = Vec<TreeFile>> {
    let paths = proptest::collection::btree_set("([a-c]{1,3}/){0,2}[d-g]{1,2}\\.rb", 0..12);
    (paths, any::<u64>()).prop_map(|(paths, salt)| {
        let with_kind = |(i, path): (usize, String)| match (salt >> i) & 3 {
            0 => executable(&path, &path),
            1 => link(&path, "x"),
            _ => file(&path, &path.repeat(i * 40)),
        };
        paths.into_iter().enumerate().map(with_kind).collect()
    })
}

proptest! {
    #[test]
    fn the_order_of_the_files_does_not_matter(
        (tree, shuffled) in any_tree().prop_flat_map(|tree| (Just(tree.clone()), Just(tree).prop_shuffle()))
    ) {
        prop_assert_eq!(pack(&tree, VERSION).unwrap(), pack(&shuffled, VERSION).unwrap());
        prop_assert_eq!(tree_digest(&tree).unwrap(), tree_digest(&shuffled).unwrap());
    }

    #[test]
    fn every_entry_has_its_folder_before_it_and_lies_where_it_must(tree in any_tree()) {
        let layer = pack(&tree, VERSION).unwrap();
        let mut archive = tar::Archive::new(layer.bytes.as_slice());
        let mut folders = vec![String::new()];
        for entry in archive.entries().unwrap() {
            let entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().trim_end_matches('/').to_owned();
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
            prop_assert!(folders.contains(&parent));
            let below = path.starts_with(&format!("{DSL_ROOT}/"));
            prop_assert!(below || DSL_ROOT.starts_with(&path), "{}", path);
            if entry.header().entry_type().is_dir() {
                folders.push(path);
            }
        }
    }
}
