//! What a parser hands to its receiver, in order.

use cmetrics_core::parse::{
    DocumentKind, Door, Instructions, Note, Parser, Receiver, Skipped, Wanted,
};
use cmetrics_core::{Container, Error, Metric, MetricSet, Sample, Timestamp};

/// All that was received.
#[derive(Debug, Default)]
pub struct Log {
    pub containers: Vec<Received>,
    pub skipped: Vec<(Skipped, u64)>,
    pub errors: Vec<Error>,
    pub never_taken: usize,
    pub faulty: usize,
}

/// A container and what was received of it.
#[derive(Debug)]
pub struct Received {
    pub container: Container,
    pub door: Door,
    pub samples: Vec<Sample>,
    pub notes: Vec<Note>,
}

impl Receiver for Log {
    fn container(&mut self, container: &Container, kind: DocumentKind) {
        let (container, door) = (container.clone(), kind.door());
        self.containers.push(Received { container, door, samples: vec![], notes: vec![] });
    }

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, sample: &Sample, _: &[u8]) {
        self.containers.last_mut().unwrap().samples.push(sample.clone());
    }

    fn never_taken(&mut self) {
        self.never_taken += 1;
    }

    fn faulty(&mut self, error: Error) {
        self.faulty += 1;
        self.error(error);
    }

    fn note(&mut self, note: Note) {
        let notes = &mut self.containers.last_mut().unwrap().notes;
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    fn skipped(&mut self, what: Skipped, count: u64) {
        self.skipped.push((what, count));
    }

    fn error(&mut self, error: Error) {
        self.errors.push(error);
    }
}

/// Reads a text by every path of the parser, with every metric. All have to receive the same.
pub fn read(text: impl AsRef<[u8]>) -> Log {
    read_metrics(text, MetricSet::all())
}

pub fn read_metrics(text: impl AsRef<[u8]>, metrics: MetricSet) -> Log {
    let text = text.as_ref();
    let (strict, others) = read_by_each(text, metrics);
    for other in others {
        assert_eq!(
            format!("{other:?}"),
            format!("{strict:?}"),
            "{}",
            String::from_utf8_lossy(text)
        );
    }
    strict
}

/// Reads a text by the parser that checks every value, and by every other path.
pub fn read_by_each(text: &[u8], metrics: MetricSet) -> (Log, Vec<Log>) {
    let mut strict = Log::default();
    Parser::strict(metrics).read_bytes(text, &mut strict);
    let mut others = Vec::new();
    for instructions in Instructions::available() {
        let mut parser = Parser::with_instructions(metrics, instructions).unwrap();
        let (mut whole, mut in_pieces) = (Log::default(), Log::default());
        parser.read_bytes(text, &mut whole);
        parser.read(Pieces(text), &mut in_pieces);
        others.extend([whole, in_pieces]);
    }
    (strict, others)
}

/// Gives out a few bytes at a time.
struct Pieces<'t>(&'t [u8]);

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.0.len().min(buffer.len()).min(97);
        let (piece, rest) = self.0.split_at(length);
        buffer[..length].copy_from_slice(piece);
        self.0 = rest;
        Ok(length)
    }
}

impl Log {
    /// The only container.
    pub fn only(&self) -> &Received {
        assert_eq!(self.errors.len(), 0, "{:?}", self.errors);
        assert_eq!(self.containers.len(), 1, "{:?}", self.containers);
        &self.containers[0]
    }

    /// The container of this name.
    pub fn named(&self, name: &str) -> &Received {
        let named = self.containers.iter().find(|received| received.name() == name);
        named.unwrap_or_else(|| panic!("no {name} in {:?}", self.names()))
    }

    pub fn names(&self) -> Vec<String> {
        self.containers.iter().map(Received::name).collect()
    }

    /// The messages of the errors, with their places.
    pub fn words(&self) -> Vec<String> {
        self.errors.iter().map(ToString::to_string).collect()
    }
}

impl Received {
    pub fn name(&self) -> String {
        self.container.name(None)
    }

    /// The only sample.
    pub fn sample(&self) -> &Sample {
        assert_eq!(self.samples.len(), 1, "{:?}", self.samples);
        &self.samples[0]
    }

    /// The sample of this time.
    pub fn at(&self, time: &str) -> &Sample {
        let time = Timestamp::parse(time).unwrap().unwrap();
        self.samples.iter().find(|sample| sample.time() == time).unwrap()
    }

    pub fn times(&self) -> Vec<String> {
        self.samples.iter().map(|sample| sample.time().to_string()).collect()
    }
}

/// The container's own readings of these metrics.
pub fn own<const N: usize>(sample: &Sample, metrics: [Metric; N]) -> [Option<u64>; N] {
    metrics.map(|metric| sample.get(metric))
}

/// All own readings, by name.
pub fn all(sample: &Sample) -> Vec<(&'static str, u64)> {
    sample.readings().iter().map(|(metric, value)| (metric.name(), value)).collect()
}

/// The readings of each interface, by name.
pub fn interfaces(sample: &Sample) -> Vec<(String, Vec<(&'static str, u64)>)> {
    let named = |(metric, value): (Metric, u64)| (metric.name(), value);
    let interfaces = sample.interfaces();
    interfaces.map(|one| (one.name.to_owned(), one.readings.iter().map(named).collect())).collect()
}

/// The readings of each device, by number.
pub fn devices(sample: &Sample) -> Vec<((u64, u64), Vec<(&'static str, u64)>)> {
    let named = |(metric, value): (Metric, u64)| (metric.name(), value);
    let devices = sample.devices();
    devices.map(|one| (one.number, one.readings.iter().map(named).collect())).collect()
}
