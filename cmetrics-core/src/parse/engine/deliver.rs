//! What one object of the Engine's stats means: a container, and up to two samples.

use super::stats::{DeviceEntry, Interface, Stats};
use super::table::{
    COMPUTED, CPU_ROWS, CPU_TOTAL, INACTIVE_FILE_OF_V1, INACTIVE_FILE_OF_V2, KEYS_OF_V1,
    KEYS_OF_V2, KEYS_OF_WINDOWS, Kinds, MEMORY_USAGE, Meaning, OF_INTERFACES, ROWS, Row,
};
use crate::container::{Container, Limits, without_runtime};
use crate::document::{DocumentKind, Door, Note};
use crate::error::Problem;
use crate::metric::{Metric, MetricSet, Section};
use crate::parse::delivery::{Deliver, set_told};
use crate::parse::remarks::Read;
use crate::parse::reporter::Reporter;
use crate::sample::Draft;

impl Deliver for Stats<'_, '_> {
    fn is_faulty(&self) -> bool {
        !self.remarks.faults.is_empty() || self.container_name().is_none()
    }

    fn deliver(&mut self, metrics: MetricSet, reporter: &mut Reporter<'_, '_>) {
        let Some(container) = self.container() else {
            let (field, found) = ("id", "none".to_owned());
            let expected = "the id of the container (or name the file after it)";
            let error = reporter.error(self.at, Problem::Container { field, expected, found });
            reporter.receiver.error(error);
            return;
        };
        reporter.begin(&container, DocumentKind::Of(Door::Engine));
        let kind = self.kind();
        reporter.receiver.note(Note::ShownByDocker);
        if kind == Kinds::WINDOWS && metrics.contains(Metric::MemoryUsage) {
            reporter.receiver.note(Note::CommittedMemory);
        }
        reporter.remarks(&mut self.remarks);
        if let Some(time) = self.time_before.filter(|_| is_measured(&self.rows_before)) {
            reporter.sample(0, time, |draft| self.sample_before(kind, metrics, draft));
        }
        match self.time {
            Some(Read::At(time)) => {
                reporter.sample(1, time, |draft| self.sample(kind, metrics, draft));
            }
            Some(Read::NeverTaken) => reporter.receiver.never_taken(),
            Some(Read::Bad) | None => {}
        }
        reporter.container = None;
    }
}

/// Whether CPU was measured: the Engine writes zeros for what it did not measure. Where the total
/// cannot be read, the others tell.
fn is_measured(rows: &[Option<u64>]) -> bool {
    match rows.get(CPU_TOTAL).copied().flatten() {
        Some(total) => total > 0,
        None => rows.iter().take(CPU_ROWS).flatten().any(|count| *count > 0),
    }
}

impl Stats<'_, '_> {
    fn kind(&self) -> Kinds {
        let has = |keys: [usize; 3]| keys.iter().any(|key| self.row(*key).is_some());
        match () {
            () if self.is_windows => Kinds::WINDOWS,
            () if self.is_podman => Kinds::PODMAN,
            () if has(KEYS_OF_WINDOWS) => Kinds::ECS_ON_WINDOWS,
            () if has(KEYS_OF_V1) => Kinds::V1,
            () if has(KEYS_OF_V2) => Kinds::V2,
            () => Kinds::BARE,
        }
    }

    fn row(&self, index: usize) -> Option<u64> {
        self.rows.get(index).copied().flatten()
    }

    /// Its id, else the key under which it lies, else its name, else what the caller calls it.
    fn container_name(&self) -> Option<&str> {
        let id = self.id().or(self.key()).or(self.name()).or(self.called);
        id.map(without_runtime).filter(|id| !id.is_empty())
    }

    fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    /// The key under which it lies, which may be its name, with a slash.
    fn key(&self) -> Option<&str> {
        self.key.as_deref().map(|key| key.strip_prefix('/').unwrap_or(key))
    }

    fn name(&self) -> Option<&str> {
        let name = self.name.as_deref().map(|name| name.strip_prefix('/').unwrap_or(name));
        name.filter(|name| !name.is_empty())
    }

    fn container(&self) -> Option<Container> {
        let name = self.container_name()?;
        let has_id = self.id().or(self.key()).is_some();
        let mut container = Container::at_path(name);
        container.id = has_id.then(|| name.to_owned());
        container.aliases = self.name().filter(|_| has_id).map(str::to_owned).into_iter().collect();
        container.limits = Some(Limits {
            memory_bytes: self.memory_limit.and_then(Limits::told),
            processes: self.metric_row(Metric::ProcessesThreadsMax).and_then(Limits::told),
            ..Limits::default()
        });
        let counts = [self.online_cpus, self.processors, self.listed_cpus];
        container.cpus = counts.into_iter().flatten().find(|count| *count > 0);
        Some(container)
    }

    fn metric_row(&self, metric: Metric) -> Option<u64> {
        self.row(ROWS.iter().position(|row| row.metric == metric)?)
    }

    /// The sample of the reading before, which is of CPU alone.
    fn sample_before(&self, kind: Kinds, metrics: MetricSet, sample: &mut Draft) {
        for (row, count) in ROWS.iter().zip(self.rows_before) {
            self.set(row, count, kind, metrics, sample);
        }
    }

    fn sample(&self, kind: Kinds, metrics: MetricSet, sample: &mut Draft) {
        let skipped = if is_measured(&self.rows) { 0 } else { CPU_ROWS };
        for (row, count) in ROWS.iter().zip(self.rows).skip(skipped) {
            self.set(row, count, kind, metrics, sample);
        }
        if metrics.contains(COMPUTED)
            && let Some(working_set) = self.working_set(kind)
        {
            sample.set(COMPUTED, working_set);
        }
        let selects = |section| !metrics.of_section(section).is_empty();
        if selects(Section::Network) {
            self.set_interfaces(metrics, sample);
        }
        // On Windows the lists are those of an empty struct.
        if !matches!(kind, Kinds::WINDOWS | Kinds::ECS_ON_WINDOWS)
            && let Some(devices) = &self.devices
            && selects(Section::Diskio)
        {
            sample.measured(Section::Diskio);
            set_devices(devices, metrics, sample);
        }
    }

    fn set(
        &self,
        row: &Row,
        count: Option<u64>,
        kind: Kinds,
        metrics: MetricSet,
        sample: &mut Draft,
    ) {
        if !metrics.contains(row.metric) || !row.kinds.contains(kind) {
            return;
        }
        let value = match row.meaning {
            Meaning::CpuTime if kind == Kinds::WINDOWS => {
                count.and_then(|steps| steps.checked_mul(NANOS_PER_STEP))
            }
            Meaning::Plain | Meaning::CpuTime => count,
            Meaning::NotZero => count.filter(|count| *count > 0),
            Meaning::Peak => count.filter(|count| *count < 1 << 63),
            Meaning::Limit => count.and_then(Limits::told),
            Meaning::ZeroIfAbsent => count.or(self.usage().and(Some(0))),
            Meaning::OnlyDevice => count.or(self.has_storage.then_some(0)),
        };
        if let Some(value) = value {
            sample.set(row.metric, value);
        }
    }

    /// Memory in use, if memory was measured.
    fn usage(&self) -> Option<u64> {
        self.row(MEMORY_USAGE).filter(|usage| *usage > 0)
    }

    fn working_set(&self, kind: Kinds) -> Option<u64> {
        let inactive_file = match kind {
            Kinds::V1 => self.row(INACTIVE_FILE_OF_V1),
            Kinds::V2 => self.row(INACTIVE_FILE_OF_V2),
            _ => None,
        };
        Some(self.usage()?.saturating_sub(inactive_file?))
    }

    fn set_interfaces(&self, metrics: MetricSet, sample: &mut Draft) {
        match &self.networks {
            Some(interfaces) => {
                sample.measured(Section::Network);
                for interface in interfaces {
                    set_interface(interface, metrics, sample);
                }
            }
            None => {
                if let Some(interface) = &self.network {
                    set_interface(interface, metrics, sample);
                }
            }
        }
    }
}

/// How many nanoseconds a step of the CPU time is on Windows.
const NANOS_PER_STEP: u64 = 100;

fn set_interface(interface: &Interface<'_>, metrics: MetricSet, sample: &mut Draft) {
    let counts = OF_INTERFACES.iter().map(|(_, metric)| *metric).zip(interface.counts);
    set_told(&mut sample.push_interface(&interface.name), metrics, counts);
}

/// Sets the devices of the lists of which some metric is wanted.
fn set_devices(devices: &[DeviceEntry], metrics: MetricSet, sample: &mut Draft) {
    let wanted = metrics.of_section(Section::Diskio);
    for device in devices {
        if !wanted.iter().any(|metric| metric.list() == device.list) {
            continue;
        }
        let counts = device.counts.iter().map(|(metric, count)| (*metric, Some(*count)));
        set_told(&mut sample.push_device(device.number, Some(device.list)), metrics, counts);
    }
}
