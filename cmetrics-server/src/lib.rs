//! The HTTP interface of cmetrics: machines, containers, points, events and a stream of points.
//!
//! A [`Server`] answers for the machines and the store of a [`Live`](cmetrics_live::Live). It is
//! made with [`ServerOptions`], [serves](Server::serve) a listener until it is told to stop, or is a
//! [router](Server::router) in another one. `docs/server.md` has every path, parameter, limit and
//! error; `/api/v1/openapi.json` tells programs the same.
//!
//! # Features
//! | feature | what it brings |
//! |---|---|
//! | `arrow` | points as an Arrow stream |
//! | `redis` | points to Redis, in the layouts of two older services |
//!
//! # Panics
//! Never, on any request. One that comes of an error of this crate is answered with 500, and ends
//! nothing else.

#![deny(unsafe_code)]

// In the order in which data flows: each module uses those above it alone.

// Why a server does not start.
mod error;

// Text for scrapes, points as an older service had them, and who containers are.
mod exposition;
mod known;
mod source_shape;

// Points to Redis.
mod redis;

// What is told at the start: who may do what, the time, limits.
mod clock;
mod tls;
mod tokens;

mod options;

// Requests: answers that are errors, parameters, bodies, pages,
mod problem;

mod contract;

mod query;

mod body;
mod page;

// and what they are about.
mod alias;
mod select;
mod span;

// What is known: sealed points for streams, the newest figures, sums for scrapes, own figures.
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
#[cfg(feature = "redis")]
pub use redis::{Layout, RedisOptions};
pub use server::Server;
pub use tls::TlsFiles;
pub use tokens::{Scope, Tokens};

/// Runs the examples in the crate's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
