//! Polls machines for container metrics, and keeps exact data points.
//!
//! Machines in, points kept: [`Live`] asks each machine's cAdvisor for the samples that it took since
//! the last time, records them in a [`Recorder`](cmetrics_core::Recorder), and hands them to a
//! [`Store`](cmetrics_core::Store). Polls less than two minutes apart lose no sample of a container
//! that lives on; and a process that was killed and is back within two minutes has lost nothing.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use cmetrics_core::Store;
//! use cmetrics_core::store::StoreOptions;
//! use cmetrics_live::{Live, LiveOptions, Machine, MachineStatus};
//! use tokio_util::sync::CancellationToken;
//!
//! # use cmetrics_fake::{Clock, MachineOptions, World};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let (folder, world) = (folder.path(), World::new(Clock::real())?);
//! # let node7 = world.machine(MachineOptions::default().with_containers(3))?;
//! # let address = node7.address().to_string(); // a host and port
//! let store = Store::open(folder, StoreOptions::default().with_lateness(Duration::from_secs(10)))?;
//! let live = Arc::new(Live::open(store, LiveOptions::default())?);
//! live.add(Machine::new(Some("node7".to_owned()), address.parse()?))?;
//!
//! let runtime = tokio::runtime::Runtime::new()?;
//! let stop = CancellationToken::new();
//! let (polling, token) = (Arc::clone(&live), stop.clone());
//! let run = runtime.spawn(async move { polling.run(token).await });
//! while live.machine("node7").is_some_and(|node7| node7.status != MachineStatus::Up) {
//!     std::thread::sleep(Duration::from_millis(10));
//! }
//! for points in live.recorder().snapshots() {
//!     let last = points.last().ok_or("no point")?;
//!     println!("{} uses {:?} cores", last.name(), last.cpu_cores());
//! }
//!
//! stop.cancel();
//! runtime.block_on(run)??;
//! if let Some(live) = Arc::into_inner(live) {
//!     live.close()?; // the next process goes on from here, with the same machines
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is asked
//! At first all that a machine remembers, two minutes as a rule; then what is newer than its newest
//! sample less a margin, by its own clock. Once a minute, and after each failure, it is all again:
//! new samples that are older than the margin are *stragglers*, and the margin doubles, up to a
//! minute. So a clock that is wrong and a sample that is late cost bytes, never growth.
//!
//! Docker's containers are asked for where there are any, with the machine itself and `/docker`; else
//! Podman's; else the whole tree of cgroups, of which containers, pods and the machine are kept.
//!
//! # What is lost, and how much
//! When a container ends, cAdvisor forgets it at once, so what it used since the last poll is in no
//! sample. Its parent's counter has it: [`MachineState::unseen`] is what parents used in each
//! interval and no child was seen to use. Everything else that may be missing is counted, too:
//! failed polls by kind, samples that came late or were refused, stragglers, reboots, times away.
//!
//! | | what becomes of it |
//! |---|---|
//! | a machine that does not answer for less than two minutes | nothing is lost |
//! | for longer | the samples that it forgot; growth between what is left is exact |
//! | samples too late for the recorder | they go to the store as a batch of their own |
//! | another machine at a known address (`machine_id`) | refused, and told |
//! | a store that cannot be written | what was recorded waits, and is handed over later |
//!
//! # The store's lateness
//! Recorder and store have one lateness. Points are final that much after the newest sample of their
//! container, so 5 to 10 s suit whoever waits for them. The points are the same with any lateness,
//! through outages, kills and restarts on either side, and of machines whose clocks are up to two
//! minutes off, with one exception: if a machine's clock is set back by more than the lateness, its
//! samples go to the store in batches until the clock has caught up, and growth between batches is
//! not joined. The store's default of 180 s is best where nobody waits for final points:
//! [snapshots](cmetrics_core::Recorder::snapshot) have the open intervals in any case.
//!
//! # Safe by default
//! Only [private networks](Networks) are asked, and never link-local, metadata or multicast
//! addresses; it is the address that is connected to that is judged. Redirects are not followed.
//! Answers have at most 256 MiB, unpacked, and a head of 64 KiB; of those above 4 MiB at most 16 are
//! in memory at once. A poll takes at most 10 s, connecting
//! 2 s, and 5 s may go without a byte. Names of machines and addresses are checked. A kubelet's token
//! goes over TLS alone.
//!
//! # Logs
//! Events of [`tracing`] under the target `cmetrics_live`: one for each change of state (a machine
//! answers, is away, was added or removed, is another one; its clock is off; the store failed), and
//! none for a poll.
//!
//! # What it is not
//! It serves nothing: `cmetrics-server` does. It finds no machines by itself.

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
