//! Where reading an object is.

use smallvec::SmallVec;

use super::tree::{Fields, Seen};
use crate::parse::cursor::Members;
use crate::parse::key_order::{KeyId, KeyOrder};

/// The objects that are open.
pub(super) struct Walk<'f, L> {
    /// The innermost, and those around it.
    pub(super) level: Level<'f, L>,
    pub(super) outer: SmallVec<[Level<'f, L>; 4]>,
}

/// An object that is open.
#[derive(Clone, Copy)]
pub(super) struct Level<'f, L> {
    pub(super) fields: &'f Fields<L>,
    pub(super) members: Members,
    pub(super) previous: KeyId,
    pub(super) seen: Seen,
}

impl<'f, L> Walk<'f, L> {
    pub(super) fn new(level: Level<'f, L>) -> Self {
        Self { level, outer: SmallVec::new() }
    }

    /// Enters an object inside of the innermost. The tree of the fields says how deep that goes.
    pub(super) fn enter(&mut self, inner: Level<'f, L>) {
        self.outer.push(std::mem::replace(&mut self.level, inner));
    }
}

impl<'f, L> Level<'f, L> {
    /// Before the first member.
    #[inline]
    pub(super) fn new(fields: &'f Fields<L>, members: Members) -> Self {
        Self { fields, members, previous: KeyOrder::START, seen: Seen::default() }
    }
}
