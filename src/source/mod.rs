//! Git: what a ref points at, and what a commit holds.
