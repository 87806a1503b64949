//! Finds the image for a platform behind a digest, whatever lies between.

use super::client::{ManifestRef, Session};
use super::document::{Base, Candidate, Document, Offered, candidates, offered_platform};
use super::error::{ImageError, Problem};
use crate::domain::{Digest, Platform};

/// The largest config we read, in bytes. They are some KiB.
const LARGEST_CONFIG: usize = 4 * 1024 * 1024;

/// How deep an index may lie in an index.
const DEEPEST: usize = 4;

/// How many manifests are read at most for one base: an index may list hundreds of what says nothing of itself.
const MOST_MANIFESTS: usize = 32;

/// The base's manifest for this platform, and its config byte for byte.
///
/// An index lists images, or indexes that are followed. An entry that says its platform is believed, and the image is checked
/// against it when it is built upon; one that does not is looked into. Those that say it come first.
pub(super) async fn read(
    source: &Session,
    digest: &Digest,
    platform: &Platform,
) -> Result<(Base, Vec<u8>), ImageError> {
    let mut offered = Offered::default();
    let mut waiting = vec![(Candidate { digest: digest.clone(), says_platform: true }, 0)];
    let mut read = 0;
    while let Some((candidate, depth)) = waiting.pop() {
        read += 1;
        if depth > DEEPEST || read > MOST_MANIFESTS {
            let why = format!("index {digest} lists more indexes and images than we read");
            return Err(source.error(Problem::InvalidImage(why)));
        }
        let manifest = source.read_manifest(ManifestRef::Digest(&candidate.digest)).await?;
        let missing = || source.error(Problem::ImageNotFound(source.named(&candidate.digest)));
        let document = Document::parse(&manifest.ok_or_else(missing)?).map_err(|problem| source.error(problem))?;
        match document {
            Document::Index(entries) => {
                let found = candidates(&entries, platform, &mut offered).map_err(|problem| source.error(problem))?;
                // Taken from the end.
                waiting.extend(found.into_iter().rev().map(|candidate| (candidate, depth + 1)));
            }
            Document::Image(base) => {
                let config = source.read_blob("the base image's config", &base.config, LARGEST_CONFIG).await?;
                if candidate.says_platform || offered_platform(&config, platform, &mut offered) {
                    return Ok((base, config));
                }
            }
        }
    }
    Err(source.error(offered.without(platform)))
}
