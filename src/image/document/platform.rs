//! Picks an image by platform.

use serde_json::Value;

use crate::domain::{Digest, Platform};
use crate::image::error::Problem;
use crate::image::media_type::Kind;

/// The image for `wanted` in an index: the first, if there are several.
pub(in crate::image) fn choose(entries: &[Value], wanted: &Platform) -> Result<Digest, Problem> {
    let images = entries.iter().filter(|entry| {
        let media_type = entry.get("mediaType").and_then(Value::as_str);
        media_type.is_none_or(|media_type| matches!(Kind::of(media_type), Some(Kind::Image(_))))
    });
    let mut offered = Vec::new();
    for image in images {
        let Some(platform) = image.get("platform").and_then(read) else { continue };
        if is_same(&platform, wanted) {
            let digest = image.get("digest").and_then(Value::as_str).and_then(|digest| digest.parse().ok());
            return digest
                .ok_or_else(|| Problem::InvalidImage(format!("the index's entry for {wanted} has no digest")));
        }
        // Attestations lie beside the images, under a platform of that name.
        if platform.os != "unknown" {
            offered.push(platform.to_string());
        }
    }
    let offered = if offered.is_empty() { "no platform".to_owned() } else { offered.join(", ") };
    Err(Problem::PlatformMissing { wanted: wanted.to_string(), offered })
}

/// Checks that an image's config is for `wanted`. A config that names no variant fits any.
pub(super) fn check(config: &Value, wanted: &Platform) -> Result<(), Problem> {
    let found = read(config)
        .ok_or_else(|| Problem::InvalidImage("the image's config does not say which platform it is for".to_owned()))?;
    let fits = match found.variant {
        Some(_) => is_same(&found, wanted),
        None => found.os == wanted.os && found.architecture == wanted.architecture,
    };
    if fits { Ok(()) } else { Err(Problem::PlatformMissing { wanted: wanted.to_string(), offered: found.to_string() }) }
}

fn read(value: &Value) -> Option<Platform> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Platform { os: text("os")?, architecture: text("architecture")?, variant: text("variant") })
}

fn is_same(a: &Platform, b: &Platform) -> bool {
    a.os == b.os && a.architecture == b.architecture && variant(a) == variant(b)
}

/// The variant that is meant, also where none is written (as containerd normalises it).
fn variant(platform: &Platform) -> &str {
    match (platform.architecture.as_str(), platform.variant.as_deref()) {
        ("arm64", None) => "v8",
        ("arm", None) => "v7",
        ("amd64", None) => "v1",
        (_, variant) => variant.unwrap_or_default(),
    }
}
