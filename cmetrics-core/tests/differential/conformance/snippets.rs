//! Texts that are JSON values, texts that are not, and texts that the RFC leaves to
//! implementations.

#![allow(clippy::needless_raw_string_hashes, reason = "all are written alike")]

/// Whether RFC 8259 allows a text as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    /// It may be refused, because of its size or its characters.
    Implementation,
}

use Verdict::{Implementation, No, Yes};

#[rustfmt::skip]
pub(super) const SNIPPETS: &[(Verdict, &[u8])] = &[
    // Numbers.
    (Yes, b"0"), (Yes, b"-0"), (Yes, b"7"), (Yes, b"-7"), (Yes, b"0.0"), (Yes, b"1.5"),
    (Yes, b"-1.25"), (Yes, b"1e5"), (Yes, b"1E5"), (Yes, b"1e+5"), (Yes, b"1E-05"), (Yes, b"0e0"),
    (Yes, b"1.0e00"), (Yes, b"18446744073709551615"), (Yes, b"18446744073709551616"),
    (Yes, b"-9223372036854775809"), (Yes, b"0.00000000000000000000000000000000000000000001"),
    (Yes, b"123456789012345678901234567890123456789012345678901234567890123456789012345"),
    (Implementation, b"1e400"), (Implementation, b"-1e99999"), (Implementation, b"1e-99999"),
    (No, b"00"), (No, b"01"), (No, b"-01"), (No, b"-"), (No, b"+1"), (No, b"--1"), (No, b"- 1"),
    (No, b"1."), (No, b".1"), (No, b"-.1"), (No, b"1.e1"), (No, b"1e"), (No, b"1e+"), (No, b"0e"),
    (No, b"1e1.5"), (No, b"1.2.3"), (No, b"0x1"), (No, b"1_000"), (No, b"1a"), (No, b"1 2"),
    (No, b"0-1"), (No, b"1+1"), (No, b"NaN"), (No, b"Infinity"), (No, b"-Infinity"), (No, b"1,5"),
    (No, "\u{661}".as_bytes()), (No, "\u{ff11}".as_bytes()), (No, b"1\0"), (No, b"1/2"),
    // Names.
    (Yes, b"null"), (Yes, b"true"), (Yes, b"false"),
    (No, b"nul"), (No, b"nulll"), (No, b"tru"), (No, b"truex"), (No, b"fals"), (No, b"falsee"),
    (No, b"True"), (No, b"NULL"), (No, b"n"), (No, b"t"), (No, b"f"), (No, b"undefined"),
    (No, b"truefalse"), (No, b"true false"), (No, b"null1"), (No, b"x"),
    // Strings.
    (Yes, br#""""#), (Yes, br#""a""#), (Yes, br#"" ""#), (Yes, br#""\"""#), (Yes, br#""\\""#),
    (Yes, br#""\/""#), (Yes, br#""\b\f\n\r\t""#), (Yes, br#""\u0000""#), (Yes, br#""\u001f""#),
    (Yes, br#""\u0022\u005C""#), (Yes, br#""\uD83D\uDE00""#), (Yes, br#""\ud83d\ude00""#),
    (Yes, br#""\\\\""#), (Yes, br#""\\\"""#), (Yes, br#""\\u0041""#), (Yes, br#""\\\\\\\"\\""#),
    (Yes, br#""}""#), (Yes, br#""]""#), (Yes, br#""{[""#), (Yes, br#"":,""#), (Yes, br#""'""#),
    (Yes, br#""//""#), (Yes, br#""/*""#), (Yes, b"\"\x7f\""), (Yes, "\"\u{e9}\"".as_bytes()),
    (Yes, "\"\u{20ac}\u{2028}\u{2029}\"".as_bytes()), (Yes, "\"\u{1f600}\"".as_bytes()),
    (Yes, "\"\u{feff}\"".as_bytes()), (Yes, "\"\u{fffe}\u{10ffff}\"".as_bytes()),
    (Yes, br#""0123456789012345678901234567890123456789012345678901234567890\"""#),
    (Yes, br#""012345678901234567890123456789012345678901234567890123456789012\\""#),
    (Yes, br#""\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\""#),
    (Implementation, br#""\ud83d""#), (Implementation, br#""\ude00""#),
    (Implementation, br#""\ud83dx""#), (Implementation, br#""\ud83d\u0041""#),
    (Implementation, br#""\ude00\ud83d""#), (Implementation, br#""\ud83d\n""#),
    (Implementation, b"\"\xff\""), (Implementation, b"\"\x80\""), (Implementation, b"\"\xc0\x80\""),
    (Implementation, b"\"\xe2\x82\""), (Implementation, b"\"\xed\xa0\x80\""),
    (Implementation, b"\"\xf4\x90\x80\x80\""), (Implementation, b"\"\xf0\x9f\x98\""),
    (No, br#""\x41""#), (No, br#""\a""#), (No, br#""\'""#), (No, br#""\ ""#), (No, br#""\u""#),
    (No, br#""\u004""#), (No, br#""\u004g""#), (No, br#""\u00 41""#), (No, br#""\U0041""#),
    (No, br#""\0""#), (No, br#""\u-041""#), (No, b"\"\\\n\""), (No, b"\"\\\xc3\xa9\""),
    (No, b"\"\n\""), (No, b"\"\r\""), (No, b"\"\t\""), (No, b"\"\0\""), (No, b"\"\x1f\""),
    (No, b"\"a\x01b\""), (No, br#""a"#), (No, br#"""#), (No, br#""\"#), (No, br#""\""#),
    (No, br#""\\\""#), (No, br#"a""#), (No, br#""a" "b""#), (No, br#""a"b"#), (No, br#""a"1"#),
    (No, br#"'a'"#), (No, br#"`a`"#), (No, br#"\"a\""#), (No, br#"a"#), (No, br#""a":1"#),
    (No, "\u{201c}a\u{201d}".as_bytes()),
    // Lists.
    (Yes, b"[]"), (Yes, b"[ ]"), (Yes, b"[1]"), (Yes, b"[1,2]"), (Yes, b"[[]]"), (Yes, b"[{}]"),
    (Yes, b"[null,true,\"x\",{\"a\":[]}]"), (Yes, b"[ 1 , 2 ]"), (Yes, b"[\r\n\t1\n]"),
    (Yes, b"[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]"), (Yes, br#"["]",["["],"}"]"#),
    (No, b"["), (No, b"]"), (No, b"[1"), (No, b"[1,"), (No, b"[1,]"), (No, b"[,]"), (No, b"[,1]"),
    (No, b"[1,,2]"), (No, b"[1 2]"), (No, b"[1;2]"), (No, b"[\"a\" \"b\"]"), (No, b"[\"a\""),
    (No, b"[1:2]"), (No, b"[1}"), (No, b"[}"), (No, b"[[]"), (No, b"[]]"), (No, b"[1]2"),
    (No, b"[true false]"), (No, b"[tru]"), (No, b"[01]"), (No, b"[\"\\x\"]"), (No, b"[\"\t\"]"),
    (No, b"[] []"), (No, b"[*]"), (No, b"[-]"), (No, b"(1)"), (No, b"<1>"),
    // Objects.
    (Yes, b"{}"), (Yes, b"{ }"), (Yes, br#"{"a":1}"#), (Yes, br#"{"a":1,"b":2}"#),
    (Yes, br#"{"a":1,"a":2}"#), (Yes, br#"{"":0}"#), (Yes, br#"{"\u0061":{"}":"{"}}"#),
    (Yes, br#"{ "a" : [ 1 ] , "b" : { } }"#), (Yes, br#"{"a\"}":"\\","\\":{}}"#),
    (Yes, br#"{"total":1,"usage":{"total":2}}"#), (Yes, br#"{"timestamp":"x","cpu":{}}"#),
    (No, b"{"), (No, b"}"), (No, br#"{"a""#), (No, br#"{"a":"#), (No, br#"{"a":1"#),
    (No, br#"{"a":1,"#), (No, br#"{"a":1,}"#), (No, br#"{,"a":1}"#), (No, b"{,}"), (No, b"{1}"),
    (No, br#"{"a"}"#), (No, br#"{"a":}"#), (No, br#"{"a" 1}"#), (No, br#"{"a",1}"#),
    (No, br#"{"a"::1}"#), (No, br#"{"a":1:2}"#), (No, br#"{a:1}"#), (No, br#"{'a':1}"#),
    (No, br#"{1:1}"#), (No, br#"{null:1}"#), (No, br#"{[]:1}"#), (No, br#"{"a":1 "b":2}"#),
    (No, br#"{"a":1,,"b":2}"#), (No, br#"{"a":1;"b":2}"#), (No, br#"{"a":1]"#), (No, b"{]"),
    (No, br#"{"a":1}}"#), (No, br#"{"a":{}"#), (No, br#"{"a":tru}"#), (No, br#"{"a":1}{"b":2}"#),
    (No, br#"{"a":"b":1}"#), (No, br#"{"\x":1}"#), (No, b"{\"a\n\":1}"), (No, br#"{"a":01}"#),
    (No, b"{:1}"), (No, b"{\"a\":1,\"b\"}"),
    // White space, and text that is not white space.
    (Yes, b" 1 "), (Yes, b"\t\r\n[ \t\r\n]\t\r\n"),
    (No, b""), (No, b" "), (No, b"\x0b1"), (No, b"\x0c1"), (No, b"1\x0c"), (No, b"\xc2\xa01"),
    (No, "\u{feff}1".as_bytes()), (No, "\u{2028}1".as_bytes()), (No, b"[1\x0b]"), (No, b"[\0]"),
    (No, b"/* x */1"), (No, b"1// x"), (No, b"# x"), (No, b"\xff"), (No, b"\xe2\x82"), (No, b"\0"),
    (No, b"@"), (No, b":"), (No, b","), (No, b":1"), (No, b",1"), (No, b"1,"), (No, b"*"),
];
