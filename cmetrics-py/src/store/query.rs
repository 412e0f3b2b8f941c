//! Queries of a store for points: of which containers, in which range of time, and how wide.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use cmetrics_core::point::{RollUp, Table};
use cmetrics_core::store::Bearer;
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{Cancel, DataPoint, Error, ErrorKind, Metric, MetricSet, Store};

use crate::arguments::Labels;
use crate::points::PyPoints;
use crate::points::metadata::{ContainerMetadata, EventMetadata, Metadata};

/// A query for points.
#[derive(Clone, Debug)]
pub(super) struct Query {
    pub(super) containers: Option<Vec<String>>,
    /// The labels that containers must have.
    pub(super) labels: Labels,
    pub(super) time: QueryTime,
    pub(super) metrics: Option<MetricSet>,
    /// The width of the points, if it is not the store's.
    pub(super) interval: Option<u64>,
    /// Whether an alias stands for all containers that had it, rather than only the last one.
    pub(super) all_bearers: bool,
}

/// The range of time of a query, in seconds.
#[derive(Clone, Debug)]
pub(super) enum QueryTime {
    Range(Range<u64>),
    /// This many seconds before the end of the container's newest point.
    Last(u64),
}

/// The result of a query.
#[derive(Debug)]
pub(super) struct QueryResult {
    pub(super) points: PyPoints,
    /// An error for each word that stands for no container, and for what cannot be read.
    pub(super) errors: Vec<Error>,
}

/// The containers of a query by name, each with its range of time.
type Bearers = BTreeMap<Arc<str>, (Bearer, Range<u64>)>;

/// Collects points into as few tables as possible.
struct TableBuilder {
    tables: Vec<Table>,
}

impl Query {
    /// Reads the points. If it is cancelled, some are missing.
    pub(super) fn read(&self, store: &Store, cancel: &Cancel) -> Result<QueryResult, Error> {
        let mut errors = Vec::new();
        let bearers = self.bearers(store, &mut errors, cancel)?;
        let interval =
            self.interval.filter(|width| *width != store.settings().interval().as_secs());
        let (width, mut wider) = (
            interval.unwrap_or(1),
            interval.map(Duration::from_secs).map(RollUp::new).transpose()?,
        );
        let mut builder =
            TableBuilder { tables: vec![Table::new(self.metrics.unwrap_or_default())] };
        let mut known = Metadata::default();
        for (name, (bearer, range)) in bearers {
            let range = widened(range, width);
            let mut add = |mut point: DataPoint| {
                point.set_shares(&bearer.limits);
                if let Some(metrics) = self.metrics {
                    point.select(metrics);
                }
                builder.add(&point);
            };
            let read = store.range(&name, unix_seconds(range.clone()), self.read_metrics());
            let read = read.map_err(|error| errors.push(error)).ok();
            for point in read.into_iter().flatten() {
                if cancel.is_cancelled() {
                    break;
                }
                match point.and_then(|point| rolled_up(wider.as_mut(), point)) {
                    Ok(point) => point.into_iter().for_each(&mut add),
                    // An invalid setting is an error for all points.
                    Err(error) if error.kind() == ErrorKind::Setting => return Err(error),
                    Err(error) => errors.push(error),
                }
            }
            wider.as_mut().and_then(RollUp::finish).into_iter().for_each(&mut add);
            let events = store.events_of(&name, unix_seconds(range));
            let events = events.map_err(|error| errors.push(error)).unwrap_or_default();
            let events = events.iter().filter_map(EventMetadata::of_stored).collect();
            known.add(ContainerMetadata { events, ..bearer.into() });
        }
        Ok(QueryResult { points: PyPoints::of_tables(builder.tables, known), errors })
    }

    /// The containers of the query by name, each with its range of time.
    fn bearers(
        &self,
        store: &Store,
        errors: &mut Vec<Error>,
        cancel: &Cancel,
    ) -> Result<Bearers, Error> {
        let mut bearers = BTreeMap::new();
        let Some(words) = &self.containers else {
            for bearer in store.until(cancel).find_labelled(&self.labels, ..)? {
                let range = self.time.range(&bearer);
                if bearer.first.start() < range.end && bearer.last.end() > range.start {
                    bearers.insert(Arc::clone(bearer.identity.name()), (bearer, range));
                }
            }
            return Ok(bearers);
        };
        for word in words {
            match self.find(store, word) {
                Ok(found) => {
                    for (bearer, range) in found {
                        bearers.insert(Arc::clone(bearer.identity.name()), (bearer, range));
                    }
                }
                Err(error) if is_unknown_or_ambiguous(&error) => errors.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok(bearers)
    }

    /// The containers that a word stands for, each with its range of time.
    fn find(&self, store: &Store, word: &str) -> Result<Vec<(Bearer, Range<u64>)>, Error> {
        let range = match &self.time {
            QueryTime::Range(range) => range.clone(),
            last @ QueryTime::Last(_) => {
                let ever = store.find(word, ..)?;
                ever.first().map_or(0..0, |bearer| last.range(bearer))
            }
        };
        let mut bearers = store.find(word, unix_seconds(range.clone()))?;
        bearers.retain(|bearer| bearer.identity.has_labels(&self.labels));
        if !self.all_bearers {
            bearers.truncate(1);
        }
        Ok(bearers.into_iter().map(|bearer| (bearer, range.clone())).collect())
    }

    /// The metrics to read: the selected ones, and the one that shares of limits need.
    fn read_metrics(&self) -> Option<MetricSet> {
        self.metrics.map(|mut metrics| {
            metrics.insert(Metric::MemoryWorkingSet);
            metrics
        })
    }
}

impl QueryTime {
    fn range(&self, bearer: &Bearer) -> Range<u64> {
        match self {
            Self::Range(range) => range.clone(),
            Self::Last(seconds) => {
                let end = bearer.last.end();
                end.saturating_sub(*seconds)..end
            }
        }
    }
}

impl TableBuilder {
    /// Adds a point to the last table, or to a new one if it has a metric that the last one lacks.
    fn add(&mut self, point: &DataPoint) {
        let known = self.tables.last().map(Table::selected).unwrap_or_default();
        let needed = known.union(point.selected());
        if needed != known {
            self.tables.push(Table::new(needed));
        }
        if let Some(table) = self.tables.last_mut() {
            table.push(point);
        }
    }
}

fn is_unknown_or_ambiguous(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::UnknownContainer | ErrorKind::AmbiguousContainer)
}

/// The range, widened to whole intervals.
fn widened(range: Range<u64>, width: u64) -> Range<u64> {
    range.start / width * width..range.end.div_ceil(width).saturating_mul(width)
}

/// The point itself, or, when points are rolled up, the wider point that it completes.
fn rolled_up(wider: Option<&mut RollUp>, point: DataPoint) -> Result<Option<DataPoint>, Error> {
    match wider {
        Some(wider) => wider.add(&point),
        None => Ok(Some(point)),
    }
}
