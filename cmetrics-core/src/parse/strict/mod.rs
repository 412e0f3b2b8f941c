//! Reading with every value checked, key by key. It says in words what is wrong and where, and is
//! what all faster reading is held against.

mod block;
mod document;
mod header;
mod spec;
mod stats;

pub(super) use document::Document;
pub(super) use header::Header;
pub(super) use stats::{Flags, Outcome, sample};
