//! The kinds of `tengine.dev`.
