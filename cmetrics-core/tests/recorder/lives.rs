//! Containers that come and go, and what a recorder must emit for all of their samples.

use std::collections::BTreeMap;

use cmetrics_core::DataPoint;

/// Containers that come and go exist for this many seconds, and are gone for as many: longer than
/// it takes to forget them.
const LIFE: u64 = 200;

/// The number of a container, and the number of its life if each life has another name.
pub(crate) type Name = (usize, u64);

#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) containers: usize,
    pub(crate) seconds: u64,
}

impl Size {
    /// The number of the life in which a container is.
    pub(crate) fn life(container: usize, second: u64) -> Option<u64> {
        if container % 4 > 1 {
            return Some(0);
        }
        let second = second + container as u64;
        (second / LIFE).is_multiple_of(2).then_some(second / LIFE)
    }

    /// The first and last second of each life of all containers.
    fn lives(self) -> BTreeMap<(usize, u64), (u64, u64)> {
        let mut lives = BTreeMap::new();
        for container in 0..self.containers {
            for second in 0..self.seconds {
                if let Some(life) = Self::life(container, second) {
                    lives.entry((container, life)).or_insert((second, second)).1 = second;
                }
            }
        }
        lives
    }
}

pub(crate) fn name_of(container: usize, life: u64) -> Name {
    (container, if container % 4 == 1 { life } else { 0 })
}

pub(crate) fn path((container, life): Name) -> String {
    format!("/{container}/{life}")
}

pub(crate) fn number_of(point: &DataPoint) -> Name {
    let (container, life) = point.name()[1..].split_once('/').unwrap();
    (container.parse().unwrap(), life.parse().unwrap())
}

/// The container of a point, the point's start, and the growth of CPU and network.
pub(crate) type Given = (Name, u64, [u64; 2]);

/// The growth of a counter in a second.
pub(crate) fn rate(container: usize) -> u64 {
    1_000_003 + 7 * container as u64
}

/// What a recorder must emit.
pub(crate) struct Expected {
    pub(crate) samples: u64,
    pub(crate) forgotten: u64,
    intervals: Vec<(Name, u64)>,
    grown: BTreeMap<Name, [u64; 2]>,
}

impl Expected {
    pub(crate) fn of(size: Size) -> Self {
        let lives = size.lives();
        let (forgotten, grown) = (lives.len() as u64, BTreeMap::new());
        let mut this = Self { samples: 0, forgotten, intervals: Vec::new(), grown };
        for ((container, life), (first, last)) in lives {
            let name = name_of(container, life);
            let [cpu, rx] = this.grown.entry(name).or_default();
            *cpu += rate(container) * (last - first);
            *rx += 3 * rate(container) * (last - first);
            this.samples += last - first + 1;
            this.intervals.extend((first / 5..=last / 5).map(|interval| (name, interval * 5)));
        }
        this.intervals.sort_unstable();
        this
    }

    /// Checks what was emitted, in rising order.
    pub(crate) fn check(&self, found: &[Given]) {
        assert!(found.iter().map(|(name, start, _)| (*name, *start)).eq(self.intervals.clone()));
        let mut grown = BTreeMap::<_, [u64; 2]>::new();
        for (name, _, by) in found {
            let sums = grown.entry(*name).or_default();
            sums.iter_mut().zip(by).for_each(|(sum, by)| *sum += by);
        }
        assert!(grown == self.grown);
    }
}
