//! Attributes: lists of keys with values that say their own type.

use std::borrow::Cow;

use crate::parse::cursor::{Cursor, SyntaxError, unquote};
use crate::parse::fields::list;
use crate::parse::remarks::Remarks;

/// An attribute.
pub(super) struct Attribute<'t> {
    pub(super) key: Cow<'t, str>,
    /// Its value as text, of whatever kind it is.
    pub(super) value: Cow<'t, str>,
    /// Whether the value is text by its kind.
    pub(super) is_text: bool,
}

/// Calls `each` with each attribute ahead that has a value of one kind.
pub(super) fn read<'t>(
    path: &'static str,
    cursor: &mut Cursor<'t>,
    remarks: &mut Remarks,
    each: &mut dyn FnMut(Attribute<'t>),
) -> Result<(), SyntaxError> {
    if cursor.peek() == Some(b'n') {
        return cursor.skip().map(drop);
    }
    list(path, cursor, remarks, &mut |cursor, remarks| {
        if let Some(attribute) = usual(cursor) {
            each(attribute);
            return Ok(());
        }
        if cursor.peek() != Some(b'{') {
            return remarks.expected("an object", path, cursor);
        }
        let (mut key, mut value) = (None, None);
        let mut members = cursor.enter(b'{')?;
        while let Some(name) = cursor.next_raw_key(&mut members)? {
            match (&*name, cursor.peek()) {
                (b"key", _) if key.is_none() => key = unquote(cursor.skip()?),
                (b"value", Some(b'{')) if value.is_none() => value = one_value(cursor)?,
                _ => drop(cursor.skip()?),
            }
        }
        if let Some((key, (value, is_text))) = key.zip(value) {
            each(Attribute { key, value, is_text });
        }
        Ok(())
    })
}

/// The attribute ahead, if it is a text and written as exporters write it. Otherwise consumes nothing.
fn usual<'t>(cursor: &mut Cursor<'t>) -> Option<Attribute<'t>> {
    let mut ahead = cursor.clone();
    let key = ahead.take(b"{\"key\":")?.plain_text()?;
    let value = ahead.take(b",\"value\":{\"stringValue\":")?.plain_text()?;
    ahead.take(b"}}")?;
    let text = |text| std::str::from_utf8(text).ok().map(Cow::Borrowed);
    let attribute = Attribute { key: text(key)?, value: text(value)?, is_text: true };
    *cursor = ahead;
    Some(attribute)
}

/// The one value of the object ahead, such as `{"stringValue": "eth0"}`, as text, and whether it is
/// one.
fn one_value<'t>(cursor: &mut Cursor<'t>) -> Result<Option<(Cow<'t, str>, bool)>, SyntaxError> {
    let mut value = None;
    let mut members = cursor.enter(b'{')?;
    while let Some(kind) = cursor.next_raw_key(&mut members)? {
        let text = cursor.skip()?;
        if value.is_none() {
            let found = unquote(text).or_else(|| {
                std::str::from_utf8(text).ok().filter(|text| is_plain(text)).map(Cow::Borrowed)
            });
            value = found.map(|found| (found, matches!(&*kind, b"stringValue" | b"string_value")));
        }
    }
    Ok(value)
}

/// Whether a value is a number or a truth value.
fn is_plain(text: &str) -> bool {
    !text.starts_with(['{', '[', '"']) && text != "null"
}
