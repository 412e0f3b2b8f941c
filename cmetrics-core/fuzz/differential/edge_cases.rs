//! Edge cases to put into a document.

use super::rng::Rng;

/// Numbers at the limits of a count, and beyond.
#[rustfmt::skip]
pub const NUMBERS: [&str; 34] = [
    "0", "-0", "00", "01", "-1", "+1", "1.0", "0.0", "0.5", "1e3", "1E+2", "1e-2", "1.5e300",
    "1e400", "-1e400", "1.", ".5", "1e", "18446744073709551614", "18446744073709551615",
    "18446744073709551616", "18446744073709551625", "28446744073709551615",
    "99999999999999999999", "10000000000000000000", "9999999999999999999",
    "018446744073709551615", "100000000000000000000", "184467440737095516150",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890", "7",
];

/// Values of every type, and strings with everything that may confuse a scanner.
#[rustfmt::skip]
pub const VALUES: [&str; 30] = [
    "null", "true", "false", "0", "-1.5e-7", "\"\"", "\"1\"", "{}", "[]", "[[],{}]", r#""}""#,
    r#""]""#, r#""{[""#, r#""\"""#, r#""\\""#, r#""\\\"}]\\""#,
    r#""\\\\\\\\\\\\\\\\\\\\\\\\\\\"""#, r#"{"a":"}","b":["]",{"c":"\"{"}]}"#,
    r#"{"total":7,"usage":{"total":8}}"#, r#"[1,[2,[3,[4,{"x":[]}]]]]"#, r#""\ud83d\ude00""#,
    "\"\u{1f600}é\"", r#"" : , ""#, r#"[{"name":"eth7","rx_bytes":3,"tx_bytes":4}]"#,
    r#"{"stats":[],"interfaces":[]}"#, r#"[{"major":8,"minor":0,"stats":{"Read":1,"Write":2}}]"#,
    r#""\u0022\u005c\u007d""#,
    r#""a long text, longer than a block of sixty-four bytes, so that it crosses one }]\"""#,
    r#"{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":[[[[[[[[[[0]]]]]]]]]]}}}}}}}}"#,
    r#""\b\f\n\r\t\/""#,
];

/// Keys that cAdvisor does not have, and keys of its in places where they do not belong.
#[rustfmt::skip]
pub const KEYS: [&str; 20] = [
    "\"x\"", "\"\"", r#""\"""#, r#""}""#, r#""\\""#, "\"total\"", "\"usage\"", "\"cpu\"",
    "\"name\"", "\"stats\"", "\"timestamp\"", "\"interfaces\"", "\"has_cpu\"", "\"id\"",
    "\"rx_bytes\"", "\"tota\"", "\"totals\"", "\"Total\"", r#""\u0000""#, "\"spec\"",
];

/// Every valid form of a timestamp, and some invalid ones.
#[rustfmt::skip]
pub const TIMES: [&str; 32] = [
    "2026-11-21T07:37:46Z", "2026-11-21T07:37:46.1Z", "2026-11-21T07:37:46.41Z",
    "2026-11-21T07:37:46.123Z", "2026-11-21T07:37:46.1234Z", "2026-11-21T07:37:46.12345Z",
    "2026-11-21T07:37:46.123456Z", "2026-11-21T07:37:46.1234567Z",
    "2026-11-21T07:37:46.12345678Z", "2026-11-21T07:37:46.123456789Z",
    "2026-11-21T07:37:46.1234567890Z", "2026-11-21t07:37:46.5z", "2026-11-21T07:37:46.000000001z",
    "2026-11-21T09:37:46.41+02:00", "2026-11-21T01:07:46.123456789-06:30",
    "2026-11-20T23:59:59.999999999+00:00", "2026-11-21T07:37:60Z", "2026-02-29T00:00:00Z",
    "2028-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "0001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000001Z", "2262-04-11T23:47:16.854775807Z",
    "2300-01-01T00:00:00Z", "2026-11-21 07:37:46Z", "2026-11-21T07:37:46.Z",
    "2026-11-21T07:37:46", "2026-11-21T07:37:4:Z", "2026-11-21T07:37:46,5Z", "",
    "2026-11-21T07:37:46.41ZZ",
];

/// The flags that mark a section as absent, and one that is not read.
#[rustfmt::skip]
pub const FLAGS: [&str; 8] = [
    "has_cpu", "has_memory", "has_network", "has_diskio", "has_load", "has_filesystem",
    "has_processes", "has_hugetlb",
];

/// A number of any length that a count may have.
pub fn number(rng: &mut Rng) -> String {
    let digits = rng.below(20);
    (rng.next() % 10_u64.pow(u32::try_from(digits).unwrap_or_default())).to_string()
}

/// Replaces a character of a string by an escape for the same character.
pub fn escaped(string: &str, rng: &mut Rng) -> String {
    let inner = string.trim_matches('"');
    let plain: Vec<_> = inner.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()).collect();
    if inner.contains('\\') || plain.is_empty() {
        return string.to_owned();
    }
    let (at, char) = *rng.pick(&plain);
    let code = char as u32;
    let escape = if rng.one_in(2) { format!("\\u{code:04x}") } else { format!("\\u{code:04X}") };
    let (before, after) = (&inner[..at], &inner[at + 1..]);
    match rng.below(3) {
        0 => format!("\"{}\"", inner.replace('/', "\\/")),
        _ => format!("\"{before}{escape}{after}\""),
    }
}
