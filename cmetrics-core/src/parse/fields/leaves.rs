//! What takes the values of fields.

use std::borrow::Cow;

use crate::parse::cursor::{Cursor, SyntaxError};
use crate::parse::remarks::Remarks;

/// A value that is plain in its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::parse) enum Plain<'t> {
    /// A whole number.
    Count(u64),
    /// What is between the quotes of a string, which has no escapes.
    Text(&'t [u8]),
    /// A number with a fraction, or a truth value.
    Other,
}

impl<'t> Plain<'t> {
    /// Puts a count into its place; `false` for another value.
    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    pub(in crate::parse) fn put_count(self, slot: &mut Option<u64>) -> bool {
        match self {
            Self::Count(count) => *slot = Some(count),
            _ => return false,
        }
        true
    }

    /// Puts a text into its place; `false` for another value, and for text that is not UTF-8.
    #[inline]
    pub(in crate::parse) fn put_text(self, slot: &mut Option<Cow<'t, str>>) -> bool {
        let Self::Text(text) = self else { return false };
        let text = std::str::from_utf8(text);
        text.map(|text| *slot = Some(Cow::Borrowed(text))).is_ok()
    }
}

/// Takes the values of the fields.
pub(in crate::parse) trait Leaves<'t> {
    /// What a field is.
    type Leaf: Copy;

    /// Reads the value ahead, which is not `null`. `path` is that of the field.
    fn leaf(
        &mut self,
        leaf: Self::Leaf,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError>;

    /// Takes the value at this offset, if it is one that needs no remark. Otherwise
    /// [`leaf`](Self::leaf) reads it.
    #[inline]
    fn plain(&mut self, _leaf: Self::Leaf, _value: Plain<'t>, _at: usize) -> bool {
        false
    }

    /// An object with fields begins. `path` is its own.
    fn begin(&mut self, _path: &'static str) {}

    /// What is noticed on the way.
    fn remarks(&mut self) -> &mut Remarks;
}
