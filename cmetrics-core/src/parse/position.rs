//! Computes lines and columns from byte offsets, only for places that an error shows.

use crate::error::Place;

/// A place in an input, relative to its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) offset: u64,
    /// From 1.
    pub(super) line: u64,
    /// In bytes, from 1.
    pub(super) column: u64,
}

impl Position {
    pub(super) const START: Self = Self { offset: 0, line: 1, column: 1 };

    /// The position after `text`, which begins here.
    pub(super) fn after(self, text: &[u8]) -> Self {
        self.after_lines(text, memchr::memchr_iter(b'\n', text).count())
    }

    /// The position after `text`, which begins here and has so many line ends.
    pub(super) fn after_lines(self, text: &[u8], line_ends: usize) -> Self {
        debug_assert_eq!(line_ends, memchr::memchr_iter(b'\n', text).count());
        let lines = line_ends as u64;
        let length = text.len() as u64;
        let column = match memchr::memrchr(b'\n', text) {
            Some(last) => length - last as u64,
            None => self.column + length,
        };
        Self { offset: self.offset + length, line: self.line + lines, column }
    }
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        Self {
            offset: Some(position.offset),
            line: Some(position.line),
            column: Some(position.column),
            ..Self::default()
        }
    }
}

/// Converts offsets in a document's text to places in the input. It walks the text once for any
/// number of rising offsets, such as those of the errors in a document.
pub(super) struct Locator<'t> {
    text: &'t [u8],
    start: Position,
    last: (usize, Position),
}

impl<'t> Locator<'t> {
    pub(super) fn new(text: &'t [u8], start: Position) -> Self {
        Self { text, start, last: (0, start) }
    }

    pub(super) fn locate(&mut self, at: usize) -> Place {
        self.position(at).into()
    }

    pub(super) fn position(&mut self, at: usize) -> Position {
        let (from, position) = if at < self.last.0 { (0, self.start) } else { self.last };
        let between = self.text.get(from..at).unwrap_or_default();
        self.last = (at, position.after(between));
        self.last.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_its_line_and_column_whatever_the_order_of_asking() {
        let start = Position { offset: 100, line: 7, column: 3 };
        let mut locator = Locator::new(b"ab\ncd\n\nef", start);
        for (at, line, column) in
            [(0, 7, 3), (1, 7, 4), (4, 8, 2), (8, 10, 2), (3, 8, 1), (9, 10, 3)]
        {
            let place = locator.locate(at);
            assert_eq!(place.offset, Some(100 + at as u64));
            assert_eq!((place.line, place.column), (Some(line), Some(column)), "{at}");
        }
    }
}
