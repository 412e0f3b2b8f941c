//! Reads the members of an object whose keys come in the order of last time and whose values are
//! plain, one after another: the hot loop of the JSON doors.

use super::leaves::{Leaves, Plain};
use super::tree::{Field, FieldValue};
use super::walk::{Level, Walk};
use crate::parse::cursor::{Cursor, Members};
use crate::parse::key_order::KeyId;
use crate::parse::lanes::{Block, Lanes, Task, leading_digits};
use crate::parse::lenient::{ends_number, visible};

/// Reads members up to the first one that is not plain. If its key is the one that was expected, the
/// key is read too, and returned.
#[inline]
pub(super) fn plain_members<'t, T: Leaves<'t>>(
    walk: &mut Walk<'_, T::Leaf>,
    cursor: &mut Cursor<'t>,
    into: &mut T,
) -> Option<KeyId> {
    let (dispatch, text) = cursor.text_without_escapes()?;
    let at = cursor.at();
    let (key, at) = dispatch.run(Run { walk, text, at, into });
    cursor.seek(at);
    key
}

struct Run<'r, 'f, 't, T: Leaves<'t>> {
    walk: &'r mut Walk<'f, T::Leaf>,
    text: &'t [u8],
    at: usize,
    into: &'r mut T,
}

impl<'t, T: Leaves<'t>> Task for Run<'_, '_, 't, T> {
    /// The key that was read without its value, and where that is.
    type Output = (Option<KeyId>, usize);

    #[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> Self::Output {
        let Self { walk: Walk { level: innermost, outer }, text, mut at, into } = self;
        let mut level = *innermost;
        let key = loop {
            let Some((key, start)) = expected(lanes, &level, text, at) else {
                at = visible(text, at);
                let is_end = text.get(at) == Some(&b'}');
                let Some(around) = is_end.then(|| outer.pop()).flatten() else { break None };
                (level, at) = (around, at + 1);
                continue;
            };
            (level.previous, level.members.first, at) = (key, false, start);
            let field = level.fields.unread(key, level.seen);
            if let Some((Field { value: FieldValue::Object(inner), path, .. }, seen)) = field {
                if text.get(at) != Some(&b'{') {
                    break Some(key);
                }
                level.seen = seen;
                outer.push(level);
                into.begin(path);
                level = Level::new(inner, Members::before_first(b'}'));
                at += 1;
                continue;
            }
            let Some((value, length)) = plain(lanes, text, at) else { break Some(key) };
            if let Some((field, seen)) = field {
                match &field.value {
                    FieldValue::Leaf(leaf) if into.plain(*leaf, value, at) => level.seen = seen,
                    _ => break Some(key),
                }
            }
            at += length;
        };
        *innermost = level;
        (key, at)
    }
}

/// The key that is expected, if it comes, and where its value begins.
#[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
#[inline(always)]
fn expected<L: Lanes, F: Copy>(
    lanes: L,
    level: &Level<'_, F>,
    text: &[u8],
    mut at: usize,
) -> Option<(KeyId, usize)> {
    if !level.members.first {
        if text.get(at) != Some(&b',') {
            at = visible(text, at);
            text.get(at).filter(|byte| **byte == b',')?;
        }
        at += 1;
    }
    let (key, written) = level.fields.order.after(level.previous)?;
    if !lanes.begins_with(block(text, at)?, written) {
        at = visible(text, at);
        block(text, at).filter(|block| lanes.begins_with(block, written))?;
    }
    Some((key, visible(text, at + written.length)))
}

/// The plain value at this place, and its length.
#[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
#[inline(always)]
fn plain<L: Lanes>(lanes: L, text: &[u8], at: usize) -> Option<(Plain<'_>, usize)> {
    let block = block(text, at)?;
    let first = *block.first()?;
    if first == b'"' {
        let length = text_length(lanes, text, at + 1)?;
        return Some((Plain::Text(text.get(at + 1..at + 1 + length)?), length + 2));
    }
    let (count, digits) = lanes.number(block);
    let after = *block.get(digits)?;
    if digits > 0 && (matches!(after, b',' | b'}') || ends_number(after)) {
        return Some((Plain::Count(count), digits));
    }
    let length = match first {
        b't' => block.starts_with(b"true").then_some(4),
        b'f' => block.starts_with(b"false").then_some(5),
        _ if digits > 0 && after == b'.' => {
            let places = block.get(digits + 1..)?.first_chunk()?;
            let places = leading_digits(u64::from_le_bytes(*places));
            let length = digits + 1 + places;
            (places > 0 && ends_number(*block.get(length)?)).then_some(length)
        }
        _ => None,
    };
    Some((Plain::Other, length?))
}

/// How many bytes come before the next quote.
#[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
#[inline(always)]
fn text_length<L: Lanes>(lanes: L, text: &[u8], start: usize) -> Option<usize> {
    let mut length = 0;
    loop {
        let quotes = lanes.masks(block(text, start + length)?).quotes;
        if quotes != 0 {
            return Some(length + quotes.trailing_zeros() as usize);
        }
        length += 64;
    }
}

#[expect(clippy::inline_always, reason = "compiled for special instructions in one piece")]
#[inline(always)]
fn block(text: &[u8], at: usize) -> Option<&Block> {
    text.get(at..)?.first_chunk()
}
