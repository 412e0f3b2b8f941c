//! The container whose points are named, and what its documents tell besides samples.

use crate::container::{Identity, Limits};
use crate::series::Series;
use crate::time::Timestamp;

/// The container whose points are named: who it is, and what rows tell of it besides its points.
/// What is not known gives no row.
///
/// ```
/// use cmetrics_core::container::Identity;
/// use cmetrics_core::names::Subject;
/// use cmetrics_core::Container;
///
/// let identity = Identity::new(&Container::at_path("/"), Some("node7"));
/// let node = Subject::new(&identity).with_cpus(Some(4));
/// assert!(node.is_node());
/// ```
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    identity: &'a Identity,
    limits: Limits,
    /// In rising order.
    starts: Vec<Timestamp>,
    created: Option<Timestamp>,
    cpus: Option<u64>,
    memory: Option<u64>,
}

impl<'a> Subject<'a> {
    /// A container without limits, of which no start is known.
    pub fn new(identity: &'a Identity) -> Self {
        Self {
            identity,
            limits: Limits::default(),
            starts: Vec::new(),
            created: None,
            cpus: None,
            memory: None,
        }
    }

    /// The same container with these limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same container, started at these times.
    #[must_use]
    pub fn with_starts(self, starts: impl IntoIterator<Item = Timestamp>) -> Self {
        let mut starts: Vec<_> = starts.into_iter().collect();
        starts.sort_unstable();
        Self { starts, ..self }
    }

    /// The same container, created at this time: what its uptime is counted from before its first
    /// known start.
    #[must_use]
    pub fn with_created(self, created: Option<Timestamp>) -> Self {
        Self { created, ..self }
    }

    /// The same container with this number of CPUs that it may run on.
    #[must_use]
    pub fn with_cpus(self, cpus: Option<u64>) -> Self {
        Self { cpus, ..self }
    }

    /// The same container with this memory of the machine, in bytes, in place of what its limits
    /// tell.
    #[must_use]
    pub fn with_machine_memory(self, bytes: Option<u64>) -> Self {
        Self { memory: bytes, ..self }
    }

    /// Who it is.
    pub fn identity(&self) -> &'a Identity {
        self.identity
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// On how many CPUs it may run.
    pub fn cpus(&self) -> Option<u64> {
        self.cpus
    }

    /// The CPUs of its machine, if it is the machine itself: what a row of the machine tells, else
    /// those that it may run on.
    pub fn machine_cpus(&self) -> Option<u64> {
        self.limits.machine_cpus.or(self.cpus).filter(|_| self.is_node())
    }

    /// The memory of its machine, in bytes, if it is the machine itself.
    pub fn machine_memory(&self) -> Option<u64> {
        self.memory.or(self.limits.machine_memory_bytes).filter(|_| self.is_node())
    }

    /// Whether it is the machine itself.
    pub fn is_node(&self) -> bool {
        self.identity.id().is_none() && self.path() == Some("/")
    }

    /// Its first cgroup path; `None` where no document has one.
    pub(super) fn path(&self) -> Option<&'a str> {
        let first = self.identity.paths().first().map(String::as_str);
        first.filter(|path| path.starts_with('/'))
    }

    /// The time from its last start before a second, or from its creation if there is none, in
    /// milliseconds.
    pub(super) fn uptime_millis(&self, second: u64) -> Option<u64> {
        let later = self.starts.partition_point(|start| start.nanos() <= nanos_of(second));
        let start = later.checked_sub(1).and_then(|last| self.starts.get(last).copied());
        let nanos = nanos_of(second).checked_sub(start.or(self.created)?.nanos())?;
        Some(nanos / 1_000_000)
    }
}

fn nanos_of(second: u64) -> u64 {
    second.saturating_mul(crate::time::NANOS_PER_SECOND)
}

impl<'a> From<&'a Series> for Subject<'a> {
    fn from(series: &'a Series) -> Self {
        Self::new(series.identity())
            .with_limits(series.limits())
            .with_starts(series.starts())
            .with_created(series.created())
            .with_cpus(series.cpus())
    }
}
