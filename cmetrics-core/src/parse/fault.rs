//! Invalid values of a document.

use super::cursor::{Cursor, SyntaxError};
use crate::error::{Problem, Shortened};

/// What a count must be.
pub(super) const COUNT: &str = "a whole number from 0 to 18446744073709551615";

/// An invalid value, and its offset.
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) problem: Problem,
}

impl Fault {
    /// Skips the value ahead, and returns the fault that another kind of value was expected, for
    /// which the sample is left out.
    pub(super) fn expected(
        expected: &'static str,
        field: &str,
        cursor: &mut Cursor<'_>,
    ) -> Result<Self, SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        let found = excerpt(cursor.skip()?);
        Ok(Self { at, problem: Problem::Value { field: field.to_owned(), expected, found } })
    }

    /// The fault of a value for which its field alone is left out.
    pub(super) fn of_field(
        at: usize,
        field: &'static str,
        expected: &'static str,
        found: &[u8],
    ) -> Self {
        Self { at, problem: Problem::Field { field, expected, found: excerpt(found) } }
    }
}

/// A value of the input, shortened for messages.
pub(super) fn excerpt(value: &[u8]) -> String {
    let start = value.get(..value.len().min(512)).unwrap_or_default();
    Shortened(&String::from_utf8_lossy(start)).to_string()
}
