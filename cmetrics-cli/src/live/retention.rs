//! Dropping points that are too old.

use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::store::Retention;
use cmetrics_live::Live;
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::open;

/// How often they are dropped.
const PERIOD: Duration = Duration::from_secs(600);

/// Drops points that are older than this, now and then, until it is dropped itself.
pub(super) async fn retain(live: Arc<Live>, age: Duration) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(now) = open::now() else { continue };
        let live = Arc::clone(&live);
        let retained =
            spawn_blocking(move || live.store().retain(Retention::Age { now, age })).await;
        if let Ok(Err(error)) = retained {
            tracing::error!(%error, "points that are too old could not be dropped");
        }
    }
}
