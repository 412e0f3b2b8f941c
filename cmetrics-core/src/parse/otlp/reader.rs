//! Walks a request: resources, their scopes, and the metrics of these.

use super::deliver::{PassedOver, Resource, Scraped};
use super::instant::Instant;
use super::point::{self, Point, PointFields, Value};
use super::resource::Attributes;
use super::table::{self, Meaning, Named};
use crate::container::Limits;
use crate::document::{Door, Skipped};
use crate::error::Problem;
use crate::metric::Metric;
use crate::parse::cursor::{Cursor, SyntaxError, unquote, unquoted};
use crate::parse::decimal;
use crate::parse::delivery::Sink;
use crate::parse::fault::Fault;
use crate::parse::fields::{Remarks, list};

/// A reader of OTLP JSON.
#[derive(Debug)]
pub(in crate::parse) struct OtlpReader {
    fields: PointFields,
}

impl OtlpReader {
    pub(in crate::parse) fn new() -> Self {
        Self { fields: PointFields::new() }
    }

    /// Reads the request ahead.
    pub(in crate::parse) fn object(
        &self,
        cursor: &mut Cursor<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        let mut told_of_deltas = false;
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            match (&*key, cursor.peek()) {
                (b"resourceMetrics" | b"resource_metrics", Some(b'[')) => {
                    // The members are remarked of in their resource.
                    list("resourceMetrics", cursor, &mut Remarks::default(), &mut |cursor, _| {
                        self.resource(cursor, &mut told_of_deltas, sink)
                    })?;
                }
                (b"resourceLogs" | b"resource_logs", _) => {
                    cursor.skip()?;
                    sink(&mut PassedOver(Skipped::Logs, 1))?;
                }
                (b"resourceSpans" | b"resource_spans", _) => {
                    cursor.skip()?;
                    sink(&mut PassedOver(Skipped::Traces, 1))?;
                }
                _ => drop(cursor.skip()?),
            }
        }
        Ok(())
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
            docker: Scraped::default(),
            kubelet: Scraped::default(),
            others: 0,
            remarks: Remarks::default(),
            told_of_deltas,
        };
        let attributes = walk.resource(cursor)?;
        let Walk { docker, kubelet, others, remarks, .. } = walk;
        let doors = [(Door::OtlpDocker, docker), (Door::OtlpKubelet, kubelet)];
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
    fields: &'r PointFields,
    /// The data points of the metric that is being read.
    points: Vec<Point<'t>>,
    docker: Scraped<'t>,
    kubelet: Scraped<'t>,
    /// How many scopes are of other receivers.
    others: u64,
    remarks: Remarks,
    told_of_deltas: &'r mut bool,
}

/// What a scope is called.
#[derive(Clone, Copy)]
struct Scope {
    door: Option<Door>,
    version: Option<(u64, u64)>,
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
                    scope = Some(scope_ahead(door, cursor)?);
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
            let scope = scope.unwrap_or(Scope { door, version: None });
            self.metrics(scope, &mut metrics)?;
        }
        Ok(())
    }

    fn metrics(&mut self, scope: Scope, cursor: &mut Cursor<'t>) -> Result<(), SyntaxError> {
        if scope.door.is_none() {
            self.others += 1;
            return cursor.skip().map(drop);
        }
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
        cursor.peek();
        let at = cursor.at();
        self.points.clear();
        let (mut name, mut description, mut is_delta) = (None, None, false);
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            match (&*key, cursor.peek()) {
                (b"name", _) if name.is_none() => name = unquote(cursor.skip()?),
                (b"description", _) if description.is_none() => description = Some(cursor.skip()?),
                (b"sum" | b"gauge", Some(b'{')) => {
                    let is_wanted = name.as_deref().is_none_or(|name| named(scope, name).is_some());
                    if is_wanted {
                        is_delta |= self.data(cursor)?;
                    } else {
                        cursor.skip()?;
                    }
                }
                _ => drop(cursor.skip()?),
            }
        }
        let name = name.unwrap_or_default();
        let Some((named, operation)) = named(scope, &name) else { return Ok(()) };
        if is_delta {
            self.refuse_deltas(at, &name);
            return Ok(());
        }
        let points = std::mem::take(&mut self.points);
        for point in points.iter().filter(|point| !point.is_stale) {
            self.point(scope, named, operation, point);
        }
        self.points = points;
        let scraped = self.scraped(scope);
        scraped.is_of_v2 |= scope.door == Some(Door::OtlpDocker) && table::is_of_v2(&name);
        let is_working_set = named == Named::Own(Metric::MemoryWorkingSet, Meaning::Plain);
        scraped.is_without_cache |= is_working_set
            && scope.door == Some(Door::OtlpDocker)
            && description.is_some_and(|text| memchr::memmem::find(text, WITHOUT_CACHE).is_some());
        Ok(())
    }

    fn scraped(&mut self, scope: Scope) -> &mut Scraped<'t> {
        if scope.door == Some(Door::OtlpKubelet) { &mut self.kubelet } else { &mut self.docker }
    }

    /// Reads the data ahead, and returns whether it is of deltas.
    fn data(&mut self, cursor: &mut Cursor<'t>) -> Result<bool, SyntaxError> {
        let Self { fields, points, remarks, .. } = self;
        let mut is_delta = false;
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_raw_key(&mut members)? {
            match &*key {
                b"dataPoints" | b"data_points" if cursor.peek() != Some(b'n') => {
                    list("dataPoints", cursor, remarks, &mut |cursor, remarks| {
                        points.push(point::read(fields, cursor, remarks)?);
                        Ok(())
                    })?;
                }
                b"aggregationTemporality" | b"aggregation_temporality" => {
                    is_delta =
                        matches!(unquoted(cursor.skip()?), b"1" | b"AGGREGATION_TEMPORALITY_DELTA");
                }
                _ => drop(cursor.skip()?),
            }
        }
        Ok(is_delta)
    }

    /// Says once a document that its counters are not read.
    fn refuse_deltas(&mut self, at: usize, name: &str) {
        if !std::mem::replace(self.told_of_deltas, true) {
            let problem = Problem::Unsupported(format!(
                "{name}: its aggregation temporality is delta, which some processor made of the \
                 receiver's cumulative counters; write the file before that processor \
                 (cumulativetodelta)"
            ));
            self.remarks.faults.push(Fault { at, problem });
        }
    }

    fn point(&mut self, scope: Scope, named: Named, operation: Option<&str>, point: &Point<'t>) {
        match named {
            Named::Own(metric, meaning) => {
                if let Some(value) = self.value(point.value, meaning) {
                    self.instant(scope, point.time).set(metric, value);
                }
            }
            Named::OfInterface(metric) => self.of_interface(scope, metric, point),
            Named::OfDirection(received, transmitted) => match point.direction.as_deref() {
                Some("receive") => self.of_interface(scope, received, point),
                Some("transmit") => self.of_interface(scope, transmitted, point),
                _ => {}
            },
            Named::OfDevice(metrics) => {
                let operation = operation.or(point.operation.as_deref()).unwrap_or_default();
                let found = metrics.iter().find(|(known, _)| known.eq_ignore_ascii_case(operation));
                if let Some((_, metric)) = found
                    && let Some(value) = self.value(point.value, Meaning::Plain)
                {
                    let part = |number: &Option<_>| number.as_deref().map_or(Ok(0), str::parse);
                    if let (Ok(major), Ok(minor)) = (part(&point.major), part(&point.minor)) {
                        let instant = self.instant(scope, point.time);
                        instant.set_of_device((major, minor), *metric, value);
                    }
                }
            }
            Named::MemoryLimit => {
                let limit = self.value(point.value, Meaning::Limit);
                self.scraped(scope).limits.memory_bytes = limit;
            }
            Named::CpuShares => {
                let shares = self.value(point.value, Meaning::NotZero);
                self.scraped(scope).limits.cpu_shares = shares;
            }
            Named::CpuCores => {
                let cores = std::str::from_utf8(point.value.text).ok();
                let cores = cores.and_then(|cores| cores.parse::<f64>().ok());
                self.scraped(scope).limits.cpu_cores =
                    cores.filter(|cores| cores.is_finite() && *cores > 0.0);
            }
        }
    }

    fn of_interface(&mut self, scope: Scope, metric: Metric, point: &Point<'t>) {
        if let Some(value) = self.value(point.value, Meaning::Plain) {
            let interface = point.interface.clone().unwrap_or_default();
            self.instant(scope, point.time).set_of_interface(interface, metric, value);
        }
    }

    fn instant(&mut self, scope: Scope, time: u64) -> &mut Instant<'t> {
        self.scraped(scope).instants.entry(time).or_default()
    }

    /// The value of a data point; `None` where it was not measured, or is a wrong one, which is
    /// remarked.
    fn value(&mut self, value: Value<'_>, meaning: Meaning) -> Option<u64> {
        let Value { at, text } = value;
        if matches!(text, b"NaN" | b"Infinity" | b"-Infinity") {
            return None;
        }
        let value = match meaning {
            Meaning::Seconds => {
                let value = decimal::shifted(text, NANOS_OF_SECONDS);
                value.or_else(|| self.remarks.no_number(at, "asDouble", text))
            }
            _ => self.remarks.whole(at, "asInt", text),
        }?;
        match meaning {
            Meaning::Plain => Some(value),
            Meaning::NotZero | Meaning::Seconds => Some(value).filter(|value| *value > 0),
            Meaning::Limit => Limits::told(value),
        }
    }
}

/// How many places nanoseconds are behind the point of seconds.
const NANOS_OF_SECONDS: u8 = 9;

/// What old receivers say of the working set.
const WITHOUT_CACHE: &[u8] = b"excludes the total cache";

/// What a metric is, with the operation of its devices if that is in its name.
fn named(scope: Scope, name: &str) -> Option<(Named, Option<&str>)> {
    match scope.door {
        Some(Door::OtlpKubelet) => {
            table::of_kubelet(name, scope.version).map(|named| (named, None))
        }
        _ => table::of_docker(name),
    }
}

/// Reads the scope ahead. Where it has no name, it is of this door.
fn scope_ahead(door: Option<Door>, cursor: &mut Cursor<'_>) -> Result<Scope, SyntaxError> {
    let (mut name, mut version) = (None, None);
    let mut members = cursor.enter(b'{')?;
    while let Some(key) = cursor.next_raw_key(&mut members)? {
        let value = cursor.skip()?;
        match &*key {
            b"name" if name.is_none() => name = unquote(value),
            b"version" if version.is_none() => version = unquote(value),
            _ => {}
        }
    }
    let name = name.unwrap_or_default();
    let door = match () {
        () if name.is_empty() => door,
        () if name.ends_with("dockerstatsreceiver") => Some(Door::OtlpDocker),
        () if name.ends_with("kubeletstatsreceiver") => Some(Door::OtlpKubelet),
        () => None,
    };
    Ok(Scope { door, version: version.as_deref().and_then(version_of) })
}

/// The first two numbers of a version such as `v0.61.0`.
fn version_of(text: &str) -> Option<(u64, u64)> {
    let (major, rest) = text.strip_prefix('v').unwrap_or(text).split_once('.')?;
    let minor = rest.split('.').next().unwrap_or_default();
    Some((major.parse().ok()?, minor.parse().ok()?))
}
