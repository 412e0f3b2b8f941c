//! What was measured, of all contenders and in all turns.

use hdrhistogram::Histogram;

use crate::field::{Case, NOTHING};
use crate::figures::{Measured, median};
use crate::workload::Containers;

#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) clock: Histogram<u64>,
    /// How many cores two threads had at the beginning of each turn.
    pub(crate) cores: Vec<f64>,
    /// How many containers `memory` is of.
    pub(crate) containers: usize,
    /// By contender, in bytes.
    pub(crate) memory: Vec<(&'static str, i64)>,
    /// By contender, the turns with each `record` timed.
    pub(crate) each: Vec<(&'static str, Vec<Measured>)>,
    rows: Vec<(Case, &'static str, Vec<Measured>)>,
}

impl Results {
    pub(crate) fn new(clock: Histogram<u64>, containers: usize) -> Self {
        Self {
            clock,
            cores: Vec::new(),
            containers,
            memory: Vec::new(),
            each: Vec::new(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, case: Case, name: &'static str, measured: Measured) {
        match self.rows.iter_mut().find(|row| (row.0, row.1) == (case, name)) {
            Some((_, _, turns)) => turns.push(measured),
            None => self.rows.push((case, name, vec![measured])),
        }
    }

    pub(crate) fn add_each(&mut self, name: &'static str, measured: Measured) {
        match self.each.iter_mut().find(|row| row.0 == name) {
            Some((_, turns)) => turns.push(measured),
            None => self.each.push((name, vec![measured])),
        }
    }

    /// All turns of a contender; none where it has nothing to show.
    pub(crate) fn turns(&self, case: Case, name: &str) -> &[Measured] {
        let row = self.rows.iter().find(|row| row.0 == case && row.1 == name);
        row.map_or(&[], |(_, _, turns)| turns)
    }

    /// The median of a figure of each turn.
    pub(crate) fn median(
        &self,
        case: Case,
        name: &str,
        figure: impl Fn(&Measured) -> f64,
    ) -> Option<f64> {
        let turns = self.turns(case, name);
        (!turns.is_empty()).then(|| median(turns.iter().map(figure).collect()))
    }

    /// The median of what two contenders' figures are to each other, turn by turn.
    pub(crate) fn compared(
        &self,
        (case, name): (Case, &str),
        other: &str,
        figure: impl Fn(&Measured, &Measured) -> f64,
    ) -> Option<f64> {
        let pairs = self.turns(case, name).iter().zip(self.turns(case, other));
        let each: Vec<_> = pairs.map(|(one, other)| figure(one, other)).collect();
        (!each.is_empty()).then(|| median(each))
    }

    /// What it costs to make a sample, as one thread does with nothing else to do.
    pub(crate) fn production(&self, case: Case, figure: impl Fn(&Measured) -> f64) -> f64 {
        let containers = match case.containers {
            Containers::Shared(1) => Containers::Own,
            containers => containers,
        };
        self.median(Case::new(1, containers, false), NOTHING, figure).unwrap_or(0.0)
    }

    /// A quantile of the single calls' times, in nanoseconds: the median of the turns.
    pub(crate) fn quantile(&self, name: &str, quantile: f64) -> Option<f64> {
        let (_, turns) = self.each.iter().find(|row| row.0 == name)?;
        let of = |one: &Measured| {
            f64::from(u32::try_from(one.each.value_at_quantile(quantile)).unwrap_or(u32::MAX))
        };
        Some(median(turns.iter().map(of).collect()))
    }

    pub(crate) fn memory(&self, name: &str) -> Option<i64> {
        self.memory.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// Every run in which something was lost.
    pub(crate) fn lossy(&self) -> impl Iterator<Item = (String, &'static str, &Measured)> {
        let lost = |one: &&Measured| one.lost.samples != 0 || one.lost.cpu != 0;
        let usual = self.rows.iter().filter_map(move |(case, name, turns)| {
            let worst = turns.iter().filter(lost).max_by_key(|one| one.lost.samples)?;
            Some((case.name(), *name, worst))
        });
        usual.filter(|(_, name, _)| *name != NOTHING)
    }
}
