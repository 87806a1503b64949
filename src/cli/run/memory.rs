//! Memory that is not used any more goes back to the machine.
//!
//! The C library keeps what was freed for later, and of what was freed in the middle it gives nothing back by itself: after the listings of a start
//! that is more than all that stays. So it is told to, from time to time. The library's own thresholds do not help: they speak of the end of its heap.

use std::time::Duration;

/// How often. It takes a few milliseconds.
const EVERY: Duration = Duration::from_secs(20);

/// Gives back what is not used, from time to time, for as long as it is polled.
pub async fn give_back() {
    let mut again = tokio::time::interval(EVERY);
    loop {
        again.tick().await;
        // Not in the way of those who wait for an answer.
        let _ = tokio::task::spawn_blocking(trim).await;
    }
}

#[cfg(target_env = "gnu")]
#[allow(unsafe_code)] // It takes a number, returns one, locks what it touches, and is safe to call from any thread (malloc_trim(3)).
fn trim() {
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(not(target_env = "gnu"))]
fn trim() {}
