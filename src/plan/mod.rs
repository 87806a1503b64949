//! Decides what to do. Pure: no client, no clock, no logging.
