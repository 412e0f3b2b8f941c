//! Machines whose samples were recorded.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cmetrics_core::Timestamp;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::container::FakeContainer;
use crate::sample::{Content, Sample};

/// The samples of a machine, from replies of v1 that were saved.
#[derive(Clone, Debug, Default)]
pub struct Recording(BTreeMap<String, Recorded>);

/// A cgroup of a recording.
#[derive(Clone, Debug)]
struct Recorded {
    container: FakeContainer,
    head: String,
    /// The text behind its time, by time.
    samples: BTreeMap<u64, Arc<str>>,
}

/// A cgroup as the machine needs it: its heads, and after which time which sample comes.
pub(crate) type Cgroup = (FakeContainer, [String; 2], Vec<(u64, Sample)>);

#[derive(Deserialize)]
struct Object<'t> {
    id: Option<String>,
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
    namespace: Option<String>,
    #[serde(borrow)]
    spec: &'t RawValue,
    #[serde(borrow, default)]
    stats: Vec<&'t RawValue>,
}

#[derive(Deserialize)]
struct Stamped<'t> {
    timestamp: &'t str,
}

impl Recording {
    /// Reads all files of a folder whose names begin like this, such as `v1.3-docker`; those that
    /// end in `.gz` are unpacked.
    ///
    /// # Errors
    /// Where a file cannot be read, or is no reply of v1 with more than one container.
    pub fn read(folder: &Path, name: &str) -> io::Result<Self> {
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()?;
        paths.retain(|path| {
            path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
        });
        paths.sort();
        let mut recording = Self::default();
        for path in paths {
            let in_file = |error| io::Error::other(format!("{}: {error}", path.display()));
            recording.add(&text(&path)?).map_err(in_file)?;
        }
        Ok(recording)
    }

    /// Adds what a reply has.
    fn add(&mut self, text: &str) -> Result<(), serde_json::Error> {
        let objects: Vec<Object> = if text.starts_with('[') {
            serde_json::from_str(text)?
        } else {
            serde_json::from_str::<BTreeMap<String, Object>>(text)?.into_values().collect()
        };
        for object in objects {
            let recorded =
                self.0.entry(object.name.clone()).or_insert_with(|| Recorded::of(&object));
            for sample in object.stats {
                let Stamped { timestamp } = serde_json::from_str(sample.get())?;
                let rest = sample.get().split_once(timestamp).map(|(_, rest)| rest);
                if let (Ok(Some(at)), Some(rest)) = (Timestamp::parse(timestamp), rest) {
                    recorded.samples.entry(at.nanos()).or_insert_with(|| rest.into());
                }
            }
        }
        Ok(())
    }

    /// The time of its first sample: with a clock that starts here, times are those of the
    /// recording.
    pub fn start(&self) -> Option<Timestamp> {
        let first = self.0.values().filter_map(|recorded| recorded.samples.keys().next());
        first.min().copied().and_then(Timestamp::from_nanos)
    }

    /// As a machine that starts at this time.
    pub(crate) fn cgroups(&self, now: u64) -> Vec<Cgroup> {
        let start = self.start().map_or(0, Timestamp::nanos);
        let cgroup = |recorded: &Recorded| {
            let planned = |(at, text): (&u64, &Arc<str>)| {
                let (after, content) = (at - start, Content::Recorded(Arc::clone(text)));
                (after, Sample { at: now + after, reply: None, content })
            };
            let heads = [recorded.head.clone(), "\"spec\":{}".to_owned()];
            let samples = recorded.samples.iter().map(planned).collect();
            (recorded.container.clone(), heads, samples)
        };
        self.0.values().map(cgroup).collect()
    }
}

impl Recorded {
    fn of(object: &Object) -> Self {
        let id = object.id.clone().unwrap_or_default();
        let alias = object.aliases.first().cloned().unwrap_or_default();
        let mut container = FakeContainer::cgroup(&object.name, 0);
        (container.id, container.alias) = (id, alias);
        let text = |value: &str| serde_json::Value::from(value).to_string();
        let mut head = String::new();
        if let (Some(id), Some(namespace)) = (&object.id, &object.namespace) {
            let aliases: Vec<_> = object.aliases.iter().map(|alias| text(alias)).collect();
            head = format!(
                "\"id\":{},\"aliases\":[{}],\"namespace\":{},",
                text(id),
                aliases.join(","),
                text(namespace)
            );
        }
        head = format!("{head}\"name\":{},\"spec\":{}", text(&object.name), object.spec.get());
        Self { container, head, samples: BTreeMap::new() }
    }
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    if path.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        io::BufReader::new(file).read_to_string(&mut text)?;
    }
    Ok(text)
}
