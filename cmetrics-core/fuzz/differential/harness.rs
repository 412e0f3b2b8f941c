//! Compares all paths of the parser.

use cmetrics_core::parse::{Instructions, Parser};
use cmetrics_core::{Metric, MetricSet};

use super::event::Event;
use super::input::Input;
use super::receiver::{EventLog, WantPolicy};
use super::rule;

/// The strict reader and all other paths. They are reused, so that what they learnt from one
/// document applies to the next.
pub struct Harness {
    sets: Vec<Set>,
    /// How many bytes each path may read of one document, in all modes together. The document is
    /// read in at least one mode.
    budget: usize,
    turn: usize,
}

/// The parsers for a set of metrics, made when they are needed.
struct Set {
    name: &'static str,
    metrics: MetricSet,
    strict: Parser,
    others: Vec<(Instructions, Parser)>,
}

/// One mode of reading a document.
#[derive(Clone, Copy, Debug)]
struct ReadMode {
    set: usize,
    policy: WantPolicy,
    input: Input,
    /// Whether to use a new parser, which has learnt nothing yet.
    fresh: bool,
}

/// Compares two readings, the strict one first. The flag is whether the mode reads all documented
/// values of the document.
pub type Rule<'r> = &'r dyn Fn(&[Event], &[Event], bool) -> Result<(), String>;

/// How many sets, from the first on, have all documented metrics.
const FULL_SETS: usize = 2;
const NARROW_SETS: [(&str, &[Metric]); 4] = [
    ("gpu", &[Metric::GpuMemoryUsed, Metric::GpuMemoryTotal]),
    ("oom_events", &[Metric::MemoryOomEvents]),
    ("schedstat", &[Metric::CpuSchedstatRunTime]),
    ("rx_packets", &[Metric::NetworkRxPackets]),
];

impl Harness {
    /// How many sets of metrics there are.
    pub const SETS: usize = FULL_SETS + NARROW_SETS.len();

    pub fn new(budget: usize) -> Self {
        let full: [_; FULL_SETS] =
            [("documented", MetricSet::documented()), ("all", MetricSet::all())];
        let narrow = NARROW_SETS.map(|(name, metrics)| (name, metrics.iter().copied().collect()));
        let sets = full.into_iter().chain(narrow).map(|(name, metrics)| Set::new(name, metrics));
        Self { sets: sets.collect(), budget, turn: 0 }
    }

    /// Starts with another mode of reading.
    pub fn turned(mut self, turn: usize) -> Self {
        self.turn = turn;
        self
    }

    /// Compares the paths by [`rule::by_damage`].
    pub fn agree(&mut self, what: &str, bytes: &[u8]) {
        self.agree_by(what, bytes, &|strict, other, _| rule::by_damage(bytes, strict, other));
    }

    /// Compares the paths exactly.
    pub fn agree_exactly(&mut self, what: &str, bytes: &[u8]) {
        self.agree_by(what, bytes, &|strict, other, _| rule::exactly(strict, other));
    }

    /// Compares the paths exactly where they read all documented values, because the damage lies
    /// in one of them or outside of values.
    pub fn agree_exactly_on_what_is_read(&mut self, what: &str, bytes: &[u8]) {
        self.agree_by(what, bytes, &|strict, other, reads_all| {
            if reads_all {
                rule::exactly(strict, other)
            } else {
                rule::by_damage(bytes, strict, other)
            }
        });
    }

    /// Compares the paths by a rule, to which the strict reading is given first.
    pub fn agree_by(&mut self, what: &str, bytes: &[u8], rule: Rule<'_>) {
        let modes = self.modes();
        let affordable = (self.budget / bytes.len().max(1)).clamp(1, modes.len());
        // Not a divisor of the number of modes, so that all of them are used in turn.
        let (step, first) = (53, self.turn);
        self.turn += affordable * step;
        for turn in 0..affordable {
            let mode = modes[(first + turn * step) % modes.len()];
            self.compare(mode, what, bytes, rule);
        }
    }

    /// The calls of the strict reader for `bytes`.
    pub fn strict(&mut self, set: usize, policy: WantPolicy, bytes: &[u8]) -> Vec<Event> {
        read(&mut self.sets[set].strict, policy, Input::Slice, bytes)
    }

    /// The calls of the other paths for `bytes`, by their instructions.
    pub fn others(&mut self, set: usize, bytes: &[u8]) -> Vec<(Instructions, Vec<Event>)> {
        let others = self.sets[set].others().iter_mut();
        others
            .map(|(name, parser)| {
                (*name, read(parser, WantPolicy::Everything, Input::Slice, bytes))
            })
            .collect()
    }

    fn modes(&self) -> Vec<ReadMode> {
        let mut modes = Vec::new();
        for input in Input::ALL {
            for set in 0..self.sets.len() {
                for policy in WantPolicy::ALL {
                    for fresh in [false, true] {
                        modes.push(ReadMode { set, policy, input, fresh });
                    }
                }
            }
        }
        modes
    }

    fn compare(&mut self, mode: ReadMode, what: &str, bytes: &[u8], rule: Rule<'_>) {
        let strict = self.strict(mode.set, mode.policy, bytes);
        let set = &mut self.sets[mode.set];
        let (name, metrics) = (set.name, set.metrics);
        let reads_all = mode.set < FULL_SETS && mode.policy == WantPolicy::Everything;
        for (instructions, parser) in set.others() {
            let mut fresh = mode.fresh.then(|| parser_for(metrics, *instructions));
            let parser = fresh.as_mut().unwrap_or(parser);
            let other = read(parser, mode.policy, mode.input, bytes);
            if let Err(difference) = rule(&strict, &other, reads_all) {
                let text = String::from_utf8_lossy(bytes.get(..4000).unwrap_or(bytes));
                panic!("{what}: {instructions:?}, {name}, {mode:?}: {difference}\nin {text}");
            }
        }
    }
}

impl Set {
    fn new(name: &'static str, metrics: MetricSet) -> Self {
        Self { name, metrics, strict: Parser::strict(metrics), others: Vec::new() }
    }

    fn others(&mut self) -> &mut [(Instructions, Parser)] {
        if self.others.is_empty() {
            let available = Instructions::available().into_iter();
            self.others = available.map(|name| (name, parser_for(self.metrics, name))).collect();
        }
        &mut self.others
    }
}

fn parser_for(metrics: MetricSet, instructions: Instructions) -> Parser {
    Parser::with_instructions(metrics, instructions).expect("the processor has them")
}

/// The calls of a parser for `bytes`.
pub fn read(parser: &mut Parser, policy: WantPolicy, input: Input, bytes: &[u8]) -> Vec<Event> {
    let mut log = EventLog::new(policy);
    let length = input.feed(parser, bytes, &mut log);
    log.events.push(Event::End(length));
    log.events
}
