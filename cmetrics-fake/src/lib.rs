//! A cAdvisor that is not one, to test pollers against: machines with containers that a seed
//! decides, or that were recorded, on a clock that a test drives or in real time.
//!
//! It answers on HTTP what cAdvisor v0.60.5 would, keeps samples and forgets them as cAdvisor does,
//! and fails in every way in which a machine can. Other than cAdvisor it also
//! [tells](FakeMachine::truth) each sample that it ever took, and which of them a reply had.
//!
//! ```
//! use std::time::Duration;
//!
//! use cmetrics_core::Timestamp;
//! use cmetrics_fake::{Clock, Fault, MachineOptions, World};
//!
//! let start: Timestamp = "2026-11-21T07:30:00Z".parse()?;
//! let world = World::new(Clock::driven(start))?;
//! let machine = world.machine(MachineOptions::default().with_containers(5))?;
//! println!("listens on http://{}", machine.address());
//!
//! world.clock().advance(Duration::from_secs(10));
//! machine.end_container(&machine.containers()[0].id);
//! machine.fail_times(1, Fault::Cut(1_000));
//! assert_eq!(machine.truth().lives.len(), 7); // five containers, `/docker` and `/`
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![deny(unsafe_code)]

// In the order in which data flows: each module uses those above it alone.
mod clock;
mod options;
mod random;

// What is measured, and of whom.
mod meter;
mod sample;

mod container;
mod life;
mod recording;
mod served;

// Time passes.
mod machine;

// What is told of it.
mod query;
mod templates;

mod reply;
mod truth;

// What goes wrong.
mod fault;

// Who asks.
mod shared;

mod http;

mod fake_machine;
mod world;

pub use clock::Clock;
pub use container::FakeContainer;
pub use fake_machine::FakeMachine;
pub use fault::Fault;
pub use meter::Totals;
pub use options::{Form, MachineOptions, Runtime};
pub use recording::Recording;
pub use served::Served;
pub use shared::Request;
pub use truth::{TrueLife, TrueSample, Truth, Which};
pub use world::World;
