//! Reads one element of a `stats` array as a [`Sample`].

use super::object::SampleObject;
use crate::document::DocumentKind;
use crate::error::Problem;
use crate::metric::{Metric, MetricSet, Section, SectionSet};
use crate::parse::cadvisor::schema::Schema;
use crate::parse::cursor::{Cursor, SyntaxError, unquote};
use crate::parse::fault::{Fault, excerpt};
use crate::sample::Sample;
use crate::time::{Timestamp, TimestampError};

/// What an element of a `stats` array is.
pub(in crate::parse) enum Outcome {
    Sample(Sample),
    /// A sample in which numbers are written in an unusual way.
    Unusual(Sample),
    /// A sample at a time that the receiver does not want.
    Unwanted,
    /// A sample with a time at or before the epoch.
    NeverTaken,
    Faulty(Fault),
}

/// The `has_…` flags read so far. Of a repeated flag the first counts.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::parse) struct Flags {
    /// Whether each sample has its own flags, instead of the container's `spec`.
    in_samples: bool,
    seen: SectionSet,
    /// The sections whose flag is `false`.
    absent: SectionSet,
}

impl Flags {
    /// The flags for a document whose samples have their own.
    pub(in crate::parse) fn in_samples() -> Self {
        Self { in_samples: true, ..Self::default() }
    }

    /// Returns whether each sample has its own flags.
    pub(in crate::parse) fn are_in_samples(self) -> bool {
        self.in_samples
    }

    /// The sections whose flag is `false`.
    pub(in crate::parse) fn absent(self) -> SectionSet {
        self.absent
    }

    /// The same flags, without the one of `section`.
    pub(in crate::parse) fn ignoring(mut self, section: Section) -> Self {
        self.absent.remove(section);
        self
    }

    /// Reads the value ahead if `key` is a flag, and returns whether it is. Leaves the cursor where
    /// it is otherwise.
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

/// Reads the sample ahead: the keys that `schema_for` returns for its time, or none.
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

/// Reads the time of the sample ahead. This comes first, because the time decides whether the rest
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

/// A sample that is being read. Faults are kept until its flags are known, because a fault in an
/// absent section does not count.
struct SampleBuilder {
    sample: Sample,
    flags: Flags,
    seen: SectionSet,
    unusual: bool,
    faults: Vec<(Section, Fault)>,
}

impl SampleBuilder {
    fn new(time: Timestamp, flags: Flags) -> Self {
        let seen = SectionSet::default();
        Self { sample: Sample::new(time), flags, seen, unusual: false, faults: Vec::new() }
    }

    fn finish(mut self, cursor: &mut Cursor<'_>, schema: &Schema) -> Result<Outcome, SyntaxError> {
        let mut members = cursor.enter(b'{')?;
        while let Some(key) = cursor.next_key(&mut members)? {
            match schema.section(&key) {
                Some((section, field)) if !self.seen.contains(section) => {
                    self.seen.insert(section);
                    if let Some(object) = SampleObject::read(cursor, section, field)? {
                        self.sample.measured(section);
                        self.unusual |= object.is_unusual();
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
        for (section, _) in schema.sections().filter(|(section, _)| absent.contains(*section)) {
            self.sample.deny_section(section);
        }
        drop_unmeasured(&mut self.sample, schema.metrics());
        if schema.kind() == DocumentKind::V1 {
            // cAdvisor writes this key only where it is not 0, so its absence is a reading too.
            self.sample.measured(Section::OomEvents);
        }
        let (sample, unusual) = (self.sample, self.unusual);
        Ok(if unusual { Outcome::Unusual(sample) } else { Outcome::Sample(sample) })
    }
}

/// Drops values that the text has but that were not measured.
fn drop_unmeasured(sample: &mut Sample, requested: MetricSet) {
    if requested.iter().any(Metric::is_schedstat) {
        let mut schedstat = Metric::ALL.iter().copied().filter(|metric| metric.is_schedstat());
        let none = schedstat.all(|metric| sample.get(metric) == Some(0));
        sample.retain(|metric| !metric.is_schedstat() || (!none && requested.contains(metric)));
    }
    // A subtraction of cAdvisor's that wrapped around.
    if sample.get(Metric::MemorySwap).is_some_and(|swap| swap >= 1 << 63) {
        sample.retain(|metric| metric != Metric::MemorySwap);
    }
}
