//! What is done to a working set, and what must come of it.

use cmetrics_core::parse::{DocumentKind, Parser, Receiver, Wanted};
use cmetrics_core::{Container, Error, Input, Metric, MetricSet, Pipeline, Sample, Timestamp};

/// What reading found: equal tallies mean equal samples as far as a sum can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many samples there were.
    pub samples: u64,
    /// Their CPU time, summed with wrapping.
    pub cpu: u64,
    /// Their memory, likewise.
    pub memory: u64,
}

impl Tally {
    /// Adds a sample.
    pub fn add(&mut self, sample: &Sample) {
        self.samples += 1;
        self.cpu = self.cpu.wrapping_add(sample.get(Metric::CpuUsage).unwrap_or_default());
        self.memory = self.memory.wrapping_add(sample.get(Metric::MemoryUsage).unwrap_or_default());
    }

    /// What a parser finds in all of these documents.
    pub fn of(parser: &mut Parser, documents: &[Vec<u8>]) -> Self {
        let mut tally = Self::default();
        for document in documents {
            each_sample(parser, document, |sample| tally.add(sample));
        }
        tally
    }

    /// What the strict parser finds: the reference.
    pub fn strictly(documents: &[Vec<u8>]) -> Self {
        Self::of(&mut Parser::strict(MetricSet::documented()), documents)
    }
}

/// The samples of scrapes that tell the memory in use, and the sum of what they tell: what a parser
/// of rows can find, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// How many samples tell it.
    pub samples: u64,
    /// The sum.
    pub bytes: u64,
}

impl Memory {
    /// The family whose rows tell it.
    pub const FAMILY: &str = "container_memory_usage_bytes";

    /// Adds what a sample or a row tells.
    pub fn add(&mut self, bytes: u64) {
        self.samples += 1;
        self.bytes = self.bytes.wrapping_add(bytes);
    }
}

/// What the samples of these scrapes tell of memory.
///
/// # Panics
/// Where anything is wrong with a scrape.
pub fn memory(parser: &mut Parser, scrapes: &[Vec<u8>]) -> Memory {
    let mut memory = Memory::default();
    for scrape in scrapes {
        each_sample(parser, scrape, |sample| {
            if let Some(bytes) = sample.get(Metric::MemoryUsage) {
                memory.add(bytes);
            }
        });
    }
    memory
}

/// Reads a document and gives all of its samples to `take`.
///
/// # Panics
/// Where anything is wrong with the document.
pub fn each_sample(parser: &mut Parser, document: &[u8], take: impl FnMut(&Sample)) {
    let read = parser.read_bytes(document, &mut EachSample { take });
    assert_eq!(read, document.len() as u64);
}

/// Wants every sample.
struct EachSample<Take> {
    take: Take,
}

impl<Take: FnMut(&Sample)> Receiver for EachSample<Take> {
    fn container(&mut self, _: &Container, _: DocumentKind) {}

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, sample: &Sample, _: &[u8]) {
        (self.take)(sample);
    }

    fn never_taken(&mut self) {}

    #[expect(clippy::panic, reason = "a bench must not go on with damaged documents")]
    fn faulty(&mut self, error: Error) {
        panic!("a faulty sample: {error}");
    }

    fn no_containers(&mut self) {}

    #[expect(clippy::panic, reason = "a bench must not go on with damaged documents")]
    fn error(&mut self, error: Error) {
        panic!("a damaged document: {error}");
    }
}

/// Reads a document that lies in memory into a pipeline.
///
/// # Panics
/// Where anything is wrong with it.
pub fn read_into(pipeline: &mut Pipeline, document: &[u8]) {
    let outcome = pipeline.read(Input::bytes("in memory", document));
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
}

/// A pipeline that walks over the samples that it knows, instead of jumping to where they end.
pub fn verifying(mut pipeline: Pipeline) -> Pipeline {
    pipeline.set_verify(true);
    pipeline
}

/// A new pipeline that has read all of these documents.
///
/// # Panics
/// Where anything is wrong with them.
pub fn read_all(documents: &[Vec<u8>]) -> Pipeline {
    let mut pipeline = Pipeline::default();
    repeat(&mut pipeline, documents);
    pipeline
}

/// Reads all of these documents into a pipeline that may know them.
///
/// # Panics
/// Where anything is wrong with them.
pub fn repeat(pipeline: &mut Pipeline, documents: &[Vec<u8>]) {
    for document in documents {
        read_into(pipeline, document);
    }
}

/// What became of a pipeline's samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Samples, each once.
    pub samples: u64,
    /// Samples that were there already.
    pub duplicates: u64,
    /// Points.
    pub points: u64,
    /// The CPU time of all points, summed with wrapping.
    pub cpu: u64,
}

impl Made {
    /// Makes the points of all that a pipeline has read, container by container.
    pub fn by(pipeline: &Pipeline) -> Self {
        let mut made = Self::default();
        for series in pipeline.series() {
            made.samples += series.len() as u64;
            made.duplicates += series.counts().duplicates;
            for point in series.history(pipeline.settings()).points {
                made.points += 1;
                let growth = point.growth(Metric::CpuUsage).unwrap_or_default();
                made.cpu = made.cpu.wrapping_add(growth);
            }
        }
        made
    }

    /// Bytes to points, in a new pipeline.
    pub fn of(documents: &[Vec<u8>]) -> Self {
        Self::by(&read_all(documents))
    }

    /// So many times the same, of other containers.
    pub fn times(self, times: u64) -> Self {
        Self {
            samples: self.samples * times,
            duplicates: self.duplicates * times,
            points: self.points * times,
            cpu: self.cpu.wrapping_mul(times),
        }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            samples: self.samples + other.samples,
            duplicates: self.duplicates + other.duplicates,
            points: self.points + other.points,
            cpu: self.cpu.wrapping_add(other.cpu),
        }
    }

    /// What must come of [`working_set`](crate::working_set)s of so many documents: each source
    /// by itself, as often as it is there.
    pub fn expected_of_working_set(documents: usize) -> Self {
        let sources = crate::sources();
        let turns = sources.len();
        let made = sources.into_iter().enumerate().map(|(n, source)| {
            let copies = (documents + turns - 1 - n) / turns;
            Self::of(&[source]).times(copies as u64)
        });
        made.fold(Self::default(), Self::and)
    }
}
