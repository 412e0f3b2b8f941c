use proptest::prelude::*;

use super::*;
use crate::parse::Instructions;
use crate::parse::lanes::Dispatch;

#[derive(Default)]
struct Counts {
    values: Vec<(&'static str, u64)>,
    texts: Vec<Vec<u8>>,
    begun: Vec<&'static str>,
    plain: usize,
    remarks: Remarks,
}

/// The path of a count, or a text.
#[derive(Clone, Copy)]
enum Leaf {
    Count(&'static str),
    Text,
}

impl<'t> Leaves<'t> for Counts {
    type Leaf = Leaf;

    fn plain(&mut self, leaf: Leaf, value: Plain<'t>, _: usize) -> bool {
        match (leaf, value) {
            (Leaf::Count(path), Plain::Count(count)) => self.values.push((path, count)),
            (Leaf::Text, Plain::Text(text)) => self.texts.push(text.to_vec()),
            _ => return false,
        }
        self.plain += 1;
        true
    }

    fn leaf(
        &mut self,
        leaf: Leaf,
        path: &'static str,
        cursor: &mut Cursor<'t>,
    ) -> Result<(), SyntaxError> {
        match leaf {
            Leaf::Count(_) => {
                let value = self.remarks.count(path, cursor)?;
                self.values.extend(value.map(|value| (path, value)));
            }
            Leaf::Text => {
                let text = self.remarks.text(path, cursor)?;
                self.texts.extend(text.map(|text| text.as_bytes().to_vec()));
            }
        }
        Ok(())
    }

    fn begin(&mut self, path: &'static str) {
        self.begun.push(path);
    }

    fn remarks(&mut self) -> &mut Remarks {
        &mut self.remarks
    }
}

fn fields() -> Fields<Leaf> {
    let counts = ["a.b", "a.c.d", "e"].map(|path| (path, Leaf::Count(path)));
    Fields::new(counts.into_iter().chain([("a.t", Leaf::Text), ("t", Leaf::Text)]))
}

fn read(text: &str) -> Counts {
    let mut counts = Counts::default();
    object(&fields(), "", &mut Cursor::new(text.as_bytes()), &mut counts).unwrap();
    counts
}

/// All that is found in a text, and how much of it was plain.
fn found(
    fields: &Fields<Leaf>,
    mut cursor: Cursor<'_>,
) -> (impl PartialEq + std::fmt::Debug + use<>, usize) {
    let mut counts = Counts::default();
    let read = object(fields, "", &mut cursor, &mut counts);
    let Counts { values, texts, begun, plain, remarks } = counts;
    let faults: Vec<_> = remarks.faults.iter().map(|fault| fault.problem.to_string()).collect();
    let end = read.map(|()| cursor.at()).map_err(|_| ());
    // What was found before an error, which ends reading, may differ.
    let all = end.is_ok().then_some((values, texts, begun, faults, remarks.unusual_numbers));
    ((end, all), plain)
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

/// Reads the second text after the first one, with room behind it for blocks, and compares that with
/// what the reader that checks every value finds. Returns how much was plain.
fn assert_same_after(first: &str, second: &str) -> usize {
    let mut least = usize::MAX;
    for dispatch in Instructions::available().into_iter().filter_map(Dispatch::new) {
        for room in [0, 200] {
            let [first, second] = [first, second].map(|text| text.to_owned() + &" ".repeat(room));
            let fields = fields();
            let new = |text| Cursor::without_escapes(text, dispatch);
            let _ = found(&fields, new(first.as_bytes()));
            let (strictly, _) = found(&self::fields(), Cursor::new(second.as_bytes()));
            for _ in 0..2 {
                let (found, plain) = found(&fields, new(second.as_bytes()));
                assert!(found == strictly, "{first}, then {second}: {found:?}, not {strictly:?}");
                least = if room > 0 { least.min(plain) } else { least };
            }
        }
    }
    least
}

#[test]
fn what_is_read_does_not_depend_on_what_was_read_before() {
    let long = format!(r#"{{"t":"{}","e":3}}"#, "long ".repeat(40));
    let texts = [
        r#"{"a":{"b":1,"c":{"d":2}},"e":3}"#,
        r#"{"e":3,"a":{"c":{"d":2},"b":1}}"#,
        r#"{"x":0,"a":{"y":[1],"b":1,"z":{}},"e":3}"#,
        r#"{"x":0,"a":{"y":[1],"c":{"x":2},"z":{}},"x":1,"e":3,"e":4}"#,
        r#"{"e":3,"e":4,"a":null,"a":{"b":1}}"#,
        r#"{ "a" : {"b":1} , "e":"x"}"#,
        "{\n  \"a\": {\n    \"b\": 1,\n    \"t\": \"x\"\n  },\n  \"e\": 3\n}",
        r#"{"x":1.5,"a":{"b":1.5,"t":"x"},"y":true,"z":false,"e":30000000000000000000}"#,
        r#"{"x":0.05,"a":{"b":01},"e":3}"#,
        r#"{"ab":1,"e":3,"a":[],"t":5}"#,
        r#"{"a":{"b":1}"#,
        r#"{"a":{"b":1}"e":3}"#,
        r#"{"a":{"b":1},}"#,
        "{}",
        &long,
    ];
    for first in texts {
        for second in texts {
            assert_same_after(first, second);
        }
    }
}

#[test]
fn values_that_come_in_the_order_of_last_time_are_read_in_one_run() {
    let text = r#"{"x":1,"a":{"b":1,"y":0.5,"t":"x","c":{"d":2}},"z":true,"e":3,"t":"y"}"#;
    assert_eq!(assert_same_after(text, text), 5);
    let pretty = text.replace(':', ": ").replace(',', ",\n    ");
    assert_eq!(assert_same_after(&pretty, &pretty), 5);
    assert_eq!(assert_same_after(text, &pretty), 5);
}

proptest! {
    #[test]
    fn any_members_in_any_order_are_read_as_the_reader_that_checks_every_value_reads_them(
        first in members(), second in members(),
    ) {
        assert_same_after(&first, &second);
    }
}

/// An object with some of the keys that are read, and others, with values of any kind.
fn members() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(&["a", "b", "c", "d", "e", "t", "x", "a long key"][..]);
    let leaf = prop::sample::select(
        &["0", "7", "1234567890123456789", "18446744073709551616", "1.5", "0.05", "-1", "1e3"][..],
    );
    let word = prop::sample::select(
        &["\"\"", "\"eth0\"", "\"}\"", "true", "false", "null", "[]", "[1,{}]", "{}"][..],
    );
    let blank = || prop::sample::select(&["", "", "", " ", "\n  "][..]);
    let value = prop_oneof![leaf, word].prop_map(str::to_owned);
    value.prop_recursive(3, 24, 6, move |value| {
        let member = (blank(), keys.clone(), blank(), value, blank());
        let member = member.prop_map(|(before, key, between, value, after)| {
            format!("{before}\"{key}\":{between}{value}{after}")
        });
        let members = prop::collection::vec(member, 0..6);
        members.prop_map(|members| format!("{{{}}}", members.join(",")))
    })
}

#[test]
fn a_value_of_the_wrong_type_loses_its_field_alone() {
    let read = read(r#"{"a": {"b": "None", "c": []}, "e": 1}"#);
    assert_eq!(read.values, [("e", 1)]);
    let words: Vec<_> = read.remarks.faults.iter().map(|fault| fault.problem.to_string()).collect();
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
