//! Reads points into tables: those in segments column by column, without making them.

use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Duration;

use super::point_source::{PointSource, SourceKind};
use super::points::{OpenBlock, Points};
use super::row_columns::{RowColumns, RowTarget};
use super::run::Run;
use super::sealed::Sealed;
use super::segment::Block;
use super::stats::NOT_ALL;
use super::time_range::TimeRange;
use super::view::Query;
use super::{Store, Until};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::metric::MetricSet;
use crate::point::Table;
use crate::time::Timestamp;

impl Store {
    /// Adds the points that [`last`](Self::last) returns to a table. It is faster than to push
    /// them, since stored columns become columns of the table without points in between. Metrics
    /// that the table has no column for are left out. One table that is [cleared](Table::clear)
    /// takes less time than many.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cmetrics_core::point::Table;
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Input, Metric, MetricSet, Pipeline, Store};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let mut pipeline = Pipeline::new(store.settings());
    /// let reply = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
    ///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
    ///     {"timestamp": "2026-11-21T12:00:14Z", "cpu": {"usage": {"total": 180}}}]}}"#;
    /// pipeline.read(Input::bytes("reply", reply)).into_result()?;
    /// store.ingest(pipeline.series())?;
    /// let mut table = Table::new(MetricSet::default());
    /// store.last_into("/docker", Duration::from_secs(10), &mut table)?;
    /// assert_eq!(table.len(), 2);
    /// assert_eq!(table.growth(1, Metric::CpuUsage), Some(30));
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`last`](Self::last). Points before the damage may have been added.
    pub fn last_into(
        &self,
        container: &str,
        period: Duration,
        table: &mut Table,
    ) -> Result<(), Error> {
        let shared = self.shared();
        shared.check_process()?;
        let view = shared.view();
        let last = view.ranked_last(&view.named(container)?, period.as_secs())?;
        last.map_or(Ok(()), |mut points| points.read_into(table))
    }

    /// The points of all containers whose intervals begin in a range of time, final or not, by
    /// container and time, with these metrics in addition to the documented ones: those that
    /// [`range`](Self::range) returns for each container. For one container,
    /// [read them into](Points::read_into) a table.
    ///
    /// ```
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Input, MetricSet, Pipeline, Store, Timestamp};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let mut pipeline = Pipeline::new(store.settings());
    /// let reply = br#"{
    ///     "/": {"stats": [{"timestamp": "2026-11-21T12:00:03Z"}]},
    ///     "/docker": {"stats": [{"timestamp": "2026-11-21T12:00:04Z"}]}}"#;
    /// pipeline.read(Input::bytes("reply", reply)).into_result()?;
    /// store.ingest(pipeline.series())?;
    /// let from: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    /// let table = store.table(from.., MetricSet::default())?;
    /// let names: Vec<&str> = table.names().iter().map(|name| &**name).collect();
    /// assert_eq!((names, table.len()), (vec!["/", "/docker"], 2));
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// If stored data cannot be read.
    pub fn table(
        &self,
        range: impl RangeBounds<Timestamp>,
        metrics: MetricSet,
    ) -> Result<Table, Error> {
        self.until(&Cancel::default()).table(range, metrics)
    }
}

impl Until<'_> {
    /// As [`Store::table`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn table(
        self,
        range: impl RangeBounds<Timestamp>,
        metrics: MetricSet,
    ) -> Result<Table, Error> {
        let (store, cancel) = self.parts();
        let shared = store.shared();
        shared.check_process()?;
        let range = TimeRange::of(&range).begun_seconds();
        let query = Query { range, metrics: Some(metrics), provisional: true };
        let (view, mut table) = (shared.view(), Table::new(metrics));
        for container in view.catalog.containers() {
            cancel.check(NOT_ALL)?;
            view.ranked_points(&container, &query)?.read_into(&mut table)?;
        }
        Ok(table)
    }
}

impl Points {
    /// Adds the points that are left to a table. It is faster than to push them, since stored
    /// columns become columns of the table without points in between. Metrics that the table has no
    /// column for are left out.
    ///
    /// ```
    /// use cmetrics_core::point::Table;
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Input, MetricSet, Pipeline, Store};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let mut pipeline = Pipeline::new(store.settings());
    /// let reply = br#"{"/docker": {"spec": {"has_cpu": true}, "stats": [
    ///     {"timestamp": "2026-11-21T12:00:03Z", "cpu": {"usage": {"total": 100}}},
    ///     {"timestamp": "2026-11-21T12:00:14Z", "cpu": {"usage": {"total": 180}}}]}}"#;
    /// pipeline.read(Input::bytes("reply", reply)).into_result()?;
    /// store.ingest(pipeline.series())?;
    /// let (mut table, mut damage) = (Table::new(MetricSet::default()), Vec::new());
    /// let mut points = store.range("/docker", .., None)?;
    /// while let Err(error) = points.read_into(&mut table) {
    ///     damage.push(error);
    /// }
    /// assert_eq!((table.len(), damage.len()), (3, 0));
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the iterator has an error: for each part of the store that is damaged. The points
    /// before it have been added, and the next call adds those after it.
    pub fn read_into(&mut self, table: &mut Table) -> Result<(), Error> {
        let mut points = Vec::new();
        loop {
            if let Some(error) = self.failed.pop_front() {
                return Err(error);
            }
            self.ready.drain(..).for_each(|point| table.push(&point));
            if let Some(open) = self.open.take() {
                self.append(&open, table);
                continue;
            }
            match self.next_alone(SourceKind::has_columns) {
                Some(SourceKind::Block(sealed, block)) => self.append_block(sealed, block, table),
                Some(SourceKind::Runs { link, number, count }) => {
                    let runs = PointSource::runs(&link, number, count, &self.range);
                    self.append_runs(runs, table);
                }
                Some(SourceKind::Provisional(_) | SourceKind::Made(_)) | None => {
                    if !self.fill(&mut points) {
                        return Ok(());
                    }
                    points.drain(..).for_each(|point| table.push(&point));
                }
            }
        }
    }

    fn append_runs<'r>(&self, runs: impl Iterator<Item = Run<'r>>, table: &mut Table) {
        let (name, width, range) = (&self.name, self.width, &self.range);
        let mut target = RowTarget { name, width, range, wanted: self.wanted(), table };
        let mut columns = RowColumns::default();
        runs.for_each(|run| columns.add(&run, &mut target));
        columns.put(&mut target);
    }

    /// The metrics that points have.
    fn wanted(&self) -> MetricSet {
        let with = |metrics| MetricSet::documented().union(metrics);
        self.metrics.map_or(MetricSet::all(), with)
    }

    fn append_block(&mut self, sealed: Arc<Sealed>, block: Block, table: &mut Table) {
        match sealed.decode(block, &self.name, &self.range, self.scratch.get()) {
            Ok(rows) => self.append(&OpenBlock { sealed, block, rows }, table),
            Err(error) => self.failed.push_back(error),
        }
    }

    /// Appends rows of the block that was decoded last.
    fn append(&mut self, open: &OpenBlock, table: &mut Table) {
        let OpenBlock { sealed, block, rows } = open;
        let (rows, wanted, scratch) = (rows.clone(), self.wanted(), self.scratch.get());
        if let Err(error) = sealed.append(*block, &self.name, rows, scratch, wanted, table) {
            self.failed.push_back(error);
        }
    }
}
