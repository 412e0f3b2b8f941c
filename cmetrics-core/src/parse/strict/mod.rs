//! Reading with every value checked, key by key. It says in words what is wrong and where, and is
//! what all faster reading is held against.

mod document;
mod header;
mod object;
mod sample;
mod spec;

pub(super) use document::DocumentReader;
pub(super) use header::Header;
pub(super) use sample::{Flags, Outcome, read_sample};
