//! Describes, for error messages, input that is not a dump.

use super::cursor::Cursor;
use super::exposition::begins::is_protobuf;
use super::unread;
use crate::error::{Problem, Shortened};

const PROTOBUF: &str =
    "a Prometheus exposition as protobuf; ask for text, with the header `Accept: text/plain`";

/// What is wrong with a value that is no document.
pub(super) fn unknown(value: &[u8]) -> Problem {
    let looks_like = || Problem::NotADump { looks_like: self::value(value) };
    unread::value(value).unwrap_or_else(looks_like)
}

/// Describes a value that has no samples.
fn value(value: &[u8]) -> String {
    let mut ahead = Cursor::new(value);
    match ahead.peek() {
        Some(b'{') => {
            let keys = keys(ahead.clone());
            let inner = first_value(ahead).map(keys_of_object).unwrap_or_default();
            let known = known_object(&keys).or_else(|| known_object(&inner));
            known.map_or_else(|| listed(&keys), str::to_owned)
        }
        Some(b'[') => "a list of something else".to_owned(),
        Some(b'"') => format!("the text {}", Shortened(&String::from_utf8_lossy(value))),
        _ => format!("the value {}", Shortened(&String::from_utf8_lossy(value))),
    }
}

fn keys_of_object(mut ahead: Cursor<'_>) -> Vec<String> {
    if ahead.peek() == Some(b'{') { keys(ahead) } else { Vec::new() }
}

/// The first keys of the object ahead.
fn keys(mut ahead: Cursor<'_>) -> Vec<String> {
    const ENOUGH: usize = 40;
    let mut found = Vec::new();
    let Ok(mut members) = ahead.enter(b'{') else { return found };
    while let Ok(Some(key)) = ahead.next_key(&mut members) {
        found.push(key.into_owned());
        if found.len() == ENOUGH || ahead.skip().is_err() {
            break;
        }
    }
    found
}

fn first_value(mut ahead: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut members = ahead.enter(b'{').ok()?;
    ahead.next_key(&mut members).ok()??;
    Some(ahead)
}

/// Names an object with these keys, by the keys that identify it.
fn known_object(keys: &[String]) -> Option<&'static str> {
    const KNOWN: [(&[&str], &str); 7] = [
        (&["num_cores"], "cAdvisor's description of the machine (/machine)"),
        (&["event_type"], "cAdvisor's events (/events)"),
        (&["latest_usage"], "cAdvisor's summary (/api/v2.0/summary)"),
        (&["creation_time", "has_cpu"], "cAdvisor's specifications (/api/v2.0/spec)"),
        (&["mountpoint", "capacity"], "cAdvisor's file systems (/api/v2.0/storage)"),
        (&["user", "pid", "cmd"], "cAdvisor's processes (/api/v2.0/ps)"),
        (
            &["CPUPerc", "MemUsage"],
            "the figures of `docker stats`, rounded for people; save what the Engine answers to \
             GET /containers/ID/stats?stream=false instead",
        ),
    ];
    let has = |key: &&str| keys.iter().any(|known| known == key);
    KNOWN.iter().find(|(needed, _)| needed.iter().all(has)).map(|(_, words)| *words)
}

fn listed(keys: &[String]) -> String {
    let first: Vec<_> = keys.iter().take(5).map(|key| Shortened(key).to_string()).collect();
    format!("an object with the keys {}", first.join(", "))
}

/// Describes a text that is not JSON.
pub(super) fn text(text: &[u8]) -> String {
    let start = String::from_utf8_lossy(text.get(..text.len().min(1024)).unwrap_or_default());
    let lower = start.to_ascii_lowercase();
    if text.is_empty() {
        "an empty file".to_owned()
    } else if is_protobuf(text) {
        PROTOBUF.to_owned()
    } else if text.contains(&0) {
        "binary data".to_owned()
    } else if lower.starts_with("<!doctype") || lower.starts_with("<html") {
        "an HTML page".to_owned()
    } else {
        format!("the text {:?}", Shortened(start.lines().next().unwrap_or_default()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::classify::{self, DocumentShape};

    #[test]
    fn other_documents_are_described() {
        for (text, words) in [
            (r#"{"timestamp": "x", "num_cores": 2}"#, "description of the machine"),
            (r#"{"/a": {"timestamp": "x", "latest_usage": {}}}"#, "summary"),
            (r#"{"/a": {"creation_time": "x", "has_cpu": true}}"#, "specifications"),
            (
                r#"{"BlockIO": "0B / 0B", "CPUPerc": "0.07%", "MemUsage": "1.2MiB / 7.6GiB"}"#,
                "/containers/ID/stats",
            ),
            (r#"{"kind": "Pod", "spec": {"containers": []}}"#, "kind, spec"),
            (r#"{"stats": [1, 2]}"#, "stats"),
            (r#""0.60.5""#, "0.60.5"),
        ] {
            assert_eq!(
                classify::classify(Cursor::new(text.as_bytes())),
                DocumentShape::Unknown,
                "{text}"
            );
            let found = value(text.as_bytes());
            assert!(found.contains(words), "{text}: {found}");
        }
        assert!(super::text(b"<!DOCTYPE html>").contains("HTML"));
        assert!(super::text(b"\x10\x0a\x04go_a\x12\x02").contains("Accept: text/plain"));
        assert!(super::text(b"unknown container").contains("unknown container"));
    }
}
