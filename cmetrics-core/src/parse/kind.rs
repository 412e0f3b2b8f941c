//! What a JSON value is, told by its keys: one of cAdvisor's documents, or something else.

use super::cursor::{Cursor, Damage, text_of};

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
        (_, Some(b'{')) if is_container(value.clone(), is_path).unwrap_or(is_path) => {
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

/// Whether a member of an object is a container. Of one with a cgroup's path any `spec` is enough.
fn is_container(mut ahead: Cursor<'_>, is_path: bool) -> Result<bool, Damage> {
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.key(&mut members)? {
        match (&*key, ahead.peek()) {
            ("stats", _) if is_stats(ahead.clone()) => return Ok(true),
            ("spec", Some(b'{')) if is_path || is_spec(ahead.clone()) => return Ok(true),
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
        if matches!(&*key, "creation_time" | "start_time") || key.starts_with("has_") {
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

/// Whether a text is a sample, rather than a document with samples.
pub(super) fn is_a_sample(text: &[u8]) -> bool {
    let mut ahead = Cursor::new(text);
    ahead.peek() == Some(b'{') && is_sample(ahead).unwrap_or(false)
}

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
        // Documents that tell nothing but when a container was started, or its CPUs.
        let started = r#"{"spec": {"start_time": "2026-11-21T12:00:00Z"}}"#;
        assert_eq!(shape(started), Shape::Container);
        assert_eq!(shape(&format!(r#"{{"docker": {started}}}"#)), Shape::Containers);
        assert_eq!(shape(r#"{"/a": {"spec": {"cpu": {"mask": "0"}}}}"#), Shape::Containers);
        assert_eq!(shape(r#"{"a": {"spec": {"cpu": {"mask": "0"}}}}"#), Shape::Foreign);
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
}
