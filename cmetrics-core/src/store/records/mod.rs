//! What a batch of the log says: records, one behind another.

mod heard;
mod said;

pub(super) use heard::{Heard, Record};
pub(super) use said::{Batch, Said};

const TABLE: u8 = 1;
const CONTAINER: u8 = 2;
const SHAPE: u8 = 3;
const ABOUT: u8 = 4;
const RUN: u8 = 5;
const TAIL: u8 = 6;
const EVENT: u8 = 7;
const SYNCED: u8 = 8;
const BEFORE: u8 = 9;
const PACKED: u8 = 10;
