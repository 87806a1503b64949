//! A stream of bytes that ends well only if they are what they should be.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest as _, Sha256};

use super::Blob;
use super::blobs::other_content;
use crate::domain::Digest;
use crate::image::error::Problem;

/// What can be seen of a stream from outside, while it is consumed.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    moved: Arc<AtomicU64>,
    failed: Arc<Mutex<Option<Problem>>>,
}

impl Progress {
    /// How many bytes went through.
    pub(super) fn moved(&self) -> u64 {
        self.moved.load(Ordering::Relaxed)
    }

    /// Why the stream failed, if it did. (The consumer sees only that it did.)
    pub(super) fn failure(&self) -> Option<Problem> {
        self.failed.lock().ok().and_then(|failed| failed.clone())
    }

    fn fail(&self, problem: Problem) -> io::Error {
        let error = io::Error::other(problem.to_string());
        if let Ok(mut failed) = self.failed.lock() {
            *failed = Some(problem);
        }
        error
    }
}

struct State<S> {
    chunks: S,
    blob: Blob,
    left: u64,
    hash: Sha256,
    progress: Progress,
}

/// Passes `chunks` on. The last of them is held back until size and digest are known to be those of `blob`, so that whoever
/// consumes the stream never has the whole of something wrong.
pub(super) fn verified<S>(chunks: S, blob: Blob, progress: Progress) -> impl Stream<Item = Result<Bytes, io::Error>>
where
    S: Stream<Item = Result<Bytes, Problem>> + Unpin,
{
    let left = blob.size;
    let state = State { chunks, blob, left, hash: Sha256::new(), progress };
    futures::stream::try_unfold(state, |mut state| async move {
        loop {
            let chunk = match state.chunks.next().await {
                Some(Ok(chunk)) if chunk.is_empty() => continue,
                Some(Ok(chunk)) => chunk,
                Some(Err(problem)) => return Err(state.progress.fail(problem)),
                None if state.left == 0 => return Ok(None),
                None => return Err(state.progress.fail(other_content(&state.blob))),
            };
            let size = chunk.len() as u64;
            state.hash.update(&chunk);
            if size > state.left || size == state.left && !state.is_right() {
                return Err(state.progress.fail(other_content(&state.blob)));
            }
            state.left -= size;
            state.progress.moved.fetch_add(size, Ordering::Relaxed);
            return Ok(Some((chunk, state)));
        }
    })
}

impl<S> State<S> {
    fn is_right(&self) -> bool {
        Digest::from_sha256(self.hash.clone().finalize().into()) == self.blob.digest
    }
}
