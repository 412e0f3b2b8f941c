//! The records of a batch in the log.

mod decoder;
mod encoder;

pub(super) use decoder::{Decoder, Record};
pub(super) use encoder::{BatchEncoder, Encoder, StagedRun};

/// What the record of a tail has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TailExtent {
    /// The samples that were added.
    Added,
    /// All of its samples.
    Whole,
    /// The samples that were added. The points that became final with them are in no record: they
    /// are made of the samples again.
    AddedForPoints,
}

const TABLE: u8 = 1;
const CONTAINER: u8 = 2;
const SHAPE: u8 = 3;
const METADATA: u8 = 4;
const RUN: u8 = 5;
const TAIL: u8 = 6;
const EVENT: u8 = 7;
const SYNCED: u8 = 8;
const PREVIOUS_LOG: u8 = 9;
const PACKED: u8 = 10;
const BEGINNING: u8 = 11;
const TAIL_FOR_POINTS: u8 = 12;
