//! A table of points, with its names and columns as Python and Arrow objects, each made once.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arrow_array::types::{Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray, StringArray, new_null_array};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow_schema::DataType;
use cmetrics_core::point::{Column, Table, Validity, Values};
use cmetrics_core::{DataPoint, MetricSet};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyString;

/// The most rows in a batch: Arrow's offsets of texts have 31 bits.
pub(crate) const BATCH: usize = 1_000_000;

/// An immutable table.
pub(crate) struct Frame {
    table: Arc<Table>,
    /// The containers' names as Python strings.
    names: PyOnceLock<Vec<Py<PyString>>>,
    /// The names by row, one array for each batch of rows.
    texts: OnceLock<Vec<ArrayRef>>,
    columns: Mutex<HashMap<Stored, ArrayRef>>,
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame").field("table", &self.table).finish_non_exhaustive()
    }
}

/// A column that the table has in Arrow's format.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Stored {
    Start,
    End,
    Samples,
    Coverage,
    Figure(String),
}

impl Frame {
    pub(crate) fn new(table: Table) -> Arc<Self> {
        Arc::new(Self {
            table: Arc::new(table),
            names: PyOnceLock::new(),
            texts: OnceLock::new(),
            columns: Mutex::default(),
        })
    }

    /// A table of these points, with the metrics of `selected`.
    pub(crate) fn of<'p>(
        selected: MetricSet,
        points: impl IntoIterator<Item = &'p DataPoint>,
    ) -> Arc<Self> {
        let mut table = Table::new(selected);
        points.into_iter().for_each(|point| table.push(point));
        Self::new(table)
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// The name in a row; it is the same object for all rows of a container.
    pub(crate) fn name<'py>(&self, py: Python<'py>, row: usize) -> Option<Bound<'py, PyString>> {
        let names = self.names.get_or_init(py, || {
            self.table.names().iter().map(|name| PyString::new(py, name).unbind()).collect()
        });
        let key = self.table.keys().get(row).copied()?;
        names.get(usize::try_from(key).ok()?).map(|name| name.bind(py).clone())
    }

    /// The names in rows, all of one batch, as texts.
    pub(crate) fn texts(&self, rows: &Range<usize>) -> ArrayRef {
        let texts = self.texts.get_or_init(|| {
            let name = |key: &i32| self.table.names().get(usize::try_from(*key).ok()?);
            let texts = |keys: &[i32]| {
                let names = keys.iter().map(|key| name(key).map_or("", |name| &**name));
                Arc::new(StringArray::from_iter_values(names)) as ArrayRef
            };
            self.table.keys().chunks(BATCH).map(texts).collect()
        });
        match texts.get(rows.start / BATCH) {
            Some(batch) => batch.slice(rows.start % BATCH, rows.len()),
            None => Arc::new(StringArray::new_null(0)),
        }
    }

    /// The indices of the names, for dictionaries.
    pub(crate) fn keys(&self) -> ScalarBuffer<i32> {
        ScalarBuffer::new(self.lent(self.table.keys()), 0, self.table.len())
    }

    /// A column, without a copy of its numbers.
    pub(crate) fn stored(&self, which: &Stored) -> ArrayRef {
        let mut columns = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = columns.get(which) {
            return Arc::clone(known);
        }
        let array = self.array(which);
        columns.insert(which.clone(), Arc::clone(&array));
        array
    }

    fn array(&self, which: &Stored) -> ArrayRef {
        match which {
            Stored::Start => self.instants(self.table.starts_micros()),
            Stored::End => self.instants(self.table.ends_micros()),
            Stored::Samples => match self.table.all_samples() {
                Some((values, validity)) => self.whole(values, validity),
                None => self.nulls(&DataType::Int64),
            },
            Stored::Coverage => match self.table.all_coverage() {
                Some((values, validity)) => self.real(values, validity),
                None => self.nulls(&DataType::Float64),
            },
            Stored::Figure(name) => self.figure(name),
        }
    }

    fn figure(&self, name: &str) -> ArrayRef {
        let column = self.table.columns().iter().find(|column| column.name() == name);
        match column.and_then(|column| self.table.values(column)) {
            Some((Values::Whole(values), validity)) => self.whole(values, validity),
            Some((Values::Real(values), validity)) => self.real(values, validity),
            None => self.nulls(&column.map_or(DataType::Null, data_type)),
        }
    }

    fn nulls(&self, kind: &DataType) -> ArrayRef {
        new_null_array(kind, self.table.len())
    }

    fn instants(&self, values: &[i64]) -> ArrayRef {
        let array = self.primitive::<TimestampMicrosecondType, _>(values, None);
        Arc::new(array.with_timezone("UTC"))
    }

    fn real(&self, values: &[f64], validity: &Validity) -> ArrayRef {
        Arc::new(self.primitive::<Float64Type, _>(values, self.null_bits(validity)))
    }

    /// Whole numbers. A number that does not fit a signed integer, as data frames have it, is null.
    fn whole(&self, values: &[u64], validity: &Validity) -> ArrayRef {
        let fits = |value: u64| i64::try_from(value).is_ok();
        let nulls = if values.iter().copied().fold(0, |all, value| all | value) >> 63 == 0 {
            self.null_bits(validity)
        } else {
            let valid = |row: usize| {
                validity.is_valid(row) && values.get(row).is_some_and(|value| fits(*value))
            };
            Some(NullBuffer::new(BooleanBuffer::collect_bool(values.len(), valid)))
        };
        Arc::new(self.primitive::<Int64Type, _>(values, nulls))
    }

    fn null_bits(&self, validity: &Validity) -> Option<NullBuffer> {
        let bits = validity.bits()?;
        Some(NullBuffer::new(BooleanBuffer::new(self.lent(bits), 0, self.table.len())))
    }

    /// An array over numbers of the table, whose type must have the width of the array's.
    fn primitive<T: ArrowPrimitiveType, N>(
        &self,
        values: &[N],
        nulls: Option<NullBuffer>,
    ) -> PrimitiveArray<T> {
        PrimitiveArray::new(ScalarBuffer::new(self.lent(values), 0, values.len()), nulls)
    }

    /// A buffer over numbers of the table, which it keeps alive.
    fn lent<N>(&self, values: &[N]) -> Buffer {
        let start = NonNull::from(values).cast::<u8>();
        // SAFETY: `values` is a slice of the table that `self.table` points to, valid for its whole
        // length. Nobody changes a table behind an `Arc`, and the buffer owns a share of it.
        unsafe {
            Buffer::from_custom_allocation(start, size_of_val(values), Arc::clone(&self.table) as _)
        }
    }
}

/// The Arrow type of a column.
pub(crate) fn data_type(column: &Column) -> DataType {
    if column.is_whole() { DataType::Int64 } else { DataType::Float64 }
}
