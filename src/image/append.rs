//! Puts a packed definition on top of a base image, from registry to registry.
//!
//! What it guarantees:
//!
//! - The image's digest is a function of content: the base's manifest for the platform, the layer and its version. It is computed
//!   before anything is written, and what is there already is neither built nor pushed again.
//! - Nothing of the base is unpacked. Its layers are mounted within a registry, and otherwise streamed from one to the other, checked
//!   against their digests on the way.
//! - The tag is written last: whoever finds it finds a whole image.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures::StreamExt;

use super::client::{Blob, Content, ManifestRef, Purpose, Session};
use super::credentials::Credentials;
use super::document::{Base, Built, Change, build};
use super::error::{ImageError, Problem};
use super::{Registries, base};
use crate::domain::{BaseReference, Digest, ImageRepository, Platform};

/// How many blobs are on their way at one time.
const BLOBS_AT_ONCE: usize = 3;

/// An image to build.
#[derive(Debug, Clone)]
pub struct Append {
    /// What the user named as base.
    pub base: BaseReference,
    /// What that is: the digest of its manifest or index.
    pub base_digest: Digest,
    /// For pulling the base.
    pub base_credentials: Option<Credentials>,
    /// The one that is taken from an index, and that an image must be for.
    pub platform: Platform,
    /// Where the image goes.
    pub repository: ImageRepository,
    /// For pushing there.
    pub credentials: Option<Credentials>,
    /// What it is called there, besides its digest.
    pub tag: String,
    /// The packed definition.
    pub layer: LayerContent,
    /// The digest of the layer's bytes.
    pub layer_digest: Digest,
    /// The number of the layer's bytes.
    pub layer_size: u64,
    /// The DSL version that the layer's `VERSION` has.
    pub version: String,
}

/// Where a layer's bytes are.
#[derive(Debug, Clone)]
pub enum LayerContent {
    /// In memory.
    Bytes(Bytes),
    /// In a file, which may go when this is dropped.
    File(Arc<dyn LayerPath>),
}

/// Where a layer's file is.
pub trait LayerPath: fmt::Debug + Send + Sync {
    /// There.
    fn path(&self) -> PathBuf;
}

impl LayerPath for PathBuf {
    fn path(&self) -> PathBuf {
        self.clone()
    }
}

/// An image that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// What pods run.
    pub digest: Digest,
    /// False if it was there already.
    pub pushed: bool,
    /// How many bytes went to the registry, manifests aside. Mounted layers do not count.
    pub bytes_pushed: u64,
    /// What people should know of it, as sentences.
    pub notes: Vec<String>,
}

impl Registries {
    /// Builds an image, or finds that it is there.
    ///
    /// The layer is let go as soon as the registry has it.
    pub async fn append(&self, wanted: Append) -> Result<Appended, ImageError> {
        let target = self.session(&wanted.repository, wanted.credentials.as_ref(), Purpose::Push)?;
        let after = self.deadlines().append;
        let timed_out = Problem::TimedOut { doing: "building an image", after };
        let timed_out = target.error(timed_out);
        match tokio::time::timeout(after, self.append_to(target, wanted)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(timed_out),
        }
    }

    async fn append_to(&self, mut target: Session, wanted: Append) -> Result<Appended, ImageError> {
        let from = &wanted.base.repository;
        let source = self.session(from, wanted.base_credentials.as_ref(), Purpose::Pull)?;
        if from.registry() == wanted.repository.registry() && from != &wanted.repository {
            target = target.mounting_from(from);
        }
        let (base, config) = base::read(&source, &wanted.base_digest, &wanted.platform).await?;
        let layer = Blob { digest: wanted.layer_digest.clone(), size: wanted.layer_size };
        let change = wanted.change(&layer, &base);
        let built = build(&base, &config, &change).map_err(|problem| source.error(problem))?;

        let by_digest = ManifestRef::Digest(&built.digest);
        let is_there = target.look_at_manifest(by_digest).await?.is_some();
        let is_whole = is_there && target.first_missing(built.blobs(&base, &layer)).await?.is_none();
        let tag = wanted.tag.clone();
        let bytes_pushed =
            if is_whole { 0 } else { push_blobs(&source, &target, &base, &built, wanted, &layer).await? };
        if !is_there {
            write_manifest(&target, &tag, &built).await?;
        }
        let notes = write_tag(&target, &tag, &built).await?.into_iter().collect();
        Ok(Appended { digest: built.digest, pushed: !is_whole, bytes_pushed, notes })
    }
}

/// By its digest; what refuses that may still take it by its tag, as everybody else pushes.
async fn write_manifest(target: &Session, tag: &str, built: &Built) -> Result<(), ImageError> {
    let by_digest = ManifestRef::Digest(&built.digest);
    let Err(refused) = target.write_manifest(by_digest, built.media_type, &built.manifest).await else { return Ok(()) };
    if !refused.is_refusal() {
        return Err(refused);
    }
    let by_tag = target.write_manifest(ManifestRef::Tag(tag), built.media_type, &built.manifest).await;
    match by_tag {
        Ok(()) if target.look_at_manifest(by_digest).await?.is_some() => Ok(()),
        _ => Err(refused),
    }
}

/// The image is there by its digest, and that is what runs; a tag is for people. So a registry that does not let it be
/// written (it is protected, or no tag may ever move) gets a note, and one that is out of order is tried again: many remove
/// what has no tag.
async fn write_tag(target: &Session, tag: &str, built: &Built) -> Result<Option<String>, ImageError> {
    let by_tag = ManifestRef::Tag(tag);
    let seen = match target.look_at_manifest(by_tag).await {
        Err(error) if !error.is_refusal() => return Err(error),
        seen => seen.ok().flatten(),
    };
    if seen.as_ref() == Some(&built.digest) {
        return Ok(None);
    }
    match target.write_manifest(by_tag, built.media_type, &built.manifest).await {
        Err(refused) if refused.is_refusal() => Ok(Some(format!(
            "The image has no tag {tag}: {}. It runs by its digest; a registry that removes what has no tag may remove it.",
            refused.fact()
        ))),
        written => written.map(|()| None),
    }
}

/// Ours come first: if we may not push, it shows before anything large is on its way.
async fn push_blobs(
    source: &Session,
    target: &Session,
    base: &Base,
    built: &Built,
    append: Append,
    layer: &Blob,
) -> Result<u64, ImageError> {
    let sent = match &append.layer {
        LayerContent::Bytes(bytes) => target.ensure_blob(layer, Content::Bytes(bytes.clone())).await?,
        LayerContent::File(file) => target.ensure_blob(layer, Content::File(file.path())).await?,
    };
    // What it lies in is of no use any more, and the base may take long.
    drop(append);
    let config = Content::Bytes(built.config.clone().into());
    let ours = sent + target.ensure_blob(&built.config_blob, config).await?;
    Ok(ours + copy_blobs(source, target, base).await?)
}

/// After a failure none is begun any more, but what is on its way is brought to its end: a copy that is just dropped would
/// leave an upload open, and one that succeeds needs no repetition.
async fn copy_blobs(source: &Session, target: &Session, base: &Base) -> Result<u64, ImageError> {
    let failed = AtomicBool::new(false);
    let copy = async |blob| {
        if failed.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let copied = target.ensure_blob(blob, Content::Repository(source)).await;
        failed.fetch_or(copied.is_err(), Ordering::Relaxed);
        copied
    };
    let copies: Vec<_> = base.blobs.iter().map(copy).collect();
    let outcomes: Vec<_> = futures::stream::iter(copies).buffer_unordered(BLOBS_AT_ONCE).collect().await;
    outcomes.into_iter().sum()
}

impl Append {
    /// Nothing in it is of the commit, of where it was found, or of what people call the base: equal content is one image,
    /// whoever brings it.
    fn change<'a>(&'a self, layer: &'a Blob, base: &Base) -> Change<'a> {
        let labels = [("version", self.version.clone()), ("base.digest", base.digest.to_string())];
        let labels = labels.map(|(key, value)| (format!("org.opencontainers.image.{key}"), value)).into();
        Change {
            layer,
            platform: &self.platform,
            created_by: format!("tengine-operator: definition {}", self.version),
            labels,
        }
    }
}
