//! What a parser tells its receiver of an exposition, in a form that compares.

use std::collections::BTreeMap;

use cmetrics_core::parse::{DocumentKind, Door, Note, Parser, Receiver, ScrapeTime, Wanted};
use cmetrics_core::{Container, Error, MetricSet, Sample, Timestamp};

/// The time of the scrape in these tests, in nanoseconds.
pub const SCRAPED_AT: u64 = 1_600_000_000_000_000_000;

/// The readings of one instant, by metric and what it is counted for.
pub type Readings = BTreeMap<String, u64>;

/// A container and its samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub container: Container,
    pub notes: Vec<Note>,
    /// By time in nanoseconds.
    pub samples: Vec<(u64, Readings)>,
    pub has_disks: bool,
    pub never_taken: u64,
}

/// All containers, by door, machine and path.
pub type All = BTreeMap<(Door, Option<String>, String), Told>;

#[derive(Debug, Default)]
pub struct Listener {
    pub all: All,
    pub errors: Vec<Error>,
    current: (Door, Option<String>, String),
}

impl Listener {
    fn current(&mut self) -> &mut Told {
        self.all.get_mut(&self.current).unwrap()
    }
}

impl Receiver for Listener {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        self.current = (kind.door(), container.machine.clone(), container.path.clone());
        self.all.entry(self.current.clone()).or_default().container = container.clone();
    }

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, sample: &Sample, text: &[u8]) {
        assert!(text.is_empty());
        let told = self.current();
        told.samples.push((sample.time().nanos(), readings(sample)));
        told.has_disks |= sample.has(cmetrics_core::metric::Section::Diskio);
    }

    fn never_taken(&mut self) {
        self.current().never_taken += 1;
    }

    fn note(&mut self, note: Note) {
        self.current().notes.push(note);
    }

    fn error(&mut self, error: Error) {
        self.errors.push(error);
    }
}

fn readings(sample: &Sample) -> Readings {
    let own = sample.readings();
    let mut all: Readings = own.iter().map(|(metric, value)| (metric.to_string(), value)).collect();
    // Entries of one name or number are added.
    let mut add = |key: String, value: u64| {
        let sum = all.entry(key).or_default();
        *sum = sum.saturating_add(value);
    };
    for interface in sample.interfaces() {
        for (metric, value) in interface.readings.iter() {
            add(format!("{metric}[{}]", interface.name), value);
        }
    }
    for device in sample.devices() {
        let (major, minor) = device.number;
        for (metric, value) in device.readings.iter() {
            add(format!("{metric}[{major}:{minor}]"), value);
        }
    }
    all
}

pub fn scraped_at() -> ScrapeTime {
    ScrapeTime::Told(Timestamp::from_nanos(SCRAPED_AT).unwrap())
}

pub fn parser() -> Parser {
    let mut parser = Parser::new(MetricSet::all());
    parser.set_scraped_at(Some(scraped_at()));
    parser
}

pub fn listen(parser: &mut Parser, text: &[u8]) -> Listener {
    let mut listener = Listener::default();
    assert_eq!(parser.read_bytes(text, &mut listener), text.len() as u64);
    listener
}

/// What an exposition tells; it has no errors.
pub fn told(text: &str) -> All {
    let listener = listen(&mut parser(), text.as_bytes());
    assert!(listener.errors.is_empty(), "{text}\n{:?}", listener.errors);
    listener.all
}

/// What an exposition tells of its only container.
pub fn only(text: &str) -> Told {
    let all = told(text);
    assert_eq!(all.len(), 1, "{text}\n{all:?}");
    all.into_values().next().unwrap()
}

/// The readings of the only sample of an exposition.
pub fn sample(text: &str) -> Readings {
    let told = only(text);
    assert_eq!(told.samples.len(), 1, "{text}\n{told:?}");
    told.samples[0].1.clone()
}
