//! Puts one layer on top.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Base, platform};
use crate::domain::{Digest, Platform};
use crate::image::client::Blob;
use crate::image::error::Problem;
use crate::image::media_type::Family;

/// Tengine finishes the event in hand on this one; on the usual TERM it dies in the middle of it.
const STOP_SIGNAL: &str = "SIGHUP";

/// What is put on top of a base.
#[derive(Debug)]
pub(in crate::image) struct Change<'a> {
    /// An uncompressed tar, so that its digest is its `diff_id` too.
    pub(in crate::image) layer: &'a Blob,
    pub(in crate::image) platform: &'a Platform,
    /// What the history says of it.
    pub(in crate::image) created_by: String,
    /// For the config, and for the manifest where the family has annotations.
    pub(in crate::image) labels: BTreeMap<String, String>,
}

/// The documents of the new image.
#[derive(Debug)]
pub(in crate::image) struct Built {
    pub(in crate::image) config: Vec<u8>,
    pub(in crate::image) config_blob: Blob,
    pub(in crate::image) manifest: Vec<u8>,
    pub(in crate::image) media_type: &'static str,
    /// The manifest's, which is the image's.
    pub(in crate::image) digest: Digest,
}

/// `config` is the base's, byte for byte.
pub(in crate::image) fn build(base: &Base, config: &[u8], change: &Change<'_>) -> Result<Built, Problem> {
    let config = edit_config(base, config, change)?.to_string().into_bytes();
    let config_blob = Blob { digest: Digest::of(&config), size: config.len() as u64 };
    let manifest = edit_manifest(base, &config_blob, change).to_string().into_bytes();
    Ok(Built { digest: Digest::of(&manifest), media_type: base.family.manifest(), manifest, config, config_blob })
}

fn edit_config(base: &Base, config: &[u8], change: &Change<'_>) -> Result<Value, Problem> {
    let invalid = |what: &str| Problem::InvalidImage(format!("the image's config {} {what}", base.config.digest));
    let mut config: Value = serde_json::from_slice(config).map_err(|_| invalid("is not JSON"))?;
    platform::check(&config, change.platform)?;
    let layers = config.pointer_mut("/rootfs/diff_ids").and_then(Value::as_array_mut);
    let layers =
        layers.filter(|ids| ids.len() == base.layer_count).ok_or_else(|| invalid("does not list its layers"))?;
    layers.push(json!(change.layer.digest));
    let config_object = config.as_object_mut().ok_or_else(|| invalid("is not an object"))?;
    add_history(config_object, base.layer_count, change);
    edit_object(config_object, "config", |settings| {
        settings.insert("StopSignal".to_owned(), json!(STOP_SIGNAL));
        edit_object(settings, "Labels", |labels| label(labels, &change.labels));
    });
    Ok(config)
}

/// Only a history that tells of every layer is continued: a part of one would be taken for all of it.
fn add_history(config: &mut Map<String, Value>, layer_count: usize, change: &Change<'_>) {
    let created = config.get("created").cloned().filter(Value::is_string);
    let history = config.entry("history").or_insert_with(|| json!([]));
    let Some(entries) = history.as_array_mut() else { return };
    let is_layer = |entry: &&Value| !entry.get("empty_layer").and_then(Value::as_bool).unwrap_or_default();
    if entries.iter().filter(is_layer).count() == layer_count {
        let mut entry = json!({ "created_by": change.created_by });
        // No time of ours: a commit's would make two images of one content.
        if let (Some(entry), Some(created)) = (entry.as_object_mut(), created) {
            entry.insert("created".to_owned(), created);
        }
        entries.push(entry);
    }
}

fn edit_manifest(base: &Base, config: &Blob, change: &Change<'_>) -> Value {
    let mut manifest = base.manifest.clone();
    let Some(fields) = manifest.as_object_mut() else { return manifest };
    fields.insert("mediaType".to_owned(), json!(base.family.manifest()));
    // It would make the new image a signature, or the like, of what the base was one of.
    fields.remove("subject");
    if let Some(descriptor) = fields.get_mut("config").and_then(Value::as_object_mut) {
        descriptor.insert("digest".to_owned(), json!(config.digest));
        descriptor.insert("size".to_owned(), json!(config.size));
        // A copy of the content, which is another now.
        descriptor.remove("data");
    }
    if let Some(layers) = fields.get_mut("layers").and_then(Value::as_array_mut) {
        let Blob { digest, size } = change.layer;
        layers.push(json!({ "mediaType": base.family.tar(), "digest": digest, "size": size }));
    }
    if base.family == Family::Oci {
        edit_object(fields, "annotations", |annotations| label(annotations, &change.labels));
    }
    manifest
}

/// Edits the object under `key`, made if there is none (many tools write `null`).
fn edit_object(parent: &mut Map<String, Value>, key: &str, edit: impl FnOnce(&mut Map<String, Value>)) {
    let mut object = match parent.remove(key) {
        Some(Value::Object(object)) => object,
        _ => Map::new(),
    };
    edit(&mut object);
    parent.insert(key.to_owned(), Value::Object(object));
}

/// Ours in place of what the base says of itself there and what is not true of the image on top of it.
fn label(object: &mut Map<String, Value>, labels: &BTreeMap<String, String>) {
    for of_base in ["created", "revision", "source", "ref.name", "base.name"] {
        object.remove(&format!("org.opencontainers.image.{of_base}"));
    }
    object.extend(labels.iter().map(|(key, value)| (key.clone(), json!(value))));
}

impl Built {
    /// All that the image needs besides its manifest.
    pub(in crate::image) fn blobs<'a>(&'a self, base: &'a Base, layer: &'a Blob) -> Vec<&'a Blob> {
        base.blobs.iter().chain([&self.config_blob, layer]).collect()
    }
}
