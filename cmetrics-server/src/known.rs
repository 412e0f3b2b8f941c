//! Who the containers of points are, for those who follow the recorder.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use cmetrics_core::DataPoint;
use cmetrics_core::container::Identity;
use cmetrics_live::Live;

/// How old what is known may be: where a new container came up, where somebody needs it, and else.
const NEW: Duration = Duration::from_secs(1);
const NEEDED: Duration = Duration::from_secs(10);
const UNNEEDED: Duration = Duration::from_secs(600);

/// Who the containers are, as the recorder told it last. It does not keep what is live alive.
#[derive(Debug)]
pub(crate) struct Known {
    live: Weak<Live>,
    all: HashMap<Arc<str>, Arc<Identity>>,
    at: Option<Instant>,
}

impl Known {
    pub(crate) fn of(live: &Arc<Live>) -> Self {
        Self { live: Arc::downgrade(live), all: HashMap::new(), at: None }
    }

    /// What is live, unless it has ended.
    pub(crate) fn live(&self) -> Option<Arc<Live>> {
        self.live.upgrade()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Identity>> {
        self.all.get(name)
    }

    /// Asks the recorder again, if what is known is too old for these points. Returns whether it
    /// did.
    pub(crate) fn learn(&mut self, points: &[DataPoint], is_needed: bool) -> bool {
        let is_new = points.iter().any(|point| !self.all.contains_key(point.name()));
        let most = match (is_needed, is_new) {
            (true, true) => NEW,
            (true, false) => NEEDED,
            (false, _) => UNNEEDED,
        };
        if self.at.is_some_and(|at| at.elapsed() < most) {
            return false;
        }
        let Some(live) = self.live() else { return false };
        let all = live.recorder().containers();
        self.all = all
            .map(|known| (Arc::clone(known.identity.name()), Arc::new(known.identity)))
            .collect();
        self.at = Some(Instant::now());
        true
    }
}
