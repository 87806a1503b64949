//! The two families of media types that images come in: OCI's and Docker's.

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_TAR: &str = "application/vnd.oci.image.layer.v1.tar";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_TAR: &str = "application/vnd.docker.image.rootfs.diff.tar";

/// What we can read, for `Accept`.
pub(super) const ACCEPTED: &str = concat!(
    "application/vnd.oci.image.index.v1+json, ",
    "application/vnd.oci.image.manifest.v1+json, ",
    "application/vnd.docker.distribution.manifest.list.v2+json, ",
    "application/vnd.docker.distribution.manifest.v2+json",
);

/// Which family an image belongs to. What is built on it stays in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Oci,
    Docker,
}

impl Family {
    /// Of an image's manifest.
    pub(super) fn manifest(self) -> &'static str {
        match self {
            Self::Oci => OCI_MANIFEST,
            Self::Docker => DOCKER_MANIFEST,
        }
    }

    /// Of an uncompressed layer.
    pub(super) fn tar(self) -> &'static str {
        match self {
            Self::Oci => OCI_TAR,
            Self::Docker => DOCKER_TAR,
        }
    }
}

/// What a manifest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Index,
    Image(Family),
}

impl Kind {
    pub(super) fn of(media_type: &str) -> Option<Self> {
        match media_type {
            OCI_INDEX | DOCKER_LIST => Some(Self::Index),
            OCI_MANIFEST => Some(Self::Image(Family::Oci)),
            DOCKER_MANIFEST => Some(Self::Image(Family::Docker)),
            _ => None,
        }
    }
}

/// Layers that registries do not keep (only Windows' have them).
pub(super) fn is_foreign(layer: &str) -> bool {
    layer.contains(".foreign.") || layer.contains(".nondistributable.")
}
