//! How libgit2 reaches a host over HTTP: by the operator's own client. So a fetch is no stricter than a look, and certificates,
//! proxies, redirects, credentials, deadlines and the words for what goes wrong are decided in one place.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use git2::transport::{Service, SmartSubtransport, SmartSubtransportStream, Transport, register};
use reqwest::Response;
use tokio::runtime::Runtime;

use crate::source::http::{Clients, Conversation, FLUSH, Packet, Part, write_line};
use crate::source::wire::WireRemote;
use crate::source::{Remote, SourceError};

/// The way to the host. A clone shares it.
#[derive(Clone)]
pub(super) struct Http(Arc<Shared>);

struct Shared {
    remote: Remote,
    clients: Clients,
    runtime: Runtime,
    silence: Duration,
    /// Where the repository turned out to be.
    base: Mutex<Option<String>>,
    /// What is advertised, between being listed and the fetch that goes by it.
    listed: Mutex<Listing>,
    /// What went wrong last, in our words: libgit2 passes on none but its own.
    failure: Mutex<Option<SourceError>>,
}

impl Http {
    /// Makes it the way of all of this process's libgit2. A host that says nothing for as long as `silence` is given up.
    #[allow(unsafe_code)] // Registering must not race with the making of a transport; here is none yet.
    pub(super) fn install(remote: &WireRemote, silence: Duration) -> Result<Self, git2::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| git2::Error::from_str(&error.to_string()))?;
        let shared = Shared {
            remote: remote.reached_over_http(),
            clients: Clients::default(),
            runtime,
            silence,
            base: Mutex::default(),
            listed: Mutex::default(),
            failure: Mutex::default(),
        };
        let http = Self(Arc::new(shared));
        for scheme in ["http", "https"] {
            let http = http.clone();
            // SAFETY: this runs before any other use of libgit2, in a process whose other threads never use it.
            unsafe { register(scheme, move |remote| Transport::smart(remote, true, http.clone())) }?;
        }
        Ok(http)
    }

    /// What is advertised next is asked for, and is what the next fetch goes by without asking again: the host starts a process each time.
    pub(super) fn lists(&self) {
        *self.listing() = Listing::Wanted;
    }

    /// Whether the next fetch goes by what was listed before.
    pub(super) fn has_listed(&self) -> bool {
        matches!(*self.listing(), Listing::Known(_))
    }

    fn listing(&self) -> MutexGuard<'_, Listing> {
        self.0.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the repository gives out.
    fn advertised(&self) -> io::Result<Bytes> {
        let is_kept = match std::mem::take(&mut *self.listing()) {
            Listing::Known(bytes) => return Ok(bytes),
            Listing::Wanted => true,
            Listing::Not => false,
        };
        let bytes = Bytes::from(self.within(self.advertisement(Part::GivesOut))?);
        if is_kept {
            *self.listing() = Listing::Known(bytes.clone());
        }
        Ok(bytes)
    }

    /// What went wrong, if it was on the way.
    pub(super) fn failure(&self) -> Option<SourceError> {
        self.0.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn note(&self, error: SourceError) -> io::Error {
        *self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        io::Error::other("the host was not reached")
    }

    fn within<T>(&self, work: impl Future<Output = Result<T, SourceError>>) -> io::Result<T> {
        self.in_time(work).map_err(|error| self.note(error))
    }

    /// What comes of it, unless the host says nothing for too long.
    pub(super) fn in_time<T>(&self, work: impl Future<Output = Result<T, SourceError>>) -> Result<T, SourceError> {
        let silence = self.0.silence;
        let outcome = self.0.runtime.block_on(async { tokio::time::timeout(silence, work).await });
        let host = || self.0.remote.url.authority().to_owned();
        outcome.unwrap_or_else(|_| Err(SourceError::TimedOut { host: host(), after: silence }))
    }

    /// With what gives objects out, in version 2 of the protocol.
    pub(super) fn in_version_2(&self) -> Result<Conversation<'_>, SourceError> {
        Conversation::with(&self.0.remote, &self.0.clients)
    }

    /// In the one version of the protocol that libgit2 speaks.
    fn conversation(&self, part: Part) -> Result<Conversation<'_>, SourceError> {
        let base = self.0.base.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Conversation::with(&self.0.remote, &self.0.clients)?.about(part).in_version_0(base))
    }

    /// The advertisement, without what libgit2 does not know: where a repository that is shallow itself was cut.
    async fn advertisement(&self, part: Part) -> Result<Vec<u8>, SourceError> {
        let mut conversation = self.conversation(part)?;
        let mut packets = conversation.advertisement().await?;
        let mut bytes = Vec::new();
        while let Some(packet) = packets.next().await? {
            match packet {
                Packet::Flush => bytes.extend_from_slice(FLUSH),
                Packet::Line(line) if line.starts_with(b"shallow ") => {}
                Packet::Line(line) => write_line(&mut bytes, line),
            }
        }
        *self.0.base.lock().unwrap_or_else(PoisonError::into_inner) = Some(conversation.base().to_owned());
        Ok(bytes)
    }
}

impl SmartSubtransport for Http {
    fn action(&self, _: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        let listed = |bytes: io::Result<Bytes>| {
            let bytes = bytes.map_err(|error| git2::Error::from_str(&error.to_string()))?;
            Ok(Box::new(Listed(bytes)) as Box<dyn SmartSubtransportStream>)
        };
        let exchange = |part| Box::new(Exchange { http: self.clone(), part, question: Vec::new(), answer: None });
        match service {
            Service::UploadPackLs => listed(self.advertised()),
            Service::UploadPack => Ok(exchange(Part::GivesOut)),
            Service::ReceivePackLs => listed(self.within(self.advertisement(Part::TakesIn)).map(Bytes::from)),
            Service::ReceivePack => Ok(exchange(Part::TakesIn)),
        }
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// Whether what is advertised is kept.
#[derive(Default)]
enum Listing {
    #[default]
    Not,
    Wanted,
    Known(Bytes),
}

/// What was advertised.
struct Listed(Bytes);

impl Read for Listed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(take(&mut self.0, buffer))
    }
}

impl Write for Listed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One question, which is sent when the answer is wanted.
struct Exchange {
    http: Http,
    part: Part,
    question: Vec<u8>,
    answer: Option<Answer>,
}

struct Answer {
    response: Response,
    rest: Bytes,
}

impl Exchange {
    fn ask(&mut self) -> io::Result<&mut Answer> {
        if self.answer.is_none() {
            let question = std::mem::take(&mut self.question);
            let asking = async { self.http.conversation(self.part)?.result(question).await };
            self.answer = Some(Answer { response: self.http.within(asking)?, rest: Bytes::new() });
        }
        self.answer.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Read for Exchange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (http, part) = (self.http.clone(), self.part);
        let Answer { response, rest } = self.ask()?;
        if rest.is_empty() {
            let hearing = async {
                match response.chunk().await {
                    Ok(chunk) => Ok(chunk.unwrap_or_default()),
                    Err(error) => Err(http.conversation(part)?.failure(&error)),
                }
            };
            *rest = http.within(hearing)?;
        }
        Ok(take(rest, buffer))
    }
}

impl Write for Exchange {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.question.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn take(from: &mut Bytes, buffer: &mut [u8]) -> usize {
    let length = from.len().min(buffer.len());
    from.copy_to_slice(&mut buffer[..length]);
    length
}
