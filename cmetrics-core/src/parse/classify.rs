//! Classifies a JSON value by its keys: as one of cAdvisor's documents, as one of another door, or as
//! something else.

use super::cursor::{Cursor, SyntaxError, unquote};
use super::doors::DoorShape;

/// The outer form of a value, as far as its first keys show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DocumentShape {
    /// v1 `containers`: one container.
    Container,
    /// v1 `docker`, v2.0 `stats`, v2.1 `stats`: a map by cgroup path.
    ContainerMap,
    /// `{}`: a map without containers.
    EmptyMap,
    /// v2 `machinestats`: a list of samples.
    MachineSamples,
    /// A document of another door.
    Of(DoorShape),
    /// A list of samples that are not the machine's: the `stats` of a container, without the rest.
    ContainerSamples,
    /// v1 `subcontainers`, or a list of documents.
    List,
    /// What a storage driver of cAdvisor's writes: one sample, with the names of its container.
    DriverSample,
    /// An object that holds replies, under any key.
    Wrapped,
    /// A text in quotes that is a document.
    Quoted,
    EmptyList,
    Null,
    Unknown,
}

impl DocumentShape {
    /// Returns whether it is a document with samples, or would be one if anything were running.
    pub(super) fn holds_samples(self) -> bool {
        match self {
            Self::Container
            | Self::ContainerMap
            | Self::EmptyMap
            | Self::MachineSamples
            | Self::Of(_)
            | Self::DriverSample
            | Self::Wrapped
            | Self::Quoted => true,
            Self::ContainerSamples | Self::List | Self::EmptyList | Self::Null | Self::Unknown => {
                false
            }
        }
    }
}

/// Classifies the value ahead. A value whose text is damaged before its form is clear is
/// [`Unknown`](DocumentShape::Unknown): reading it reports the damage.
pub(super) fn classify(mut ahead: Cursor<'_>) -> DocumentShape {
    match ahead.peek() {
        Some(b'{') => object(ahead, Level::Outer).unwrap_or(DocumentShape::Unknown),
        Some(b'"') if is_reply(ahead.clone()) => DocumentShape::Quoted,
        Some(b'[') => top_list(ahead).unwrap_or(DocumentShape::Unknown),
        Some(b'n') if ahead.skip().is_ok() => DocumentShape::Null,
        _ => DocumentShape::Unknown,
    }
}

/// Classifies a list that is a document of its own.
fn top_list(ahead: Cursor<'_>) -> Result<DocumentShape, SyntaxError> {
    match list(ahead.clone())? {
        DocumentShape::MachineSamples if first_is_of_container(ahead)? => {
            Ok(DocumentShape::ContainerSamples)
        }
        shape => Ok(shape),
    }
}

/// Returns whether the first sample of the list ahead has anything that the machine's have not.
fn first_is_of_container(mut ahead: Cursor<'_>) -> Result<bool, SyntaxError> {
    const NOT_OF_MACHINE: [&str; 8] = [
        "task_stats",
        "diskio",
        "processes",
        "hugetlb",
        "perf_stats",
        "referenced_memory",
        "cpuset",
        "health",
    ];
    let mut members = ahead.enter(b'[')?;
    while ahead.next_member(&mut members)? && ahead.peek() == Some(b'n') {
        ahead.skip()?;
    }
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.next_key(&mut members)? {
        let is_of_container = match &*key {
            "network" if ahead.peek() == Some(b'{') => has_name(ahead.clone()),
            "filesystem" => ahead.peek() == Some(b'{'),
            key => key.starts_with("has_") || NOT_OF_MACHINE.contains(&key),
        };
        if is_of_container {
            return Ok(true);
        }
        ahead.skip()?;
    }
    Ok(false)
}

fn list(mut ahead: Cursor<'_>) -> Result<DocumentShape, SyntaxError> {
    let mut members = ahead.enter(b'[')?;
    while ahead.next_member(&mut members)? {
        match ahead.peek() {
            Some(b'n') => drop(ahead.skip()?),
            Some(b'{') if is_sample(ahead.clone())? => return Ok(DocumentShape::MachineSamples),
            Some(b'{' | b'[') => return Ok(DocumentShape::List),
            Some(b'"') if is_reply(ahead.clone()) => return Ok(DocumentShape::List),
            _ => return Ok(DocumentShape::Unknown),
        }
    }
    Ok(DocumentShape::EmptyList)
}

/// Where an object is. Only the outer one is searched for replies under any key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Outer,
    Inner,
}

/// Returns whether the value ahead, a member of another one, is a document, a list of documents or
/// a text that is one.
pub(super) fn is_reply(mut ahead: Cursor<'_>) -> bool {
    match ahead.peek() {
        Some(b'{') => object(ahead, Level::Inner)
            .is_ok_and(|shape| shape.holds_samples() && shape != DocumentShape::EmptyMap),
        Some(b'[') => match top_list(ahead.clone()) {
            Ok(DocumentShape::MachineSamples) => true,
            Ok(DocumentShape::List) => {
                first_of_list(ahead).is_some_and(|first| is_reply(Cursor::new(first)))
            }
            _ => false,
        },
        Some(b'"') if matches!(ahead.rest(), [b'"', b'{' | b'[' | b' ' | b'\\', ..]) => {
            let text = ahead.skip().ok().and_then(unquote).unwrap_or_default();
            matches!(text.trim_ascii_start().as_bytes(), [b'{' | b'[', ..])
                && is_reply(Cursor::new(text.as_bytes()))
        }
        _ => false,
    }
}

fn object(mut ahead: Cursor<'_>, level: Level) -> Result<DocumentShape, SyntaxError> {
    let (mut any, mut contradicted, mut hint) = (false, false, None);
    let mut doors = KeysOfDoors::default();
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.next_key(&mut members)? {
        any = true;
        if let Some(door) = doors.add(&key, &mut ahead) {
            return Ok(DocumentShape::Of(door));
        }
        if doors.is_known(&key) {
            ahead.skip()?;
            continue;
        }
        match evidence(&key, &mut ahead, level) {
            Evidence::Decides(shape) => return Ok(shape),
            Evidence::Suggests(shape) => hint = hint.or(Some(shape)),
            Evidence::Neutral => {}
            Evidence::Contradicts => contradicted = true,
        }
        ahead.skip()?;
    }
    Ok(match hint {
        _ if !any => DocumentShape::EmptyMap,
        Some(shape) if !contradicted => shape,
        _ => DocumentShape::Unknown,
    })
}

/// The keys of an object that show that it is of another door than cAdvisor's JSON.
#[derive(Default)]
struct KeysOfDoors {
    /// Of the Engine: `read`, and `cpu_stats` or `memory_stats`.
    engine: [bool; 2],
    /// Of the summary: `node`, and `pods`.
    summary: [bool; 2],
}

impl KeysOfDoors {
    /// Adds a key, whose value is ahead. Returns the door when it is clear.
    fn add(&mut self, key: &str, value: &mut Cursor<'_>) -> Option<DoorShape> {
        match (key, value.peek()) {
            ("read", _) => self.engine[0] = true,
            ("cpu_stats" | "memory_stats", _) => self.engine[1] = true,
            ("node", Some(b'{')) => self.summary[0] = true,
            ("pods", Some(b'[' | b'n')) => self.summary[1] = true,
            (key, Some(b'[')) if KEYS_OF_OTLP.contains(&key) => return Some(DoorShape::Otlp),
            _ => {}
        }
        match () {
            () if self.engine == [true; 2] => Some(DoorShape::Engine),
            () if self.summary == [true; 2] => Some(DoorShape::Summary),
            () => None,
        }
    }

    /// Whether a key is one of a door's documents, so that its value need not be looked at.
    fn is_known(&self, key: &str) -> bool {
        self.engine != [false; 2] && (key == "read" || key.ends_with("_stats"))
    }
}

const KEYS_OF_OTLP: [&str; 6] = [
    "resourceMetrics",
    "resource_metrics",
    "resourceLogs",
    "resource_logs",
    "resourceSpans",
    "resource_spans",
];

/// Returns whether the object ahead is the Engine's stats of one container.
fn is_engine_stats(mut ahead: Cursor<'_>) -> bool {
    let mut doors = KeysOfDoors::default();
    let Ok(mut members) = ahead.enter(b'{') else { return false };
    while let Ok(Some(key)) = ahead.next_key(&mut members) {
        if doors.add(&key, &mut ahead) == Some(DoorShape::Engine) {
            return true;
        }
        if ahead.skip().is_err() {
            return false;
        }
    }
    false
}

/// What a member of an object shows about the form of the object.
enum Evidence {
    Decides(DocumentShape),
    /// Holds unless another member contradicts it.
    Suggests(DocumentShape),
    Neutral,
    Contradicts,
}

fn evidence(key: &str, value: &mut Cursor<'_>, level: Level) -> Evidence {
    let is_path = key.starts_with('/');
    match (key, value.peek()) {
        ("stats", Some(b'[' | b'n')) if is_stats(value.clone()) => {
            Evidence::Decides(DocumentShape::Container)
        }
        ("spec", Some(b'{')) if is_spec(value.clone()) => {
            Evidence::Decides(DocumentShape::Container)
        }
        ("name", Some(b'"')) => match value.clone().skip().ok().and_then(unquote) {
            Some(name) if name.starts_with('/') => Evidence::Suggests(DocumentShape::Container),
            _ => Evidence::Neutral,
        },
        ("id" | "namespace", Some(b'"'))
        | ("aliases" | "subcontainers", Some(b'['))
        | ("spec", Some(b'{')) => Evidence::Neutral,
        (_, Some(b'{')) if !is_path && is_engine_stats(value.clone()) => {
            Evidence::Decides(DocumentShape::Of(DoorShape::EngineMap))
        }
        ("container_stats", Some(b'{')) => Evidence::Decides(DocumentShape::DriverSample),
        (_, Some(b'{')) if is_container(value.clone(), is_path).unwrap_or(is_path) => {
            // The machine has the same path everywhere, so it is a key that tells it.
            let is_of_node = !is_path && level == Level::Outer && is_root(value.clone());
            let wrapped = DocumentShape::Wrapped;
            Evidence::Decides(if is_of_node { wrapped } else { DocumentShape::ContainerMap })
        }
        (_, Some(b'{')) if is_path && is_engine_stats(value.clone()) => {
            Evidence::Decides(DocumentShape::Of(DoorShape::EngineMap))
        }
        (_, Some(b'[')) if is_path => match list(value.clone()) {
            Ok(DocumentShape::MachineSamples) | Err(_) => {
                Evidence::Decides(DocumentShape::ContainerMap)
            }
            Ok(DocumentShape::EmptyList) => Evidence::Suggests(DocumentShape::ContainerMap),
            Ok(_) => Evidence::Contradicts,
        },
        (_, Some(b'n')) if is_path => Evidence::Suggests(DocumentShape::ContainerMap),
        (_, Some(b'n')) => Evidence::Neutral,
        // Elasticsearch's answers have the documents further inside.
        ("hits" | "_source", Some(b'{' | b'[')) if is_reply(value.clone()) => {
            Evidence::Decides(DocumentShape::Wrapped)
        }
        (_, Some(b'{' | b'[' | b'"')) if level == Level::Outer && is_reply(value.clone()) => {
            Evidence::Decides(DocumentShape::Wrapped)
        }
        _ => Evidence::Contradicts,
    }
}

/// Returns whether a member of an object is a container. Where its key is a cgroup path, any `spec`
/// makes it one.
fn is_container(mut ahead: Cursor<'_>, is_path: bool) -> Result<bool, SyntaxError> {
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.next_key(&mut members)? {
        match (&*key, ahead.peek()) {
            ("stats", _) if is_stats(ahead.clone()) => return Ok(true),
            ("spec", Some(b'{')) if is_path || is_spec(ahead.clone()) => return Ok(true),
            _ => drop(ahead.skip()?),
        }
    }
    Ok(false)
}

/// Returns whether the value ahead is a list of objects, an empty list or `null`.
fn is_stats(mut ahead: Cursor<'_>) -> bool {
    ahead.peek() == Some(b'n')
        || !is_of_crictl(ahead.clone()) && !matches!(list(ahead), Ok(DocumentShape::Unknown))
}

/// Returns whether the value ahead is the list that `crictl stats` prints, which begins each of its
/// members with what the container is.
fn is_of_crictl(mut ahead: Cursor<'_>) -> bool {
    let mut first_key = || {
        let mut members = ahead.enter(b'[').ok()?;
        ahead.next_member(&mut members).ok().filter(|is_there| *is_there)?;
        let mut members = ahead.enter(b'{').ok()?;
        ahead.next_key(&mut members).ok()?
    };
    first_key().is_some_and(|key| key == "attributes")
}

fn is_spec(mut ahead: Cursor<'_>) -> bool {
    let Ok(mut members) = ahead.enter(b'{') else { return false };
    while let Ok(Some(key)) = ahead.next_key(&mut members) {
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

/// Returns whether a text is a sample, rather than a document with samples.
pub(super) fn is_sample_text(text: &[u8]) -> bool {
    let mut ahead = Cursor::new(text);
    ahead.peek() == Some(b'{') && is_sample(ahead).unwrap_or(false)
}

/// Returns whether a text is a list of samples.
pub(super) fn is_list_of_samples(text: &[u8]) -> bool {
    let mut ahead = Cursor::new(text);
    ahead.peek() == Some(b'[') && matches!(list(ahead), Ok(DocumentShape::MachineSamples))
}

/// Returns whether a text is a document that names what its samples are of.
pub(super) fn is_document_text(text: &[u8]) -> bool {
    let ahead = Cursor::new(text);
    match classify(ahead.clone()) {
        DocumentShape::Container => has_name(ahead),
        DocumentShape::List => first_of_list(ahead).is_some_and(is_document_text),
        shape => shape.holds_samples() && shape != DocumentShape::EmptyMap,
    }
}

/// Returns whether the object ahead has a `name`.
fn has_name(ahead: Cursor<'_>) -> bool {
    name(ahead).is_some()
}

/// Returns whether the object ahead is the machine's cgroup.
fn is_root(ahead: Cursor<'_>) -> bool {
    name(ahead).is_some_and(|name| name == b"\"/\"")
}

/// The value of `name` in the object ahead.
fn name(mut ahead: Cursor<'_>) -> Option<&[u8]> {
    let mut members = ahead.enter(b'{').ok()?;
    while let Some(key) = ahead.next_key(&mut members).ok()? {
        let value = ahead.skip().ok()?;
        if key == "name" {
            return Some(value);
        }
    }
    None
}

/// The text of the first member of the list ahead that is not null.
fn first_of_list(mut ahead: Cursor<'_>) -> Option<&[u8]> {
    let mut members = ahead.enter(b'[').ok()?;
    while ahead.next_member(&mut members).ok()? {
        if ahead.peek()? != b'n' {
            return Some(ahead.rest());
        }
        ahead.skip().ok()?;
    }
    None
}

/// Returns whether the object ahead has a timestamp and a key that only samples have, or one of
/// these and no other keys.
fn is_sample(mut ahead: Cursor<'_>) -> Result<bool, SyntaxError> {
    let (mut timestamp, mut known, mut others) = (false, false, false);
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.next_key(&mut members)? {
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

    #[test]
    fn documents_of_other_doors_are_classified_by_their_keys_in_any_order() {
        let of = |text: &str| match shape(text) {
            DocumentShape::Of(door) => Some(door),
            _ => None,
        };
        let engine = r#"{"read": "x", "pids_stats": {}, "name": "/a", "cpu_stats": {}}"#;
        assert_eq!(of(engine), Some(DoorShape::Engine));
        let engine = r#"{"id": "a", "memory_stats": {}, "networks": {"a": {}}, "read": "x"}"#;
        assert_eq!(of(engine), Some(DoorShape::Engine));
        assert_eq!(of(&format!(r#"{{"a": null, "b": {engine}}}"#)), Some(DoorShape::EngineMap));
        assert_eq!(of(r#"{"pods": [], "node": {}}"#), Some(DoorShape::Summary));
        assert_eq!(of(r#"{"node": {"nodeName": "a"}, "pods": null}"#), Some(DoorShape::Summary));
        for key in KEYS_OF_OTLP {
            assert_eq!(of(&format!(r#"{{"{key}": []}}"#)), Some(DoorShape::Otlp));
        }
        assert_eq!(shape(&format!("[{engine}]")), DocumentShape::List);
        for text in [
            r#"{"read": "x"}"#,
            r#"{"cpu_stats": {}}"#,
            r#"{"node": "a", "pods": []}"#,
            r#"{"resourceMetrics": {}}"#,
            r#"{"read": "x", "cpu_st"#,
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    fn shape(text: &str) -> DocumentShape {
        classify(Cursor::new(text.as_bytes()))
    }

    #[test]
    fn each_document_is_classified_by_its_content() {
        let container =
            r#"{"name": "/a", "aliases": ["b"], "spec": {"has_cpu": true}, "stats": []}"#;
        assert_eq!(shape(container), DocumentShape::Container);
        assert_eq!(
            shape(r#"{"stats": [{"timestamp": "x"}], "name": "/a"}"#),
            DocumentShape::Container
        );
        assert_eq!(
            shape(r#"{"name": "/", "subcontainers": [{"name": "/a"}]}"#),
            DocumentShape::Container
        );
        assert_eq!(shape(&format!(r#"{{"/a": {container}}}"#)), DocumentShape::ContainerMap);
        assert_eq!(shape(&format!(r#"{{"docker": {container}}}"#)), DocumentShape::ContainerMap);
        assert_eq!(shape(r#"{"/a": {"spec": {"has_cpu": true}}}"#), DocumentShape::ContainerMap);
        assert_eq!(shape(r#"{"/a": {"spec": {}, "stats": null}}"#), DocumentShape::ContainerMap);
        // Documents that have only the start time of a container, or its CPUs.
        let started = r#"{"spec": {"start_time": "2026-11-21T12:00:00Z"}}"#;
        assert_eq!(shape(started), DocumentShape::Container);
        assert_eq!(shape(&format!(r#"{{"docker": {started}}}"#)), DocumentShape::ContainerMap);
        assert_eq!(
            shape(r#"{"/a": {"spec": {"cpu": {"mask": "0"}}}}"#),
            DocumentShape::ContainerMap
        );
        assert_eq!(shape(r#"{"a": {"spec": {"cpu": {"mask": "0"}}}}"#), DocumentShape::Unknown);
        assert_eq!(
            shape(r#"{"/": [{"timestamp": "x", "has_cpu": true}]}"#),
            DocumentShape::ContainerMap
        );
        assert_eq!(
            shape(r#"{"/": [{"has_cpu": true, "timestamp": "x"}]}"#),
            DocumentShape::ContainerMap
        );
        assert_eq!(shape(r#"{"/a": [], "/b": null}"#), DocumentShape::ContainerMap);
        assert_eq!(shape("{}"), DocumentShape::EmptyMap);
        assert_eq!(shape(r#"[{"timestamp": "x", "cpu": {}}]"#), DocumentShape::MachineSamples);
        assert_eq!(
            shape(r#"[{"timestamp": "x", "task_stats": {}}]"#),
            DocumentShape::ContainerSamples
        );
        assert_eq!(shape(&format!("[{container}]")), DocumentShape::List);
        assert_eq!(shape("[]"), DocumentShape::EmptyList);
        assert_eq!(shape("null"), DocumentShape::Null);
    }
}
