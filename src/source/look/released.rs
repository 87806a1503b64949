//! Asks a host which of a repository's tags are releases, page by page, the newest first.
//!
//! It is read as far as is needed to tell the newest tag that counts: with most repositories, that is the first page.

use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::{GitProvider, HostRelease};
use crate::source::http::{Clients, Conversation, Document};
use crate::source::refs::{Hearing, Listing};
use crate::source::{ReleaseList, SourceError};

/// How many releases are asked for at a time; what Gitea gives by default at most.
const A_PAGE: usize = 50;

/// How many pages are read. What stands behind them does not count.
const MOST_PAGES: usize = 20;

/// A release, as hosts tell it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    /// Gitea's and GitHub's.
    Marked { tag_name: String, draft: bool, prerelease: bool },
    /// GitLab's, which has no drafts, and no mark but a date in the future.
    Dated {
        tag_name: String,
        #[serde(default)]
        upcoming_release: Option<bool>,
        released_at: Option<Timestamp>,
    },
}

impl Told {
    /// The tag, and how far its release is; `None` where it is no answer of this provider.
    fn read(self, provider: GitProvider, now: Timestamp) -> Option<(String, HostRelease)> {
        match (provider, self) {
            (GitProvider::Gitea | GitProvider::GitHub, Self::Marked { tag_name, draft, prerelease }) => {
                let release = match (draft, prerelease) {
                    (true, _) => HostRelease::Draft,
                    (false, true) => HostRelease::PreRelease,
                    (false, false) => HostRelease::Full,
                };
                Some((tag_name, release))
            }
            (GitProvider::GitLab, Self::Dated { tag_name, upcoming_release, released_at }) => {
                // Where it says neither, nobody said that it is out.
                let is_upcoming = upcoming_release.unwrap_or_else(|| released_at.is_none_or(|at| at > now));
                Some((tag_name, if is_upcoming { HostRelease::PreRelease } else { HostRelease::Full }))
            }
            _ => None,
        }
    }
}

/// Lets what was heard of tags be held against the host's releases.
pub(super) async fn hold(clients: &Clients, list: &ReleaseList, hearing: &mut Hearing<'_>) -> Result<(), SourceError> {
    let asked = ask(clients, list, hearing).await;
    let listing = asked.map_err(|error| SourceError::Releases(Box::new(error.of_releases())))?;
    hearing.learn(listing);
    Ok(())
}

async fn ask(clients: &Clients, list: &ReleaseList, hearing: &Hearing<'_>) -> Result<Listing, SourceError> {
    let mut listing = Listing::default();
    let document = Document::of(Conversation::with(&list.remote, clients)?);
    for page in 1..=MOST_PAGES {
        if hearing.is_decided_by(&listing) {
            break;
        }
        let page = document.page::<Told>(&query(list.provider, page)).await?;
        let is_full = page.entries.len() >= A_PAGE;
        let now = Timestamp::now();
        for told in page.entries {
            let understood = told.read(list.provider, now);
            let (tag, release) =
                understood.ok_or_else(|| SourceError::NotARepository { url: list.remote.url.to_string() })?;
            listing.add(tag, release);
        }
        if !page.has_next && !is_full {
            break;
        }
    }
    Ok(listing)
}

fn query(provider: GitProvider, page: usize) -> String {
    match provider {
        GitProvider::Gitea => format!("draft=false&limit={A_PAGE}&page={page}"),
        GitProvider::GitHub => format!("per_page={A_PAGE}&page={page}"),
        GitProvider::GitLab => format!("order_by=released_at&sort=desc&per_page={A_PAGE}&page={page}"),
    }
}

#[cfg(test)]
mod tests;
