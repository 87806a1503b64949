//! What many are told names no Secret: each puts the name of its own in.
//!
//! A question that deployments share is asked with the Secret of one of them, and its name is nothing that the others, who may be in
//! other namespaces, are to see or could do anything with.

use crate::plan::Desired;

/// What the operator uses a Secret for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// To fetch.
    Source,
    /// To list releases.
    Releases,
    /// To pull the base image.
    Base,
    /// To push.
    Push,
    /// To push what is verified on to a branch.
    Passing,
}

impl Role {
    const ALL: [Self; 5] = [Self::Source, Self::Releases, Self::Base, Self::Push, Self::Passing];

    /// Stands for the Secret's name, until [`named`] is there.
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Source => "{the name of spec.source.git.secretRef}",
            Self::Releases => "{the name of spec.source.git.ref.releases.secretRef}",
            Self::Base => "{the name of spec.image.base.secretRef}",
            Self::Push => "{the name of spec.image.secretRef}",
            Self::Passing => "{the name of spec.promotion.onVerified.secretRef}",
        }
    }

    fn name(self, desired: &Desired) -> Option<&str> {
        let git = desired.git();
        match self {
            Self::Source => git?.source.secret.as_deref(),
            Self::Releases => git?.source.releases.as_ref()?.secret.as_deref(),
            Self::Base => git?.base.secret.as_deref(),
            Self::Push => desired.image_secret.as_deref(),
            Self::Passing => Some(desired.passing.as_ref()?.secret.as_str()),
        }
    }
}

/// The words, with the names of this deployment's Secrets.
pub fn named(desired: &Desired, message: &str) -> String {
    Role::ALL.into_iter().fold(message.to_owned(), |message, role| match role.name(desired) {
        Some(name) => message.replace(role.placeholder(), name),
        None => message,
    })
}
