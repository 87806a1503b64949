//! Which Ruby will load the definitions: what the base image says of itself.
//!
//! Images of Ruby have their version in the environment, as `RUBY_VERSION`. Nothing else of the base is looked into, so of many nothing is
//! known; then nothing is assumed, and what only some Ruby cannot read is a warning and no error. The same where the registry does not say:
//! a build needs the base anyway, and what is in its way is told there.

use super::context::Shared;
use crate::api::v1alpha1::TengineReleaseSpec;
use crate::domain::{BaseReference, Digest};
use crate::dsl::RubyVersion;
use crate::image::Credentials;
use std::time::Duration;

/// Where images say it.
const VARIABLE: &str = "RUBY_VERSION";

/// How long a build waits at most to hear of it.
const ASKING: Duration = Duration::from_secs(10);

/// The Ruby in the base of a release, if it can be known.
pub(super) async fn of_base(
    shared: &Shared,
    release: &TengineReleaseSpec,
    credentials: Option<&Credentials>,
) -> Option<RubyVersion> {
    let base: BaseReference = release.build.base.parse().ok()?;
    let digest: Digest = release.build.base_digest.parse().ok()?;
    let asking = async {
        let at = (&base, &digest, &shared.settings.platform);
        let found = shared.registries.look_at_variable(at, VARIABLE, credentials).await;
        found.map_err(|error| error.to_string())
    };
    match tokio::time::timeout(ASKING, asking).await {
        Ok(Ok(found)) => version(&found?),
        Ok(Err(error)) => {
            tracing::info!(%base, %digest, error, "the base does not say its Ruby");
            None
        }
        Err(_) => None,
    }
}

/// `3.1.4`, or `ruby-3.1.4` as version managers write it. Another implementation numbers itself otherwise.
fn version(text: &str) -> Option<RubyVersion> {
    text.strip_prefix("ruby-").unwrap_or(text).parse().ok()
}
