//! What identifies a container, the limits of what it may use, and when it was started.

mod aliases;
mod described;
mod find;
mod forgotten;
mod identity;
mod kubernetes;
mod life;
mod limits;

pub(crate) use aliases::aliases;
#[cfg(feature = "store")]
pub(crate) use aliases::{known_by, looked_for_by};
pub use described::Container;
pub(crate) use described::without_runtime;
pub(crate) use find::{HasIdentity, ambiguous, find, unknown};
pub(crate) use forgotten::ForgottenNames;
pub use identity::Identity;
pub use kubernetes::KubernetesName;
pub(crate) use kubernetes::uid_of_pod;
pub(crate) use life::Life;
pub use limits::Limits;
