//! The doors other than cAdvisor's JSON that are JSON too.

use std::sync::OnceLock;

use super::cursor::{Cursor, SyntaxError};
use super::delivery::Sink;
use super::drafts::Drafts;
use super::engine::EngineReader;
use super::otlp::OtlpReader;
use super::summary::SummaryReader;
use crate::metric::MetricSet;

/// Which document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DoorShape {
    /// The Engine's stats of one container.
    Engine,
    /// A map of them by id.
    EngineMap,
    /// The kubelet's summary.
    Summary,
    /// A request of OTLP's exporters, of metrics, logs or traces.
    Otlp,
}

/// The readers of all doors, for a set of metrics. A reader is made for the first document of its
/// door, since a run mostly has one door, and a reader knows the names of some hundred fields.
#[derive(Debug)]
pub(super) struct Doors {
    pub(super) metrics: MetricSet,
    /// What a container without any name is called.
    pub(super) called: Option<String>,
    /// The samples of the last document, whose layouts come again.
    pub(super) drafts: Drafts,
    engine: OnceLock<EngineReader>,
    summary: OnceLock<SummaryReader>,
    otlp: OnceLock<OtlpReader>,
}

impl Doors {
    pub(super) fn new(metrics: MetricSet) -> Self {
        Self {
            metrics,
            called: None,
            drafts: Drafts::default(),
            engine: OnceLock::new(),
            summary: OnceLock::new(),
            otlp: OnceLock::new(),
        }
    }

    /// Reads the document ahead, and gives all that it tells to `sink`.
    pub(super) fn read(
        &self,
        shape: DoorShape,
        cursor: &mut Cursor<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        match shape {
            DoorShape::Engine => self.engine().object(self.called.as_deref(), cursor, sink),
            DoorShape::EngineMap => self.engine().map(cursor, sink),
            DoorShape::Summary => self.summary.get_or_init(SummaryReader::new).object(cursor, sink),
            DoorShape::Otlp => self.otlp.get_or_init(OtlpReader::new).object(cursor, sink),
        }
    }

    fn engine(&self) -> &EngineReader {
        self.engine.get_or_init(EngineReader::new)
    }
}
