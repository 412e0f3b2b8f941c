//! Points as an Arrow stream, if the server was built with the feature `arrow`.

#[cfg(not(feature = "arrow"))]
mod disabled;
#[cfg(feature = "arrow")]
mod enabled;

#[cfg(not(feature = "arrow"))]
pub(super) use disabled::{ArrowStream, FORMATS, TYPES, WORDS};
#[cfg(feature = "arrow")]
pub(super) use enabled::{ArrowStream, FORMATS, TYPES, WORDS};
