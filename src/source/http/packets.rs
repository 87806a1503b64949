//! A host's answer, cut into Git's packets as it arrives.

use gix_packetline::PacketLineRef;
use gix_packetline::decode::{Stream, streaming};
use reqwest::Response;

use super::{Conversation, one_line};
use crate::source::SourceError;

/// The most a host may say in one answer, in bytes: half a million references.
const LONGEST_ANSWER: usize = 64 << 20;

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source) enum Packet {
    /// A line, without its line break; or some bytes, as they are.
    Line(Vec<u8>),
    /// The end of a part, or of the whole.
    Flush,
}

/// The end of a part of a question, and of the whole.
pub(in crate::source) const DELIMITER: &[u8] = b"0001";
pub(in crate::source) const FLUSH: &[u8] = b"0000";

/// Writes one packet: four digits of length, which count themselves, and the line with its break.
pub(in crate::source) fn write_line(into: &mut Vec<u8>, line: impl AsRef<[u8]>) {
    let line = line.as_ref();
    into.extend_from_slice(format!("{:04x}", line.len() + 5).as_bytes());
    into.extend_from_slice(line);
    into.push(b'\n');
}

/// The packets of one answer. Only what is not cut yet is kept.
pub(in crate::source) struct Packets<'a> {
    conversation: &'a Conversation<'a>,
    response: Response,
    rest: Vec<u8>,
    cut: usize,
    heard: usize,
    /// The most that is heard of this answer.
    longest: usize,
}

impl<'a> Packets<'a> {
    pub(super) fn of(conversation: &'a Conversation<'a>, response: Response) -> Self {
        Self { conversation, response, rest: Vec::new(), cut: 0, heard: 0, longest: LONGEST_ANSWER }
    }

    /// The same, of whatever length.
    pub(super) fn without_an_end(self) -> Self {
        Self { longest: usize::MAX, ..self }
    }

    /// The next line, or what ends a part; none at the end of the answer.
    pub(in crate::source) async fn next(&mut self) -> Result<Option<Packet>, SourceError> {
        Ok(match self.next_bytes().await? {
            Some(Packet::Line(mut line)) => {
                line.truncate(line.strip_suffix(b"\n").unwrap_or(&line).len());
                Some(Packet::Line(line))
            }
            other => other,
        })
    }

    /// The same, as it was sent.
    pub(in crate::source) async fn next_bytes(&mut self) -> Result<Option<Packet>, SourceError> {
        loop {
            match streaming(&self.rest[self.cut..]) {
                Ok(Stream::Complete { line, bytes_consumed }) => {
                    let packet = packet(line);
                    self.cut += bytes_consumed;
                    return self.unless_refused(packet).map(Some);
                }
                Ok(Stream::Incomplete { .. }) => {}
                Err(_) => return Err(self.conversation.not_git()),
            }
            if !self.hear().await? {
                return match self.rest.len() - self.cut {
                    0 => Ok(None),
                    _ => Err(self.damaged("it ends in the middle of a line")),
                };
            }
        }
    }

    /// Receives some more; false at the end.
    async fn hear(&mut self) -> Result<bool, SourceError> {
        self.rest.drain(..self.cut);
        self.cut = 0;
        let Some(chunk) = self.response.chunk().await.map_err(|error| self.conversation.failure(&error))? else {
            return Ok(false);
        };
        self.heard += chunk.len();
        if self.heard > self.longest {
            return Err(SourceError::TooManyReferences {
                url: self.conversation.remote.url.to_string(),
                limit: LONGEST_ANSWER,
            });
        }
        self.rest.extend_from_slice(&chunk);
        Ok(true)
    }

    /// A host may refuse in a line instead of a status.
    fn unless_refused(&self, packet: Packet) -> Result<Packet, SourceError> {
        let Packet::Line(line) = &packet else { return Ok(packet) };
        let Some(words) = line.strip_prefix(b"ERR ") else { return Ok(packet) };
        // What is not shown may stand in the middle of a secret: it is masked before that is gone, and after.
        let words = one_line(&self.conversation.masked(&String::from_utf8_lossy(words)));
        Err(SourceError::HostRefused { host: self.conversation.host(), detail: self.conversation.masked(&words) })
    }

    fn damaged(&self, detail: &str) -> SourceError {
        SourceError::Damaged { url: self.conversation.remote.url.to_string(), detail: detail.to_owned() }
    }
}

fn packet(line: PacketLineRef<'_>) -> Packet {
    match line {
        PacketLineRef::Data(bytes) => Packet::Line(bytes.to_vec()),
        PacketLineRef::Flush | PacketLineRef::Delimiter | PacketLineRef::ResponseEnd => Packet::Flush,
    }
}
