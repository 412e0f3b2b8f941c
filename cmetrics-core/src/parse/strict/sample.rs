//! One element of a `stats` array: bytes to [`Sample`].

use super::object::{Fault, SampleObject, excerpt};
use crate::document::DocumentKind;
use crate::error::Problem;
use crate::metric::{Metric, MetricSet, Section, SectionSet};
use crate::parse::cursor::{Cursor, SyntaxError, unquote};
use crate::parse::schema::Schema;
use crate::sample::Sample;
use crate::time::{Timestamp, TimestampError};

/// What an element of a `stats` array turned out to be.
pub(in crate::parse) enum Outcome {
    Sample(Sample),
    /// Of a time that the receiver did not want.
    Unwanted,
    /// At or before the epoch.
    NeverTaken,
    Faulty(Fault),
}

/// Reads `has_…` flags. Of a repeated one the first counts.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::parse) struct Flags {
    /// Whether each sample has its own, rather than the container's `spec`.
    in_samples: bool,
    seen: SectionSet,
    /// Those whose flag says `false`.
    absent: SectionSet,
}

impl Flags {
    /// Flags of a document whose samples carry them.
    pub(in crate::parse) fn in_samples() -> Self {
        Self { in_samples: true, ..Self::default() }
    }

    /// Whether each sample has its own.
    pub(in crate::parse) fn are_in_samples(self) -> bool {
        self.in_samples
    }

    /// The sections whose flag says `false`.
    pub(in crate::parse) fn absent(self) -> SectionSet {
        self.absent
    }

    /// The same where the flag of `section` says nothing.
    pub(in crate::parse) fn ignoring(mut self, section: Section) -> Self {
        self.absent.remove(section);
        self
    }

    /// Takes the value that lies ahead where `key` is a flag's; else leaves it there.
    pub(in crate::parse) fn read_key(
        &mut self,
        key: &str,
        cursor: &mut Cursor<'_>,
    ) -> Result<bool, SyntaxError> {
        let Some(section) = Section::of_flag(key) else {
            return Ok(false);
        };
        let value = cursor.skip()?;
        if !self.seen.contains(section) {
            self.seen.insert(section);
            if value == b"false" {
                self.absent.insert(section);
            }
        }
        Ok(true)
    }
}

/// Reads of the sample that lies ahead what `tree_for` its time has, if anything.
pub(in crate::parse) fn read_sample<'p>(
    cursor: &mut Cursor<'_>,
    flags: Flags,
    schema_for: &mut dyn FnMut(Timestamp) -> Option<&'p Schema>,
) -> Result<Outcome, SyntaxError> {
    if cursor.peek() != Some(b'{') {
        return Ok(Outcome::Faulty(Fault::expected("an object", "stats[]", cursor)?));
    }
    let outcome = match timestamp(cursor.clone())? {
        Err(fault) => Outcome::Faulty(fault),
        Ok(None) => Outcome::NeverTaken,
        Ok(Some(time)) => match schema_for(time) {
            Some(schema) => return SampleBuilder::new(time, flags).finish(cursor, schema),
            None => Outcome::Unwanted,
        },
    };
    cursor.skip()?;
    Ok(outcome)
}

/// The time of the sample that lies ahead. It is looked for first, as it decides whether the rest
/// is read; cAdvisor writes it first.
fn timestamp(mut ahead: Cursor<'_>) -> Result<Result<Option<Timestamp>, Fault>, SyntaxError> {
    let start = ahead.at();
    let mut members = ahead.enter(b'{')?;
    while let Some(key) = ahead.next_key(&mut members)? {
        ahead.peek();
        let at = ahead.at();
        let value = ahead.skip()?;
        if key == "timestamp" {
            let text = unquote(value);
            let time = text.as_deref().map_or(Err(TimestampError::Form), Timestamp::parse);
            return Ok(time.map_err(|cause| Fault {
                at,
                problem: Problem::Timestamp { found: excerpt(value), cause },
            }));
        }
    }
    let problem = Problem::Timestamp { found: "none".to_owned(), cause: TimestampError::Form };
    Ok(Err(Fault { at: start, problem }))
}

/// A sample being read. Faults are kept until its flags are known: those of absent sections do
/// not count.
struct SampleBuilder {
    sample: Sample,
    flags: Flags,
    seen: SectionSet,
    faults: Vec<(Section, Fault)>,
}

impl SampleBuilder {
    fn new(time: Timestamp, flags: Flags) -> Self {
        let seen = SectionSet::default();
        Self { sample: Sample::new(time), flags, seen, faults: Vec::new() }
    }

    fn finish(mut self, cursor: &mut Cursor<'_>, schema: &Schema) -> Result<Outcome, SyntaxError> {
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_key(&mut members)? {
            match schema.section(&key) {
                Some((section, field)) if !self.seen.contains(section) => {
                    self.seen.insert(section);
                    if let Some(object) = SampleObject::read(cursor, section, field)? {
                        self.sample.measured(section);
                        let faults = object.apply_to(section, &mut self.sample);
                        self.faults.extend(faults.into_iter().map(|fault| (section, fault)));
                    }
                }
                _ if self.flags.in_samples && self.flags.read_key(&key, cursor)? => {}
                _ => drop(cursor.skip()?),
            }
        }
        let absent = self.flags.absent;
        let mut faults = self.faults.into_iter().filter(|(section, _)| !absent.contains(*section));
        if let Some((_, fault)) = faults.next() {
            return Ok(Outcome::Faulty(fault));
        }
        for section in Section::ALL.iter().copied().filter(|&section| absent.contains(section)) {
            self.sample.drop_section(section);
        }
        drop_unmeasured(&mut self.sample, schema.metrics());
        if schema.kind() == DocumentKind::V1 {
            // Written only where it is not 0: silence tells it too.
            self.sample.measured(Section::OomEvents);
        }
        Ok(Outcome::Sample(self.sample))
    }
}

/// Drops figures that stand in the text but were not measured.
fn drop_unmeasured(sample: &mut Sample, requested: MetricSet) {
    if requested.iter().any(Metric::is_schedstat) {
        let mut schedstat = Metric::ALL.iter().copied().filter(|metric| metric.is_schedstat());
        let none = schedstat.all(|metric| sample.get(metric) == Some(0));
        sample.retain(|metric| !metric.is_schedstat() || (!none && requested.contains(metric)));
    }
    // A subtraction of the collector's that wrapped.
    if sample.get(Metric::MemorySwap).is_some_and(|swap| swap >= 1 << 63) {
        sample.retain(|metric| metric != Metric::MemorySwap);
    }
}
