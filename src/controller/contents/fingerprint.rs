//! What stands for the content of the Secrets and `ConfigMaps` that pods read, as an annotation of theirs: another content, other
//! pods.
//!
//! Who may see pods may see it, and must not learn anything of the content. So it is one value for all that the pods read
//! together (a guess has to be right in all of it at once), short, salted with the deployment, and slow to make.

use super::{Content, Kind};
use crate::domain::KeyHasher;
use crate::manifest::Read;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The first rules of rendering by which only what is read counts. Releases with older ones keep [`of_objects`], so that a newer
/// operator restarts none of their pods.
pub(in crate::controller) const SINCE: i32 = 2;

/// How often the slow hash goes round: some milliseconds, once for each new content.
const ROUNDS: u32 = 20_000;

/// An object, what of it is read, and what it holds.
pub(in crate::controller) type Used = (Kind, String, Read, Option<Arc<Content>>);

/// Of what is read and nothing else, whatever object of the name holds it. It never leaves this process.
pub(in crate::controller) fn of_what_is_read(contents: &[Used]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for (kind, name, read, content) in contents {
        part(kind.word().as_bytes());
        part(name.as_bytes());
        let Some(content) = content else { continue };
        let is_read = |key: &String| match read {
            Read::Keys(keys) => keys.contains(key),
            Read::Whole => true,
        };
        for (key, value) in content.values.iter().filter(|(key, _)| is_read(key)) {
            part(key.as_bytes());
            part(value);
        }
    }
    hash.finalize().into()
}

/// What may be seen of it.
pub(super) fn slow(fast: &[u8; 32], place: &str) -> String {
    let mut out = [0; 8];
    pbkdf2::pbkdf2_hmac::<Sha256>(fast, place.as_bytes(), ROUNDS, &mut out);
    hex::encode(out)
}

/// The older one: of all objects with all they hold.
pub(in crate::controller) fn of_objects(contents: &[Used]) -> String {
    let part = |hasher: KeyHasher, (_, name, _, content): &Used| {
        hasher.part(name, content.as_ref().map_or("absent", |content| &content.whole))
    };
    contents.iter().fold(KeyHasher::default(), part).digits()
}

/// Keyed with the object's UID, which only those know who may read the object.
pub(super) fn of_object(uid: &str, values: &BTreeMap<String, Vec<u8>>) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(uid.as_bytes()) else { return String::new() };
    for (key, value) in values {
        for bytes in [key.as_bytes(), value] {
            mac.update(&(bytes.len() as u64).to_be_bytes());
            mac.update(bytes);
        }
    }
    hex::encode(mac.finalize().into_bytes())
}
