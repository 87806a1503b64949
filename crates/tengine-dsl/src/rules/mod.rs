//! The rules, one family a file. Each is a function of what is certain; none looks at anything else.

pub mod dictionary;
pub mod drivers;
pub mod emptiness;
pub mod expansions;
pub mod loading;
pub mod names;
pub mod options;
pub mod place;
pub mod production;
pub mod sequence;
