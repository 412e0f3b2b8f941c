//! The strict reader, which checks every value, key by key. It reports what is wrong and where, and
//! is the reference for the fast reader.

mod document;
mod header;
mod object;
mod sample;
mod spec;

pub(in crate::parse) use document::CadvisorReader;
pub(in crate::parse) use header::Header;
pub(in crate::parse) use sample::{Flags, Outcome, read_sample};
