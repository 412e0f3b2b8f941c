//! Reads an object by the keys that are wanted of it. What has the wrong type loses its field, and
//! nothing else.

use std::borrow::Cow;

use super::cursor::{Count, Cursor, SyntaxError, unquote};
use super::decimal;
use super::fault::{COUNT, Fault, excerpt};
use super::key_order::KeyOrder;
use crate::error::Problem;
use crate::time::{Timestamp, TimestampError};

/// The keys that are read of an object, and what each value is.
#[derive(Debug)]
pub(super) struct Fields<L> {
    all: Vec<Field<L>>,
    order: KeyOrder,
}

#[derive(Debug)]
struct Field<L> {
    key: &'static str,
    /// The path from the top of the document, for messages.
    path: &'static str,
    value: FieldValue<L>,
}

#[derive(Debug)]
enum FieldValue<L> {
    Leaf(L),
    Object(Fields<L>),
}

impl<L: Copy> Fields<L> {
    /// The tree of these paths, whose keys are joined by dots. A path comes once, and none is the
    /// beginning of another one.
    pub(super) fn new(paths: impl IntoIterator<Item = (&'static str, L)>) -> Self {
        let paths: Vec<_> = paths.into_iter().collect();
        Self::of(&paths, 0)
    }

    /// The tree of the parts of these paths that begin at `start`.
    fn of(paths: &[(&'static str, L)], start: usize) -> Self {
        let end_of_key = |path: &str| {
            let rest = path.get(start..).unwrap_or_default();
            start + rest.find('.').unwrap_or(rest.len())
        };
        let mut all: Vec<Field<L>> = Vec::new();
        for (path, leaf) in paths {
            let end = end_of_key(path);
            let key = path.get(start..end).unwrap_or_default();
            if all.iter().any(|field| field.key == key) {
                continue;
            }
            let value = if end == path.len() {
                FieldValue::Leaf(*leaf)
            } else {
                let is_inside =
                    |(other, _): &&(&'static str, L)| other.get(..=end) == path.get(..=end);
                let inner: Vec<_> = paths.iter().filter(is_inside).copied().collect();
                FieldValue::Object(Self::of(&inner, end + 1))
            };
            all.push(Field { key, path: path.get(..end).unwrap_or(path), value });
        }
        let order = KeyOrder::new(all.iter().map(|field| field.key));
        Self { all, order }
    }
}

/// Takes the values of the fields.
pub(super) trait Leaves<'t> {
    /// What a field is.
    type Leaf: Copy;

    /// Reads the value ahead, which is not `null`. `path` is that of the field.
    fn leaf(
        &mut self,
        leaf: Self::Leaf,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError>;

    /// An object with fields begins. `path` is its own.
    fn begin(&mut self, _path: &'static str) {}

    /// What is noticed on the way.
    fn remarks(&mut self) -> &mut Remarks;
}

/// What is noticed while fields are read.
#[derive(Default)]
pub(super) struct Remarks {
    /// The fields that were left out.
    pub(super) faults: Vec<Fault>,
    /// Whether a whole number was written with a fraction, an exponent or quotes.
    pub(super) unusual_numbers: bool,
    /// The time that was read last.
    last_time: Option<LastTime>,
}

/// A time, and the text of it.
#[derive(Clone, Copy)]
struct LastTime {
    text: [u8; LONGEST_TIME],
    length: usize,
    time: Timestamp,
}

/// The bytes of `2026-11-21T07:37:54.764020603+02:00`.
const LONGEST_TIME: usize = 35;

/// When a sample was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    At(Timestamp),
    /// At or before the epoch: never.
    NeverTaken,
    /// What is written is no time.
    Bad,
}

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
    let (mut seen, mut previous) = (0_u64, KeyOrder::START);
    let mut members = cursor.enter(b'{')?;
    loop {
        let expected = fields.order.after(previous);
        let key = match expected.filter(|(_, text)| cursor.take_key(&mut members, text)) {
            Some((key, _)) => Some(key),
            None => match cursor.next_raw_key(&mut members)? {
                Some(key) => fields.order.came(previous, &key),
                None => return Ok(()),
            },
        };
        previous = key.unwrap_or(previous);
        let index = key.and_then(|key| fields.order.wanted(key));
        let Some((index, field)) = index
            .filter(|index| seen & bit(*index) == 0)
            .and_then(|index| Some((index, fields.all.get(index)?)))
        else {
            cursor.skip()?;
            continue;
        };
        seen |= bit(index);
        match &field.value {
            _ if cursor.peek() == Some(b'n') => drop(cursor.skip()?),
            FieldValue::Leaf(leaf) => into.leaf(*leaf, field.path, cursor)?,
            FieldValue::Object(inner) => object(inner, field.path, cursor, into)?,
        }
    }
}

fn bit(index: usize) -> u64 {
    1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or(0)
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

impl Remarks {
    /// Skips the value ahead, which is not of the kind that was expected.
    pub(super) fn expected(
        &mut self,
        expected: &'static str,
        path: &'static str,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        let found = cursor.skip()?;
        self.faults.push(Fault::of_field(at, path, expected, found));
        Ok(())
    }

    /// Reads the whole number ahead. One that has a fraction of zeros, an exponent or quotes counts,
    /// and is noted.
    pub(super) fn count(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'_>,
    ) -> Result<Option<u64>, SyntaxError> {
        if let Some(value) = cursor.plain_count() {
            return Ok(Some(value));
        }
        cursor.peek();
        let at = cursor.at();
        match cursor.count()? {
            Count::Null => Ok(None),
            Count::Whole(value) => Ok(Some(value)),
            Count::Unusual(value) => {
                self.unusual_numbers = true;
                Ok(Some(value))
            }
            Count::Other(text) => Ok(self.no_number(at, path, text)),
        }
    }

    /// The whole number that a text is, which is usually quoted.
    pub(super) fn whole(&mut self, at: usize, path: &'static str, text: &[u8]) -> Option<u64> {
        decimal::whole(text).or_else(|| self.no_number(at, path, text))
    }

    /// Remarks that a text is no number that a reading can be.
    pub(super) fn no_number(&mut self, at: usize, path: &'static str, found: &[u8]) -> Option<u64> {
        self.faults.push(Fault::of_field(at, path, COUNT, found));
        None
    }

    /// Reads the time ahead, which is that of a sample.
    pub(super) fn time(&mut self, cursor: &mut Cursor<'_>) -> Result<Read, SyntaxError> {
        let (at, value, time) = self.parse_time(cursor)?;
        Ok(match time {
            Ok(Some(time)) => Read::At(time),
            Ok(None) => Read::NeverTaken,
            Err(cause) => {
                self.bad_time(at, value, cause);
                Read::Bad
            }
        })
    }

    /// Reads the time ahead, which is that of a field alone; `None` for one at or before the epoch.
    pub(super) fn time_of_field(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'_>,
    ) -> Result<Option<Timestamp>, SyntaxError> {
        let (at, value, time) = self.parse_time(cursor)?;
        if time.is_err() {
            self.faults.push(Fault::of_field(at, path, "a time", value));
        }
        Ok(time.ok().flatten())
    }

    /// Reads the time ahead: its offset, its text with quotes, and what it is. The parts of a
    /// document mostly have the same time.
    fn parse_time<'t>(
        &mut self,
        cursor: &mut Cursor<'t>,
    ) -> Result<(usize, &'t [u8], Result<Option<Timestamp>, TimestampError>), SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        if let Some(last) = &self.last_time
            && let Some(text) = cursor.rest().strip_prefix(b"\"")
            && text.starts_with(last.text.get(..last.length).unwrap_or_default())
            && text.get(last.length) == Some(&b'"')
        {
            cursor.seek(at + last.length + 2);
            return Ok((at, cursor.text_since(at), Ok(Some(last.time))));
        }
        let value = cursor.skip()?;
        let text = unquote(value);
        let time = text.as_deref().map_or(Err(TimestampError::Form), Timestamp::parse);
        if let (Ok(Some(time)), Some(Cow::Borrowed(written))) = (time, text) {
            let mut text = [0; LONGEST_TIME];
            if let Some(start) = text.get_mut(..written.len()) {
                start.copy_from_slice(written.as_bytes());
                self.last_time = Some(LastTime { text, length: written.len(), time });
            }
        }
        Ok((at, value, time))
    }

    /// Remarks that a sample has no time.
    pub(super) fn bad_time(&mut self, at: usize, found: &[u8], cause: TimestampError) {
        let found = if found.is_empty() { "none".to_owned() } else { excerpt(found) };
        self.faults.push(Fault { at, problem: Problem::Timestamp { found, cause } });
    }

    /// Reads the string ahead.
    pub(super) fn text<'t>(
        &mut self,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<Option<Cow<'t, str>>, SyntaxError> {
        cursor.peek();
        let at = cursor.at();
        if let Some(Ok(text)) = cursor.clone().plain_text().map(std::str::from_utf8) {
            cursor.seek(at + text.len() + 2);
            return Ok(Some(Cow::Borrowed(text)));
        }
        let value = cursor.skip()?;
        let text = unquote(value);
        if text.is_none() && value != b"null" {
            self.faults.push(Fault::of_field(at, path, "a text", value));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Counts {
        values: Vec<(&'static str, u64)>,
        remarks: Remarks,
    }

    impl<'t> Leaves<'t> for Counts {
        type Leaf = ();

        fn leaf(
            &mut self,
            (): (),
            path: &'static str,
            cursor: &mut Cursor<'t>,
        ) -> Result<(), SyntaxError> {
            let value = self.remarks.count(path, cursor)?;
            self.values.extend(value.map(|value| (path, value)));
            Ok(())
        }

        fn remarks(&mut self) -> &mut Remarks {
            &mut self.remarks
        }
    }

    fn read(text: &str) -> Counts {
        let fields = Fields::new([("a.b", ()), ("a.c.d", ()), ("e", ())]);
        let mut counts = Counts::default();
        object(&fields, "", &mut Cursor::new(text.as_bytes()), &mut counts).unwrap();
        counts
    }

    #[test]
    fn the_counts_of_a_tree_are_read_wherever_they_are() {
        let read = read(r#"{"x": {"b": 9}, "e": 3, "a": {"c": {"x": [1], "d": 2}, "b": 1}}"#);
        assert_eq!(read.values, [("e", 3), ("a.c.d", 2), ("a.b", 1)]);
    }

    #[test]
    fn of_a_repeated_key_the_first_value_counts_and_null_is_no_value() {
        assert_eq!(read(r#"{"e": 1, "e": 2, "a": null}"#).values, [("e", 1)]);
        assert_eq!(read(r#"{"a": {"b": 1}, "a": {"b": 2, "c": {"d": 3}}}"#).values, [("a.b", 1)]);
    }

    #[test]
    fn a_value_of_the_wrong_type_loses_its_field_alone() {
        let read = read(r#"{"a": {"b": "None", "c": []}, "e": 1}"#);
        assert_eq!(read.values, [("e", 1)]);
        let words: Vec<_> =
            read.remarks.faults.iter().map(|fault| fault.problem.to_string()).collect();
        assert!(words[0].starts_with("a.b: expected a whole number"), "{words:?}");
        assert!(words[0].ends_with("found \"None\"; the field is left out"), "{words:?}");
        assert!(words[1].starts_with("a.c: expected an object, found []"), "{words:?}");
    }

    #[test]
    fn whole_numbers_that_are_written_unusually_are_read_and_noted() {
        for text in ["1e+09", "1000000000.0", "\"1000000000\""] {
            let read = read(&format!("{{\"e\": {text}}}"));
            assert_eq!(read.values, [("e", 1_000_000_000)], "{text}");
            assert!(read.remarks.unusual_numbers, "{text}");
        }
        assert!(!read(r#"{"e": 7}"#).remarks.unusual_numbers);
    }
}
