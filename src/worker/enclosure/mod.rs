//! Closes a child in, before it reads a byte of what it was sent to.
//!
//! What holds from then on, where the kernel can do it:
//!
//! - It reads certificates, what names are resolved with, and shared libraries; it writes in its room. Nothing else of the file
//!   system is open to it: not the operator's token, not its environment or memory.
//! - It connects to the ports of the host in question, of its proxy and of name servers, and listens on none. (The kernel knows
//!   ports and no addresses; a NetworkPolicy does.) After the fetch it makes no connection any more.
//! - It starts no program and no process, and traces, signals and limits nobody but itself.
//!
//! What the kernel cannot do is left out, and told to the parent, which logs it once.

mod calls;
mod files;

use std::io::{self, Write as _};

/// What a line on standard error begins with that says what is open.
pub(super) const GAP_MARK: &str = "@open ";

/// What answering a question takes.
pub trait Needs {
    /// The TCP ports that are connected to.
    fn ports(&self) -> Vec<u16>;
}

/// Closes this process in, for good. It must have one thread only: each further one is born closed in.
pub(super) fn close_in(needs: &impl Needs) {
    let outcomes = [files::close(&needs.ports()), calls::close()];
    for gap in outcomes.into_iter().filter_map(Result::err) {
        // Not to be heard is no reason to stop.
        let _ = writeln!(io::stderr(), "{GAP_MARK}{gap}");
    }
}

/// From now on this process makes no connection any more: all that it needs is there.
pub fn shut_network() {
    if let Err(gap) = calls::shut_network() {
        let _ = writeln!(io::stderr(), "{GAP_MARK}{gap}");
    }
}
