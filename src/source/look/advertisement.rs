//! The first answer of a host: what it can, and in the protocol's versions 0 and 1 all its references.
//!
//! The lines are cut by `gix-packetline`; what stands in them is read here (gitprotocol-pack(5), gitprotocol-v2(5)), because
//! `gix-protocol` reads them only together with its own transports, objects and progress: some sixty crates for these lines.

use crate::source::SourceError;
use crate::source::http::{Conversation, Packet, Packets};
use crate::source::refs::Advertised;

/// What a host of version 2 can do, as far as it matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offered {
    /// It wants to be told the kind of object names.
    pub(super) object_format: bool,
    /// It tells a HEAD that stands for nothing yet.
    pub(super) unborn: bool,
    /// It gives out a commit by its name, without what was before it.
    pub(super) gives_by_name: bool,
}

/// Which protocol the host speaks.
pub(super) enum Spoken {
    /// Version 0 or 1: all references are told already.
    First,
    /// Version 2: references are to be asked for.
    Second(Offered),
}

/// Reads the whole answer; references that are in it go to `tell`.
pub(super) async fn read(
    conversation: &mut Conversation<'_>,
    tell: &mut impl FnMut(Advertised),
) -> Result<Spoken, SourceError> {
    let url = conversation.repository();
    let mut packets = conversation.advertisement().await?;
    let mut packet = packets.next().await?;
    if matches!(&packet, Some(Packet::Line(line)) if line.starts_with(b"# service=")) {
        packet = packets.next().await?;
        if packet == Some(Packet::Flush) {
            packet = packets.next().await?;
        }
    }
    match packet {
        Some(Packet::Line(line)) if line == b"version 2" => second(&mut packets, &url).await.map(Spoken::Second),
        Some(Packet::Line(line)) if line == b"version 1" => {
            let packet = packets.next().await?;
            first(&mut packets, packet, &url, tell).await.map(|()| Spoken::First)
        }
        Some(packet) => first(&mut packets, Some(packet), &url, tell).await.map(|()| Spoken::First),
        None => Err(SourceError::NotARepository { url }),
    }
}

async fn second(packets: &mut Packets<'_>, url: &str) -> Result<Offered, SourceError> {
    let mut offered = Offered::default();
    let mut lists = false;
    while let Some(Packet::Line(line)) = packets.next().await? {
        let line = String::from_utf8_lossy(&line).into_owned();
        match line.split_once('=').unwrap_or((&line, "")) {
            ("ls-refs", features) => {
                lists = true;
                offered.unborn = features.split(' ').any(|feature| feature == "unborn");
            }
            ("fetch", features) => offered.gives_by_name = features.split(' ').any(|feature| feature == "shallow"),
            ("object-format", format) => {
                sha1_only(format, url)?;
                offered.object_format = true;
            }
            _ => {}
        }
    }
    if lists { Ok(offered) } else { Err(SourceError::NotARepository { url: url.to_owned() }) }
}

async fn first(
    packets: &mut Packets<'_>,
    mut packet: Option<Packet>,
    url: &str,
    tell: &mut impl FnMut(Advertised),
) -> Result<(), SourceError> {
    let mut head = None;
    while let Some(Packet::Line(line)) = packet {
        let Ok(line) = String::from_utf8(line) else {
            // A name that is not text cannot be asked for.
            packet = packets.next().await?;
            continue;
        };
        let (line, capabilities) = line.split_once('\0').unwrap_or((&line, ""));
        for capability in capabilities.split(' ') {
            match capability.split_once('=') {
                Some(("object-format", format)) => sha1_only(format, url)?,
                Some(("symref", pair)) => head = head.or(pair.strip_prefix("HEAD:").map(str::to_owned)),
                _ => {}
            }
        }
        let (object, name) = line.split_once(' ').ok_or_else(|| SourceError::NotARepository { url: url.to_owned() })?;
        // The other two are no references: what a repository without any says, and where a shallow one was cut.
        if name != "capabilities^{}" && object != "shallow" {
            let stands_for = head.take_if(|_| name == "HEAD");
            tell(Advertised { name: name.to_owned(), object: object.to_owned(), stands_for });
        }
        packet = packets.next().await?;
    }
    match packet {
        Some(_) => Ok(()),
        None => {
            Err(SourceError::Damaged { url: url.to_owned(), detail: "its list of references breaks off".to_owned() })
        }
    }
}

fn sha1_only(format: &str, url: &str) -> Result<(), SourceError> {
    if format == "sha1" {
        return Ok(());
    }
    let shown: String = format.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
    Err(SourceError::Unsupported { url: url.to_owned(), detail: format!("its object names are of the kind {shown}") })
}
