//! What identifies a container, the limits of what it may use, and when it was started.

mod aliases;
mod creation;
mod described;
mod find;
mod forgotten;
mod identity;
#[cfg(any(feature = "recorder", feature = "store"))]
mod known_names;
mod kubernetes;
mod labels;
mod life;
mod limits;
mod listed;

pub(crate) use aliases::aliases;
pub(crate) use creation::Creation;
pub use described::Container;
pub(crate) use described::without_runtime;
pub(crate) use find::{HasIdentity, ambiguous, find, unknown};
pub(crate) use forgotten::ForgottenNames;
pub use identity::Identity;
#[cfg(any(feature = "recorder", feature = "store"))]
pub(crate) use known_names::KnownNames;
pub use kubernetes::KubernetesName;
pub(crate) use kubernetes::uid_of_pod;
pub(crate) use labels::{Labels, newest_labels};
pub(crate) use life::Life;
pub use limits::Limits;
pub use listed::LimitsJson;
