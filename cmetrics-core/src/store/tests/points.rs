//! Points as a caller might append them.

use std::sync::Arc;

use proptest::prelude::*;

use crate::metric::{Metric, MetricSet};
use crate::point::{DataPoint, Extended, Figures, Gauge, Level, ReadingSummary, Watched};
use crate::time::Interval;

pub(super) const WIDTH: u64 = 5;
/// Where the first interval begins.
pub(super) const START: u64 = 1_795_262_400;
pub(super) const CONTAINERS: [&str; 3] =
    ["/", "/docker", "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e"];

/// All parts of a point, exactly.
pub(super) fn exact(point: &DataPoint) -> String {
    let watched = match point.watched() {
        Watched::Part(part) => format!("part {:x}", part.to_bits()),
        watched => format!("{watched:?}"),
    };
    let level = |level: &Level| match level {
        Level::Inexact(gauge) => {
            let Gauge { ave, min, max } = *gauge;
            format!("told {:x?}", [ave, min, max].map(f64::to_bits))
        }
        level => format!("{level:?}"),
    };
    let (figures, interval) = (point.figures(), point.interval());
    format!(
        "{} {}..{} {:?} {watched} {:?} {:?} {:?} {:?} {:?}",
        point.name(),
        interval.start(),
        interval.end(),
        point.samples(),
        figures.present(),
        figures.too_large(),
        point.selected(),
        figures.growths(),
        figures.levels().iter().map(level).collect::<Vec<_>>(),
    )
}

/// A short description of a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spec {
    pub(super) container: usize,
    pub(super) slot: u64,
    /// The quarters of the interval that are covered.
    pub(super) covered: u64,
    pub(super) shape: u8,
    pub(super) value: u64,
    /// Whether it was read back from JSON.
    pub(super) figures_only: bool,
}

pub(super) fn some_spec(slots: u64) -> impl Strategy<Value = Spec> {
    let value = prop_oneof![8 => 0_u64..1_000, 1 => any::<u64>()];
    (0..CONTAINERS.len(), 0..slots, 0_u64..=4, 0_u8..6, value, prop::bool::weighted(0.2)).prop_map(
        |(container, slot, covered, shape, value, figures_only)| Spec {
            container,
            slot,
            covered,
            shape,
            value,
            figures_only,
        },
    )
}

/// Points in succession, as a recorder would append them.
pub(super) fn some_run(slots: u64) -> impl Strategy<Value = Vec<Spec>> {
    (some_spec(slots), 1_u64..20).prop_map(|(first, count)| {
        (0..count).map(|more| Spec { slot: first.slot + more, ..first }).collect()
    })
}

impl Spec {
    pub(super) fn point(&self) -> DataPoint {
        let start = START + self.slot * WIDTH;
        let which = (Arc::from(CONTAINERS[self.container]), Interval::new(start, start + WIDTH));
        let (name, Some(interval)) = which else { panic!("{start} is no start") };
        let nanos = self.covered * WIDTH * 250_000_000;
        let (samples, watched) = match self.shape {
            3 => (None, Watched::Nanos(nanos)),
            4 => (Some(self.value % 7), Watched::Unknown),
            _ => (Some(self.value % 7), Watched::Nanos(nanos)),
        };
        let (figures, selected) = self.figures(start);
        let point = DataPoint::from_parts(name, interval, samples, watched, figures, selected);
        if !self.figures_only {
            return point;
        }
        // Some have only what the documented shape has.
        let text = if self.shape == 2 {
            serde_json::to_string(&point).unwrap()
        } else {
            serde_json::to_string(&Extended(&point)).unwrap()
        };
        serde_json::from_str(&text).unwrap()
    }

    fn figures(&self, start: u64) -> (Figures, MetricSet) {
        let (mut figures, mut selected) = (Figures::default(), MetricSet::default());
        let (value, nanos) = (self.value, start * 1_000_000_000);
        figures.set_growth(Metric::CpuUsage, value);
        let many = u128::from(value) * 3;
        let read = ReadingSummary::new(3, many, value, value).unwrap();
        match self.shape {
            0 => {}
            1 => figures.set_level(Metric::MemoryUsage, Level::Read(read)),
            2 => {
                let readings = ((nanos - 7, value), (nanos + 9_000_000_000, value / 2));
                figures.set_level(Metric::MemoryUsage, Level::Between(readings.0, readings.1));
            }
            3 => {
                figures.set_level(Metric::CpuLoad, Level::Read(read));
                figures = figures.with_too_large([Metric::NetworkRxBytes].into_iter().collect());
            }
            _ => {
                selected = [Metric::MemoryWorkingSet, Metric::MemoryCache].into_iter().collect();
                figures.set_level(Metric::MemoryWorkingSet, Level::Read(read));
                figures.set_growth(Metric::DiskioRead, value / 3);
            }
        }
        (figures, selected)
    }
}
