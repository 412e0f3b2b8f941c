//! cmetrics' own store.

use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use cmetrics_core::store::{Appended, StoreOptions};
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, Metric, Store};

use crate::contender::{Contender, Sums, Told};
use crate::fleet::WIDTH;

#[derive(Debug)]
pub(crate) struct Ours(pub(crate) Store);

impl Ours {
    pub(crate) fn with(folder: &Path, options: StoreOptions) -> Self {
        Self(Store::open(folder, options).expect("a store that opens"))
    }

    /// Points that are kept, in segments or not.
    pub(crate) fn kept(&self) -> u64 {
        let stats = self.0.stats().expect("a store that can be read");
        assert_eq!(stats.trouble, None);
        stats.sealed_points + stats.recent_points
    }
}

impl Contender for Ours {
    fn name(&self) -> &'static str {
        "cmetrics"
    }

    fn append(&mut self, points: &[DataPoint]) {
        let appended = self.0.append(points).expect("points that can be kept");
        let mut expected = Appended::default();
        expected.added = points.len() as u64;
        assert_eq!(appended, expected, "each point is new");
    }

    fn last(&mut self, names: &[&str], points: usize) -> Vec<Told> {
        let last = |name: &&str| {
            self.0.last(name, Duration::from_secs(points as u64 * WIDTH)).expect("points")
        };
        names.iter().map(last).map(Told::Points).collect()
    }

    fn range(&mut self, name: &str, range: Range<u64>) -> Sums {
        let mut sums = Sums::default();
        for point in self.0.range(name, unix_seconds(range), None).expect("points") {
            let point = point.expect("a point");
            sums.points += 1;
            sums.cpu += point.growth(Metric::CpuUsage).unwrap_or(0);
        }
        sums
    }

    fn store(&self) -> Option<&Store> {
        Some(&self.0)
    }

    fn bytes(&mut self) -> u64 {
        self.0.compact().expect("a store that can be compacted");
        let stats = self.0.stats().expect("a store that can be read");
        assert_eq!((stats.recent_points, stats.segments), (0, 1));
        stats.sealed_bytes
    }
}
