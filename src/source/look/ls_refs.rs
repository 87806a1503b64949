//! Asks a host of protocol version 2 for references (gitprotocol-v2(5), `ls-refs`).

use std::collections::BTreeSet;

use super::advertisement::Offered;
use crate::source::SourceError;
use crate::source::http::{Conversation, DELIMITER, FLUSH, Packet, write_line};
use crate::source::refs::{Advertised, PEELED};

/// From so many names on, all branches and tags are asked for: a host compares each of its references with each prefix.
const MANY: usize = 64;

/// What to ask for to hear of all that begins with these.
pub(super) fn prefixes(beginnings: &BTreeSet<String>) -> Vec<String> {
    if beginnings.len() <= MANY {
        return beginnings.iter().cloned().collect();
    }
    let everything = everything();
    let is_in = |beginning: &&String| everything.iter().any(|prefix| beginning.starts_with(prefix.as_str()));
    let besides: Vec<String> = beginnings.iter().filter(|beginning| !is_in(beginning)).cloned().collect();
    everything.into_iter().chain(besides).collect()
}

/// Whatever people can name.
pub(super) fn everything() -> Vec<String> {
    ["HEAD", "refs/heads/", "refs/tags/"].map(str::to_owned).to_vec()
}

/// Every reference with one of these prefixes goes to `tell`.
pub(super) async fn ask(
    conversation: &Conversation<'_>,
    offered: Offered,
    prefixes: &[String],
    tell: &mut impl FnMut(Advertised),
) -> Result<(), SourceError> {
    let mut packets = conversation.command(command(offered, prefixes)).await?;
    loop {
        match packets.next().await? {
            Some(Packet::Line(line)) => {
                // A name that is not text cannot be asked for.
                if let Ok(line) = std::str::from_utf8(&line) {
                    told(line, tell);
                }
            }
            Some(Packet::Flush) => return Ok(()),
            None => {
                let detail = "its list of references breaks off".to_owned();
                return Err(SourceError::Damaged { url: conversation.repository(), detail });
            }
        }
    }
}

fn command(offered: Offered, prefixes: &[String]) -> Vec<u8> {
    let mut body = Vec::new();
    write_line(&mut body, "command=ls-refs");
    if offered.object_format {
        write_line(&mut body, "object-format=sha1");
    }
    body.extend_from_slice(DELIMITER);
    write_line(&mut body, "peel");
    write_line(&mut body, "symrefs");
    if offered.unborn {
        write_line(&mut body, "unborn");
    }
    for prefix in prefixes {
        write_line(&mut body, format!("ref-prefix {prefix}"));
    }
    body.extend_from_slice(FLUSH);
    body
}

/// `OBJECT NAME [symref-target:NAME] [peeled:OBJECT]`.
fn told(line: &str, tell: &mut impl FnMut(Advertised)) {
    let mut words = line.split(' ');
    let (Some(object), Some(name)) = (words.next(), words.next()) else { return };
    let (mut stands_for, mut peeled) = (None, None);
    for word in words {
        match word.split_once(':') {
            Some(("symref-target", target)) => stands_for = Some(target.to_owned()),
            Some(("peeled", object)) => peeled = Some(object.to_owned()),
            _ => {}
        }
    }
    tell(Advertised { name: name.to_owned(), object: object.to_owned(), stands_for });
    if let Some(object) = peeled {
        tell(Advertised { name: format!("{name}{PEELED}"), object, stands_for: None });
    }
}
