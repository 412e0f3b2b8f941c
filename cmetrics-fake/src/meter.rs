//! Counters that can be read at any instant.

use crate::random::mixed;

const SECOND: u64 = 1_000_000_000;

/// A counter that rises by an amount of its own in each second of its life, evenly within it.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    seed: u64,
    /// The most that it rises by in a second.
    most: u64,
    born: u64,
    /// How many whole seconds of its life are in `sum`.
    seconds: u64,
    sum: u64,
}

impl Meter {
    pub(crate) const fn new(seed: u64, most: u64, born: u64) -> Self {
        Self { seed, most, born, seconds: 0, sum: 0 }
    }

    /// What it reads at an instant. Instants must not go back by more than a second.
    pub(crate) fn at(&mut self, time: u64) -> u64 {
        let age = time.saturating_sub(self.born);
        while self.seconds < age / SECOND {
            self.sum += self.rise(self.seconds);
            self.seconds += 1;
        }
        let part = u128::from(self.rise(self.seconds)) * u128::from(age % SECOND);
        self.sum + u64::try_from(part / u128::from(SECOND)).unwrap_or(0)
    }

    /// In every fourth second it rests.
    const fn rise(&self, second: u64) -> u64 {
        let number = mixed(self.seed ^ mixed(second));
        match (number >> 62, self.most) {
            (0, _) | (_, 0) => 0,
            (_, most) => number % most,
        }
    }
}

/// What a container has used since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// CPU time in nanoseconds.
    pub cpu_ns: u64,
    /// Bytes received.
    pub rx_bytes: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
    /// Bytes read from disks.
    pub read_bytes: u64,
    /// Bytes written to disks.
    pub write_bytes: u64,
}

impl Totals {
    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            cpu_ns: self.cpu_ns + other.cpu_ns,
            rx_bytes: self.rx_bytes + other.rx_bytes,
            tx_bytes: self.tx_bytes + other.tx_bytes,
            read_bytes: self.read_bytes + other.read_bytes,
            write_bytes: self.write_bytes + other.write_bytes,
        }
    }
}

/// The counters of one life of a container.
#[derive(Clone, Debug)]
pub(crate) struct Meters {
    cpu: Meter,
    rx: Meter,
    tx: Meter,
    read: Meter,
    write: Meter,
}

impl Meters {
    /// Counters that begin at 0 when they are born. `most_cpu` is in nanoseconds a second; without
    /// it nothing rises.
    pub(crate) fn new(seed: u64, most_cpu: u64, born: u64) -> Self {
        let is_idle = most_cpu == 0;
        let meter = |which: u64, most: u64| {
            Meter::new(mixed(seed ^ which), if is_idle { 0 } else { most }, born)
        };
        Self {
            cpu: meter(1, most_cpu),
            rx: meter(2, 3_000_000),
            tx: meter(3, 1_500_000),
            read: meter(4, 700_000),
            write: meter(5, 2_000_000),
        }
    }

    pub(crate) fn at(&mut self, time: u64) -> Totals {
        Totals {
            cpu_ns: self.cpu.at(time),
            rx_bytes: self.rx.at(time),
            tx_bytes: self.tx.at(time),
            read_bytes: self.read.at(time),
            write_bytes: self.write.at(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_meter_rises_and_reads_the_same_whenever_it_was_read_before() {
        let mut often = Meter::new(7, 1_000, 5);
        let mut last = 0;
        for step in 0..500 {
            let time = 5 + step * 77_000_000;
            let now = often.at(time);
            assert!(now >= last);
            assert_eq!(now, Meter::new(7, 1_000, 5).at(time));
            last = now;
        }
        assert!(last > 1_000);
    }
}
