//! One Git host, spoken to through libgit2.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use git2::{
    AutotagOption, CertificateCheckStatus, ConfigLevel, Cred, CredentialType, Direction, ErrorClass, ErrorCode,
    FetchOptions, ProxyOptions, RemoteCallbacks, RemoteRedirect, Repository, RepositoryInitOptions,
};

use super::classify::classify;
use crate::source::refs::Advertised;
use crate::source::wire::WireRemote;
use crate::source::{Limits, SourceError, SshKey};

/// How often one connection may present the same credentials. A host that closes its connections asks twice.
const PRESENTATIONS: u8 = 2;

/// A connection to be, and the empty bare repository that what it brings is put into.
pub(super) struct Host<'a> {
    pub(super) remote: &'a WireRemote,
    pub(super) repository: Repository,
}

/// What happened on a connection that libgit2's error does not tell.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    /// How often credentials were presented.
    pub(super) presented: Cell<u8>,
    /// Something other than the repository's own host asked for credentials.
    pub(super) asked_elsewhere: Cell<bool>,
    /// A limit was passed; as a phrase.
    pub(super) over_limit: Cell<Option<&'static str>>,
}

/// Why a fetch brought nothing.
pub(super) enum FetchError {
    /// The host does not offer this way of fetching.
    NotOffered,
    /// A limit was passed, said as a phrase.
    OverLimit(&'static str),
    /// Everything else.
    Source(SourceError),
}

impl<'a> Host<'a> {
    /// Prepares this process, of which it must be the only use of libgit2, and a repository in its folder.
    pub(super) fn prepare(remote: &'a WireRemote) -> Result<Self, SourceError> {
        if remote.proxy.is_some() && remote.url.is_plain_http() {
            // libgit2 1.9 would speak to the host itself, in the form of request that is for a proxy.
            let detail = "only https goes through a proxy, and the URL is http".to_owned();
            return Err(SourceError::ProxyRefused { host: remote.url.authority().to_owned(), detail });
        }
        let made =
            std::env::current_dir().map_err(|error| git2::Error::from_str(&error.to_string())).and_then(|room| {
                set_globals(&room, remote)?;
                know_hosts(&room, remote)?;
                empty_repository(&room)
            });
        match made {
            Ok(repository) => Ok(Self { remote, repository }),
            Err(error) => Err(SourceError::Local { detail: error.message().to_owned() }),
        }
    }

    /// An error in reading what was fetched.
    pub(super) fn damaged(&self, error: &git2::Error) -> SourceError {
        SourceError::Damaged { url: self.remote.url.to_string(), detail: error.message().to_owned() }
    }

    /// Everything the host advertises.
    pub(super) fn list(&self) -> Result<Vec<Advertised>, SourceError> {
        let incidents = Incidents::default();
        let listed = self.repository.remote_anonymous(self.remote.url.as_ref()).and_then(|mut remote| {
            let callbacks = Some(self.callbacks(&incidents));
            let connection = remote.connect_auth(Direction::Fetch, callbacks, Some(self.proxy()))?;
            Ok(connection.list()?.iter().map(Advertised::of).collect())
        });
        listed.map_err(|error| classify(&error, self.remote, &incidents))
    }

    /// Fetches by these refspecs; a depth of 0 is the whole history.
    pub(super) fn fetch(&self, refspecs: &[String], depth: i32, limits: &Limits) -> Result<(), FetchError> {
        let incidents = Incidents::default();
        let fetched = self.repository.remote_anonymous(self.remote.url.as_ref()).and_then(|mut remote| {
            let mut callbacks = self.callbacks(&incidents);
            callbacks.transfer_progress(|progress| {
                incidents.over_limit.set(limit_passed(&progress, limits));
                incidents.over_limit.get().is_none()
            });
            let bearer = self.bearer();
            let mut options = FetchOptions::new();
            options
                .remote_callbacks(callbacks)
                .proxy_options(self.proxy())
                .download_tags(AutotagOption::None)
                .update_fetchhead(false)
                .follow_redirects(RemoteRedirect::None)
                .depth(depth);
            if let Some(header) = &bearer {
                options.custom_headers(&[header]);
            }
            remote.fetch(refspecs, Some(&mut options), None)
        });
        fetched.map_err(|error| self.explain(&error, &incidents))
    }

    fn explain(&self, error: &git2::Error, incidents: &Incidents) -> FetchError {
        if let Some(limit) = incidents.over_limit.get() {
            return FetchError::OverLimit(limit);
        }
        // A single object on a host that gives out tips only; a shallow fetch from one that cannot cut.
        let not_offered = matches!(error.class(), ErrorClass::Invalid | ErrorClass::Net)
            && ["cannot fetch a specific object", "server doesn't support"]
                .iter()
                .any(|known| error.message().starts_with(known));
        if not_offered {
            return FetchError::NotOffered;
        }
        FetchError::Source(classify(error, self.remote, incidents))
    }

    fn callbacks<'c>(&'c self, incidents: &'c Incidents) -> RemoteCallbacks<'c> {
        let mut callbacks = RemoteCallbacks::new();
        callbacks.credentials(move |url, _, allowed| {
            let refuse = |text| Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Http, text));
            if self.remote.ssh.is_none() && origin(url) != origin(self.remote.url.as_ref()) {
                incidents.asked_elsewhere.set(true);
                return refuse("credentials are for the repository's own host only");
            }
            if let Some(key) = &self.remote.ssh {
                return ssh(self.remote, key, allowed, incidents);
            }
            let (Some(username), Some(password)) = (&self.remote.username, &self.remote.password) else {
                return refuse("there are no credentials");
            };
            if incidents.presented.get() >= PRESENTATIONS {
                return refuse("the credentials were refused");
            }
            incidents.presented.set(incidents.presented.get() + 1);
            Cred::userpass_plaintext(username, password)
        });
        if self.remote.ssh.is_some() {
            // libgit2 then judges by the known_hosts file in this process's home.
            callbacks.certificate_check(|_, _| Ok(CertificateCheckStatus::CertificatePassthrough));
        }
        callbacks
    }

    fn bearer(&self) -> Option<String> {
        self.remote.bearer.as_ref().map(|token| format!("Authorization: Bearer {token}"))
    }

    fn proxy(&self) -> ProxyOptions<'static> {
        let mut options = ProxyOptions::new();
        if let Some(url) = &self.remote.proxy {
            options.url(url);
        }
        options
    }
}

/// The key, once; a host asks for the user before.
fn ssh(remote: &WireRemote, key: &SshKey, allowed: CredentialType, incidents: &Incidents) -> Result<Cred, git2::Error> {
    let user = remote.url.ssh_user();
    if allowed.contains(CredentialType::USERNAME) {
        return Cred::username(user);
    }
    let refuse = |text| Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Ssh, text));
    if incidents.presented.get() > 0 {
        return refuse("the key was refused");
    }
    if !allowed.contains(CredentialType::SSH_MEMORY) {
        return refuse("the host takes no keys");
    }
    incidents.presented.set(1);
    Cred::ssh_key_from_memory(user, None, &key.private_key, key.passphrase.as_deref())
}

fn limit_passed(progress: &git2::Progress<'_>, limits: &Limits) -> Option<&'static str> {
    if progress.received_bytes() as u64 > limits.received_bytes {
        return Some("bytes");
    }
    (progress.total_objects() as u64 > limits.received_objects).then_some("objects")
}

/// Scheme, host and port of a URL, in lower case, with the port written out and without credentials.
fn origin(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let host = match (has_port, scheme.as_str()) {
        (true, _) => host,
        (false, "https") => format!("{host}:443"),
        (false, _) => format!("{host}:80"),
    };
    Some((scheme, host))
}

/// libgit2's settings are global to the process; this process is for one request of one tenant.
#[allow(unsafe_code)] // The setters are unsafe since they must not race with other uses of libgit2; here is none yet.
fn set_globals(room: &Path, remote: &WireRemote) -> Result<(), git2::Error> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let silence = silence_allowed(remote.deadline);
    // SAFETY: this runs before any other use of libgit2, in a process whose other threads never use it.
    unsafe {
        // No configuration of the host's: it could rewrite URLs or turn certificate checks off.
        for level in [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global] {
            git2::opts::set_search_path(level, text(&room.join("no-configuration")))?;
        }
        git2::opts::set_server_connect_timeout_in_milliseconds(silence)?;
        git2::opts::set_server_timeout_in_milliseconds(silence)?;
    }
    git2::opts::strict_hash_verification(true);
    Ok(())
}

/// Where libgit2 looks for the keys of hosts.
fn know_hosts(room: &Path, remote: &WireRemote) -> Result<(), git2::Error> {
    let Some(key) = &remote.ssh else { return Ok(()) };
    let folder = room.join(".ssh");
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("known_hosts"), with_end(&key.known_hosts)));
    written.map_err(|error| git2::Error::from_str(&error.to_string()))
}

/// libssh2 does not read a last line that does not end.
fn with_end(text: &str) -> String {
    format!("{}\n", text.trim_end())
}

/// Milliseconds: a little less than the parent waits, so that this process can still say what it waited for.
fn silence_allowed(deadline: Duration) -> i32 {
    i32::try_from(deadline.mul_f32(0.9).as_millis()).unwrap_or(i32::MAX).max(1)
}

fn empty_repository(room: &Path) -> Result<Repository, git2::Error> {
    let mut options = RepositoryInitOptions::new();
    options.bare(true).external_template(false).mkdir(true);
    let repository = Repository::init_opts(room.join("repository"), &options)?;
    // Listing has no option for this, and would follow the first redirect wherever it points.
    repository.config()?.set_bool("http.followRedirects", false)?;
    Ok(repository)
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        assert_eq!(origin("https://Git.example.com/a"), origin("https://git.example.com:443/b?c"));
        assert_eq!(origin("http://user:pass@h/a"), origin("http://h:80"));
        assert_ne!(origin("http://h/a"), origin("https://h/a"));
        assert_ne!(origin("http://h:3000/a"), origin("http://h:3001/a"));
        assert_ne!(origin("https://[::1]/a"), origin("https://[::2]/a"));
        assert_eq!(origin("https://[::1]/a"), origin("https://[::1]:443/a"));
    }
}
