//! Reads an object by the keys that are wanted of it. What has the wrong type loses its field, and
//! nothing else.

use super::cursor::{Cursor, SyntaxError};
use super::key_order::KeyOrder;
use super::remarks::Remarks;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Instructions;
    use crate::parse::lanes::Dispatch;

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
    fn what_is_read_does_not_depend_on_what_was_read_before() {
        let dispatch = Dispatch::new(Instructions::Portable).unwrap();
        let new = || Fields::new([("a.b", ()), ("a.c.d", ()), ("e", ())]);
        let read = |fields: &Fields<()>, text: &'static str| {
            let mut counts = Counts::default();
            let cursor = &mut Cursor::without_escapes(text.as_bytes(), dispatch);
            let read = object(fields, "", cursor, &mut counts);
            let faults = counts.remarks.faults.len();
            (read, counts.values, faults, cursor.at())
        };
        let texts = [
            r#"{"a":{"b":1,"c":{"d":2}},"e":3}"#,
            r#"{"e":3,"a":{"c":{"d":2},"b":1}}"#,
            r#"{"x":0,"a":{"y":[1],"b":1,"z":{}},"e":3}"#,
            r#"{"x":0,"a":{"y":[1],"c":{"x":2},"z":{}},"x":1,"e":3,"e":4}"#,
            r#"{"e":3,"e":4,"a":null,"a":{"b":1}}"#,
            r#"{ "a" : {"b":1} , "e":"x"}"#,
            r#"{"ab":1,"e":3,"a":[]}"#,
            r#"{"a":{"b":1}"#,
            r#"{"a":{"b":1}"e":3}"#,
            "{}",
        ];
        for first in texts {
            for second in texts {
                let fields = new();
                let _ = read(&fields, first);
                assert_eq!(read(&fields, second), read(&new(), second), "{first}, then {second}");
                assert_eq!(read(&fields, second), read(&new(), second), "{first}, then {second}");
            }
        }
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
