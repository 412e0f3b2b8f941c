//! All paths side by side.

use cmetrics_core::parse::{Instructions, Parser};
use cmetrics_core::{Metric, MetricSet};

use super::event::Event;
use super::input::Input;
use super::receiver::{Recorder, Taste};
use super::rule;

/// The strict reader and every other path. They are used again and again, so that what they
/// learnt of one document meets the next.
pub struct Rig {
    sets: Vec<Set>,
    /// How many bytes each path may read of one document, all its ways together. It is read in
    /// one way at least.
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

/// One way of reading a document.
#[derive(Clone, Copy, Debug)]
struct Way {
    set: usize,
    taste: Taste,
    input: Input,
    /// Whether by a parser that has seen nothing yet.
    fresh: bool,
}

/// How two readings are compared, the strict one first; and whether whoever reads in this way
/// reads all documented values of the document.
pub type Rule<'r> = &'r dyn Fn(&[Event], &[Event], bool) -> Result<(), String>;

/// How many sets, the first ones, have all documented metrics.
const WIDE: usize = 2;
const FEW: [(&str, &[Metric]); 4] = [
    ("gpu", &[Metric::GpuMemoryUsed, Metric::GpuMemoryTotal]),
    ("oom_events", &[Metric::MemoryOomEvents]),
    ("schedstat", &[Metric::CpuSchedstatRunTime]),
    ("rx_packets", &[Metric::NetworkRxPackets]),
];

impl Rig {
    /// How many sets of metrics there are.
    pub const SETS: usize = WIDE + FEW.len();

    pub fn new(budget: usize) -> Self {
        let wide: [_; WIDE] = [("documented", MetricSet::documented()), ("all", MetricSet::all())];
        let few = FEW.map(|(name, metrics)| (name, metrics.iter().copied().collect()));
        let sets = wide.into_iter().chain(few).map(|(name, metrics)| Set::new(name, metrics));
        Self { sets: sets.collect(), budget, turn: 0 }
    }

    /// Another first way of reading.
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

    /// Compares the paths by a rule that is given the strict reading first.
    pub fn agree_by(&mut self, what: &str, bytes: &[u8], rule: Rule<'_>) {
        let ways = self.ways();
        let affordable = (self.budget / bytes.len().max(1)).clamp(1, ways.len());
        // No divisor of the number of ways, so that all of them have their turn.
        let (step, first) = (53, self.turn);
        self.turn += affordable * step;
        for turn in 0..affordable {
            let way = ways[(first + turn * step) % ways.len()];
            self.compare(way, what, bytes, rule);
        }
    }

    /// What the strict reader tells of `bytes`.
    pub fn strict(&mut self, set: usize, taste: Taste, bytes: &[u8]) -> Vec<Event> {
        read(&mut self.sets[set].strict, taste, Input::Slice, bytes)
    }

    /// What the other paths tell of `bytes`, by the names of their instructions.
    pub fn others(&mut self, set: usize, bytes: &[u8]) -> Vec<(Instructions, Vec<Event>)> {
        let others = self.sets[set].others().iter_mut();
        others
            .map(|(name, parser)| (*name, read(parser, Taste::Everything, Input::Slice, bytes)))
            .collect()
    }

    fn ways(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        for input in Input::ALL {
            for set in 0..self.sets.len() {
                for taste in Taste::ALL {
                    for fresh in [false, true] {
                        ways.push(Way { set, taste, input, fresh });
                    }
                }
            }
        }
        ways
    }

    fn compare(&mut self, way: Way, what: &str, bytes: &[u8], rule: Rule<'_>) {
        let strict = self.strict(way.set, way.taste, bytes);
        let set = &mut self.sets[way.set];
        let (name, metrics) = (set.name, set.metrics);
        let reads_all = way.set < WIDE && way.taste == Taste::Everything;
        for (instructions, parser) in set.others() {
            let mut fresh = way.fresh.then(|| made(metrics, *instructions));
            let parser = fresh.as_mut().unwrap_or(parser);
            let other = read(parser, way.taste, way.input, bytes);
            if let Err(difference) = rule(&strict, &other, reads_all) {
                let text = String::from_utf8_lossy(bytes.get(..4000).unwrap_or(bytes));
                panic!("{what}: {instructions:?}, {name}, {way:?}: {difference}\nin {text}");
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
            self.others = available.map(|name| (name, made(self.metrics, name))).collect();
        }
        &mut self.others
    }
}

fn made(metrics: MetricSet, instructions: Instructions) -> Parser {
    Parser::with_instructions(metrics, instructions).expect("the processor has them")
}

/// What a parser tells of `bytes`.
pub fn read(parser: &mut Parser, taste: Taste, input: Input, bytes: &[u8]) -> Vec<Event> {
    let mut recorder = Recorder::new(taste);
    let length = input.feed(parser, bytes, &mut recorder);
    recorder.events.push(Event::End(length));
    recorder.events
}
