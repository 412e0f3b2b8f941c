//! Finding the end of a JSON document by its brackets and quotes.

/// Deeper than any document of cAdvisor's, shallow enough for one word of brackets.
pub(super) const MAX_DEPTH: u32 = 128;

/// How a document ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Whole,
    Broken,
    TooDeep,
}

/// A document being looked through, block by block.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    length: usize,
    depth: u32,
    /// One bit for each open bracket, the innermost lowest: 1 for `{`, 0 for `[`.
    objects: u128,
    in_string: bool,
    escaped: bool,
    /// The last byte that was no white space, outside strings; 0 at the start.
    previous: u8,
}

impl Scanner {
    /// How much was looked through; after the end, up to and with the byte that ended it.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Looks through the next block; `None` where the document goes on behind it.
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
                if self.depth == MAX_DEPTH {
                    return Some(End::TooDeep);
                }
                self.depth += 1;
                self.objects = self.objects << 1 | u128::from(byte == b'{');
            }
            b'}' | b']' => {
                if (self.objects & 1 == 1) != (byte == b'}') {
                    return Some(End::Broken);
                }
                self.depth -= 1;
                self.objects >>= 1;
                if self.depth == 0 {
                    return Some(End::Whole);
                }
            }
            b',' | b':' if matches!(self.previous, b'{' | b'[' | b',' | b':') => {
                return Some(End::Broken);
            }
            b',' | b':' => {}
            // Numbers and names go on: what is wrong inside them is for the reader to find.
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
