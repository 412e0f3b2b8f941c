//! The summary at the end of a command.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use cmetrics_core::parse::{Door, SkippedParts};
use cmetrics_core::series::Events;
use cmetrics_core::{Metric, Pipeline, Series, Settings};

use crate::{messages, output};

/// What the samples are that were set aside.
pub(crate) const IMPOSSIBLE_READING: &str = "its CPU reading is impossible";
/// What corrections are.
pub(crate) const CPU_FELL: &str = "the CPU counter fell without a restart";
/// What implausible samples are.
pub(crate) const CPU_ROSE_TOO_FAR: &str = "the CPU counter rose by more than all CPUs can use";

/// Totals of the selected containers.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    containers: u64,
    samples: u64,
    duplicates: u64,
    never_taken: u64,
    faulty: u64,
    restarts: u64,
    gaps: u64,
    /// The shortest and the longest gap.
    lengths: Option<(Duration, Duration)>,
    /// Containers of which each sample comes after a gap.
    of_gaps_alone: u64,
    set_aside: u64,
    corrections: u64,
    implausible: u64,
    overflows: u64,
    unattributed: BTreeMap<Metric, u128>,
    /// Of doors below the highest of a container.
    lower: BTreeMap<Door, LowerDoor>,
    pub(crate) points: u64,
}

/// What happened by a door in containers that a higher one reads, too.
#[derive(Debug, Default)]
struct LowerDoor {
    restarts: u64,
    gaps: u64,
    unattributed: BTreeMap<Metric, u128>,
}

impl Totals {
    /// Adds a container.
    pub(crate) fn add(&mut self, series: &Series, events: &Events) {
        let counts = series.counts();
        self.containers += 1;
        self.samples += series.len() as u64;
        self.duplicates += counts.duplicates;
        self.never_taken += counts.never_taken;
        self.faulty += counts.faulty;
        self.restarts += events.restarts.len() as u64;
        self.gaps += events.gaps.len() as u64;
        let all_after_gaps = events.gaps.len() + 1 == series.len() && !events.gaps.is_empty();
        self.of_gaps_alone += u64::from(all_after_gaps);
        for gap in &events.gaps {
            let length = gap.to.since(gap.from);
            let (shortest, longest) = self.lengths.unwrap_or((length, length));
            self.lengths = Some((shortest.min(length), longest.max(length)));
        }
        self.set_aside += events.set_aside.len() as u64;
        self.corrections += events.corrections.len() as u64;
        self.implausible += events.implausible.len() as u64;
        self.overflows += events.overflows;
        add_growth(&mut self.unattributed, &events.unattributed);
    }

    /// Adds what happened by lower doors of a container.
    pub(crate) fn add_lower<'e>(
        &mut self,
        events: impl IntoIterator<Item = (&'e Door, &'e Events)>,
    ) {
        for (door, events) in events {
            let of_door = self.lower.entry(*door).or_default();
            of_door.restarts += events.restarts.len() as u64;
            of_door.gaps += events.gaps.len() as u64;
            add_growth(&mut of_door.unattributed, &events.unattributed);
        }
    }

    /// Prints the totals, and how long the command took.
    pub(crate) fn print(
        &self,
        pipeline: &Pipeline,
        settings: Settings,
        points: Option<u64>,
        time: Duration,
    ) {
        let read = pipeline.summary();
        let all = pipeline.series().count() as u64;
        let of_all = if all == self.containers { String::new() } else { format!(" of {all}") };
        messages::plain(format_args!(
            "{}, {}{of_all} {}, {} ({}), {}, {}{}",
            counted(read.inputs, "file"),
            self.containers,
            if all == 1 { "container" } else { "containers" },
            counted(self.samples, "sample"),
            counted(self.duplicates, "duplicate"),
            counted(self.restarts, "restart"),
            counted(self.gaps, "gap"),
            if read.errors == 0 {
                String::new()
            } else {
                format!(", {}", counted(read.errors, "error"))
            },
        ));
        messages::plain(format_args!("unattributed growth: {}", GrowthList(&self.unattributed)));
        for (door, told) in &self.lower {
            print_if_some(told.line(*door));
        }
        print_if_some(self.long_gaps(settings));
        print_if_some(self.odd_readings());
        self.print_skipped(read.skipped);
        print_if_some(skipped_parts(read.skipped_parts));
        print_speed(read.bytes, points, time);
    }

    /// The lengths of the gaps whose growth belongs to no interval, and the option that allows such
    /// gaps.
    fn long_gaps(&self, settings: Settings) -> Option<String> {
        let grew = self.unattributed.values().any(|growth| *growth > 0);
        let (shortest, longest) = self.lengths.filter(|_| grew || self.of_gaps_alone > 0)?;
        let (least, most) = (output::seconds(shortest), output::seconds(longest));
        let length = if least == most { most } else { format!("{least} to {most}") };
        let enough = longest.as_secs() + u64::from(longest.subsec_nanos() > 0);
        let most_allowed = settings.interval() * Settings::MOST_INTERVALS_IN_GAP;
        // Gaps of similar length come of polls that are too far apart; others of missing polls.
        let (gaps, whose) = if self.gaps == 1 { ("gap", "its") } else { ("gaps", "their") };
        let advice = if longest / 2 <= shortest && enough <= most_allowed.as_secs() {
            format!("--max-gap {enough} shares {whose} growth out")
        } else {
            "--max-gap allows longer ones".to_owned()
        };
        let max_gap = settings.max_gap().as_secs();
        let nulls = match self.of_gaps_alone {
            0 => String::new(),
            1 => "CPU and network of 1 container are null for gaps alone: ".to_owned(),
            count => format!("CPU and network of {count} containers are null for gaps alone: "),
        };
        Some(format!("{nulls}{gaps} of {length}; the longest allowed is {max_gap} s ({advice})"))
    }

    /// Implausible CPU readings of all kinds.
    fn odd_readings(&self) -> Option<String> {
        let (set_aside, why) = match self.set_aside {
            1 => ("1 sample set aside".to_owned(), IMPOSSIBLE_READING),
            count => (format!("{count} samples set aside"), "their CPU readings are impossible"),
        };
        present([
            (self.set_aside, set_aside, why),
            (self.corrections, counted(self.corrections, "correction"), CPU_FELL),
            (self.implausible, counted(self.implausible, "implausible sample"), CPU_ROSE_TOO_FAR),
        ])
    }

    /// Prints how many samples, files and figures were skipped.
    fn print_skipped(&self, skipped: u64) {
        let skipped_files = counted(skipped, "skipped file");
        let skipped_samples = |count| counted(count, "skipped sample");
        print_if_some(present([
            (self.faulty, skipped_samples(self.faulty), "an impossible value"),
            (self.never_taken, skipped_samples(self.never_taken), "never taken"),
            (self.overflows, counted(self.overflows, "overflowed figure"), "null"),
            (skipped, skipped_files, "no dump"),
        ]));
    }
}

impl LowerDoor {
    /// What happened, if anything did.
    fn line(&self, door: Door) -> Option<String> {
        let Self { restarts, gaps, unattributed } = self;
        if *restarts == 0 && *gaps == 0 {
            return None;
        }
        Some(format!(
            "beside these, of lower rank, {door}: {}, {}, unattributed growth: {}",
            counted(*restarts, "restart"),
            counted(*gaps, "gap"),
            GrowthList(unattributed),
        ))
    }
}

fn add_growth(sums: &mut BTreeMap<Metric, u128>, growths: &BTreeMap<Metric, u128>) {
    for (&metric, growth) in growths {
        *sums.entry(metric).or_default() += growth;
    }
}

/// Those of the counts that are not 0, with their reasons, on one line.
fn present<const N: usize>(parts: [(u64, String, &str); N]) -> Option<String> {
    let there = parts.into_iter().filter(|(count, ..)| *count > 0);
    let parts: Vec<_> = there.map(|(_, what, why)| format!("{what} ({why})")).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The parts of documents that have no samples for cmetrics.
fn skipped_parts(parts: SkippedParts) -> Option<String> {
    let parts: Vec<_> = parts
        .iter()
        .map(|(what, count)| format!("{} ({what})", counted(count, "skipped part")))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn print_if_some(line: Option<String>) {
    if let Some(line) = line {
        messages::plain(format_args!("{line}"));
    }
}

/// Prints how long it took to read so many bytes, and to make so many points.
pub(crate) fn print_speed(bytes: u64, points: Option<u64>, time: Duration) {
    let points = points.map(|points| format!("{} in ", counted(points, "point")));
    messages::plain(format_args!(
        "{}{:.2} s, {:.1} MB, {:.0} MB/s",
        points.unwrap_or_default(),
        time.as_secs_f64(),
        megabytes(bytes),
        megabytes(bytes) / time.as_secs_f64().max(1e-9),
    ));
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

pub(crate) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Growth by metric, with its unit.
struct GrowthList<'g>(&'g BTreeMap<Metric, u128>);

impl fmt::Display for GrowthList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut any = false;
        for (metric, growth) in self.0.iter().filter(|(_, growth)| **growth > 0) {
            let comma = if std::mem::replace(&mut any, true) { ", " } else { "" };
            match metric.unit() {
                cmetrics_core::metric::Unit::Count => write!(f, "{comma}{metric} {growth}")?,
                unit => write!(f, "{comma}{metric} {growth} {unit}")?,
            }
        }
        if any { Ok(()) } else { f.write_str("none") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_readings_are_told_only_where_there_are_any() {
        let mut totals = Totals::default();
        assert_eq!(totals.odd_readings(), None);
        totals.set_aside = 1;
        let line = "1 sample set aside (its CPU reading is impossible)";
        assert_eq!(totals.odd_readings().as_deref(), Some(line));
        (totals.set_aside, totals.corrections, totals.implausible) = (2, 3, 1);
        let line = "2 samples set aside (their CPU readings are impossible), 3 corrections (the CPU \
                    counter fell without a restart), 1 implausible sample (the CPU counter rose by \
                    more than all CPUs can use)";
        assert_eq!(totals.odd_readings().as_deref(), Some(line));
    }

    #[test]
    fn gaps_are_told_where_growth_belongs_to_no_interval() {
        let second = Duration::from_secs(1);
        let line_of = |gaps, lengths, grown, settings| {
            let unattributed = [(Metric::CpuUsage, grown)].into();
            let totals = Totals { gaps, lengths: Some(lengths), unattributed, ..Totals::default() };
            totals.long_gaps(settings)
        };
        let usual = Settings::default();
        assert_eq!(line_of(1, (second * 300, second * 300), 0, usual), None);
        for (gaps, lengths, line) in [
            (
                3,
                (second * 300, second * 300),
                "gaps of 300 s; the longest allowed is 150 s (--max-gap 300 shares their growth out)",
            ),
            (
                2,
                (second * 299, second * 300 + Duration::from_nanos(1)),
                "gaps of 299 s to 300 s; the longest allowed is 150 s (--max-gap 301 shares their \
                 growth out)",
            ),
            (
                1,
                (second * 700_000, second * 700_000),
                "gap of 700000 s; the longest allowed is 150 s (--max-gap allows longer ones)",
            ),
            (
                9,
                (second * 200, second * 7_200),
                "gaps of 200 s to 7200 s; the longest allowed is 150 s (--max-gap allows longer \
                 ones)",
            ),
        ] {
            assert_eq!(line_of(gaps, lengths, 1, usual).as_deref(), Some(line));
        }
    }
}
