//! Describes, for error messages, input that is not a dump.

use super::cursor::Cursor;
use super::near::Near;
use super::unread;
use crate::error::{Problem, Shortened};

/// What is wrong with a value that is no document.
pub(super) fn unknown(value: &[u8]) -> Problem {
    let near = || near(value).map(Near::problem);
    let looks_like = || Problem::NotADump { looks_like: self::value(value) };
    unread::value(value).or_else(near).unwrap_or_else(looks_like)
}

/// What a value is if it looks near to samples: by the keys of an object, or of one of its first
/// members; of a list by its first one.
fn near(value: &[u8]) -> Option<Near> {
    const FIRST: usize = 8;
    let ahead = object_ahead(Cursor::new(value))?;
    if let Some(near) = Near::of_keys(&keys(ahead.clone())) {
        return Some(near);
    }
    let mut ahead = ahead;
    let mut members = ahead.enter(b'{').ok()?;
    for _ in 0..FIRST {
        ahead.next_key(&mut members).ok()??;
        let inner = object_ahead(ahead.clone()).map(keys);
        if let Some(near) = inner.and_then(|keys| Near::of_keys(&keys)) {
            return Some(near);
        }
        ahead.skip().ok()?;
    }
    None
}

/// The object ahead, or the first one of the list ahead.
fn object_ahead(mut ahead: Cursor<'_>) -> Option<Cursor<'_>> {
    if ahead.peek() == Some(b'[') {
        let mut members = ahead.enter(b'[').ok()?;
        ahead.next_member(&mut members).ok()?;
    }
    (ahead.peek() == Some(b'{')).then_some(ahead)
}

/// Describes a value that has no samples.
fn value(value: &[u8]) -> String {
    let mut ahead = Cursor::new(value);
    match ahead.peek() {
        Some(b'{') => listed(&keys(ahead)),
        Some(b'[') => "a list of something else".to_owned(),
        Some(b'"') => format!("the text {}", Shortened(&String::from_utf8_lossy(value))),
        _ => format!("the value {}", Shortened(&String::from_utf8_lossy(value))),
    }
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

fn listed(keys: &[String]) -> String {
    let first: Vec<_> = keys.iter().take(5).map(|key| Shortened(key).to_string()).collect();
    format!("an object with the keys {}", first.join(", "))
}

/// What is wrong with a text that is neither JSON nor an exposition.
pub(super) fn not_json(text: &[u8]) -> Problem {
    let start = String::from_utf8_lossy(text.get(..text.len().min(1024)).unwrap_or_default());
    let near = Near::of_line(start.lines().next().unwrap_or_default());
    let looks_like = || Problem::NotADump { looks_like: self::text(text, &start) };
    near.map_or_else(looks_like, Near::problem)
}

/// Describes a text, by its start.
fn text(text: &[u8], start: &str) -> String {
    let lower = start.to_ascii_lowercase();
    if text.is_empty() {
        "an empty file".to_owned()
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
    fn what_looks_near_is_named_with_what_to_ask_for_instead() {
        let pod = r#"{"metadata": {"name": "web"}, "timestamp": "x", "window": "30s""#;
        let list = format!(r#"{{"kind": "PodMetricsList", "items": [{pod}, "containers": []}}]}}"#);
        for (text, what, instead) in [
            (r#"{"timestamp": "x", "num_cores": 2}"#, "of the machine", "/api/v1.3/containers/"),
            (
                r#"{"/a": {"timestamp": "x", "latest_usage": {}}}"#,
                "v2.0/summary",
                "/api/v2.1/stats/",
            ),
            (
                r#"{"/a": {"creation_time": "x", "has_cpu": true}}"#,
                "v2.0/spec",
                "/api/v1.3/docker/",
            ),
            (r#"[{"timestamp": "x", "event_type": "oom"}]"#, "events", "/api/v1.3/docker/"),
            (r#"[{"mountpoint": "/", "capacity": 1}]"#, "v2.0/storage", "/api/v1.3/docker/"),
            (r#"[{"user": "root", "pid": 1, "cmd": "sh"}]"#, "v2.0/ps", "/api/v1.3/docker/"),
            (
                r#"{"BlockIO": "0B / 0B", "CPUPerc": "0.07%", "MemUsage": "1.2MiB / 7.6GiB"}"#,
                "docker stats",
                "/containers/ID/stats",
            ),
            (
                r#"[{"cpu_percent": "1%", "mem_usage": "1MB / 2MB"}]"#,
                "podman stats",
                "/containers/",
            ),
            (
                r#"{"stats": [{"attributes": {"id": "x"}, "cpu": {}, "writableLayer": null}]}"#,
                "`crictl stats`",
                "/proxy/stats/summary",
            ),
            (
                r#"{"stats": [{"attributes": {"id": "x"}, "linux": {}}]}"#,
                "`crictl statsp`",
                "/proxy/stats/summary",
            ),
            (r#"[{"State": {}, "HostConfig": {}}]"#, "docker inspect", "/containers/ID/stats"),
            (&list, "kubectl top", "/proxy/stats/summary"),
            (
                r#"{"status": "success", "data": {"resultType": "matrix", "result": []}}"#,
                "query API",
                "/federate",
            ),
        ] {
            let shape = classify::classify(Cursor::new(text.as_bytes()));
            assert!(matches!(shape, DocumentShape::Unknown | DocumentShape::List), "{text}");
            let found = unknown(text.as_bytes()).to_string();
            assert!(found.contains(what) && found.contains(instead), "{text}: {found}");
        }
        let docker = "\x1b[2J\x1b[HCONTAINER ID   NAME   CPU %   MEM USAGE / LIMIT   MEM %\n1 a";
        for (text, what, instead) in [
            (docker, "docker stats", "/containers/ID/stats"),
            ("CONTAINER   NAME   CPU %   MEM   DISK   INODES\n", "crictl stats", "/proxy/"),
            ("NAME   CPU(cores)   MEMORY(bytes)\n", "kubectl top", "/proxy/stats/summary"),
        ] {
            let found = not_json(text.as_bytes()).to_string();
            assert!(found.contains(what) && found.contains(instead), "{text:?}: {found}");
        }
    }

    #[test]
    fn other_documents_are_described() {
        for (text, words) in [
            (r#"{"kind": "Pod", "spec": {"containers": []}}"#, "kind, spec"),
            (r#"{"stats": [1, 2]}"#, "stats"),
            (r#"[[{"num_cores": 2}]]"#, "a list of something else"),
            (r#""0.60.5""#, "0.60.5"),
        ] {
            let shape = classify::classify(Cursor::new(text.as_bytes()));
            assert!(matches!(shape, DocumentShape::Unknown | DocumentShape::List), "{text}");
            let found = unknown(text.as_bytes()).to_string();
            assert!(found.contains(words), "{text}: {found}");
        }
        for (text, words) in [
            (&b"<!DOCTYPE html>"[..], "HTML"),
            (b"", "an empty file"),
            (b"a\0", "binary data"),
            (b"unknown container", "unknown container"),
        ] {
            let found = not_json(text).to_string();
            assert!(found.contains(words), "{found}");
        }
    }
}
