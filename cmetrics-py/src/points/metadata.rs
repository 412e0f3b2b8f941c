//! What is known about the containers of points: names, limits and events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cmetrics_core::container::{Identity, Limits};
use cmetrics_core::names::Subject;
use cmetrics_core::parse::Door;
use cmetrics_core::recorder::KnownContainer;
use cmetrics_core::series::{Chain, Events};
use cmetrics_core::store::{Bearer, Event, Happening};
use cmetrics_core::{Container, Error, Series, Timestamp};
use serde::{Deserialize, Serialize};

/// What is known about the containers of points, by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    containers: BTreeMap<Arc<str>, Arc<ContainerMetadata>>,
}

/// What is known about one container.
#[derive(Clone, Debug)]
pub(crate) struct ContainerMetadata {
    pub(crate) identity: Identity,
    pub(crate) limits: Limits,
    pub(crate) limit_changes: u64,
    pub(crate) life: Life,
    /// In the order of their usual rank.
    pub(crate) doors: Vec<Door>,
    pub(crate) events: Vec<EventMetadata>,
}

/// When a container was created and started, and on how many CPUs it may run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Life {
    starts: Vec<Timestamp>,
    created: Option<Timestamp>,
    cpus: Option<u64>,
}

/// An event of a container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventMetadata {
    pub(crate) kind: EventKind,
    /// Nanoseconds since the epoch; `None` where only the sum over all time is known.
    pub(crate) at: Option<u64>,
    pub(crate) since: Option<u64>,
    pub(crate) metric: Option<String>,
    pub(crate) growth: Option<u128>,
    pub(crate) limits: Option<Limits>,
    pub(crate) labels: Option<BTreeMap<String, String>>,
}

/// The kind of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum EventKind {
    Restart,
    Gap,
    Unattributed,
    Limits,
    TooLarge,
    SetAside,
    Correction,
    Implausible,
    Labels,
}

impl Metadata {
    /// Adds a container that was read, with its events.
    pub(crate) fn add_series(&mut self, series: &Series, events: &Events) {
        self.add(ContainerMetadata { events: EventMetadata::of_batch(events), ..series.into() });
    }

    pub(crate) fn add(&mut self, container: ContainerMetadata) {
        self.containers.insert(Arc::clone(container.identity.name()), Arc::new(container));
    }

    pub(crate) fn container(&self, name: &str) -> Option<&ContainerMetadata> {
        self.containers.get(name).map(|known| &**known)
    }

    /// What is known about a container, which may be no more than its name.
    pub(crate) fn of(&self, name: &str) -> Arc<ContainerMetadata> {
        let known = self.containers.get(name).cloned();
        known.unwrap_or_else(|| Arc::new(ContainerMetadata::named(name)))
    }

    /// Both sets of containers. What is known about a container in both is merged.
    pub(crate) fn and(&self, others: &Self) -> Self {
        let mut both = self.clone();
        for (name, known) in &others.containers {
            let before = both.containers.get(name);
            let known = before.map_or_else(|| Arc::clone(known), |before| before.and(known));
            both.containers.insert(Arc::clone(name), known);
        }
        both
    }

    /// The names of the containers that a word stands for, among these.
    pub(crate) fn find(&self, names: &[Arc<str>], word: &str) -> Result<Vec<Arc<str>>, Error> {
        let all: Vec<_> = names.iter().map(|name| self.of(name)).collect();
        let found = Identity::find(all.iter().map(|known| &known.identity), word)?;
        Ok(found.into_iter().map(|identity| Arc::clone(identity.name())).collect())
    }
}

/// A container that was read, without its events.
impl From<&Series> for ContainerMetadata {
    fn from(series: &Series) -> Self {
        Self {
            identity: series.identity().clone(),
            limits: series.limits(),
            limit_changes: series.limit_changes(),
            life: Life {
                starts: series.starts().collect(),
                created: series.created(),
                cpus: series.cpus(),
            },
            doors: series.chains().map(Chain::door).collect::<BTreeSet<_>>().into_iter().collect(),
            events: Vec::new(),
        }
    }
}

/// A container of a recorder.
impl From<KnownContainer> for ContainerMetadata {
    fn from(known: KnownContainer) -> Self {
        Self { doors: known.doors, ..Self::new(known.identity, known.limits) }
    }
}

/// A container of a store, without its events.
impl From<Bearer> for ContainerMetadata {
    fn from(bearer: Bearer) -> Self {
        let life = Life { starts: bearer.starts, created: bearer.created, cpus: bearer.cpus };
        Self { life, doors: bearer.doors, ..Self::new(bearer.identity, bearer.limits) }
    }
}

impl ContainerMetadata {
    /// A container of which only the name is known.
    pub(crate) fn named(name: &str) -> Self {
        Self::new(Identity::new(&Container::at_path(name), None), Limits::default())
    }

    /// A container without events.
    fn new(identity: Identity, limits: Limits) -> Self {
        Self {
            identity,
            limits,
            limit_changes: 0,
            life: Life::default(),
            doors: Vec::new(),
            events: Vec::new(),
        }
    }

    /// What rows under other names tell of it.
    pub(crate) fn subject(&self) -> Subject<'_> {
        let Life { starts, created, cpus } = &self.life;
        Subject::new(&self.identity)
            .with_limits(self.limits)
            .with_starts(starts.iter().copied())
            .with_created(*created)
            .with_cpus(*cpus)
    }

    /// Merges what is known about the same container elsewhere.
    fn and(self: &Arc<Self>, other: &Arc<Self>) -> Arc<Self> {
        if Arc::ptr_eq(self, other) {
            return Arc::clone(self);
        }
        let mut both = Self::clone(self);
        for event in &other.events {
            if !both.events.contains(event) {
                both.events.push(event.clone());
            }
        }
        both.events.sort_by_key(|event| event.at);
        both.doors.extend(&other.doors);
        both.doors.sort_unstable();
        both.doors.dedup();
        if both.identity.aliases().is_empty() {
            both.identity = other.identity.clone();
        }
        if both.life == Life::default() {
            both.life = other.life.clone();
        }
        if both.limits == Limits::default() {
            both.limits = other.limits;
            both.limit_changes = other.limit_changes;
        }
        Arc::new(both)
    }
}

impl EventMetadata {
    pub(crate) fn new(kind: EventKind, at: Option<u64>) -> Self {
        Self { kind, at, since: None, metric: None, growth: None, limits: None, labels: None }
    }

    /// The events of a batch, in which growth across gaps is one sum for each counter.
    pub(crate) fn of_batch(events: &Events) -> Vec<Self> {
        let nanos = |time: &Timestamp| Some(time.nanos());
        let instants = [
            (EventKind::Restart, &events.restarts),
            (EventKind::SetAside, &events.set_aside),
            (EventKind::Correction, &events.corrections),
            (EventKind::Implausible, &events.implausible),
        ];
        let instants = instants
            .into_iter()
            .flat_map(|(kind, times)| times.iter().map(move |at| Self::new(kind, nanos(at))));
        let gaps = events.gaps.iter().map(|gap| Self {
            since: nanos(&gap.from),
            ..Self::new(EventKind::Gap, nanos(&gap.to))
        });
        let mut timed: Vec<_> = instants.chain(gaps).collect();
        timed.sort_by_key(|event| event.at);
        let grown = events.unattributed.iter().filter(|(_, growth)| **growth > 0);
        timed.extend(grown.map(|(metric, growth)| Self {
            metric: Some(metric.name().to_owned()),
            growth: Some(*growth),
            ..Self::new(EventKind::Unattributed, None)
        }));
        timed
    }

    /// An event of a store. `None` for a kind that is not known here.
    pub(crate) fn of_stored(event: &Event) -> Option<Self> {
        let nanos = |time: &Timestamp| Some(time.nanos());
        let at = nanos(&event.at);
        Some(match &event.what {
            Happening::Restart => Self::new(EventKind::Restart, at),
            Happening::SetAside => Self::new(EventKind::SetAside, at),
            Happening::Correction => Self::new(EventKind::Correction, at),
            Happening::Implausible => Self::new(EventKind::Implausible, at),
            Happening::Gap { from } => Self { since: nanos(from), ..Self::new(EventKind::Gap, at) },
            Happening::Unattributed { metric, growth } => Self {
                metric: Some(metric.clone()),
                growth: Some(*growth),
                ..Self::new(EventKind::Unattributed, at)
            },
            Happening::Limits(limits) => {
                Self { limits: Some(*limits), ..Self::new(EventKind::Limits, at) }
            }
            Happening::Labels(labels) => {
                Self { labels: Some(labels.clone()), ..Self::new(EventKind::Labels, at) }
            }
            _ => return None,
        })
    }
}

impl EventKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Gap => "gap",
            Self::Unattributed => "unattributed",
            Self::Limits => "limits",
            Self::TooLarge => "too_large",
            Self::SetAside => "set_aside",
            Self::Correction => "correction",
            Self::Implausible => "implausible",
            Self::Labels => "labels",
        }
    }
}
