//! Reads Tengine definitions written in Ruby. Pure: no I/O.
