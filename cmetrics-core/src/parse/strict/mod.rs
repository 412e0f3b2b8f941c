//! The strict reader, which checks every value, key by key. It reports what is wrong and where, and
//! is the reference for the fast reader.

mod document;
mod header;
mod object;
mod sample;
mod spec;

pub(super) use document::DocumentReader;
pub(super) use header::Header;
pub(super) use sample::{Flags, Outcome, read_sample};
