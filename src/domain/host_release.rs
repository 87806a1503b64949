//! Releases as Git hosts have them: what stage they are in, and where a host tells them.

use super::{GitScheme, Malformed, RepositoryUrl, text_value, url};
use serde::{Deserialize, Serialize};

/// The stage from which on releases count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReleaseStage {
    /// Pre-releases, and full ones.
    PreRelease,
    /// Full ones only.
    Full,
}

/// How far a release is on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum HostRelease {
    /// Not published.
    Draft,
    /// Published, and not yet meant for all.
    PreRelease,
    /// Published for all.
    Full,
}

impl ReleaseStage {
    /// Whether a release that is so far counts. A draft never does.
    pub fn takes(self, release: HostRelease) -> bool {
        match release {
            HostRelease::Draft => false,
            HostRelease::PreRelease => self == Self::PreRelease,
            HostRelease::Full => true,
        }
    }
}

/// Whose API tells the releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GitProvider {
    /// Gitea, and Forgejo, which has the same API.
    Gitea,
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
}

/// Hosts that are certain to have one API and no other.
const KNOWN: [(&str, GitProvider); 4] = [
    ("github.com", GitProvider::GitHub),
    ("gitlab.com", GitProvider::GitLab),
    ("gitea.com", GitProvider::Gitea),
    ("codeberg.org", GitProvider::Gitea),
];

/// Where GitHub itself has its API; its Enterprise servers have it beside the repositories.
const GITHUB_API: &str = "https://api.github.com";

impl GitProvider {
    /// The one that this repository's host is certain to be.
    pub fn certain_of(repository: &RepositoryUrl) -> Option<Self> {
        let (host, _) = repository.host_and_port();
        KNOWN.into_iter().find(|(known, _)| host.eq_ignore_ascii_case(known)).map(|(_, provider)| provider)
    }

    /// Where the releases of a repository are listed: below `api`, or where the repository's own address has its API. `None` where
    /// that does not follow from an address of SSH, or the address does not lead to a repository of such a host.
    pub fn release_list(self, repository: &RepositoryUrl, api: Option<&ApiUrl>) -> Option<RepositoryUrl> {
        let path = repository.path().trim_end_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let base = match api {
            Some(api) => api.0.trim_end_matches('/').to_owned(),
            None => self.usual_api(repository, &parts)?,
        };
        let list = match self {
            Self::Gitea | Self::GitHub => {
                let [.., owner, name] = parts.as_slice() else { return None };
                format!("{base}/repos/{owner}/{name}/releases")
            }
            Self::GitLab => {
                let project = below_the_same_folder(&base, &parts);
                (project.len() >= 2).then(|| format!("{base}/projects/{}/releases", project.join("%2F")))?
            }
        };
        list.parse().ok()
    }

    fn usual_api(self, repository: &RepositoryUrl, parts: &[&str]) -> Option<String> {
        let known = Self::certain_of(repository);
        if known == Some(Self::GitHub) && self == Self::GitHub {
            return Some(GITHUB_API.to_owned());
        }
        let scheme = match repository.scheme() {
            GitScheme::Http => "http",
            GitScheme::Https => "https",
            // At which port such a host speaks HTTP, its SSH address does not say.
            GitScheme::Ssh if known.is_some() => "https",
            GitScheme::Ssh => return None,
        };
        let host =
            if repository.scheme() == GitScheme::Ssh { repository.host_and_port().0 } else { repository.authority() };
        // These two may be installed in a folder; where GitLab's is, projects in groups do not tell.
        let folder = match self {
            Self::Gitea | Self::GitHub => parts.get(..parts.len().checked_sub(2)?).unwrap_or_default(),
            Self::GitLab => &[],
        };
        let folder = folder.iter().fold(String::new(), |all, part| all + "/" + part);
        let version = match self {
            Self::Gitea => "v1",
            Self::GitHub => "v3",
            Self::GitLab => "v4",
        };
        Some(format!("{scheme}://{host}{folder}/api/{version}"))
    }
}

/// A project's path without the folder that its host is installed in, where the API is in it, too.
fn below_the_same_folder<'p>(api: &str, parts: &'p [&'p str]) -> &'p [&'p str] {
    let path = api.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let folder = || path.split('/').take_while(|part| *part != "api").filter(|part| !part.is_empty());
    let is_below = parts.len() > folder().count() && parts.iter().zip(folder()).all(|(part, folder)| *part == folder);
    if is_below { &parts[folder().count()..] } else { parts }
}

/// Whether an API at `list` may be told what a repository's host is told: it is at the same scheme, host and port, or it is GitHub's own.
pub fn is_of_the_same_host(repository: &RepositoryUrl, list: &RepositoryUrl) -> bool {
    let place = |url: &RepositoryUrl| (url.scheme(), url.host_and_port().0.to_ascii_lowercase(), url.port());
    let is_github = GitProvider::certain_of(repository) == Some(GitProvider::GitHub)
        && repository.scheme() == GitScheme::Https
        && list.as_ref().starts_with(&format!("{GITHUB_API}/"));
    repository.scheme() != GitScheme::Ssh && (place(repository) == place(list) || is_github)
}

/// Where an API begins: `https://host[:port][/path]` or the same with `http`, without credentials, query or fragment.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiUrl(String);
text_value!(ApiUrl);

impl std::str::FromStr for ApiUrl {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let fine = match text.split_once("://") {
            Some(("https" | "http", rest)) => {
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                let path = path.strip_suffix('/').unwrap_or(path);
                url::is_authority(authority) && (path.is_empty() || path.split('/').all(is_plain))
            }
            _ => false,
        };
        let fine = fine && text.len() <= 1024;
        fine.then(|| Self(text.into())).ok_or_else(|| {
            let rule = "use https://HOST/PATH or http://HOST/PATH, such as https://git.example.com/api/v1";
            Malformed::new("the address of an API", text, rule)
        })
    }
}

/// Nothing in it means something to a host or a client.
fn is_plain(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('.')
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._~-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use GitProvider::{GitHub, GitLab, Gitea};
    use rstest::rstest;

    #[rstest]
    #[case("https://github.com/ops/jobs.git", Some(GitHub))]
    #[case("git@GitHub.com:ops/jobs.git", Some(GitHub))]
    #[case("ssh://git@gitlab.com/ops/team/jobs", Some(GitLab))]
    #[case("https://codeberg.org/ops/jobs", Some(Gitea))]
    #[case("https://gitea.com/ops/jobs", Some(Gitea))]
    #[case::a_name_that_only_sounds_like_it("https://gitlab.example.com/ops/jobs", None)]
    #[case("https://github.com.example.com/ops/jobs", None)]
    fn only_hosts_that_are_certain_need_no_provider(#[case] url: &str, #[case] certain: Option<GitProvider>) {
        assert_eq!(GitProvider::certain_of(&url.parse().unwrap()), certain);
    }

    #[rstest]
    #[case(Gitea, "http://10.88.0.1:3000/ops/jobs.git", "", "http://10.88.0.1:3000/api/v1/repos/ops/jobs/releases")]
    #[case(Gitea, "https://h/git/ops/jobs/", "", "https://h/git/api/v1/repos/ops/jobs/releases")]
    #[case(Gitea, "ssh://git@h:2222/ops/jobs.git", "https://h/api/v1/", "https://h/api/v1/repos/ops/jobs/releases")]
    #[case(Gitea, "ssh://git@h:2222/ops/jobs.git", "", "-")]
    #[case(Gitea, "git@codeberg.org:ops/jobs.git", "", "https://codeberg.org/api/v1/repos/ops/jobs/releases")]
    #[case(Gitea, "https://h/jobs.git", "", "-")]
    #[case(GitHub, "https://github.com/ops/jobs", "", "https://api.github.com/repos/ops/jobs/releases")]
    #[case(GitHub, "git@github.com:ops/jobs.git", "", "https://api.github.com/repos/ops/jobs/releases")]
    #[case(GitHub, "https://ghe.h/ops/jobs.git", "", "https://ghe.h/api/v3/repos/ops/jobs/releases")]
    #[case(
        GitHub,
        "https://mirror.h/ops/jobs",
        "https://api.github.com",
        "https://api.github.com/repos/ops/jobs/releases"
    )]
    #[case(
        GitLab,
        "https://gitlab.com/ops/team/jobs.git",
        "",
        "https://gitlab.com/api/v4/projects/ops%2Fteam%2Fjobs/releases"
    )]
    #[case(
        GitLab,
        "https://h/lab/ops/jobs.git",
        "https://h/lab/api/v4",
        "https://h/lab/api/v4/projects/ops%2Fjobs/releases"
    )]
    #[case(GitLab, "https://h/jobs.git", "", "-")]
    fn where_releases_are_listed(
        #[case] provider: GitProvider,
        #[case] url: &str,
        #[case] api: &str,
        #[case] list: &str,
    ) {
        let api: Option<ApiUrl> = (!api.is_empty()).then(|| api.parse().unwrap());
        let found = provider.release_list(&url.parse().unwrap(), api.as_ref());
        assert_eq!(found.map_or_else(|| "-".to_owned(), |url| url.to_string()), list);
    }

    #[rstest]
    #[case("https://h/ops/jobs", "https://h:443/api/v1/repos/ops/jobs/releases", true)]
    #[case("https://h/ops/jobs", "http://h/api/v1/repos/ops/jobs/releases", false)]
    #[case("https://h/ops/jobs", "https://h:8443/api/v1/repos/ops/jobs/releases", false)]
    #[case("https://h/ops/jobs", "https://api.h/api/v1/repos/ops/jobs/releases", false)]
    #[case("https://github.com/ops/jobs", "https://api.github.com/repos/ops/jobs/releases", true)]
    #[case("http://github.com/ops/jobs", "https://api.github.com/repos/ops/jobs/releases", false)]
    #[case("https://h/ops/jobs", "https://api.github.com/repos/ops/jobs/releases", false)]
    #[case("https://github.com/ops/jobs", "https://api.github.com.h/repos/ops/jobs/releases", false)]
    #[case::a_key_is_no_token("git@h:ops/jobs", "https://h/api/v1/repos/ops/jobs/releases", false)]
    fn credentials_are_for_one_host(#[case] repository: &str, #[case] list: &str, #[case] same: bool) {
        assert_eq!(is_of_the_same_host(&repository.parse().unwrap(), &list.parse().unwrap()), same);
    }

    #[rstest]
    #[case("https://git.example.com/api/v1", true)]
    #[case("https://api.github.com", true)]
    #[case("http://[::1]:3000/api/v1/", true)]
    #[case("https://user:word@git.example.com/api/v1", false)]
    #[case("https://git.example.com/api/v1?token=x", false)]
    #[case("ssh://git.example.com/api/v1", false)]
    #[case("git.example.com/api/v1", false)]
    fn an_api_has_an_address(#[case] text: &str, #[case] fine: bool) {
        assert_eq!(text.parse::<ApiUrl>().is_ok(), fine, "{text}");
    }

    #[test]
    fn a_draft_never_counts_and_a_pre_release_only_where_it_is_asked_for() {
        use HostRelease::{Draft, Full, PreRelease};
        let takes = |stage: ReleaseStage| [Draft, PreRelease, Full].map(|release| stage.takes(release));
        assert_eq!(takes(ReleaseStage::PreRelease), [false, true, true]);
        assert_eq!(takes(ReleaseStage::Full), [false, false, true]);
    }
}
