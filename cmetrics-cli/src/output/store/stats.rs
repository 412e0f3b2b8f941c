//! The statistics of a store: how much it contains, and how much space it takes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use cmetrics_core::store::StoreStats;
use cmetrics_core::{Error, Store, Timestamp};
use serde::Serialize;

use crate::output::show;
use crate::output::table::{self, left};

/// The statistics of a store in JSON output.
#[derive(Serialize)]
pub(crate) struct StatsJson<'s> {
    interval: u64,
    max_gap: u64,
    lateness: u64,
    containers: u64,
    sealed_points: u64,
    recent_points: u64,
    provisional_points: u64,
    segments: u64,
    sealed_bytes: u64,
    bytes_a_point: Option<f64>,
    log_bytes: u64,
    torn_bytes: u64,
    dropped_until: Option<u64>,
    trouble: Option<&'s str>,
    since: BTreeMap<&'static str, u64>,
}

impl<'s> StatsJson<'s> {
    pub(crate) fn new(store: &Store, stats: &'s StoreStats) -> Result<Self, Error> {
        #[expect(clippy::cast_precision_loss, reason = "shown with few digits")]
        let bytes_a_point = (stats.sealed_points > 0)
            .then(|| stats.sealed_bytes as f64 / stats.sealed_points as f64);
        Ok(Self {
            interval: store.settings().interval().as_secs(),
            max_gap: store.settings().max_gap().as_secs(),
            lateness: store.lateness().as_secs(),
            containers: store.containers()?.len() as u64,
            sealed_points: stats.sealed_points,
            recent_points: stats.recent_points,
            provisional_points: store.count_provisional()?,
            segments: stats.segments,
            sealed_bytes: stats.sealed_bytes,
            bytes_a_point,
            log_bytes: stats.log_bytes,
            torn_bytes: stats.torn_bytes,
            dropped_until: stats.floor.map(Timestamp::seconds),
            trouble: stats.trouble.as_deref(),
            since: stats.since.iter().map(|(metric, at)| (metric.name(), at.seconds())).collect(),
        })
    }

    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }

    /// Writes one figure per row, and then since when each metric is kept.
    pub(crate) fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.rows().into_iter().map(|(name, value)| [name.to_owned(), value]);
        let rows: Vec<_> = rows.collect();
        table::write_fitted(out, [left("FIGURE", 0), left("VALUE", 0)], &rows)?;
        if self.since.is_empty() {
            return Ok(());
        }
        writeln!(out)?;
        let since = self.since.iter().map(|(name, at)| [(*name).to_owned(), show::time(*at)]);
        let rows: Vec<_> = since.collect();
        table::write_fitted(out, [left("METRIC", 0), left("KEPT SINCE", 0)], &rows)
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![
            ("interval", format!("{} s", self.interval)),
            ("longest gap", format!("{} s", self.max_gap)),
            ("lateness", format!("{} s", self.lateness)),
            ("containers", self.containers.to_string()),
            ("points in segments", self.sealed_points.to_string()),
            ("points in the log", self.recent_points.to_string()),
            ("points not final yet", self.provisional_points.to_string()),
            ("segments", format!("{}, {}", self.segments, show::size(self.sealed_bytes))),
        ];
        if let Some(each) = self.bytes_a_point {
            rows.push(("bytes a point", format!("{each:.2}")));
        }
        rows.push(("log", show::size(self.log_bytes)));
        if self.torn_bytes > 0 {
            rows.push(("torn end of the log", show::size(self.torn_bytes)));
        }
        if let Some(until) = self.dropped_until {
            rows.push(("dropped until", show::time(until)));
        }
        if let Some(trouble) = self.trouble {
            rows.push(("trouble", trouble.to_owned()));
        }
        rows
    }
}
