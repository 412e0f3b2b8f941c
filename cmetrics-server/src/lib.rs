//! The HTTP interface of cmetrics.

#![deny(unsafe_code)]

// In the order in which data flows: each module uses those above it alone.

// Why a server does not start.
mod error;

// Who may do what,
mod tokens;

// the time, and what is told at the start.
mod clock;
mod options;

// Requests: answers that are errors, parameters, bodies,
mod problem;

mod contract;

mod query;

mod body;

mod page;

// and what they are about.
mod select;
mod span;

// What is known: sealed points for streams, the newest figures, sums for scrapes, own figures.
mod exposition;
mod hub;
mod newest;
mod observed;
mod process;
mod sums;

// What all requests share.
mod app;

// What can be asked for,
mod resources;

// also as older services had it,
mod doors;

// what every request passes,
mod middleware;

// all routes,
mod router;

// and connections.
mod paced;
mod server;

pub use clock::Clock;
pub use error::Error;
pub use options::{Limits, ServerOptions};
pub use problem::Problem;
pub use server::Server;
pub use tokens::{Scope, Tokens};
