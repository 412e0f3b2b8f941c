//! A plain reading of the rules: text to samples, row by row, without a thought for speed.

use std::collections::{BTreeMap, BTreeSet};

use cmetrics_core::container::{KubernetesName, Limits};
use cmetrics_core::parse::{Door, Note};
use cmetrics_core::{Container, MetricSet, Timestamp};

use super::plain_number::{nanos, shifted, whole};
use super::plain_row::{Row, row};
use super::told::{All, Readings, SCRAPED_AT, Told};

/// What an exposition tells, with the numbers of the lines that cannot be read.
#[derive(Debug, Default)]
pub struct Plain {
    pub all: All,
    pub bad_lines: Vec<u64>,
}

type Key = (Door, Option<String>, String);

/// A row's series: its metric, and the labels that tell it from others of the container.
type Series = (String, Vec<String>);

pub fn read(text: &str) -> Plain {
    let mut plain = Plain::default();
    let mut taken = Taken::default();
    for (whole, number) in text.split('\n').zip(1..) {
        let line = whole.trim_start_matches('\u{feff}').trim_ascii();
        if line.is_empty() || line.starts_with('#') {
            taken.scrapes.comment(whole.trim_ascii_end());
            continue;
        }
        match row(line) {
            Some(row) if is_readable(&row) => taken.take(&row, &mut plain.all),
            _ => plain.bad_lines.push(number),
        }
    }
    let Taken { series, limits, mut machines, scrapes } = taken;
    for ((key, time), readings) in series {
        let told = plain.all.get_mut(&key).unwrap();
        if time == 0 {
            told.never_taken = 1;
        } else {
            let sample = sample(&readings);
            told.has_disks |=
                scrapes.disks.contains(&(key.0, scrapes.of_sample[&(key.clone(), time)]));
            told.has_disks |= sample.keys().any(|name| name.starts_with("diskio"));
            told.samples.push((time, sample));
        }
        let is_cpu = |(metric, parts): &&Series| metric == "cpu.usage" && !parts.is_empty();
        for (_, parts) in readings.keys().filter(is_cpu) {
            machines.insert((key.1.clone(), format!(" {}", parts[0])), 1);
        }
    }
    for (key, told) in &mut plain.all {
        finish(key, told, &limits, &machines);
    }
    plain
}

/// What the rows tell, before it is put together.
#[derive(Default)]
struct Taken {
    series: BTreeMap<(Key, u64), BTreeMap<Series, u64>>,
    limits: BTreeMap<Key, BTreeMap<String, u64>>,
    machines: BTreeMap<(Option<String>, String), u64>,
    scrapes: Scrapes,
}

/// Which samples are of one scrape.
#[derive(Default)]
struct Scrapes {
    number: usize,
    title: Option<Vec<u8>>,
    of_sample: BTreeMap<(Key, u64), usize>,
    /// The scrape of the newest sample of a container.
    newest: BTreeMap<Key, usize>,
    row_before: Option<(Key, Series)>,
    /// The scrapes that have disks.
    disks: BTreeSet<(Door, usize)>,
}

impl Scrapes {
    fn comment(&mut self, line: &str) {
        let line = &line.as_bytes()[..line.len().min(128)];
        if self.title.as_deref() == Some(line) {
            if self.of_sample.values().any(|of| *of == self.number) {
                self.number += 1;
            } else {
                // One that has copies alone tells nothing of the next one.
                self.disks.retain(|(_, of)| *of != self.number);
            }
        }
        if line.starts_with(b"# HELP ") || line.starts_with(b"# TYPE ") {
            self.title.get_or_insert(line.to_owned());
        }
    }

    fn row(&mut self, key: &Key, time: u64, series: &Series, is_of_disks: bool) {
        let row = Some((key.clone(), series.clone()));
        if !self.of_sample.contains_key(&(key.clone(), time)) {
            if self.newest.get(key) == Some(&self.number) && self.row_before != row {
                self.number += 1;
            }
            self.of_sample.insert((key.clone(), time), self.number);
            self.newest.insert(key.clone(), self.number);
        }
        self.row_before = row;
        if is_of_disks {
            self.disks.insert((key.0, self.number));
            self.disks.insert((key.0, self.of_sample[&(key.clone(), time)]));
        }
    }
}

impl Taken {
    fn take(&mut self, row: &Row, all: &mut All) {
        if row.name.starts_with("machine_") {
            if let Some(value) = whole(&row.value, 0).filter(|value| *value > 0) {
                self.machines.entry((machine(row), row.name.clone())).or_insert(value);
            }
            return;
        }
        let Some(key) = key(row) else { return };
        if let Some(limit) = limit(&row.name) {
            describe(all.entry(key.clone()).or_default(), &key, row);
            let told = self.limits.entry(key).or_default();
            if let Some(value) = whole(&row.value, 0) {
                told.insert(limit.to_owned(), value);
            }
        } else if row.name == "container_start_time_seconds" {
            let told = all.entry(key.clone()).or_default();
            describe(told, &key, row);
            let created = whole(&row.value, 9).and_then(Timestamp::from_nanos);
            told.container.created = created.or(told.container.created);
        } else if let Some((metric, shift, parts)) = family(row)
            && !is_left_out(&key, &metric)
            && let Some(value) = whole(&row.value, shift)
            && !(metric == "memory.swap" && value >= 1 << 63)
            && !(metric == "cpu.usage" && key.0 == Door::Resource && value == 0)
        {
            let told = all.entry(key.clone()).or_default();
            describe(told, &key, row);
            let time = row.time.as_ref().map_or(SCRAPED_AT, |time| nanos(time).unwrap());
            if row.time.is_none() && !told.notes.contains(&Note::TimesOfScrape) {
                told.notes.push(Note::TimesOfScrape);
            }
            let is_bytes = row.name.contains("_fs_") && row.name.ends_with("s_bytes_total");
            let is_of_disks =
                ["blkio", "cmetrics_diskio"].iter().any(|part| row.name.contains(part)) || is_bytes;
            let series = (metric, parts);
            self.scrapes.row(&key, time, &series, is_of_disks);
            let sections = ["memory.oom", "processes.", "tasks.", "filesystem.", "gpu."];
            let varies = sections.iter().any(|section| series.0.starts_with(section));
            let of_time = self.series.entry((key, time)).or_default();
            let known = of_time.entry(series).or_insert(value);
            if varies && row.time.is_some() {
                *known = value.max(*known);
            }
        }
    }
}

/// The number of the container's CPUs, and its limits.
fn finish(
    key: &Key,
    told: &mut Told,
    limits: &BTreeMap<Key, BTreeMap<String, u64>>,
    machines: &BTreeMap<(Option<String>, String), u64>,
) {
    if is_of_runtime(key) {
        told.notes.insert(0, Note::WholeSeconds);
    }
    let of_machine = |name: &str| machines.get(&(key.1.clone(), name.to_owned())).copied();
    let seen = machines.keys().filter(|(machine, name)| *machine == key.1 && name.starts_with(' '));
    let seen = Some(seen.count() as u64).filter(|number| *number > 0);
    if key.0 == Door::Exposition {
        told.container.cpus = of_machine("machine_cpu_cores").or(seen);
    }
    let is_root = key.0 == Door::Exposition && key.2 == "/";
    let machine = ["machine_cpu_cores", "machine_memory_bytes"]
        .map(|name| of_machine(name).filter(|_| is_root));
    let of_rows = limits.get(key).filter(|limits| !limits.is_empty());
    if of_rows.is_none() && machine == [None; 2] {
        return;
    }
    let told_limits = of_rows.cloned().unwrap_or_default();
    let any = |name: &str| told_limits.get(name).copied();
    let finite = |name: &str| any(name).filter(|value| (1..1 << 62).contains(value));
    let mut limits = Limits::default();
    if let (Some(quota), Some(period)) = (finite("quota"), finite("period")) {
        limits.cpu_cores = Some(quota as f64 / period as f64);
    }
    limits.cpu_shares = any("shares");
    limits.memory_bytes = finite("limit");
    limits.memory_reservation_bytes = finite("reservation");
    limits.swap_bytes = finite("swap");
    [limits.machine_cpus, limits.machine_memory_bytes] = machine;
    limits.memory_bytes = limits.memory_bytes.or(machine[1]);
    told.container.limits = Some(limits);
}

fn is_of_runtime(key: &Key) -> bool {
    key.0 == Door::Exposition && !key.2.contains('/')
}

/// Whether rows that a runtime made have something else under this name.
fn is_left_out(key: &Key, metric: &str) -> bool {
    let has_other_meaning =
        metric.contains("pressure") || ["memory.max_usage", "memory.kernel"].contains(&metric);
    has_other_meaning && is_of_runtime(key)
}

/// Applies the rules for rows that tell a figure in several ways, and adds up.
fn sample(readings: &BTreeMap<Series, u64>) -> Readings {
    let names = |kind: &str| -> BTreeSet<String> {
        let of_kind = readings.keys().filter(|(_, parts)| parts.first().is_some_and(|p| p == kind));
        of_kind.map(|(_, parts)| parts[1].clone()).collect()
    };
    let (numbered, bytes) = (names("blkio"), names("bytes"));
    let has_cpus =
        readings.keys().any(|(metric, parts)| metric == "cpu.usage" && !parts.is_empty());
    let no_schedstat = readings
        .iter()
        .all(|((metric, _), value)| !metric.starts_with("cpu.schedstat") || *value == 0);
    let mut sums: BTreeMap<String, u128> = BTreeMap::new();
    for ((metric, parts), value) in readings {
        let kind = parts.first().map_or("", |kind| kind);
        let shared = |name: &str| {
            let numbers =
                readings.keys().filter(|(_, p)| p.len() == 4 && p[0] == "blkio" && p[1] == name);
            numbers.map(|(_, parts)| (&parts[2], &parts[3])).collect::<BTreeSet<_>>().len() > 1
        };
        let key = match kind {
            "" if metric == "cpu.usage" && has_cpus => continue,
            "" if metric.starts_with("cpu.schedstat") && no_schedstat => continue,
            "interface" => format!("{metric}[{}]", parts[1]),
            "blkio" => format!("{metric}[{}:{}]", parts[2], parts[3]),
            "bytes" if !numbered.is_empty() => continue,
            "operations" if !bytes.contains(&parts[1]) || shared(&parts[1]) => continue,
            "bytes" | "operations" => {
                let (major, minor) = number_of(&parts[1]);
                format!("{metric}[{major}:{minor}]")
            }
            _ => metric.clone(),
        };
        *sums.entry(key).or_default() += u128::from(*value);
    }
    // What is summed within a reading has none that is too large; entries of one device are apart.
    sums.retain(|key, sum| key.ends_with(']') || u64::try_from(*sum).is_ok());
    sums.into_iter().map(|(key, sum)| (key, u64::try_from(sum).unwrap_or(u64::MAX))).collect()
}

/// FNV-1a of 128 bits, with the highest bit set.
fn number_of(name: &str) -> (u64, u64) {
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    for byte in name.bytes() {
        hash = (hash ^ u128::from(byte)).wrapping_mul((1 << 88) + 0x13b);
    }
    ((hash >> 64) as u64 | 1 << 63, hash as u64)
}

fn describe(told: &mut Told, key: &Key, row: &Row) {
    if told.container.path.is_empty() {
        told.container = Container::at_path(key.2.clone());
        told.container.machine.clone_from(&key.1);
    }
    let label = |name: &str| row.labels.get(name).cloned();
    let container = &mut told.container;
    if container.aliases.is_empty() {
        container.aliases.extend(label("name"));
    }
    container.image = container.image.take().or(label("image"));
    for (key, value) in row.labels.iter().filter(|(_, value)| !value.is_empty()) {
        if let Some(key) = key.strip_prefix("container_label_") {
            container.labels.retain(|(known, _)| known != key);
            container.labels.push((key.to_owned(), value.clone()));
            container.labels.sort();
        }
    }
    let Some(mut name) = kubernetes(row).or_else(|| labelled(row)) else { return };
    let in_path = || label("id").and_then(|id| uid_in_path(&id));
    name.uid = label("container_label_io_kubernetes_pod_uid").or_else(in_path);
    let known = container.kubernetes.get_or_insert_with(|| name.clone());
    if (&known.namespace, &known.pod) == (&name.namespace, &name.pod) {
        known.container = known.container.take().or(name.container);
        known.uid = known.uid.take().or(name.uid);
    }
}

/// The uid in the last component of a path that has one: `podUID`, or a unit that ends with that.
fn uid_in_path(path: &str) -> Option<String> {
    path.split('/').rev().find_map(|component| {
        let unit = component.strip_suffix(".slice").unwrap_or(component);
        let (before, uid) = unit.rsplit_once("pod")?;
        let is_of_uid = |c: char| c.is_ascii_hexdigit() || c == '_' || c == '-';
        let is_uid = uid.len() >= 32 && uid.chars().all(is_of_uid);
        (is_uid && (before.is_empty() || before.ends_with('-'))).then(|| uid.replace('_', "-"))
    })
}

/// The pod in the labels of the container itself.
fn labelled(row: &Row) -> Option<KubernetesName> {
    let label = |name: &str| {
        let label = row.labels.get(&format!("container_label_io_kubernetes_{name}"));
        label.filter(|value| !value.is_empty()).cloned()
    };
    let mut name = KubernetesName::new(label("pod_namespace")?, label("pod_name")?);
    name.container = label("container_name");
    Some(name)
}

fn kubernetes(row: &Row) -> Option<KubernetesName> {
    let either = |one: &str, other: &str| row.labels.get(one).or_else(|| row.labels.get(other));
    let name = KubernetesName::new(row.labels.get("namespace")?, either("pod", "pod_name")?);
    Some(match either("container", "container_name") {
        Some(container) => name.container(container),
        None => name,
    })
}

fn machine(row: &Row) -> Option<String> {
    row.labels.get("node").or_else(|| row.labels.get("instance")).cloned()
}

fn key(row: &Row) -> Option<Key> {
    if row.name.starts_with("node_") {
        return Some((Door::Resource, machine(row), "/".to_owned()));
    }
    match row.labels.get("id") {
        Some(id) if !row.name.starts_with("pod_") => {
            Some((Door::Exposition, machine(row), id.clone()))
        }
        _ => Some((Door::Resource, machine(row), kubernetes(row)?.to_string())),
    }
}

fn limit(name: &str) -> Option<&'static str> {
    Some(match name {
        "container_spec_cpu_quota" => "quota",
        "container_spec_cpu_period" => "period",
        "container_spec_cpu_shares" => "shares",
        "container_spec_memory_limit_bytes" => "limit",
        "container_spec_memory_reservation_limit_bytes" => "reservation",
        "container_spec_memory_swap_limit_bytes" => "swap",
        _ => return None,
    })
}

const FAMILIES: &str = include_str!("families.txt");

/// The metric of a row, how its value is shifted, and what it is counted for.
fn family(row: &Row) -> Option<(String, u32, Vec<String>)> {
    let label = |name: &str| row.labels.get(name).cloned().unwrap_or_default();
    for line in FAMILIES.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let [name, metric, shift, kind, when @ ..] = &words[..] else { panic!("{line}") };
        let holds = when.iter().all(|condition| {
            let (name, value) = condition.split_once('=').unwrap();
            let told = if name == "failure_type" && label(name).is_empty() {
                label("type")
            } else {
                label(name)
            };
            told == value
        });
        if *name != row.name || !holds {
            continue;
        }
        let parts = match *kind {
            "cpu" if ["", "total"].contains(&&*label("cpu")) => Vec::new(),
            "cpu" => {
                let number = label("cpu").strip_prefix("cpu")?.to_owned();
                if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                vec![label("cpu")]
            }
            "whole" => Vec::new(),
            "interface" => vec!["interface".to_owned(), label("interface")],
            "blkio" if label("major").is_empty() && label("minor").is_empty() => {
                vec!["bytes".to_owned(), label("device")]
            }
            "blkio" => {
                let number =
                    |name| label(name).parse::<u64>().ok().map(|number| number.to_string());
                vec!["blkio".to_owned(), label("device"), number("major")?, number("minor")?]
            }
            "bytes" | "operations" => vec![(*kind).to_owned(), label("device")],
            label_of_entry => vec!["entry".to_owned(), label(label_of_entry)],
        };
        return Some(((*metric).to_owned(), shift.parse().unwrap(), parts));
    }
    None
}

/// The metrics of the table, so that none is forgotten.
pub fn metrics() -> MetricSet {
    let names: Vec<_> =
        FAMILIES.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    MetricSet::named(&names).unwrap()
}

fn is_readable(row: &Row) -> bool {
    let time_is_right = row.time.as_ref().is_none_or(|time| nanos(time).is_some());
    let is_read = |metric: &str| key(row).is_some_and(|key| !is_left_out(&key, metric));
    let about = family(row).filter(|(metric, ..)| is_read(metric));
    let value = about.map(|(metric, shift, _)| {
        let too_large = !row.value.starts_with('-')
            && metric != "memory.swap"
            && shifted(&row.value, shift).is_some_and(|value| value.is_none_or(|v| v == u64::MAX));
        let read = whole(&row.value, shift);
        let is_resource = key(row).is_some_and(|key| key.0 == Door::Resource);
        let absent = read.is_none()
            || (metric == "memory.swap" && read >= Some(1 << 63))
            || (metric == "cpu.usage" && is_resource && read == Some(0));
        (too_large, absent)
    });
    match value {
        Some((too_large, absent)) => !too_large && (absent || time_is_right),
        None => true,
    }
}
