//! Images against a real registry (Debian's `docker-registry`), and against servers that only pretend to be one.

mod access;
mod append;
mod bases;
mod figures;
mod habits;
mod hostile;
mod retention;
mod support;
mod tls;
mod tokens;
mod trouble;
mod unpack;
