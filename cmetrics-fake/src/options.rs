//! What a fake machine is like.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// What runs the containers of a machine, and so what cAdvisor calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Runtime {
    /// `/docker/ID`; `docker/` has them.
    Docker,
    /// `/machine.slice/libpod-ID.scope`; `docker/` is empty, and `stats?type=podman` has them.
    Podman,
    /// `/kubepods/podUID/ID`; only `subcontainers/` has them.
    Kubernetes,
}

impl Runtime {
    /// The parent of all containers.
    pub(crate) const fn parent(self) -> &'static str {
        match self {
            Self::Docker => "/docker",
            Self::Podman => "/machine.slice",
            Self::Kubernetes => "/kubepods",
        }
    }

    pub(crate) const fn namespace(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Kubernetes => "containerd",
        }
    }

    pub(crate) fn path(self, id: &str) -> String {
        let parent = self.parent();
        match self {
            Self::Docker => format!("{parent}/{id}"),
            Self::Podman => format!("{parent}/libpod-{id}.scope"),
            Self::Kubernetes => {
                format!("{parent}/pod{}/{id}", id.get(..32).unwrap_or_default())
            }
        }
    }
}

/// How much is in a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// All that cAdvisor v0.60.5 writes: some 5 KB.
    Full,
    /// What the metrics of a documented point need: 1.2 KB.
    Small,
}

/// What a [`FakeMachine`](crate::FakeMachine) is like.
#[derive(Clone, Debug)]
pub struct MachineOptions {
    pub(crate) seed: u64,
    pub(crate) containers: usize,
    pub(crate) cores: u64,
    pub(crate) runtime: Runtime,
    pub(crate) form: Form,
    pub(crate) history: Duration,
    pub(crate) storage: Duration,
    pub(crate) housekeeping: Duration,
    pub(crate) delay: Duration,
    pub(crate) life: Option<Duration>,
    pub(crate) idle_every: usize,
    pub(crate) own_cpu: u64,
    pub(crate) offset: i64,
    pub(crate) prefix: String,
    pub(crate) listen: SocketAddr,
    pub(crate) keeps_truth: bool,
    pub(crate) keeps_replies: bool,
}

impl Default for MachineOptions {
    /// Docker with three containers, on two cores, that were sampled for two minutes.
    fn default() -> Self {
        Self {
            seed: 1,
            containers: 3,
            cores: 2,
            runtime: Runtime::Docker,
            form: Form::Small,
            history: Duration::from_secs(130),
            storage: Duration::from_secs(120),
            housekeeping: Duration::from_secs(1),
            delay: Duration::ZERO,
            life: None,
            idle_every: 0,
            own_cpu: 0,
            offset: 0,
            prefix: String::new(),
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            keeps_truth: true,
            keeps_replies: true,
        }
    }
}

impl MachineOptions {
    /// What is made up follows from this number: names, times and readings.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How many containers run.
    pub fn with_containers(self, containers: usize) -> Self {
        Self { containers, ..self }
    }

    /// How many cores it has.
    pub fn with_cores(self, cores: u64) -> Self {
        Self { cores: cores.max(1), ..self }
    }

    /// What runs its containers.
    pub fn with_runtime(self, runtime: Runtime) -> Self {
        Self { runtime, ..self }
    }

    /// How much is in a sample.
    pub fn with_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// For how long it has run when it is made.
    pub fn with_history(self, history: Duration) -> Self {
        Self { history, ..self }
    }

    /// `--storage_duration`: samples this much older than a new one are dropped; 2 min.
    pub fn with_storage_duration(self, storage: Duration) -> Self {
        Self { storage, ..self }
    }

    /// `--housekeeping_interval`: the least time between two samples of a container, 1 s; the most
    /// is twice that.
    pub fn with_housekeeping_interval(self, housekeeping: Duration) -> Self {
        Self { housekeeping, ..self }
    }

    /// Samples can be read up to this long after their time. They are in replies in the order of
    /// their times all the same.
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Containers end or restart after about this time, and others are started.
    pub fn with_life(self, life: Duration) -> Self {
        Self { life: Some(life), ..self }
    }

    /// Each so manieth container is idle: nothing rises, and it is sampled ever more rarely.
    pub fn with_idle_every(self, every: usize) -> Self {
        Self { idle_every: every, ..self }
    }

    /// CPU time that is used in the parent cgroup itself, at most so many nanoseconds a second.
    pub fn with_own_cpu(self, nanos: u64) -> Self {
        Self { own_cpu: nanos, ..self }
    }

    /// So many seconds its clock is ahead of the world's, or behind it.
    pub fn with_seconds_ahead(self, seconds: i32) -> Self {
        Self { offset: i64::from(seconds) * 1_000_000_000, ..self }
    }

    /// `--url_base_prefix`: before each path, such as `/cadvisor`.
    pub fn with_prefix(self, prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..self }
    }

    /// Where it listens; else a free port of 127.0.0.1.
    pub fn with_listen(self, listen: SocketAddr) -> Self {
        Self { listen, ..self }
    }

    /// Forgets each sample that can no longer be read, so that it may run for ever; of the truth,
    /// what it [counts](crate::TrueLife) is left.
    pub fn without_truth(self) -> Self {
        Self { keeps_truth: false, keeps_replies: false, ..self }
    }

    /// Forgets the bodies of replies, which are many times what samples take.
    pub fn without_replies(self) -> Self {
        Self { keeps_replies: false, ..self }
    }
}
