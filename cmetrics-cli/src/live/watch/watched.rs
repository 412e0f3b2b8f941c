//! What the output is made of.

use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::MetricSet;
use cmetrics_live::Live;
use tokio_util::sync::CancellationToken;

/// How often a table is renewed, and open intervals and the states of machines are looked at.
pub(super) const RENEWED: Duration = Duration::from_secs(1);

/// What the output is made of.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Watched {
    pub(super) live: Arc<Live>,
    pub(super) metrics: MetricSet,
    pub(super) extended: bool,
    pub(super) complete: bool,
    pub(super) open: bool,
    pub(super) quiet: bool,
    /// Set when no more will come.
    pub(super) ended: CancellationToken,
}
