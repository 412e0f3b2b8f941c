//! Walks a request: resources, their scopes, and the metrics of these.

use super::deliver::{DOORS, Nothing, PassedOver, Resource};
use super::metric::{MetricFields, OneMetric};
use super::point::Point;
use super::resource::Attributes;
use super::scope::Scope;
use super::scraped::Scraped;
use super::table::{self, Meaning, Named};
use crate::document::{Door, Skipped};
use crate::error::Problem;
use crate::metric::Metric;
use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::delivery::Sink;
use crate::parse::fault::Fault;
use crate::parse::fields::list;
use crate::parse::remarks::Remarks;

/// A reader of OTLP JSON.
#[derive(Debug)]
pub(in crate::parse) struct OtlpReader {
    fields: MetricFields,
}

impl OtlpReader {
    pub(in crate::parse) fn new() -> Self {
        Self { fields: MetricFields::new() }
    }

    /// Reads the request ahead.
    pub(in crate::parse) fn object(
        &self,
        cursor: &mut Cursor<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        let (mut told_of_deltas, mut is_empty) = (false, true);
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            match (&*key, cursor.peek()) {
                (b"resourceMetrics" | b"resource_metrics", Some(b'[')) => {
                    // The members are remarked of in their resource.
                    list("resourceMetrics", cursor, &mut Remarks::default(), &mut |cursor, _| {
                        is_empty = false;
                        self.resource(cursor, &mut told_of_deltas, sink)
                    })?;
                }
                (b"resourceLogs" | b"resource_logs", _) => {
                    cursor.skip()?;
                    is_empty = false;
                    sink(&mut PassedOver(Skipped::Logs, 1))?;
                }
                (b"resourceSpans" | b"resource_spans", _) => {
                    cursor.skip()?;
                    is_empty = false;
                    sink(&mut PassedOver(Skipped::Traces, 1))?;
                }
                _ => drop(cursor.skip()?),
            }
        }
        if is_empty { sink(&mut Nothing) } else { Ok(()) }
    }

    fn resource(
        &self,
        cursor: &mut Cursor<'_>,
        told_of_deltas: &mut bool,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        let mut walk = Walk {
            fields: &self.fields,
            points: Vec::new(),
            doors: DOORS.map(|door| (door, Scraped::default())),
            others: 0,
            remarks: Remarks::default(),
            told_of_deltas,
        };
        let attributes = walk.resource(cursor)?;
        let Walk { doors, others, remarks, .. } = walk;
        if others > 0 {
            sink(&mut PassedOver(Skipped::OtherMetrics, others))?;
        }
        if attributes.is_volume() {
            return Ok(());
        }
        sink(&mut Resource { at, attributes, doors, remarks })
    }
}

/// The walk through one resource.
struct Walk<'r, 't> {
    fields: &'r MetricFields,
    /// The data points of the metric that is being read.
    points: Vec<Point<'t>>,
    doors: [(Door, Scraped<'t>); DOORS.len()],
    /// How many scopes are of other receivers.
    others: u64,
    remarks: Remarks,
    told_of_deltas: &'r mut bool,
}

impl<'t> Walk<'_, 't> {
    /// Reads the resource ahead. Its attributes decide what the metrics of a scope without a name
    /// are, so metrics that come before them are read after them.
    fn resource(&mut self, cursor: &mut Cursor<'t>) -> Result<Attributes<'t>, SyntaxError> {
        if cursor.peek() != Some(b'{') {
            self.remarks.expected("an object", "resourceMetrics[]", cursor)?;
            return Ok(Attributes::default());
        }
        let mut attributes = None;
        let mut later = None;
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            match &*key {
                b"resource" if attributes.is_none() => {
                    attributes = Some(Attributes::read(cursor, &mut self.remarks)?);
                }
                b"scopeMetrics"
                | b"scope_metrics"
                | b"instrumentationLibraryMetrics"
                | b"instrumentation_library_metrics" => {
                    if let Some(attributes) = &attributes {
                        self.scopes(attributes.door(), cursor)?;
                    } else {
                        later = Some(cursor.clone());
                        cursor.skip()?;
                    }
                }
                _ => drop(cursor.skip()?),
            }
        }
        let attributes = attributes.unwrap_or_default();
        if let Some(mut scopes) = later {
            self.scopes(attributes.door(), &mut scopes)?;
        }
        Ok(attributes)
    }

    fn scopes(&mut self, door: Option<Door>, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        if cursor.peek() != Some(b'[') {
            return self.remarks.expected("a list", "scopeMetrics", cursor);
        }
        let mut members = cursor.enter(b'[')?;
        while cursor.next_member(&mut members)? {
            match cursor.peek() {
                Some(b'{') => self.scope(door, cursor)?,
                _ => drop(cursor.skip()?),
            }
        }
        Ok(())
    }

    /// Reads the scope ahead. Metrics that come before its name are read after it.
    fn scope(&mut self, door: Option<Door>, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let mut scope = None;
        let mut later = None;
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            match (&*key, cursor.peek()) {
                (b"scope" | b"instrumentationLibrary" | b"instrumentation_library", Some(b'{'))
                    if scope.is_none() =>
                {
                    scope = Some(Scope::ahead(door, cursor)?);
                }
                (b"metrics", Some(b'[')) => {
                    if let Some(scope) = scope {
                        self.metrics(scope, cursor)?;
                    } else {
                        later = Some(cursor.clone());
                        cursor.skip()?;
                    }
                }
                _ => drop(cursor.skip()?),
            }
        }
        if let Some(mut metrics) = later {
            let scope = scope.unwrap_or(door.map(Scope::of));
            self.metrics(scope, &mut metrics)?;
        }
        Ok(())
    }

    fn metrics(
        &mut self,
        scope: Option<Scope>,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        let Some(scope) = scope else {
            self.others += 1;
            return cursor.skip().map(drop);
        };
        let mut members = cursor.enter(b'[')?;
        while cursor.next_member(&mut members)? {
            match cursor.peek() {
                Some(b'{') => self.metric(scope, cursor)?,
                _ => drop(cursor.skip()?),
            }
        }
        Ok(())
    }

    fn metric(&mut self, scope: Scope, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        let at = cursor.at();
        self.points.clear();
        let Self { fields, points, remarks, .. } = self;
        let metric = OneMetric::read(fields, scope, cursor, points, remarks)?;
        let Some((named, operation)) = metric.named() else { return Ok(()) };
        if metric.is_delta {
            self.refuse_deltas(at, scope, &metric.name);
            return Ok(());
        }
        let Self { doors, points, remarks, .. } = self;
        let Some((_, scraped)) = doors.iter_mut().find(|(door, _)| *door == scope.door) else {
            return Ok(());
        };
        for point in points.iter().filter(|point| !point.is_left_out) {
            scraped.add(named, operation, point, remarks);
        }
        if scope.door == Door::OtlpDocker {
            scraped.is_of_v2 |= table::is_of_v2(&metric.name);
            scraped.is_without_cache |= named == WORKING_SET
                && memchr::memmem::find(metric.description, WITHOUT_CACHE).is_some();
        }
        Ok(())
    }

    /// Says once a document that its counters are not read.
    fn refuse_deltas(&mut self, at: usize, scope: Scope, name: &str) {
        if !std::mem::replace(self.told_of_deltas, true) {
            let problem = Problem::Unsupported(format!(
                "{name}: its aggregation temporality is delta, {}",
                scope.instead_of_deltas()
            ));
            self.remarks.faults.push(Fault { at, problem });
        }
    }
}

const WORKING_SET: Named = Named::Own(Metric::MemoryWorkingSet, Meaning::Plain);

/// What old receivers say of the working set.
const WITHOUT_CACHE: &[u8] = b"excludes the total cache";
