//! Names of images and repositories in registries.

use super::{Digest, Malformed, text_value, url::is_authority};
use serde::{Deserialize, Serialize};

/// A repository with its registry, such as `registry.example.com/ops/billing`: no tag, no digest.
///
/// As everywhere in Docker's world, a name whose first part is not a host is one of Docker Hub's.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageRepository(String);
text_value!(ImageRepository);

const HUB: &str = "docker.io";

impl ImageRepository {
    /// The registry's `host` or `host:port`.
    pub fn registry(&self) -> &str {
        self.split().0
    }

    /// The repository's path below the registry.
    pub fn path(&self) -> &str {
        self.split().1
    }

    /// Always holds a slash: parsing puts the registry first.
    fn split(&self) -> (&str, &str) {
        self.0.split_once('/').unwrap_or((HUB, &self.0))
    }
}

impl std::str::FromStr for ImageRepository {
    type Err = Malformed;
    /// The registry is written out: `ops/billing` becomes `docker.io/ops/billing`.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let bad = || {
            Malformed::new(
                "an image repository",
                text,
                "give HOST/PATH with a lower-case path and neither tag nor digest, such as registry.example.com/ops/billing",
            )
        };
        let looks_like_host = |first: &str| first == "localhost" || first.contains(['.', ':']);
        let (registry, path) = match text.split_once('/') {
            Some((first, path)) if looks_like_host(first) => (first, path.to_owned()),
            Some(_) => (HUB, text.to_owned()),
            None => (HUB, format!("library/{text}")),
        };
        let fine = is_authority(registry) && text.len() <= 255 && path.split('/').all(is_path_part);
        fine.then(|| Self(format!("{registry}/{path}"))).ok_or_else(bad)
    }
}

/// One part of a repository's path, by the distribution specification:
/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`.
fn is_path_part(part: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = part.as_bytes();
    let edges = bytes.first().copied().is_some_and(alphanumeric) && bytes.last().copied().is_some_and(alphanumeric);
    let separators = part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    edges
        && separators
            .filter(|run| !run.is_empty())
            .all(|run| matches!(run, "." | "_" | "__") || run.bytes().all(|b| b == b'-'))
}

/// A base image: a repository with a tag, a digest, or both. Without either, the tag is `latest`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BaseReference {
    /// Where the image is.
    pub repository: ImageRepository,
    /// What people call it.
    pub tag: Option<String>,
    /// What it is, for sure; where given, the tag is only for reading.
    pub digest: Option<Digest>,
}

impl std::fmt::Display for BaseReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

impl std::str::FromStr for BaseReference {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        const RULE: &str = "give HOST/PATH:TAG, HOST/PATH@sha256:… or both";
        let bad = || Malformed::new("an image reference", text, RULE);
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse().map_err(|_| bad())?)),
            None => (text, None),
        };
        let last_slash = name.rfind('/').map_or(0, |slash| slash + 1);
        let (repository, tag) = match name[last_slash..].split_once(':') {
            Some((last, tag)) => (&name[..last_slash + last.len()], Some(tag)),
            None => (name, None),
        };
        let tag_is_fine = |tag: &str| {
            let bytes = tag.as_bytes();
            (1..=128).contains(&bytes.len())
                && (bytes[0].is_ascii_alphanumeric() || bytes[0] == b'_')
                && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(b))
        };
        if tag.is_some_and(|tag| !tag_is_fine(tag)) {
            return Err(bad());
        }
        let tag = tag.map(str::to_owned).or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Ok(Self { repository: repository.parse().map_err(|_| bad())?, tag, digest })
    }
}

impl TryFrom<String> for BaseReference {
    type Error = Malformed;
    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<BaseReference> for String {
    fn from(reference: BaseReference) -> String {
        reference.to_string()
    }
}

/// What an image runs on: `os/architecture` or `os/architecture/variant`, such as `linux/amd64`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// Go's name of the architecture, such as `amd64` or `arm64`.
    pub architecture: String,
    /// The architecture's variant, such as `v8`.
    pub variant: Option<String>,
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl std::str::FromStr for Platform {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let parts: Vec<&str> = text.split('/').collect();
        let fine = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        match parts.as_slice() {
            [os, architecture, rest @ ..] if rest.len() < 2 && parts.iter().all(fine) => Ok(Self {
                os: (*os).into(),
                architecture: (*architecture).into(),
                variant: rest.first().map(|variant| (*variant).into()),
            }),
            _ => Err(Malformed::new("a platform", text, "give os/architecture, such as linux/amd64")),
        }
    }
}
