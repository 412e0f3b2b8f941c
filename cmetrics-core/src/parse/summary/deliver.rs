//! What a node or pod of the summary means: containers, and a sample for each time of their parts.

use std::collections::BTreeMap;

use super::subject::{Interface, LEVELS, Level, Subject};
use super::table::{COMPUTED, MEMORY_USAGE, Meaning, OF_INTERFACES, Part, ROWS, Row, TIMES};
use crate::container::{Container, KubernetesName};
use crate::document::{DocumentKind, Door};
use crate::error::Problem;
use crate::metric::{Metric, MetricSet, Section};
use crate::parse::delivery::{Deliver, set_told};
use crate::parse::reporter::Reporter;
use crate::sample::Draft;
use crate::time::Timestamp;

/// A node with its system containers, or a pod with its containers.
pub(super) struct Group<'m, 't> {
    pub(super) machine: Option<&'m str>,
    pub(super) subject: Subject<'t>,
    pub(super) inner: Vec<Subject<'t>>,
    /// Whether the text does not end inside of it.
    pub(super) is_whole: bool,
}

impl Deliver for Group<'_, '_> {
    fn is_faulty(&self) -> bool {
        let is_faulty = |subject: &Subject<'_>| !subject.remarks.faults.is_empty();
        is_faulty(&self.subject)
            || self.inner.iter().any(|inner| is_faulty(inner) || name_of(inner).is_none())
            || self.container().is_err()
    }

    fn deliver(&mut self, metrics: MetricSet, reporter: &mut Reporter<'_, '_>) {
        let container = match self.container() {
            Ok(container) => container,
            Err(_) if !self.is_whole => return,
            Err(problem) => {
                let error = reporter.error(self.subject.at, problem);
                reporter.receiver.error(error);
                return;
            }
        };
        if self.is_whole {
            deliver(&mut self.subject, &container, metrics, reporter);
        }
        let is_last = last_of_each_name(&self.inner);
        for (subject, is_last) in self.inner.iter_mut().zip(is_last) {
            let Some(name) = name_of(subject) else {
                let problem = missing("name", "the name of the container");
                let error = reporter.error(subject.at, problem);
                reporter.receiver.error(error);
                continue;
            };
            if is_last {
                let mut inner = inner_container(&container, name);
                inner.created = subject.started;
                deliver(subject, &inner, metrics, reporter);
            }
        }
    }
}

fn missing(field: &'static str, expected: &'static str) -> Problem {
    Problem::Container { field, expected, found: "none".to_owned() }
}

fn name_of<'s>(subject: &'s Subject<'_>) -> Option<&'s str> {
    subject.name.as_deref().filter(|name| !name.is_empty())
}

/// Of several containers of one name the one that was started last, by whether each is it. Old
/// kubelets list a container that was restarted once for each start.
fn last_of_each_name(inner: &[Subject<'_>]) -> Vec<bool> {
    let mut last: BTreeMap<&str, (Option<Timestamp>, usize)> = BTreeMap::new();
    let mut is_last = vec![false; inner.len()];
    for (index, subject) in inner.iter().enumerate() {
        let Some(name) = name_of(subject) else { continue };
        let known = last.entry(name).or_insert((subject.started, index));
        if known.0 < subject.started {
            *known = (subject.started, index);
        }
    }
    for (_, index) in last.into_values() {
        if let Some(is_last) = is_last.get_mut(index) {
            *is_last = true;
        }
    }
    is_last
}

impl Group<'_, '_> {
    /// The node or pod.
    fn container(&self) -> Result<Container, Problem> {
        let machine = self.machine.map(str::to_owned);
        if self.subject.level == Level::Node {
            return Ok(Container { machine, ..Container::at_path("/") });
        }
        let namespace = self.subject.namespace.as_deref().filter(|name| !name.is_empty());
        let namespace =
            namespace.ok_or_else(|| missing("podRef.namespace", "the namespace of the pod"))?;
        let pod =
            name_of(&self.subject).ok_or_else(|| missing("podRef.name", "the name of the pod"))?;
        let mut name = KubernetesName::new(namespace, pod);
        name.uid = self.subject.uid.as_deref().map(str::to_owned);
        let path = name.to_string();
        Ok(Container { machine, kubernetes: Some(name), ..Container::at_path(path) })
    }
}

/// The container of this name, of a pod or of the node.
fn inner_container(outer: &Container, name: &str) -> Container {
    let machine = outer.machine.clone();
    let Some(pod) = &outer.kubernetes else {
        return Container { machine, ..Container::at_path(format!("/systemContainers/{name}")) };
    };
    let kubernetes = pod.clone().container(name);
    let path = kubernetes.to_string();
    Container { machine, kubernetes: Some(kubernetes), ..Container::at_path(path) }
}

/// Hands a container and its samples to the receiver: one for each time at which it was measured.
fn deliver(
    subject: &mut Subject<'_>,
    container: &Container,
    metrics: MetricSet,
    reporter: &mut Reporter<'_, '_>,
) {
    reporter.begin(container, DocumentKind::Of(Door::Summary));
    reporter.remarks(&mut subject.remarks);
    let mut times: Vec<Timestamp> = Vec::new();
    for (_, part) in TIMES {
        if let Some(time) = subject.time(part)
            && !times.contains(&time)
            && subject.is_measured(part)
        {
            times.push(time);
        }
    }
    for (time, nth) in times.into_iter().zip(0..) {
        let number = subject.level as usize + LEVELS * nth.min(1);
        reporter.sample(number, time, |draft| subject.sample(time, metrics, draft));
    }
    reporter.container = None;
}

impl Subject<'_> {
    fn time(&self, part: Part) -> Option<Timestamp> {
        self.times.get(part as usize).copied().flatten()
    }

    /// Whether a part has any reading.
    fn is_measured(&self, part: Part) -> bool {
        if part == Part::Network {
            return self.interfaces.is_some() || self.has_top_interface();
        }
        let mut rows = ROWS.iter().zip(self.rows).filter(|(row, _)| row.part == part);
        rows.any(|(row, count)| self.value(row, count).is_some())
    }

    fn has_top_interface(&self) -> bool {
        self.top_interface.counts.iter().any(Option::is_some)
    }

    fn value(&self, row: &Row, count: Option<u64>) -> Option<u64> {
        let count = count?;
        let is_told = match row.meaning {
            Meaning::Plain | Meaning::PlusLogs => true,
            Meaning::NotZero => count > 0,
            Meaning::WithUsage => self.rows.get(MEMORY_USAGE) != Some(&Some(0)),
            Meaning::Half => count < 1 << 63,
        };
        is_told.then_some(count)
    }

    /// The sample of the parts that were measured at this time.
    fn sample(&self, time: Timestamp, metrics: MetricSet, sample: &mut Draft) {
        let mut set = |metric: Metric, value: Option<u64>| {
            if let Some(value) = value.filter(|_| metrics.contains(metric)) {
                sample.set(metric, value);
            }
        };
        for (row, count) in ROWS.iter().zip(self.rows) {
            if count.is_none() || self.time(row.part) != Some(time) {
                continue;
            }
            let value = self.value(row, count);
            set(row.metric, value);
            if row.meaning == Meaning::PlusLogs {
                let logs = self.logs.filter(|_| self.time(Part::Logs).is_some());
                set(COMPUTED, value.zip(logs).and_then(|(layer, logs)| layer.checked_add(logs)));
            }
        }
        let selects_network = !metrics.of_section(Section::Network).is_empty();
        if selects_network && self.time(Part::Network) == Some(time) {
            self.set_interfaces(metrics, sample);
        }
    }

    /// The list counts. Only where there is none does the top, as an interface of its name.
    fn set_interfaces(&self, metrics: MetricSet, sample: &mut Draft) {
        match &self.interfaces {
            Some(listed) => {
                sample.measured(Section::Network);
                for interface in listed {
                    set_interface(interface, metrics, sample);
                }
            }
            None if self.has_top_interface() => {
                set_interface(&self.top_interface, metrics, sample);
            }
            None => {}
        }
    }
}

fn set_interface(interface: &Interface<'_>, metrics: MetricSet, sample: &mut Draft) {
    let counts = OF_INTERFACES.iter().map(|(_, metric)| *metric).zip(interface.counts);
    let mut entry = sample.push_interface(interface.name.as_deref().unwrap_or_default());
    set_told(&mut entry, metrics, counts);
}
