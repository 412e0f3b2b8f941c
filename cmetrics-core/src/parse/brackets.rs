//! The brackets that are open at a place in a JSON text.

/// Deeper than any cAdvisor document, and shallow enough for one bit per bracket in a `u128`.
pub(super) const MAX_DEPTH: u32 = 128;

/// A stack of open brackets.
#[derive(Debug, Default)]
pub(super) struct OpenBrackets {
    depth: u32,
    /// One bit for each open bracket, the innermost lowest: 1 for `{`, 0 for `[`.
    objects: u128,
}

impl OpenBrackets {
    /// Opens a bracket; `false` if [`MAX_DEPTH`] are open already.
    #[inline]
    pub(super) fn open(&mut self, bracket: u8) -> bool {
        if self.depth == MAX_DEPTH {
            return false;
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(bracket == b'{');
        true
    }

    /// Closes the innermost bracket; `false` if that is of the other kind. One must be open.
    #[inline]
    pub(super) fn close(&mut self, bracket: u8) -> bool {
        if (self.objects & 1 == 1) != (bracket == b'}') {
            return false;
        }
        self.depth -= 1;
        self.objects >>= 1;
        true
    }

    /// How many brackets are open.
    pub(super) fn depth(&self) -> usize {
        self.depth as usize
    }

    /// Returns whether no bracket is open.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.depth == 0
    }
}
