//! Points to Redis, in the layouts of two older services, if the server was built with the feature
//! `redis`.

#[cfg(not(feature = "redis"))]
mod disabled;
#[cfg(feature = "redis")]
mod layout;
#[cfg(feature = "redis")]
mod options;
#[cfg(feature = "redis")]
mod resp;
#[cfg(feature = "redis")]
mod sink;
#[cfg(feature = "redis")]
mod spool;

#[cfg(not(feature = "redis"))]
pub(crate) use disabled::{RedisOptions, Sink};
#[cfg(feature = "redis")]
pub use options::{Layout, RedisOptions};
#[cfg(feature = "redis")]
pub(crate) use sink::Sink;
