//! Polls machines for container metrics, and keeps exact data points.

#![deny(unsafe_code)]

// In the order in which data flows: each module uses those above it alone.

// What all speak of: what went wrong,
mod error;
mod failure;
mod log;

// where machines are, and what may be asked,
mod address;
mod machine;
mod networks;
mod options;

// and what is known of them.
mod state;

// What is asked, and when: pure.
mod plan;

// What time it is.
mod clock;

// Asking.
mod net;

// What no sample of a child shows.
mod unseen;

// The recorder and the store.
mod keeper;

// Answers into them.
mod feed;

// One poll.
mod poller;

// The list of machines, which outlasts the process.
mod machines_file;

// All of it, over and over.
mod live;

pub use address::{Address, Api};
pub use error::{Error, ErrorKind};
#[doc(hidden)]
pub use live::Driven;
pub use live::Live;
pub use machine::{Added, Machine};
pub use networks::Networks;
pub use options::LiveOptions;
pub use state::{LiveTotals, MachineCounts, MachineIdentity, MachineState, MachineStatus, Unseen};

/// Runs the examples in the crate's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
