//! Reads the points of a page, some at a time.

use std::time::Duration;

use cmetrics_core::point::RollUp;
use cmetrics_core::store::{Bearer, Points};
use cmetrics_core::time::unix_seconds;
use cmetrics_core::{DataPoint, Metric, MetricSet};

use super::plan::{Part, Plan};
use super::writer::Writer;
use crate::app::{App, Work};
use crate::problem::Problem;

/// How many points are read for a part of the answer, and how much text it has at least.
const AT_ONCE: usize = 512;
const ENOUGH: usize = 128 << 10;

/// Reads the points of a page, and writes them.
pub(super) struct Reader {
    plan: Plan,
    open: Option<Open>,
    writer: Writer,
}

/// The container whose points are being read.
struct Open {
    bearer: Bearer,
    points: Points,
    wider: Option<RollUp>,
}

/// A part of an answer.
pub(super) struct Text {
    pub(super) text: Vec<u8>,
    pub(super) is_last: bool,
}

impl Reader {
    pub(super) fn new(plan: Plan, format: &str) -> Result<Self, Problem> {
        let writer = Writer::new(format, plan.metrics, plan.extended)?;
        Ok(Self { plan, open: None, writer })
    }

    /// The next part of the answer.
    pub(super) fn next(&mut self, app: &Work) -> Result<Text, Problem> {
        let mut text = Vec::new();
        self.writer.begin(&mut text);
        while text.len() < ENOUGH {
            if app.cancel.is_cancelled() {
                return Err(Problem::busy("nobody waits for the answer"));
            }
            let Plan { complete, extended, metrics, .. } = self.plan;
            let Some(open) = self.opened(app)? else {
                self.writer.end(&mut text)?;
                return Ok(Text { text, is_last: true });
            };
            let (mut points, is_over) = open.read()?;
            if complete {
                points.retain(DataPoint::is_complete);
            }
            if extended {
                let limits = open.bearer.limits;
                for point in &mut points {
                    point.set_shares(&limits);
                    point.select(metrics);
                }
            }
            self.writer.points(&points, &mut text)?;
            if is_over {
                self.open = None;
            }
        }
        Ok(Text { text, is_last: false })
    }

    /// The container whose points are next.
    fn opened(&mut self, app: &App) -> Result<Option<&mut Open>, Problem> {
        if self.open.is_none() {
            let Some(Part { bearer, range }) = self.plan.parts.pop_front() else { return Ok(None) };
            let name = bearer.identity.name();
            let points = app.store().range(name, unix_seconds(range), Some(self.metrics()))?;
            let wider = self.plan.width.map(|width| RollUp::new(Duration::from_secs(width)));
            self.open = Some(Open { points, wider: wider.transpose()?, bearer });
        }
        Ok(self.open.as_mut())
    }

    /// The metrics to read: those that are shown, and the one that shares of limits need.
    fn metrics(&self) -> MetricSet {
        let mut metrics = self.plan.metrics;
        if self.plan.extended {
            metrics.insert(Metric::MemoryWorkingSet);
        }
        metrics
    }
}

impl Open {
    /// The next points, and whether they are the last.
    fn read(&mut self) -> Result<(Vec<DataPoint>, bool), Problem> {
        let mut points = Vec::new();
        for _ in 0..AT_ONCE {
            let Some(point) = self.points.next().transpose()? else {
                points.extend(self.wider.as_mut().and_then(RollUp::finish));
                return Ok((points, true));
            };
            match &mut self.wider {
                None => points.push(point),
                Some(wider) => points.extend(wider.add(&point)?),
            }
        }
        Ok((points, false))
    }
}
