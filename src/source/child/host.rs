//! One Git host, spoken to through libgit2.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use git2::{
    AutotagOption, CertificateCheckStatus, ConfigLevel, Cred, CredentialType, Direction, ErrorClass, ErrorCode,
    FetchOptions, RemoteCallbacks, Repository, RepositoryInitOptions,
};

use super::classify::{classify, damage, log};
use super::known_hosts::HostKeys;
use super::transport::Http;
use crate::domain::GitScheme;
use crate::source::refs::Advertised;
use crate::source::wire::WireRemote;
use crate::source::{Limits, SourceError, SshKey};

/// A connection to be, and the empty bare repository that what it brings is put into.
pub(super) struct Host<'a> {
    pub(super) remote: &'a WireRemote,
    pub(super) repository: Repository,
    /// The way there, unless it is SSH.
    pub(super) http: Option<Http>,
}

/// What happened on a connection that libgit2's error does not tell.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    /// Whether the key was presented.
    pub(super) presented: Cell<bool>,
    /// A limit was passed; as a phrase.
    pub(super) over_limit: Cell<Option<&'static str>>,
}

/// The limit that what is received passes while it is unpacked.
pub(super) const MEMORY: &str = "memory";

/// libgit2's depth for all that was cut off before (`GIT_FETCH_DEPTH_UNSHALLOW`).
const UNSHALLOW: i32 = i32::MAX;

/// The name of a commit that was at the tip of a reference.
pub(super) const TIP: &str = "refs/wanted/tip";

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
        let made =
            std::env::current_dir().map_err(|error| git2::Error::from_str(&error.to_string())).and_then(|room| {
                let silence = silence_allowed(remote.deadline);
                set_globals(&room, silence)?;
                know_hosts(&room, remote)?;
                let http = remote.url.scheme() != GitScheme::Ssh;
                let http = http.then(|| Http::install(remote, silence)).transpose()?;
                Ok((empty_repository(&room)?, http))
            });
        match made {
            Ok((repository, http)) => Ok(Self { remote, repository, http }),
            Err(error) => {
                log(&error, remote);
                Err(SourceError::Local { detail: "Git's library did not start in its folder".to_owned() })
            }
        }
    }

    /// An error in reading what was fetched.
    pub(super) fn damaged(&self, error: &git2::Error) -> SourceError {
        log(error, self.remote);
        let detail = damage(error).to_owned();
        SourceError::Damaged { url: self.remote.url.to_string(), detail }
    }

    /// Everything the host advertises. The fetch that comes next goes by it, too.
    pub(super) fn list(&self) -> Result<Vec<Advertised>, SourceError> {
        self.http.iter().for_each(Http::lists);
        let incidents = Incidents::default();
        let listed = self.repository.remote_anonymous(self.remote.url.as_ref()).and_then(|mut remote| {
            let callbacks = Some(self.callbacks(&incidents));
            let connection = remote.connect_auth(Direction::Fetch, callbacks, None)?;
            Ok(connection.list()?.iter().map(Advertised::of).collect())
        });
        listed.map_err(|error| self.means(&error))
    }

    /// Fetches by these refspecs; a depth of 0 is the whole history.
    ///
    /// What was listed may have been taken away since, and some hosts just end the connection then: so by a new list once more.
    pub(super) fn fetch(&self, refspecs: &[String], depth: i32, limits: &Limits) -> Result<(), FetchError> {
        let by_what_was_listed = self.http.as_ref().is_some_and(Http::has_listed);
        match self.fetch_once(refspecs, depth, limits) {
            Err(FetchError::Source(SourceError::Unreachable { .. } | SourceError::HostRefused { .. }))
                if by_what_was_listed =>
            {
                self.fetch_once(refspecs, depth, limits)
            }
            outcome => outcome,
        }
    }

    fn fetch_once(&self, refspecs: &[String], depth: i32, limits: &Limits) -> Result<(), FetchError> {
        let incidents = Incidents::default();
        // What lies there already is not asked for again, unless what is below is wanted too.
        let depth = if depth == 0 && self.repository.is_shallow() { UNSHALLOW } else { depth };
        let fetched = self.repository.remote_anonymous(self.remote.url.as_ref()).and_then(|mut remote| {
            let mut callbacks = self.callbacks(&incidents);
            callbacks.transfer_progress(|progress| {
                incidents.over_limit.set(limit_passed(&progress, limits));
                incidents.over_limit.get().is_none()
            });
            let mut options = FetchOptions::new();
            options.remote_callbacks(callbacks).download_tags(AutotagOption::None).update_fetchhead(false).depth(depth);
            remote.fetch(refspecs, Some(&mut options), None)
        });
        fetched.map_err(|error| self.explain(&error, &incidents))
    }

    /// Notes a commit that was brought without what was before it, as a fetch does: the next one tells the host what is there.
    pub(super) fn has_tip(&self, commit: git2::Oid) -> Result<(), git2::Error> {
        let noted = std::fs::write(self.repository.path().join("shallow"), format!("{commit}\n"));
        noted.map_err(|error| git2::Error::from_str(&error.to_string()))?;
        self.repository.reference(TIP, commit, true, "").map(|_| ())
    }

    pub(super) fn explain(&self, error: &git2::Error, incidents: &Incidents) -> FetchError {
        if let Some(limit) = incidents.over_limit.get() {
            return FetchError::OverLimit(limit);
        }
        // Differences are put together in memory; what is ours is little, and the same content needs as much every time.
        if error.class() == ErrorClass::NoMemory {
            return FetchError::OverLimit(MEMORY);
        }
        // A single object on a host that gives out tips only; a shallow fetch from one that cannot cut.
        let not_offered = matches!(error.class(), ErrorClass::Invalid | ErrorClass::Net)
            && ["cannot fetch a specific object", "server doesn't support"]
                .iter()
                .any(|known| error.message().starts_with(known));
        if not_offered {
            return FetchError::NotOffered;
        }
        FetchError::Source(self.means(error))
    }

    pub(super) fn means(&self, error: &git2::Error) -> SourceError {
        let on_the_way = self.http.as_ref().and_then(Http::failure);
        on_the_way.unwrap_or_else(|| classify(error, self.remote))
    }

    /// Over HTTP nothing of this is asked.
    pub(super) fn callbacks<'c>(&'c self, incidents: &'c Incidents) -> RemoteCallbacks<'c> {
        let mut callbacks = RemoteCallbacks::new();
        if let Some(key) = &self.remote.ssh {
            callbacks.credentials(move |_, _, allowed| ssh(self.remote, key, allowed, incidents));
            // libgit2 then judges by the known_hosts file in this process's home.
            callbacks.certificate_check(|_, _| Ok(CertificateCheckStatus::CertificatePassthrough));
        }
        callbacks
    }
}

/// The key, once; a host asks for the user before.
fn ssh(remote: &WireRemote, key: &SshKey, allowed: CredentialType, incidents: &Incidents) -> Result<Cred, git2::Error> {
    let user = remote.url.ssh_user();
    if allowed.contains(CredentialType::USERNAME) {
        return Cred::username(user);
    }
    let refuse = |text| Err(git2::Error::new(ErrorCode::Auth, ErrorClass::Ssh, text));
    if incidents.presented.get() {
        return refuse("the key was refused");
    }
    if !allowed.contains(CredentialType::SSH_MEMORY) {
        return refuse("the host takes no keys");
    }
    incidents.presented.set(true);
    Cred::ssh_key_from_memory(user, None, &key.private_key, key.passphrase.as_deref())
}

pub(super) fn limit_passed(progress: &git2::Progress<'_>, limits: &Limits) -> Option<&'static str> {
    if progress.received_bytes() as u64 > limits.received_bytes {
        return Some("bytes");
    }
    (progress.total_objects() as u64 > limits.received_objects).then_some("objects")
}

/// libgit2's settings are global to the process; this process is for one request of one tenant.
#[allow(unsafe_code)] // The setters are unsafe since they must not race with other uses of libgit2; here is none yet.
fn set_globals(room: &Path, silence: Duration) -> Result<(), git2::Error> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let silence = i32::try_from(silence.as_millis()).unwrap_or(i32::MAX).max(1);
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
    let (host, port) = remote.url.host_and_port();
    let known = HostKeys::of(&key.known_hosts, host, port).file(host);
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join("known_hosts"), known));
    written.map_err(|error| git2::Error::from_str(&error.to_string()))
}

/// A little less than the parent waits, so that this process can still say what it waited for.
fn silence_allowed(deadline: Duration) -> Duration {
    deadline.mul_f32(0.9)
}

fn empty_repository(room: &Path) -> Result<Repository, git2::Error> {
    let mut options = RepositoryInitOptions::new();
    options.bare(true).external_template(false).mkdir(true);
    Repository::init_opts(room.join("repository"), &options)
}
