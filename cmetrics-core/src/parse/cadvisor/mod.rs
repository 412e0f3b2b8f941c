//! cAdvisor's JSON.
//!
//! There are two readers. Both read the same from every input that the strict one accepts.

pub(super) mod fast;
pub(super) mod schema;
pub(super) mod schemas;
pub(super) mod strict;
