//! Names input that holds samples, or may hold some, in a form that is not read, and says what to
//! do about it.

use super::classify;
use super::exposition::begins::is_protobuf;
use crate::error::Problem;

/// How much of an input shows what it is.
pub(super) const ENOUGH: usize = 512;

const UNPACK: &str = "unpack it, and pass the folder";

/// The first bytes of archives and packings.
const MAGIC: [(&[u8], &str, &str); 10] = [
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", UNPACK),
    (b"\xfd7zXZ\0", "xz data", "unpack it, for instance with xz -d"),
    (b"BZh", "bzip2 data", "unpack it, for instance with bunzip2"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"Rar!\x1a\x07", "a rar archive", UNPACK),
    (b"\x04\x22\x4d\x18", "lz4 data", "unpack it, for instance with lz4 -d"),
    (b"\x1f\x9d", "compress data", "unpack it, for instance with uncompress"),
    (b"\x89PNG", "a picture", "pass the data it was made of"),
    (b"SQLite format 3\0", "an SQLite database", "export its rows as JSON, one a line"),
];

/// Where a tar archive says that it is one.
const TAR: (usize, &[u8]) = (257, b"ustar");

/// What an input that begins like this is, if it is packed in a way that is not unpacked here.
pub(super) fn packed(start: &[u8]) -> Option<Problem> {
    let (at, tar) = TAR;
    if start.get(at..).is_some_and(|text| text.starts_with(tar)) {
        return Some(Problem::Unread { what: "a tar archive", advice: UNPACK });
    }
    // Its length may be a byte that begins JSON, or a blank.
    if matches!(start, [b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n', ..]) && is_protobuf(start) {
        return Some(protobuf());
    }
    let known = MAGIC.iter().find(|(magic, ..)| start.starts_with(magic));
    // `BZh` may begin a text, too; its block size is a digit.
    let known = known
        .filter(|(magic, ..)| *magic != b"BZh" || start.get(3).is_some_and(u8::is_ascii_digit));
    known.map(|(_, what, advice)| Problem::Unread { what, advice }).or_else(|| exported(start))
}

/// What the collector's `file` exporter writes where it does not write lines of JSON: messages, each
/// behind its length.
fn exported(start: &[u8]) -> Option<Problem> {
    const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";
    const LENGTH: usize = 4;
    // The length begins with its highest byte, which is 0 below 16 MiB.
    let message = start.get(LENGTH..).filter(|_| start.first() == Some(&0)).unwrap_or(start);
    let is_packed = message.len() < start.len() && message.starts_with(ZSTD);
    let (what, advice) = if is_packed {
        (
            "OTLP that was packed message by message (`compression: zstd` of the file exporter)",
            "write it without `compression`, and pack the file if need be",
        )
    } else if is_otlp(message) {
        ("OTLP as protobuf", "write it as JSON: `format: json` of the file exporter")
    } else {
        return None;
    };
    Some(Problem::Unread { what, advice })
}

/// Whether a message of OTLP begins here: in it the data of a resource, in these the resource, and
/// in it the key of an attribute.
fn is_otlp(message: &[u8]) -> bool {
    const FIRST_FIELD: u8 = 0x0a;
    const SECOND_FIELD: u8 = 0x12;
    const LEVELS: usize = 4;
    let mut rest = message;
    let mut length = 0;
    for _ in 0..LEVELS {
        let Some(inner) = rest.strip_prefix(&[FIRST_FIELD]) else { return false };
        let Some(end) = inner.iter().take(5).position(|byte| *byte < 0x80) else { return false };
        length = inner.get(end).map_or(0, |byte| usize::from(*byte));
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    let key = rest.get(..length).unwrap_or_default();
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !key.is_empty() && key.iter().all(is_key) && rest.get(length) == Some(&SECOND_FIELD)
}

/// What a text that is not JSON is, if it is or was a dump.
pub(super) fn text(text: &[u8]) -> Option<Problem> {
    if is_protobuf(text) {
        return Some(protobuf());
    }
    let bare = text.trim_ascii_start();
    let inner = bare.strip_prefix(b"[").unwrap_or(bare).trim_ascii_start();
    if inner.starts_with(b"{'") || inner.starts_with(b"{b'") {
        let advice = "write it with json.dumps, or save the response's text";
        return Some(Problem::Unread { what: "a Python dict as it is printed", advice });
    }
    let first = bare.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let lower = first.to_ascii_lowercase();
    if is_chunk_size(first) || lower.starts_with(b"transfer-encoding: chunked") {
        let advice = "save it decoded, for instance with curl without --raw";
        return Some(Problem::Unread { what: "an HTTP body in chunks", advice });
    }
    None
}

fn protobuf() -> Problem {
    let advice = "ask for text, with the header `Accept: text/plain`";
    Problem::Unread { what: "a Prometheus exposition as protobuf", advice }
}

/// Whether a line is the size of a chunk of an HTTP body, in hexadecimal digits.
pub(super) fn is_chunk_size(line: &[u8]) -> bool {
    let size = line.strip_suffix(b"\r").unwrap_or_default();
    (1..=8).contains(&size.len()) && size.iter().all(u8::is_ascii_hexdigit)
}

/// What a JSON value that is no document is, if it has samples.
pub(super) fn value(value: &[u8]) -> Option<Problem> {
    let what = if classify::is_sample_text(value) {
        "a sample without its container"
    } else if classify::is_list_of_samples(value) {
        "a list of samples without their container"
    } else {
        return None;
    };
    let advice = "whose they are is not known; pass the whole reply, or keep its names, for \
                  instance with jq 'map_values(.stats)'";
    Some(Problem::Unread { what, advice })
}

/// Whether a damaged text may be a dump, by words that dumps contain.
pub(super) fn may_be_a_dump(text: &[u8]) -> bool {
    const LOOKED_AT: usize = 1 << 16;
    const WORDS: [&[u8]; 10] = [
        b"stats\"",
        b"\"timestamp\"",
        b"\"has_cpu\"",
        b"\"aliases\"",
        b"\"namespace\"",
        b"\"/docker",
        b"\"/kubepods",
        b".slice",
        b"resourceMetrics",
        b"container_cpu",
    ];
    let start = text.get(..text.len().min(LOOKED_AT)).unwrap_or_default();
    WORDS.iter().any(|word| memchr::memmem::find(start, word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(problem: Option<Problem>) -> String {
        problem.map_or_else(|| "none".to_owned(), |problem| problem.to_string())
    }

    #[test]
    fn what_is_not_read_is_named_with_what_to_do() {
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (start, word) in [
            (&tar[..], "a tar archive"),
            (b"PK\x03\x04rest", "a zip archive"),
            (b"\xfd7zXZ\0", "xz -d"),
            (b"BZh91AY", "bunzip2"),
            (b"BZhang was here", "none"),
            (b"\0\0\x01\x20\x28\xb5\x2f\xfd", "without `compression`"),
            (b"\0\0\0\x2a\x0a\x28\x0a\x11\x0a\x0f\x0a\x04a.id\x12\x02", "`format: json`"),
            (b"\x0a\xa8\x01\x0a\x11\x0a\x0f\x0a\x04a.id\x12\x02", "`format: json`"),
            (b"\x0a\x28\x0a\x11\x0a\x0f\x0a\x04a.id\x22\x02", "none"),
            (b"\n\n\n\n\n\n\n\n{}", "none"),
            (b"\0", "none"),
            (b"{\"/a\": 1}", "none"),
            (b"", "none"),
        ] {
            assert!(words(packed(start)).contains(word), "{start:?}");
        }
        for (start, word) in [
            ("{'/docker/a': {'id'", "json.dumps"),
            ("[{'timestamp': 1}]", "json.dumps"),
            ("1f4a\r\n{\"/a\":", "chunks"),
            ("Transfer-Encoding: chunked\r\n", "chunks"),
            ("1f4a\n", "none"),
            ("\x10\n\x04go_a\x12\x02", "Accept: text/plain"),
            ("saved now", "none"),
        ] {
            assert!(words(text(start.as_bytes())).contains(word), "{start}");
        }
        for (json, word) in [
            (r#"{"timestamp": "x", "cpu": {}}"#, "a sample without"),
            (r#"[{"timestamp": "x", "task_stats": {}}]"#, "a list of samples without"),
            (r#"{"kind": "Pod"}"#, "none"),
        ] {
            assert!(words(value(json.as_bytes())).contains(word), "{json}");
        }
    }
}
