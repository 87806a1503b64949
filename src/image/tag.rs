//! What people find an image under; pods run by digest.

use crate::domain::{BuildKey, CommitId, Digest, KeyHasher, Platform, TreePath};

/// Which rules an image follows that is built now. Counts up when the same inputs come to give another digest, so that no
/// tag ever stands for two: a registry may not let it move.
const RULES: &str = "2";

/// `<7 digits of the commit>-<key>`, where the key stands for all that decides the digest. Several tags may name one image,
/// but no tag names two: not those of another base, path or platform.
pub fn tag(commit: &CommitId, path: &TreePath, base: &Digest, platform: &Platform) -> String {
    let key: BuildKey = KeyHasher::default()
        .part("rules", RULES)
        .part("commit", commit.as_ref())
        .part("path", path.to_string())
        .part("base", base.as_ref())
        .part("platform", platform.to_string())
        .build_key();
    format!("{}-{key}", commit.short())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn whatever_decides_the_digest_is_in_the_tag() {
        let commits = ["4f2c1a9e0d5b4f2c1a9e0d5b4f2c1a9e0d5b4f2c", "4f2c1a9e0d5b4f2c1a9e0d5b4f2c1a9e0d5b4f2d"];
        let mut tags = BTreeSet::new();
        for commit in commits {
            for path in [".", "jobs"] {
                for base in [b"1", b"2"] {
                    for platform in ["linux/amd64", "linux/arm64"] {
                        let (commit, path) = (commit.parse().unwrap(), path.parse().unwrap());
                        tags.insert(tag(&commit, &path, &Digest::of(base), &platform.parse().unwrap()));
                    }
                }
            }
        }
        assert_eq!(tags.len(), 16);
        assert!(tags.iter().all(|tag| tag.starts_with("4f2c1a9-") && tag.len() == 24));
    }
}
