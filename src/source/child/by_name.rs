//! Brings one commit by its name, in one question: version 2 of the protocol (gitprotocol-v2(5), `fetch`).
//!
//! libgit2 speaks version 0 alone, in which the same takes a list and two questions, and a host starts a process for each. What is hard
//! about a fetch stays with it: it unpacks what is sent, and holds every object against its name.

use std::io::Write as _;
use std::rc::Rc;

use git2::{OdbPackwriter, Oid};

use super::host::{FetchError, Host, Incidents, limit_passed};
use super::transport::Http;
use crate::source::http::{DELIMITER, FLUSH, Packet, write_line};
use crate::source::{Limits, SourceError};

/// The line before the objects.
const OBJECTS_FOLLOW: &[u8] = b"packfile\n";

/// What a packet behind that line holds is told by its first byte; what is neither of these is for people who wait.
const OBJECTS: u8 = 1;
const TROUBLE: u8 = 3;

/// This commit with its files, without what was before it.
pub(super) fn fetch(host: &Host<'_>, wanted: Oid, limits: &Limits) -> Result<(), FetchError> {
    let Some(http) = &host.http else { return Err(FetchError::NotOffered) };
    let incidents = Rc::new(Incidents::default());
    let failed = |error: git2::Error| host.explain(&error, &incidents);
    let objects = host.repository.odb().map_err(failed)?;
    let mut pack = objects.packwriter().map_err(failed)?;
    let (noted, allowed) = (Rc::clone(&incidents), *limits);
    pack.progress(move |progress| {
        noted.over_limit.set(limit_passed(&progress, &allowed));
        noted.over_limit.get().is_none()
    });
    let brought = receive(http, wanted, &mut pack, limits);
    match brought.map_err(FetchError::Source)? {
        Received::Whole => pack.commit().map(|_| ()).map_err(failed),
        Received::NotTaken(error) => Err(failed(error)),
        Received::Refused => Err(FetchError::NotOffered),
        Received::TooMuch => Err(FetchError::OverLimit("bytes")),
    }
}

/// What became of what a host sent.
enum Received {
    /// All of it is there.
    Whole,
    /// libgit2 takes no more of it.
    NotTaken(git2::Error),
    /// The host has something against it.
    Refused,
    /// It is more than we are willing to hear.
    TooMuch,
}

fn receive(http: &Http, wanted: Oid, pack: &mut OdbPackwriter<'_>, limits: &Limits) -> Result<Received, SourceError> {
    let conversation = http.in_version_2()?;
    let mut packets = http.in_time(conversation.objects(question(wanted)))?;
    let (mut follow, mut heard) = (false, 0);
    while let Some(packet) = http.in_time(packets.next_bytes())? {
        let line = match packet {
            Packet::Line(line) => line,
            Packet::Flush if follow => return Ok(Received::Whole),
            Packet::Flush => Vec::new(),
        };
        heard += 4 + line.len() as u64;
        if heard > limits.received_bytes {
            return Ok(Received::TooMuch);
        }
        match line.split_first() {
            _ if !follow => follow = line == OBJECTS_FOLLOW,
            Some((&OBJECTS, bytes)) if pack.write_all(bytes).is_err() => {
                // The error that is passed on says nothing; libgit2 keeps its own.
                return Ok(Received::NotTaken(git2::Error::last_error(-1)));
            }
            Some((&TROUBLE, _)) => return Ok(Received::Refused),
            _ => {}
        }
    }
    // It broke off; who asks in another way may hear why.
    Ok(Received::Refused)
}

fn question(wanted: Oid) -> Vec<u8> {
    let mut body = Vec::new();
    write_line(&mut body, "command=fetch");
    body.extend_from_slice(DELIMITER);
    write_line(&mut body, format!("want {wanted}"));
    for argument in ["deepen 1", "ofs-delta", "no-progress", "done"] {
        write_line(&mut body, argument);
    }
    body.extend_from_slice(FLUSH);
    body
}
