//! Reads an object by the keys that are wanted of it. What has the wrong type loses its field, and
//! nothing else.

mod leaves;
mod run;
mod tree;
mod walk;

use super::cursor::{Cursor, SyntaxError};
use super::key_order::KeyId;
use super::remarks::Remarks;
pub(super) use leaves::{Leaves, Plain};
use tree::FieldValue;
pub(super) use tree::Fields;
use walk::{Level, Walk};

/// Reads the object ahead. Of a repeated key the first value counts, and a value of `null` is no
/// value.
pub(super) fn object<'t, T: Leaves<'t>>(
    fields: &Fields<T::Leaf>,
    path: &'static str,
    cursor: &mut Cursor<'t>,
    into: &mut T,
) -> Result<(), SyntaxError> {
    if cursor.peek() != Some(b'{') {
        return into.remarks().expected("an object", path, cursor);
    }
    into.begin(path);
    let mut walk = Walk::new(Level::new(fields, cursor.enter(b'{')?));
    loop {
        let key = match run::plain_members(&mut walk, cursor, into) {
            Some(key) => Some(key),
            None if cursor.take_end(walk.level.members) => match walk.outer.pop() {
                Some(outer) => {
                    walk.level = outer;
                    continue;
                }
                None => return Ok(()),
            },
            None => next_key(&mut walk.level, cursor)?,
        };
        value(&mut walk, key, cursor, into)?;
    }
}

/// Reads the value of this key. Of an object it reads the beginning.
fn value<'t, T: Leaves<'t>>(
    walk: &mut Walk<'_, T::Leaf>,
    key: Option<KeyId>,
    cursor: &mut Cursor<'t>,
    into: &mut T,
) -> Result<(), SyntaxError> {
    let level = &mut walk.level;
    let Some((field, seen)) = key.and_then(|key| level.fields.unread(key, level.seen)) else {
        return cursor.pass();
    };
    level.seen = seen;
    match &field.value {
        _ if cursor.peek() == Some(b'n') => cursor.pass(),
        FieldValue::Leaf(leaf) => into.leaf(*leaf, field.path, cursor),
        FieldValue::Object(_) if cursor.peek() != Some(b'{') => {
            into.remarks().expected("an object", field.path, cursor)
        }
        FieldValue::Object(inner) => {
            into.begin(field.path);
            walk.enter(Level::new(inner, cursor.enter(b'{')?));
            Ok(())
        }
    }
}

/// Reads the next key; `None` for one that is not known.
fn next_key<L: Copy>(
    level: &mut Level<'_, L>,
    cursor: &mut Cursor<'_>,
) -> Result<Option<KeyId>, SyntaxError> {
    let expected = level.fields.order.after(level.previous);
    let taken = expected.filter(|(_, text)| cursor.take_key(&mut level.members, text));
    let key = if let Some((key, _)) = taken {
        Some(key)
    } else {
        let key = cursor.next_raw_key(&mut level.members)?;
        key.and_then(|key| level.fields.order.came(level.previous, &key))
    };
    level.previous = key.unwrap_or(level.previous);
    Ok(key)
}

/// Calls `each` before each member of the list ahead that is not `null`.
pub(super) fn list<'t>(
    path: &'static str,
    cursor: &mut Cursor<'t>,
    remarks: &mut Remarks,
    each: &mut dyn FnMut(&mut Cursor<'t>, &mut Remarks) -> Result<(), SyntaxError>,
) -> Result<(), SyntaxError> {
    if cursor.peek() != Some(b'[') {
        return remarks.expected("a list", path, cursor);
    }
    let mut members = cursor.enter(b'[')?;
    while cursor.next_member(&mut members)? {
        if cursor.peek() == Some(b'n') {
            cursor.skip()?;
        } else {
            each(cursor, remarks)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
