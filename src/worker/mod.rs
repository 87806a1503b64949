//! The child process that touches untrusted Git content.
