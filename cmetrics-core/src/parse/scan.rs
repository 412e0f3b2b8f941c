//! Finds the end of a JSON document by its brackets and quotes.

use super::brackets::OpenBrackets;

/// How a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Broken,
    TooDeep,
}

/// The scan of one document, block by block.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    length: usize,
    open: OpenBrackets,
    in_string: bool,
    escaped: bool,
    /// The last byte outside strings that is not white space; 0 at the start.
    previous: u8,
}

impl Scanner {
    /// How many bytes were scanned. After the end of the document, its length.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Whether the scan ended in a text.
    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }

    /// How many brackets are open.
    pub(super) fn depth(&self) -> usize {
        self.open.depth()
    }

    /// Scans the next block; `None` if the document continues after it.
    pub(super) fn advance(&mut self, block: &[u8]) -> Option<End> {
        for &byte in block {
            self.length += 1;
            let end = if self.in_string { self.in_string(byte) } else { self.outside(byte) };
            if end.is_some() {
                return end;
            }
        }
        None
    }

    fn in_string(&mut self, byte: u8) -> Option<End> {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => {
                self.in_string = false;
                self.previous = b'"';
            }
            0..=0x1f => return Some(End::Broken),
            _ => {}
        }
        None
    }

    fn outside(&mut self, byte: u8) -> Option<End> {
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => return None,
            b'"' if !self.value_may_begin() => return Some(End::Broken),
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                if !self.value_may_begin() || (self.previous == b'{') {
                    return Some(End::Broken);
                }
                if !self.open.open(byte) {
                    return Some(End::TooDeep);
                }
            }
            b'}' | b']' => {
                if !self.open.close(byte) {
                    return Some(End::Broken);
                }
                if self.open.is_empty() {
                    return Some(End::Whole);
                }
            }
            b',' | b':' if matches!(self.previous, b'{' | b'[' | b',' | b':') => {
                return Some(End::Broken);
            }
            b',' | b':' => {}
            // Numbers and names continue: the reader checks what is inside them.
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.'
                if !matches!(self.previous, b'"' | b'}' | b']') => {}
            _ => return Some(End::Broken),
        }
        self.previous = byte;
        None
    }

    fn value_may_begin(&self) -> bool {
        matches!(self.previous, 0 | b'{' | b'[' | b',' | b':')
    }
}
