//! Reads a document of the Engine's stats: an object, or a map of objects by id.

use super::stats::{Stats, StatsFields};
use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::delivery::Sink;

/// A reader of the Engine's stats.
#[derive(Debug)]
pub(in crate::parse) struct EngineReader {
    fields: StatsFields,
}

impl EngineReader {
    pub(in crate::parse) fn new() -> Self {
        Self { fields: StatsFields::new() }
    }

    /// Reads the object ahead. A container without any name is `called` so.
    pub(in crate::parse) fn object(
        &self,
        called: Option<&str>,
        cursor: &mut Cursor<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        sink(&mut Stats::read(&self.fields, None, called, cursor)?)
    }

    /// Reads the map ahead, from id to object. `null` is a container that was not asked yet.
    pub(in crate::parse) fn map(
        &self,
        cursor: &mut Cursor<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), SyntaxError> {
        let mut members = cursor.enter(b'{')?;
        while let Some(id) = cursor.next_key(&mut members)? {
            match cursor.peek() {
                Some(b'n') => drop(cursor.skip()?),
                _ => sink(&mut Stats::read(&self.fields, Some(id), None, cursor)?)?,
            }
        }
        Ok(())
    }
}
