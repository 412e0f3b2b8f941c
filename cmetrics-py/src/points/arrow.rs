//! Points as an Arrow stream.

use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::ffi::FFI_ArrowSchema;
use arrow_schema::{ArrowError, Schema, SchemaRef};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use super::field::{Field, Texts};
use super::metadata::Metadata;
use super::part::Part;

/// Points to be exported to Arrow.
#[derive(Debug)]
pub(crate) struct Export {
    pub(crate) parts: Vec<Part>,
    pub(crate) fields: Vec<Field>,
    pub(crate) known: Arc<Metadata>,
    pub(crate) texts: Texts,
}

/// Record batches that are made when they are read.
struct Batches {
    export: Export,
    schema: SchemaRef,
    next: usize,
}

impl Export {
    pub(crate) fn schema(&self) -> Schema {
        Schema::new(self.fields.iter().map(|field| field.arrow(self.texts)).collect::<Vec<_>>())
    }

    /// A new stream in the form of the Arrow `PyCapsule` interface.
    pub(crate) fn stream(self, py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
        let schema = Arc::new(self.schema());
        let parts = self.parts.iter().flat_map(Part::batches).collect();
        let batches = Batches { export: Self { parts, ..self }, schema, next: 0 };
        let stream = FFI_ArrowArrayStream::new(Box::new(batches));
        PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
    }

    pub(crate) fn schema_capsule<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(self.schema())
            .map_err(|failure| PyRuntimeError::new_err(failure.to_string()))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Export { parts, fields, known, texts } = &self.export;
        let part = parts.get(self.next)?;
        self.next += 1;
        let arrays = fields.iter().map(|field| field.array(part, known, *texts)).collect();
        Some(RecordBatch::try_new(Arc::clone(&self.schema), arrays))
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
