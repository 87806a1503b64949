//! Puts a packed definition on top of a base image, from registry to registry.
//!
//! What it guarantees:
//!
//! - The image's digest is a function of [`Append`]'s content: base, platform, layer, provenance and labels. It is computed before
//!   anything is written, and what is there already is neither built nor pushed again.
//! - Nothing of the base is unpacked. Its layers are mounted within a registry, and otherwise streamed from one to the other, checked
//!   against their digests on the way.
//! - The tag is written last: whoever finds it finds a whole image.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures::StreamExt;
use jiff::Timestamp;

use super::Registries;
use super::client::{Blob, Content, ManifestRef, Purpose, Session};
use super::credentials::Credentials;
use super::document::{Base, Built, Change, Document, build, choose};
use super::error::{ImageError, Problem};
use crate::domain::{BaseReference, CommitId, Digest, ImageRepository, Platform, RepositoryUrl};

/// The largest config we read, in bytes. They are some KiB.
const LARGEST_CONFIG: usize = 4 * 1024 * 1024;

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
    /// What it was made of.
    pub provenance: Provenance,
    /// Labels besides the standard ones, which win.
    pub labels: BTreeMap<String, String>,
}

/// Where a layer's bytes are.
#[derive(Debug, Clone)]
pub enum LayerContent {
    /// In memory.
    Bytes(Bytes),
    /// In a file.
    File(PathBuf),
}

/// What an image was made of; becomes its standard labels (OCI image specification, "Pre-Defined Annotation Keys").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The commit.
    pub commit: CommitId,
    /// Where the commit is.
    pub source: RepositoryUrl,
    /// The DSL version that the layer's `VERSION` has.
    pub version: String,
    /// When the commit was made; stands for when the image was.
    pub committed_at: Timestamp,
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
}

impl Registries {
    /// Builds an image, or finds that it is there.
    pub async fn append(&self, wanted: &Append) -> Result<Appended, ImageError> {
        let target = self.session(&wanted.repository, wanted.credentials.as_ref(), Purpose::Push)?;
        let after = self.deadlines().append;
        let timed_out = Problem::TimedOut { doing: "building an image", after };
        let timed_out = target.error(timed_out);
        match tokio::time::timeout(after, self.append_to(target, wanted)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(timed_out),
        }
    }

    async fn append_to(&self, mut target: Session, wanted: &Append) -> Result<Appended, ImageError> {
        let from = &wanted.base.repository;
        let source = self.session(from, wanted.base_credentials.as_ref(), Purpose::Pull)?;
        if from.registry() == wanted.repository.registry() && from != &wanted.repository {
            target = target.mounting_from(from);
        }
        let base = read_base(&source, wanted).await?;
        let config = source.read_blob("the base image's config", &base.config, LARGEST_CONFIG).await?;
        let layer = Blob { digest: wanted.layer_digest.clone(), size: wanted.layer_size };
        let built = build(&base, &config, &wanted.change(&layer)).map_err(|problem| source.error(problem))?;

        let by_digest = ManifestRef::Digest(&built.digest);
        let is_there = target.look_at_manifest(by_digest).await?.is_some();
        let mut bytes_pushed = 0;
        if !is_there {
            bytes_pushed = push_blobs(&source, &target, &base, &built, wanted, &layer).await?;
            target.write_manifest(by_digest, built.media_type, &built.manifest).await?;
        }
        let by_tag = ManifestRef::Tag(&wanted.tag);
        if !is_there || target.look_at_manifest(by_tag).await?.as_ref() != Some(&built.digest) {
            target.write_manifest(by_tag, built.media_type, &built.manifest).await?;
        }
        Ok(Appended { digest: built.digest, pushed: !is_there, bytes_pushed })
    }
}

/// The base's manifest for the platform that is wanted.
async fn read_base(source: &Session, append: &Append) -> Result<Base, ImageError> {
    let document = read_document(source, append, &append.base_digest).await?;
    let entries = match document {
        Document::Image(base) => return Ok(base),
        Document::Index(entries) => entries,
    };
    let digest = choose(&entries, &append.platform).map_err(|problem| source.error(problem))?;
    match read_document(source, append, &digest).await? {
        Document::Image(base) => Ok(base),
        Document::Index(_) => Err(source.error(Problem::InvalidImage("the index lists another index".to_owned()))),
    }
}

async fn read_document(source: &Session, append: &Append, digest: &Digest) -> Result<Document, ImageError> {
    let manifest = source.read_manifest(ManifestRef::Digest(digest)).await?;
    let not_found = || source.error(Problem::ImageNotFound(format!("{}@{digest}", append.base.repository)));
    Document::parse(&manifest.ok_or_else(not_found)?).map_err(|problem| source.error(problem))
}

/// Ours come first: if we may not push, it shows before anything large is on its way.
async fn push_blobs(
    source: &Session,
    target: &Session,
    base: &Base,
    built: &Built,
    append: &Append,
    layer: &Blob,
) -> Result<u64, ImageError> {
    let content = match &append.layer {
        LayerContent::Bytes(bytes) => Content::Bytes(bytes.clone()),
        LayerContent::File(path) => Content::File(path),
    };
    let config = Content::Bytes(built.config.clone().into());
    let ours = target.ensure_blob(layer, content).await? + target.ensure_blob(&built.config_blob, config).await?;
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
    fn change<'a>(&'a self, layer: &'a Blob) -> Change<'a> {
        let Provenance { commit, source, version, committed_at } = &self.provenance;
        let created = committed_at.to_string();
        let standard = [
            ("created", created.clone()),
            ("revision", commit.to_string()),
            ("source", source.to_string()),
            ("version", version.clone()),
            ("base.name", self.base_name()),
            ("base.digest", self.base_digest.to_string()),
        ];
        let mut labels = self.labels.clone();
        labels.extend(standard.map(|(key, value)| (format!("org.opencontainers.image.{key}"), value)));
        let created_by = format!("tengine-operator: definition {version}");
        Change { layer, platform: &self.platform, created, created_by, labels }
    }

    /// Without a digest, which has a label of its own.
    fn base_name(&self) -> String {
        match &self.base.tag {
            Some(tag) => format!("{}:{tag}", self.base.repository),
            None => self.base.repository.to_string(),
        }
    }
}
