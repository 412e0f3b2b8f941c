//! Reads points from JSON and from data frames.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::types::{
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema, TimeUnit};
use cmetrics_core::point::{Column, Figure, Table};
use cmetrics_core::{DataPoint, Error, Interval, MetricSet};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::PyPoints;
use super::frame::Frame;
use super::metadata::Metadata;
use crate::error;

/// Reads points back from JSON: an array of points, or one on each line.
///
/// `text` is `str` or `bytes`, such as the output of `Points.to_json()` or `cmetrics points`.
/// Raises `ValueError`, with the place of what is not a point.
#[pyfunction]
fn from_json(py: Python<'_>, text: &Bound<'_, PyAny>) -> PyResult<PyPoints> {
    let text: Vec<u8> = match text.extract::<String>() {
        Ok(text) => text.into_bytes(),
        Err(_) => text.extract()?,
    };
    let points = py.detach(|| parsed(&text));
    let points = points.map_err(|failure| {
        error::setting_error(py, Some("text"), &format!("no points: {failure}"))
    })?;
    Ok(of(&points))
}

fn parsed(text: &[u8]) -> serde_json::Result<Vec<DataPoint>> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'[') {
        return serde_json::from_slice(text);
    }
    serde_json::Deserializer::from_slice(text).into_iter().collect()
}

/// Points without metadata of their containers.
fn of(points: &[DataPoint]) -> PyPoints {
    let selected = points.iter().fold(MetricSet::default(), |set, one| set.union(one.selected()));
    PyPoints::of(selected, points, Metadata::default())
}

/// Reads points back from a data frame.
///
/// That is any object with an Arrow stream, such as a polars or pandas data frame or a pyarrow
/// table. It must have the columns `name`, `start` and `end`, with the types that `Points` exports.
/// Of the documented columns, `samples`, `coverage` and those of other metrics, missing ones are
/// null, and other columns are ignored. Raises `TypeError` or `ValueError`.
#[pyfunction]
fn from_arrow(frame: &Bound<'_, PyAny>) -> PyResult<PyPoints> {
    let py = frame.py();
    if !frame.hasattr("__arrow_c_stream__")? {
        let kind = frame.get_type().name()?.to_string();
        let message = format!("expected an object with an Arrow stream, not {kind}");
        return Err(PyTypeError::new_err(message));
    }
    // Old releases of polars want the argument.
    let capsule =
        frame.call_method1("__arrow_c_stream__", (frame.py().None(),))?.cast_into::<PyCapsule>()?;
    let stream = capsule.pointer_checked(Some(c"arrow_array_stream"))?;
    // SAFETY: a capsule of this name holds a stream by the rules of the PyCapsule interface, and
    // this call owns the only reference to it; `from_raw` leaves a released stream in its place.
    let reader = unsafe {
        RecordBatchStreamReader::from_raw(stream.as_ptr().cast::<FFI_ArrowArrayStream>())
    };
    let failed = |failure: arrow_schema::ArrowError| PyValueError::new_err(failure.to_string());
    let table = py.detach(|| -> Result<Result<Table, String>, arrow_schema::ArrowError> {
        let mut reader = reader?;
        let schema = arrow_array::RecordBatchReader::schema(&reader);
        let mut table = Table::new(selected(&schema));
        for batch in reader.by_ref() {
            if let Err(why) = add_all(&mut table, &batch?) {
                return Ok(Err(why));
            }
        }
        Ok(Ok(table))
    });
    let table = table.map_err(failed)?.map_err(PyValueError::new_err)?;
    Ok(PyPoints::of_frame(Frame::new(table), Metadata::default()))
}

/// The metrics that have columns in addition to the documented ones.
fn selected(schema: &Schema) -> MetricSet {
    let columns = Column::of_metrics(MetricSet::all());
    let named = columns.iter().filter(|column| {
        schema.column_with_name(column.name()).is_some()
            && Column::all().iter().all(|documented| documented.name() != column.name())
    });
    named.map(Column::metric).collect()
}

/// Adds the points in the rows of a batch.
fn add_all(table: &mut Table, batch: &RecordBatch) -> Result<(), String> {
    let needed = |name: &str| {
        batch.column_by_name(name).ok_or_else(|| format!("there is no column {name:?}"))
    };
    let names = texts(needed("name")?)?;
    let (starts, ends) = (times("start", needed("start")?)?, times("end", needed("end")?)?);
    let numbers = |name: &str| match batch.column_by_name(name) {
        Some(array) => figures(name, array),
        None => Ok(Vec::new()),
    };
    let (samples, coverage) = (numbers("samples")?, numbers("coverage")?);
    let columns = table.columns().iter().map(|column| Ok((column.name(), numbers(column.name())?)));
    let columns: HashMap<_, _> = columns.collect::<Result<_, String>>()?;
    let mut points = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let at = |column: &[Option<Figure>]| column.get(row).copied().flatten();
        let name = names.get(row).copied().flatten();
        let name = name.ok_or_else(|| format!("row {row}: the name is null"))?;
        let ends = (starts.get(row).copied().flatten(), ends.get(row).copied().flatten());
        let interval = ends.0.zip(ends.1).and_then(|(start, end)| Interval::new(start, end));
        let interval = interval.ok_or_else(|| {
            format!(
                "row {row}: start and end are no interval that starts at a multiple of its width"
            )
        })?;
        let samples = at(&samples).and_then(|figure| match figure {
            Figure::Whole(samples) => Some(samples),
            Figure::Real(_) => None,
        });
        let coverage = at(&coverage).map(real);
        let figure = |column: &Column| columns.get(column.name()).and_then(|column| at(column));
        let selected = table.selected();
        let point = DataPoint::from_columns(name, interval, samples, coverage, selected, figure);
        points.push(point.map_err(|error: Error| format!("row {row}: {error}"))?);
    }
    drop(columns);
    for point in &points {
        table.push(point);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a part of a whole")]
fn real(figure: Figure) -> f64 {
    match figure {
        Figure::Whole(value) => value as f64,
        Figure::Real(value) => value,
    }
}

fn texts(array: &ArrayRef) -> Result<Vec<Option<&str>>, String> {
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>().iter().collect()),
        DataType::LargeUtf8 => Ok(array.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Ok(array.as_string_view().iter().collect()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            let values = texts(dictionary.values())?;
            let keys = dictionary.normalized_keys().into_iter().enumerate();
            let value = |key: usize| values.get(key).copied().flatten();
            Ok(keys.map(|(row, key)| value(key).filter(|_| array.is_valid(row))).collect())
        }
        kind => Err(format!("the column \"name\": expected texts, found {kind}")),
    }
}

/// Seconds since the epoch.
fn times(name: &str, array: &ArrayRef) -> Result<Vec<Option<u64>>, String> {
    let per_second: i64 = match array.data_type() {
        DataType::Timestamp(TimeUnit::Millisecond, _) => 1_000,
        DataType::Timestamp(TimeUnit::Microsecond, _) => 1_000_000,
        DataType::Timestamp(TimeUnit::Nanosecond, _) => 1_000_000_000,
        _ => 1,
    };
    let seconds = |time: i64| {
        let seconds = u64::try_from(time / per_second).ok();
        seconds.filter(|_| time % per_second == 0)
    };
    let times = wholes(array).ok_or_else(|| {
        format!("the column {name:?}: expected times, found {}", array.data_type())
    })?;
    Ok(times.into_iter().map(|time| time.and_then(seconds)).collect())
}

fn figures(name: &str, array: &ArrayRef) -> Result<Vec<Option<Figure>>, String> {
    let reals = match array.data_type() {
        DataType::Null => return Ok(vec![None; array.len()]),
        DataType::UInt64 => {
            let wholes = array.as_primitive::<UInt64Type>().iter();
            return Ok(wholes.map(|value| value.map(Figure::Whole)).collect());
        }
        DataType::Float32 => {
            array.as_primitive::<Float32Type>().iter().map(|value| value.map(f64::from)).collect()
        }
        DataType::Float64 => array.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(),
        kind => {
            let wrong = || format!("the column {name:?}: expected numbers, found {kind}");
            let wholes = wholes(array).ok_or_else(wrong)?.into_iter();
            let whole = |value: i64| match u64::try_from(value) {
                Ok(value) => Figure::Whole(value),
                #[expect(clippy::cast_precision_loss, reason = "no count; it is refused later")]
                Err(_) => Figure::Real(value as f64),
            };
            return Ok(wholes.map(|value| value.map(whole)).collect());
        }
    };
    // Some data frames use "not a number" for a missing value.
    let figure = |value: Option<f64>| value.filter(|value| !value.is_nan()).map(Figure::Real);
    Ok(reals.into_iter().map(figure).collect())
}

/// Whole numbers of any width; `None` for other types.
fn wholes(array: &ArrayRef) -> Option<Vec<Option<i64>>> {
    macro_rules! widened {
        ($kind:ty) => {
            array.as_primitive::<$kind>().iter().map(|value| value.map(i64::from)).collect()
        };
    }
    Some(match array.data_type() {
        DataType::Int8 => widened!(Int8Type),
        DataType::Int16 => widened!(Int16Type),
        DataType::Int32 => widened!(Int32Type),
        DataType::Int64 => widened!(Int64Type),
        DataType::UInt8 => widened!(UInt8Type),
        DataType::UInt16 => widened!(UInt16Type),
        DataType::UInt32 => widened!(UInt32Type),
        DataType::Timestamp(TimeUnit::Second, _) => widened!(TimestampSecondType),
        DataType::Timestamp(TimeUnit::Millisecond, _) => widened!(TimestampMillisecondType),
        DataType::Timestamp(TimeUnit::Microsecond, _) => widened!(TimestampMicrosecondType),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => widened!(TimestampNanosecondType),
        _ => return None,
    })
}

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(from_json, module)?)?;
    module.add_function(wrap_pyfunction!(from_arrow, module)?)
}
