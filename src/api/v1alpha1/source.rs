//! Where the definitions come from.

use super::SecretReference;
use crate::api::door;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the definitions come from, and how often to look: exactly one of `git` and `promotion`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.git) != has(self.promotion)").message("give exactly one of git and promotion"))]
pub struct SourceSpec {
    /// A Git repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<GitSource>,

    /// The images of another deployment, such as the one in staging: neither Git nor a build, and no right to push.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promotion: Option<PromotionSource>,

    /// How often to look for a new commit, such as `1m` or `1h30m`; up to five times as seldom while the one that was found is being built, each 5m
    /// at least. Default 1m, at least 5s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("5s", "8760h"))]
    pub interval: Option<String>,

    /// How long a look, or a fetch with all that follows from it, may take. Default 60s, at most 1h.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    #[x_kube(validation = door::span("1s", "1h"))]
    pub timeout: Option<String>,
}

/// A folder of a Git repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = door::release_provider())]
#[x_kube(validation = door::release_api())]
pub struct GitSource {
    /// The repository's URL without credentials in it: `https://`, `http://`, `ssh://`, or `user@host:path`.
    #[schemars(length(min = 1, max = 2048))]
    #[x_kube(validation = door::git_url())]
    pub url: String,

    /// What to follow. Without it: the default branch of the host.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<GitReference>,

    /// The folder inside the repository that holds the definitions. Default: the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    #[x_kube(validation = door::tree_path())]
    pub path: Option<String>,

    /// A Secret with the keys `username` and `password` (a token is a password), or `bearerToken`, and `ca.crt` if need be;
    /// for SSH with `identity` (or `sshPrivateKey`), `known_hosts`, and `password` for a passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
}

/// The newest version (image) of another deployment that has all of these words. It never goes back to an older one: what lost
/// its words after it was taken stays, and `UpstreamRevoked` says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.release) != (has(self.statuses) && size(self.statuses) > 0)").message("give statuses: at least one word, such as Staging_OK").field_path(".statuses"))]
#[x_kube(validation = Rule::new("has(self.release) == has(self.passage)").message("release: written by the operator, with passage").field_path(".release"))]
#[x_kube(validation = Rule::new("!has(self.release) || !has(self.namespace)").message("namespace: an instance is in the namespace of the deployment that it is one of").field_path(".namespace"))]
pub struct PromotionSource {
    /// The deployment's namespace, whose `environment.grants` must name this one. Default: this namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = door::label("namespace"))]
    pub namespace: Option<String>,

    /// The deployment's name.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = door::label("TengineDeployment"))]
    pub name: String,

    /// The words that a version needs there, such as `Staging_OK`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8), inner(length(min = 1, max = 64)))]
    #[x_kube(validation = door::words("Staging_OK"))]
    pub statuses: Vec<String>,

    /// The release of the other deployment that this one takes as one of its `strategy.activeStandby.instances`, phase by phase. Written
    /// by the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = door::object_name("TengineRelease"))]
    pub release: Option<String>,

    /// The passage through the phases in which `release` is taken: its record has to say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<i64>,

    /// A Secret of type `kubernetes.io/dockerconfigjson` with which pods pull the image, unless `pod.imagePullSecrets` is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
}

/// What to follow: at most one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("[has(self.branch), has(self.tag), has(self.commit), has(self.name), has(self.semver), has(self.tags), has(self.releases)].filter(x, x).size() <= 1")
    .message("give at most one of branch, tag, commit, name, semver, tags and releases"))]
pub struct GitReference {
    /// The newest commit of this branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::git_ref())]
    pub branch: Option<String>,

    /// The commit this tag points at; a moved tag is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::git_ref())]
    pub tag: Option<String>,

    /// This very commit: all 40 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{40}$')").message("give all 40 digits of the commit, in lower case"))]
    pub commit: Option<String>,

    /// The commit that this ref points at, whatever kind of ref it is: its full name, such as `refs/pull/7/head`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 6, max = 255))]
    #[x_kube(validation = door::full_ref())]
    pub name: Option<String>,

    /// The newest tag whose name is a semantic version (`v1.2.3` or `1.2.3`) in this range, in Cargo's syntax: `^1.4`, `~2.1.3`,
    /// `>=1.2, <2`, `1.*`, `*`. A version such as `1.5.0-rc.1` counts only where the range names one of the same `1.5.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::version_range())]
    pub semver: Option<String>,

    /// The newest tag of a pattern.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<TagsReference>,

    /// The newest tag of a pattern that is a release on the Git host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub releases: Option<ReleasesReference>,
}

/// The newest of the tags that have a release on the Git host. A draft is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.counterpart) || self.counterpart != self.pattern").message("counterpart: give another pattern than pattern"))]
pub struct ReleasesReference {
    /// The tags' names with one `*`, which stands for one character or more: `release-*`.
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::tag_pattern())]
    pub pattern: String,

    /// From which stage on a release counts.
    pub stage: Stage,

    /// By what one tag is newer than another. Default Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<TagOrder>,

    /// What a tag needs besides a release: with `test-*`, the tag `test-…` with the same in the place of the `*`, on the same commit. Where
    /// the newest tag lacks it, `TagMismatch` says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::tag_pattern())]
    pub counterpart: Option<String>,

    /// Whose API tells the releases. May be left out for `github.com`, `gitlab.com`, `gitea.com` and `codeberg.org`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Provider>,

    /// Where the API begins, such as `https://git.example.com/api/v1`. Default: where it is for the repository's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 1024))]
    #[x_kube(validation = door::api_url())]
    pub api_url: Option<String>,

    /// A Secret with `bearerToken`, or `password` (a token), or `username` and `password`, and `ca.crt` if need be. Default: that of the
    /// repository, where the API is at the same scheme, host and port, or is GitHub's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_ref: Option<SecretReference>,
}

/// From which stage on a release on the Git host counts. `PreRelease`: pre-releases, and full ones. `Full`: full ones only, so that
/// un-ticking pre-release there deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Stage {
    /// Pre-releases, and full ones.
    PreRelease,
    /// Full ones only.
    Full,
}

/// Whose API a Git host has. `Gitea` is Forgejo's, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Provider {
    /// Gitea's and Forgejo's.
    Gitea,
    /// GitHub's, also of its Enterprise servers.
    GitHub,
    /// GitLab's.
    GitLab,
}

/// The newest of the tags whose names have a part in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.counterpart) || self.counterpart != self.pattern").message("counterpart: give another pattern than pattern"))]
pub struct TagsReference {
    /// The tags' names with one `*`, which stands for one character or more: `release-*`.
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::tag_pattern())]
    pub pattern: String,

    /// By what one tag is newer than another. Default Version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<TagOrder>,

    /// What a tag needs to count: with `test-*`, the tag `test-…` with the same in the place of the `*`, on the same commit. Where the
    /// newest tag lacks it, `TagMismatch` says so, and the newest that has it is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    #[x_kube(validation = door::tag_pattern())]
    pub counterpart: Option<String>,
}

/// By what one tag is newer than another; all orders look at what the `*` of the pattern stands for. `Version` (the default): by the
/// numbers in it, so that `1.10` is newer than `1.9`, and `1.2.0-rc.1` older than `1.2.0`. `Calendar`: by the day it begins with, then by
/// what follows, so that `2026.11.21-1204` is newer than `2026.11.9-7`; what begins with no day does not count. `Alphabetical`: by its
/// characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TagOrder {
    /// By the numbers in it.
    #[default]
    Version,
    /// By the day it begins with.
    Calendar,
    /// By its characters.
    Alphabetical,
}
