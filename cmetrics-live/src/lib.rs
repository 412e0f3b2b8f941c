//! Polls machines for container metrics, and keeps exact data points.

#![deny(unsafe_code)]

// In the order in which data flows: each module uses those above it alone.
mod error;

mod address;
mod machine;
mod networks;
mod options;
mod state;

mod failure;

// What is asked, and when.
mod plan;

mod machines_file;

mod live;

pub use address::{Address, Api};
pub use error::{Error, ErrorKind};
pub use live::Live;
pub use machine::{Added, Machine};
pub use networks::Networks;
pub use options::LiveOptions;
pub use state::{LiveTotals, MachineCounts, MachineIdentity, MachineState, MachineStatus, Unseen};

/// Runs the examples in the crate's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
