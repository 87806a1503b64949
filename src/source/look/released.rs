//! Asks a host which of a repository's tags are releases: the newest page of its list, then for the newest tags by their names, then the
//! other pages.
//!
//! It is read as far as is needed to tell the newest tag that counts: with most repositories, that is the first page. Only tags that were
//! heard of are kept, and of what a host says of a release only what is read here.

use jiff::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::{GitProvider, HostRelease};
use crate::source::http::{Clients, Conversation, Document};
use crate::source::refs::{Hearing, Listing};
use crate::source::{ReleaseList, SourceError};

/// How many releases are asked for at a time; what Gitea gives by default at most.
const A_PAGE: usize = 50;

/// How many pages are read.
const MOST_PAGES: usize = 20;

/// How many tags are asked for by their names.
const BY_NAME: usize = 20;

/// A release, as hosts tell it: Gitea and GitHub with two marks, GitLab with neither, but with a date that may be in the future.
#[derive(Deserialize)]
struct Told {
    tag_name: String,
    draft: Option<bool>,
    prerelease: Option<bool>,
    upcoming_release: Option<bool>,
    released_at: Option<Timestamp>,
}

impl Told {
    /// The tag, and how far its release is; `None` where it is no answer of this provider.
    fn read(self, provider: GitProvider, now: Timestamp) -> Option<(String, HostRelease)> {
        let release = match (provider, self.draft, self.prerelease) {
            (GitProvider::Gitea | GitProvider::GitHub, Some(true), Some(_)) => HostRelease::Draft,
            (GitProvider::Gitea | GitProvider::GitHub, Some(false), Some(true)) => HostRelease::PreRelease,
            (GitProvider::Gitea | GitProvider::GitHub, Some(false), Some(false)) => HostRelease::Full,
            (GitProvider::GitLab, None, None) => {
                // Where it says neither, nobody said that it is out.
                let is_upcoming = || self.released_at.is_none_or(|at| at > now);
                if self.upcoming_release.unwrap_or_else(is_upcoming) {
                    HostRelease::PreRelease
                } else {
                    HostRelease::Full
                }
            }
            _ => return None,
        };
        Some((self.tag_name, release))
    }
}

/// Lets what was heard of tags be held against the host's releases, which it tells within this time.
pub(super) async fn hold(
    clients: &Clients,
    list: &ReleaseList,
    hearing: &mut Hearing<'_>,
    within: Duration,
) -> Result<(), SourceError> {
    let asking = async { Asking::of(clients, list, hearing)?.listing().await };
    let asked = tokio::time::timeout(within, asking).await;
    let host = || list.remote.url.authority().to_owned();
    let asked = asked.unwrap_or_else(|_| Err(SourceError::TimedOut { host: host(), after: within }));
    let listing = asked.map_err(|error| SourceError::Releases(Box::new(error.of_releases())))?;
    hearing.learn(listing);
    Ok(())
}

struct Asking<'a, 'h> {
    document: Document<'a>,
    list: &'a ReleaseList,
    hearing: &'a Hearing<'h>,
    heard: BTreeSet<String>,
    listing: Listing,
}

impl<'a, 'h> Asking<'a, 'h> {
    fn of(clients: &'a Clients, list: &'a ReleaseList, hearing: &'a Hearing<'h>) -> Result<Self, SourceError> {
        let document = Document::of(Conversation::with(&list.remote, clients)?);
        let heard = hearing.tags().into_iter().map(|(tag, _)| tag).collect();
        Ok(Self { document, list, hearing, heard, listing: Listing::default() })
    }

    async fn listing(mut self) -> Result<Listing, SourceError> {
        if self.heard.is_empty() {
            return Ok(self.listing);
        }
        for page in 1..=MOST_PAGES {
            let read = self.document.page::<Told>(&query(self.list.provider, page)).await?;
            let is_last = !read.has_next && read.entries.len() < A_PAGE;
            for told in read.entries {
                self.learn(told)?;
            }
            if page == 1 && !is_last {
                self.by_name().await?;
            }
            if is_last || self.undecided().is_none() {
                return Ok(self.listing);
            }
        }
        let (url, tag) = (self.list.remote.url.to_string(), self.undecided().unwrap_or_default().to_owned());
        Err(SourceError::TooManyReleases { url, most: MOST_PAGES * A_PAGE, tag })
    }

    fn undecided(&self) -> Option<&str> {
        self.hearing.undecided_by(&self.listing)
    }

    fn learn(&mut self, told: Told) -> Result<(), SourceError> {
        let url = || self.list.remote.url.to_string();
        let read = told.read(self.list.provider, Timestamp::now());
        let (tag, release) = read.ok_or_else(|| SourceError::NotARepository { url: url() })?;
        if self.heard.contains(&tag) {
            self.listing.add(tag, release);
        }
        Ok(())
    }

    /// The newest tags: one that nobody released, or long ago, is found without reading the whole list at each look.
    async fn by_name(&mut self) -> Result<(), SourceError> {
        let (folder, none): (_, &[StatusCode]) = match self.list.provider {
            GitProvider::Gitea | GitProvider::GitHub => ("tags/", &[StatusCode::NOT_FOUND]),
            // It lets nobody see what is not there (`lib/api/releases.rb`).
            GitProvider::GitLab => ("", &[StatusCode::NOT_FOUND, StatusCode::FORBIDDEN]),
        };
        for _ in 0..BY_NAME {
            let Some(tag) = self.undecided().filter(|tag| stands_in_a_path(tag)).map(ToOwned::to_owned) else { break };
            if let Some(told) = self.document.one::<Told>(&format!("{folder}{tag}"), none).await? {
                self.learn(told)?;
            }
            self.listing.settle(tag);
        }
        Ok(())
    }
}

/// Whether every host takes it for one part of a path as it is. Others are looked for in the list.
fn stands_in_a_path(tag: &str) -> bool {
    tag.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn query(provider: GitProvider, page: usize) -> String {
    match provider {
        GitProvider::Gitea => format!("limit={A_PAGE}&page={page}"),
        GitProvider::GitHub => format!("per_page={A_PAGE}&page={page}"),
        GitProvider::GitLab => format!("order_by=released_at&sort=desc&per_page={A_PAGE}&page={page}"),
    }
}

#[cfg(test)]
mod tests;
