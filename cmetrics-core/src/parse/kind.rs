//! What a JSON value is, told by its keys: one of cAdvisor's documents, or something else.

use super::cursor::{Cursor, Damage, text_of};
use crate::error::Shortened;

/// What a value is, as far as its first keys tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// v1 `containers`: one container.
    Container,
    /// v1 `docker`, v2.0 `stats`, v2.1 `stats`: a map by cgroup path.
    Containers,
    /// `{}`: a map without containers.
    NoContainers,
    /// v2 `machinestats`: a list of samples.
    MachineSamples,
    /// v1 `subcontainers`, or a list of documents.
    List,
    EmptyList,
    Null,
    Foreign,
}

impl Shape {
    /// Whether it is a document with samples, or such a document where nothing runs.
    pub(super) fn holds_samples(self) -> bool {
        matches!(
            self,
            Self::Container | Self::Containers | Self::NoContainers | Self::MachineSamples
        )
    }
}

/// What the value that lies ahead is. Where its text is damaged before that is clear, it is
/// foreign: reading it finds the damage.
pub(super) fn of(mut ahead: Cursor<'_>) -> Shape {
    match ahead.peek() {
        Some(b'{') => object(ahead).unwrap_or(Shape::Foreign),
        Some(b'[') => list(ahead).unwrap_or(Shape::Foreign),
        Some(b'n') if ahead.skip().is_ok() => Shape::Null,
        _ => Shape::Foreign,
    }
}

fn list(mut ahead: Cursor<'_>) -> Result<Shape, Damage> {
    let mut members = ahead.enter(b'[')?;
    while ahead.member(&mut members)? {
        match ahead.peek() {
            Some(b'n') => drop(ahead.skip()?),
            Some(b'{') if is_sample(ahead.clone())? => return Ok(Shape::MachineSamples),
            Some(b'{' | b'[') => return Ok(Shape::List),
            _ => return Ok(Shape::Foreign),
        }
    }
    Ok(Shape::EmptyList)
}

fn object(mut ahead: Cursor<'_>) -> Result<Shape, Damage> {
    let (mut any, mut foreign, mut hint) = (false, false, None);
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.key(&mut members)? {
        any = true;
        match sign(&key, &mut ahead) {
            Sign::Decides(shape) => return Ok(shape),
            Sign::Hints(shape) => hint = hint.or(Some(shape)),
            Sign::Neutral => {}
            Sign::Against => foreign = true,
        }
        ahead.skip()?;
    }
    Ok(match hint {
        _ if !any => Shape::NoContainers,
        Some(shape) if !foreign => shape,
        _ => Shape::Foreign,
    })
}

/// What a member of an object says of the object.
enum Sign {
    Decides(Shape),
    /// Unless another member speaks against it.
    Hints(Shape),
    Neutral,
    Against,
}

fn sign(key: &str, value: &mut Cursor<'_>) -> Sign {
    let is_path = key.starts_with('/');
    match (key, value.peek()) {
        ("stats", Some(b'[' | b'n')) if is_stats(value.clone()) => Sign::Decides(Shape::Container),
        ("spec", Some(b'{')) if is_spec(value.clone()) => Sign::Decides(Shape::Container),
        ("name", Some(b'"')) => match value.clone().skip().ok().and_then(text_of) {
            Some(name) if name.starts_with('/') => Sign::Hints(Shape::Container),
            _ => Sign::Neutral,
        },
        ("id" | "namespace", Some(b'"'))
        | ("aliases" | "subcontainers", Some(b'['))
        | ("spec", Some(b'{')) => Sign::Neutral,
        (_, Some(b'{')) if is_container(value.clone()).unwrap_or(is_path) => {
            Sign::Decides(Shape::Containers)
        }
        (_, Some(b'[')) if is_path => match list(value.clone()) {
            Ok(Shape::MachineSamples) | Err(_) => Sign::Decides(Shape::Containers),
            Ok(Shape::EmptyList) => Sign::Hints(Shape::Containers),
            Ok(_) => Sign::Against,
        },
        (_, Some(b'n')) if is_path => Sign::Hints(Shape::Containers),
        (_, Some(b'n')) => Sign::Neutral,
        _ => Sign::Against,
    }
}

fn is_container(mut ahead: Cursor<'_>) -> Result<bool, Damage> {
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.key(&mut members)? {
        match (&*key, ahead.peek()) {
            ("stats", _) if is_stats(ahead.clone()) => return Ok(true),
            ("spec", Some(b'{')) if is_spec(ahead.clone()) => return Ok(true),
            _ => drop(ahead.skip()?),
        }
    }
    Ok(false)
}

/// A list of objects, an empty one or `null`.
fn is_stats(mut ahead: Cursor<'_>) -> bool {
    ahead.peek() == Some(b'n') || !matches!(list(ahead), Ok(Shape::Foreign))
}

fn is_spec(mut ahead: Cursor<'_>) -> bool {
    let Ok(mut members) = ahead.enter(b'{') else { return false };
    while let Ok(Some(key)) = ahead.key(&mut members) {
        if key == "creation_time" || key.starts_with("has_") {
            return true;
        }
        if ahead.skip().is_err() {
            return false;
        }
    }
    false
}

const KEYS_OF_SAMPLES: [&str; 18] = [
    "cpu",
    "cpu_inst",
    "memory",
    "network",
    "diskio",
    "filesystem",
    "task_stats",
    "load_stats",
    "processes",
    "hugetlb",
    "accelerators",
    "perf_stats",
    "perf_uncore_stats",
    "referenced_memory",
    "resctrl",
    "cpuset",
    "oom_events",
    "health",
];

/// A timestamp and something that only samples have, or either of them alone.
fn is_sample(mut ahead: Cursor<'_>) -> Result<bool, Damage> {
    let (mut timestamp, mut known, mut others) = (false, false, false);
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.key(&mut members)? {
        match &*key {
            "timestamp" => timestamp = true,
            key if key.starts_with("has_") || KEYS_OF_SAMPLES.contains(&key) => known = true,
            _ => others = true,
        }
        if timestamp && known {
            return Ok(true);
        }
        ahead.skip()?;
    }
    Ok((timestamp || known) && !others)
}

/// Words for what a value that holds no samples looks like.
pub(super) fn looks_like(value: &[u8]) -> String {
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

/// The first keys of the object that lies ahead.
fn keys(mut ahead: Cursor<'_>) -> Vec<String> {
    const ENOUGH: usize = 40;
    let mut found = Vec::new();
    let Ok(mut members) = ahead.enter(b'{') else { return found };
    while let Ok(Some(key)) = ahead.key(&mut members) {
        found.push(key.into_owned());
        if found.len() == ENOUGH || ahead.skip().is_err() {
            break;
        }
    }
    found
}

fn first_value(mut ahead: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut members = ahead.enter(b'{').ok()?;
    ahead.key(&mut members).ok()??;
    Some(ahead)
}

/// What has these keys, by the keys that give it away.
fn known_object(keys: &[String]) -> Option<&'static str> {
    const KNOWN: [(&[&str], &str); 9] = [
        (&["num_cores"], "cAdvisor's description of the machine (/machine)"),
        (&["event_type"], "cAdvisor's events (/events)"),
        (&["latest_usage"], "cAdvisor's summary (/api/v2.0/summary)"),
        (&["creation_time", "has_cpu"], "cAdvisor's specifications (/api/v2.0/spec)"),
        (&["mountpoint", "capacity"], "cAdvisor's file systems (/api/v2.0/storage)"),
        (&["user", "pid", "cmd"], "cAdvisor's processes (/api/v2.0/ps)"),
        (&["timestamp", "cpu"], "a single sample, without its container"),
        (&["node", "pods"], "the kubelet's summary (/stats/summary)"),
        (&["read", "cpu_stats"], "the statistics of the Docker engine"),
    ];
    let has = |key: &&str| keys.iter().any(|known| known == key);
    KNOWN.iter().find(|(needed, _)| needed.iter().all(has)).map(|(_, words)| *words)
}

fn listed(keys: &[String]) -> String {
    let first: Vec<_> = keys.iter().take(5).map(|key| Shortened(key).to_string()).collect();
    format!("an object with the keys {}", first.join(", "))
}

/// Words for what a text that is no JSON looks like.
pub(super) fn text_looks_like(text: &[u8]) -> String {
    let start = String::from_utf8_lossy(text.get(..text.len().min(1024)).unwrap_or_default());
    let lower = start.to_ascii_lowercase();
    if text.is_empty() {
        "an empty file".to_owned()
    } else if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
        "UTF-16 text; save it as UTF-8".to_owned()
    } else if text.contains(&0) {
        "binary data".to_owned()
    } else if lower.starts_with("<!doctype") || lower.starts_with("<html") {
        "an HTML page".to_owned()
    } else if start.starts_with("# HELP") || start.starts_with("# TYPE") {
        "a Prometheus exposition (/metrics)".to_owned()
    } else {
        format!("the text {:?}", Shortened(start.lines().next().unwrap_or_default()).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Shape {
        of(Cursor::new(text.as_bytes()))
    }

    #[test]
    fn each_document_is_told_by_its_content() {
        let container =
            r#"{"name": "/a", "aliases": ["b"], "spec": {"has_cpu": true}, "stats": []}"#;
        assert_eq!(shape(container), Shape::Container);
        assert_eq!(shape(r#"{"stats": [{"timestamp": "x"}], "name": "/a"}"#), Shape::Container);
        assert_eq!(shape(r#"{"name": "/", "subcontainers": [{"name": "/a"}]}"#), Shape::Container);
        assert_eq!(shape(&format!(r#"{{"/a": {container}}}"#)), Shape::Containers);
        assert_eq!(shape(&format!(r#"{{"docker": {container}}}"#)), Shape::Containers);
        assert_eq!(shape(r#"{"/a": {"spec": {"has_cpu": true}}}"#), Shape::Containers);
        assert_eq!(shape(r#"{"/a": {"spec": {}, "stats": null}}"#), Shape::Containers);
        assert_eq!(shape(r#"{"/": [{"timestamp": "x", "has_cpu": true}]}"#), Shape::Containers);
        assert_eq!(shape(r#"{"/": [{"has_cpu": true, "timestamp": "x"}]}"#), Shape::Containers);
        assert_eq!(shape(r#"{"/a": [], "/b": null}"#), Shape::Containers);
        assert_eq!(shape("{}"), Shape::NoContainers);
        assert_eq!(shape(r#"[{"timestamp": "x", "cpu": {}}]"#), Shape::MachineSamples);
        assert_eq!(shape(r#"[{"timestamp": "x", "task_stats": {}}]"#), Shape::MachineSamples);
        assert_eq!(shape(&format!("[{container}]")), Shape::List);
        assert_eq!(shape("[]"), Shape::EmptyList);
        assert_eq!(shape("null"), Shape::Null);
    }

    #[test]
    fn other_documents_are_told_apart_and_named() {
        for (text, words) in [
            (r#"{"timestamp": "x", "num_cores": 2}"#, "description of the machine"),
            (r#"{"/a": {"timestamp": "x", "latest_usage": {}}}"#, "summary"),
            (r#"{"/a": {"creation_time": "x", "has_cpu": true}}"#, "specifications"),
            (r#"{"node": {"cpu": {}}, "pods": []}"#, "kubelet"),
            (r#"{"read": "x", "cpu_stats": {}, "name": "/a", "id": "b"}"#, "Docker engine"),
            (r#"{"timestamp": "x", "cpu": {}}"#, "single sample"),
            (r#"{"kind": "Pod", "spec": {"containers": []}}"#, "kind, spec"),
            (r#"{"stats": [1, 2]}"#, "stats"),
            (r#""0.60.5""#, "0.60.5"),
        ] {
            assert_eq!(shape(text), Shape::Foreign, "{text}");
            let found = looks_like(text.as_bytes());
            assert!(found.contains(words), "{text}: {found}");
        }
        assert!(text_looks_like(b"<!DOCTYPE html>").contains("HTML"));
        assert!(text_looks_like(b"# HELP x y").contains("Prometheus"));
        assert!(text_looks_like(b"unknown container").contains("unknown container"));
    }
}
