//! Points as an Arrow stream, with the columns and types of the Python module's frames.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, TimeUnit};
use cmetrics_core::point::{Column, Figure, Table};
use cmetrics_core::{DataPoint, MetricSet};

use crate::contract::{ARROW, CSV, JSON, NDJSON};
use crate::problem::Problem;

/// The formats by their names, and their media types.
pub(in super::super) const FORMATS: &[(&str, &str)] =
    &[("json", JSON), ("ndjson", NDJSON), ("csv", CSV), ("arrow", ARROW)];
pub(in super::super) const TYPES: &[&str] = &[JSON, NDJSON, CSV, ARROW];
pub(in super::super) const WORDS: &str = "json, ndjson, csv or arrow";

/// A stream that is being written.
pub(in super::super) struct ArrowStream {
    writer: StreamWriter<Vec<u8>>,
    schema: SchemaRef,
    metrics: MetricSet,
    extended: bool,
}

impl ArrowStream {
    pub(in super::super) fn new(metrics: MetricSet, extended: bool) -> Result<Self, Problem> {
        let schema = Arc::new(schema(metrics, extended));
        let writer = StreamWriter::try_new(Vec::new(), &schema).map_err(failed)?;
        Ok(Self { writer, schema, metrics, extended })
    }

    /// Moves what was written so far.
    pub(in super::super) fn take(&mut self, out: &mut Vec<u8>) {
        out.append(self.writer.get_mut());
    }

    pub(in super::super) fn write(
        &mut self,
        points: &[DataPoint],
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        if points.is_empty() {
            return Ok(());
        }
        let arrays = arrays(points, self.metrics, self.extended);
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays).map_err(failed)?;
        self.writer.write(&batch).map_err(failed)?;
        self.take(out);
        Ok(())
    }

    pub(in super::super) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Problem> {
        self.writer.finish().map_err(failed)?;
        self.take(out);
        Ok(())
    }
}

fn failed(cause: ArrowError) -> Problem {
    Problem::internal("writing Arrow", cause)
}

fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn schema(metrics: MetricSet, extended: bool) -> Schema {
    let figure = |column: &Column| {
        let kind = if column.is_whole() { DataType::Int64 } else { DataType::Float64 };
        let unit = HashMap::from([("unit".to_owned(), column.unit())]);
        Field::new(column.name(), kind, true).with_metadata(unit)
    };
    let table = Table::new(metrics);
    let mut fields = vec![
        Field::new("name", DataType::Utf8, false),
        Field::new("start", instant(), false),
        Field::new("end", instant(), false),
    ];
    fields.extend(table.columns().iter().map(figure));
    if extended {
        fields.push(Field::new("samples", DataType::Int64, true));
        for name in ["coverage", "of_limit.cpu", "of_limit.memory"] {
            fields.push(Field::new(name, DataType::Float64, true));
        }
    }
    Schema::new(fields)
}

fn arrays(points: &[DataPoint], metrics: MetricSet, extended: bool) -> Vec<ArrayRef> {
    let mut table = Table::new(metrics);
    for point in points {
        table.push(point);
    }
    let instants = |micros: &[i64]| {
        let array = TimestampMicrosecondArray::from(micros.to_vec());
        Arc::new(array.with_timezone("UTC")) as ArrayRef
    };
    let names = StringArray::from_iter_values(points.iter().map(DataPoint::name));
    let mut arrays: Vec<ArrayRef> =
        vec![Arc::new(names), instants(table.starts_micros()), instants(table.ends_micros())];
    for column in table.columns() {
        let rows = (0..table.len()).map(|row| table.figure(row, column));
        arrays.push(if column.is_whole() { whole(rows) } else { real(rows) });
    }
    if extended {
        let fits = |samples: u64| i64::try_from(samples).ok();
        let samples = points.iter().map(|point| point.samples().and_then(fits));
        arrays.push(Arc::new(samples.collect::<Int64Array>()));
        let reals = |of: &dyn Fn(&DataPoint) -> Option<f64>| {
            Arc::new(points.iter().map(of).collect::<Float64Array>()) as ArrayRef
        };
        arrays.push(reals(&DataPoint::coverage));
        arrays.push(reals(&|point| point.shares()?.cpu));
        arrays.push(reals(&|point| point.shares()?.memory));
    }
    arrays
}

/// Whole numbers; one that does not fit a signed integer, as data frames have it, is null.
fn whole(figures: impl Iterator<Item = Option<Figure>>) -> ArrayRef {
    let number = |figure| match figure {
        Figure::Whole(value) => i64::try_from(value).ok(),
        Figure::Real(_) => None,
    };
    Arc::new(figures.map(|figure| figure.and_then(number)).collect::<Int64Array>())
}

fn real(figures: impl Iterator<Item = Option<Figure>>) -> ArrayRef {
    #[expect(clippy::cast_precision_loss, reason = "a column of floating-point numbers")]
    let number = |figure| match figure {
        Figure::Whole(value) => value as f64,
        Figure::Real(value) => value,
    };
    Arc::new(figures.map(|figure| figure.map(number)).collect::<Float64Array>())
}
