//! Picks an image by platform.

use serde_json::Value;

use crate::domain::{Digest, Platform};
use crate::image::error::Problem;
use crate::image::media_type::Kind;

/// Something in an index that may be, or lead to, the image for a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::image) struct Candidate {
    pub(in crate::image) digest: Digest,
    /// Whether the index says that it is for this platform.
    pub(in crate::image) says_platform: bool,
}

/// The platforms that there are instead.
#[derive(Debug, Default)]
pub(in crate::image) struct Offered(Vec<String>);

impl Offered {
    /// What it means that `wanted` is not among them.
    pub(in crate::image) fn without(self, wanted: &Platform) -> Problem {
        let offered = if self.0.is_empty() { "no platform".to_owned() } else { self.0.join(", ") };
        Problem::PlatformMissing { wanted: wanted.to_string(), offered }
    }
}

/// What of an index may be for `wanted`: first what says so, in the index's order, then what says nothing.
pub(in crate::image) fn candidates(
    entries: &[Value],
    wanted: &Platform,
    offered: &mut Offered,
) -> Result<Vec<Candidate>, Problem> {
    let mut found = Vec::new();
    for entry in entries.iter().filter(|entry| !is_beside(entry)) {
        let says_platform = match entry.get("platform").and_then(read) {
            Some(platform) if is_same(&platform, wanted) => true,
            Some(platform) => {
                // Attestations lie beside the images, under a platform of that name.
                offered.0.extend(Some(platform.to_string()).filter(|_| platform.os != "unknown"));
                continue;
            }
            None => false,
        };
        let digest = entry.get("digest").and_then(Value::as_str).and_then(|digest| digest.parse().ok());
        match digest {
            Some(digest) => found.push(Candidate { digest, says_platform }),
            None if says_platform => {
                return Err(Problem::InvalidImage(format!("the index's entry for {wanted} has no digest")));
            }
            None => {}
        }
    }
    found.sort_by_key(|candidate| !candidate.says_platform);
    Ok(found)
}

/// Whether an entry is something else than an image or an index: a signature, an attestation, a list of contents.
fn is_beside(entry: &Value) -> bool {
    let media_type = entry.get("mediaType").and_then(Value::as_str);
    media_type.is_some_and(|media_type| Kind::of(media_type).is_none())
        || entry.get("artifactType").is_some_and(|kind| !kind.is_null())
        || entry.pointer("/annotations/vnd.docker.reference.type").is_some()
}

/// Whether an image whose index says nothing of its platform is for `wanted`, by its config. What is no image is not.
pub(in crate::image) fn offered_platform(config: &[u8], wanted: &Platform, offered: &mut Offered) -> bool {
    let config = serde_json::from_slice(config).unwrap_or(Value::Null);
    let fits = check(&config, wanted).is_ok();
    if !fits {
        offered.0.extend(read(&config).map(|platform| platform.to_string()));
    }
    fits
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
