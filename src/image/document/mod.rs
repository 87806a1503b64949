//! Reads a base image's documents and writes those of the image on top of it; pure.
//!
//! They are edited as plain JSON, so that whatever the base has that we do not know of survives. Keys are written in
//! sorted order: the same inputs give the same bytes.

mod edit;
mod platform;

use serde_json::Value;
use std::collections::BTreeSet;

use super::client::{Blob, Manifest};
use super::error::Problem;
use super::media_type::{Family, Kind, is_foreign};
use crate::domain::Digest;

pub(super) use edit::{Built, Change, build};
pub(super) use platform::{Candidate, Offered, candidates, offered_platform};

/// A manifest that was understood.
#[derive(Debug)]
pub(super) enum Document {
    /// The same image for several platforms: the entries.
    Index(Vec<Value>),
    Image(Base),
}

/// The manifest of an image for one platform.
#[derive(Debug)]
pub(super) struct Base {
    /// The manifest's.
    pub(super) digest: Digest,
    pub(super) family: Family,
    pub(super) config: Blob,
    /// The layers that the registry has; where one comes twice, it is here once.
    pub(super) blobs: Vec<Blob>,
    pub(super) layer_count: usize,
    manifest: Value,
}

impl Document {
    pub(super) fn parse(manifest: &Manifest) -> Result<Self, Problem> {
        let digest = &manifest.digest;
        let invalid = |what: &str| Problem::InvalidImage(format!("manifest {digest} {what}"));
        let value: Value = serde_json::from_slice(&manifest.bytes).map_err(|_| invalid("is not JSON"))?;
        let written = value.get("mediaType").and_then(Value::as_str);
        let (entries, layers) = (value.get("manifests"), value.get("layers"));
        if entries.is_some() && layers.is_some() {
            return Err(invalid("is an index and an image at once"));
        }
        let kind = match (written.map(Kind::of), Kind::of(&manifest.content_type)) {
            // Two answers to what it is would let it be one thing for us and another for the node.
            (Some(Some(written)), Some(told)) if written != told => {
                return Err(invalid("has another media type than the registry says"));
            }
            (Some(None), _) => return Err(invalid("is not an image in OCI's or Docker's format")),
            (Some(Some(kind)), _) | (None, Some(kind)) => kind,
            (None, None) => return Err(invalid("is of no known media type")),
        };
        match (kind, entries.and_then(Value::as_array)) {
            (Kind::Index, Some(entries)) => Ok(Self::Index(entries.clone())),
            (Kind::Index, None) => Err(invalid("is an index without a list")),
            (Kind::Image(family), _) => {
                Base::read(digest, family, value).ok_or_else(|| invalid("lacks its config or layers")).map(Self::Image)
            }
        }
    }
}

impl Base {
    fn read(digest: &Digest, family: Family, manifest: Value) -> Option<Self> {
        let config = blob(manifest.get("config")?)?;
        let layers = manifest.get("layers")?.as_array()?;
        let (mut blobs, mut known) = (Vec::new(), BTreeSet::new());
        for layer in layers {
            let found = blob(layer)?;
            let media_type = layer.get("mediaType").and_then(Value::as_str).unwrap_or_default();
            if !is_foreign(media_type) && known.insert(found.clone()) {
                blobs.push(found);
            }
        }
        let layer_count = layers.len();
        Some(Self { digest: digest.clone(), family, config, blobs, layer_count, manifest })
    }
}

fn blob(descriptor: &Value) -> Option<Blob> {
    let digest = descriptor.get("digest")?.as_str()?.parse().ok()?;
    Some(Blob { digest, size: descriptor.get("size")?.as_u64()? })
}

/// The value of a variable in the environment that an image's config gives to what runs in it; the last one counts, as for what runs it.
pub(super) fn environment(config: &[u8], name: &str) -> Option<String> {
    let config: Value = serde_json::from_slice(config).ok()?;
    let mut pairs = config.pointer("/config/Env")?.as_array()?.iter().filter_map(|pair| pair.as_str()?.split_once('='));
    pairs.rfind(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests;
