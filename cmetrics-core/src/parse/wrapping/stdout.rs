//! Lines that cAdvisor's storage driver `stdout` writes: one sample of one container, as
//! `cName=web host=localhost:8086 cpu_usage_total=7 …`, the rest in any order.
//!
//! A line has the time at which it was written, and of the network the totals of the first
//! interface, which are 0 too where nothing was measured.

use crate::container::Container;
use crate::error::Problem;
use crate::metric::{Metric, MetricSet, Scope};
use crate::sample::Sample;
use crate::time::Timestamp;

const START: &[u8] = b"cName=";

/// What each key counts.
const KEYS: [(&str, Metric); 23] = [
    ("cpu_usage_total", Metric::CpuUsage),
    ("cpu_usage_user", Metric::CpuUser),
    ("cpu_usage_system", Metric::CpuSystem),
    ("load_average", Metric::CpuLoad),
    ("memory_usage", Metric::MemoryUsage),
    ("memory_max_usage", Metric::MemoryMaxUsage),
    ("memory_cache", Metric::MemoryCache),
    ("memory_rss", Metric::MemoryRss),
    ("memory_swap", Metric::MemorySwap),
    ("memory_mapped_file", Metric::MemoryMappedFile),
    ("memory_working_set", Metric::MemoryWorkingSet),
    ("memory_failcnt", Metric::MemoryFailures),
    ("memory_failure.container.pgfault", Metric::MemoryPageFaults),
    ("memory_failure.container.pgmajfault", Metric::MemoryMajorPageFaults),
    ("referenced_memory", Metric::MemoryReferenced),
    ("fs_summary.fs_usage", Metric::FilesystemUsage),
    ("fs_summary.fs_limit", Metric::FilesystemCapacity),
    ("rx_bytes", Metric::NetworkRxBytes),
    ("rx_errors", Metric::NetworkRxErrors),
    ("tx_bytes", Metric::NetworkTxBytes),
    ("tx_errors", Metric::NetworkTxErrors),
    // Up to 0.39 under both names.
    ("cpu_cumulative_usage", Metric::CpuUsage),
    ("memory_failure.container_data.pgfault", Metric::MemoryPageFaults),
];

/// Whether a text begins with such a line.
pub(in crate::parse) fn is_stdout_line(text: &[u8]) -> bool {
    text.starts_with(START)
}

/// Reads a line: the container, and its sample with these metrics.
pub(in crate::parse) fn stdout_sample(
    line: &[u8],
    metrics: MetricSet,
) -> Result<(Container, Option<Sample>), Problem> {
    let line = String::from_utf8_lossy(line);
    let values = || line.split_ascii_whitespace().filter_map(|word| word.rsplit_once('='));
    let name = values().next().map(|(_, name)| name).unwrap_or_default();
    let mut container = Container::at_path(name);
    if !name.starts_with('/') {
        container.aliases.push(name.to_owned());
    }
    let Some(time) = time(values())? else { return Ok((container, None)) };
    let mut sample = Sample::new(time);
    let mut network = Vec::new();
    for (key, text) in values() {
        let Some((_, metric)) = KEYS.iter().find(|(known, _)| *known == key) else { continue };
        if !metrics.contains(*metric) {
            continue;
        }
        let value = whole(key, text)?;
        match metric.scope() {
            Scope::Interface => network.push((*metric, value)),
            _ => sample.set(*metric, value),
        }
    }
    if network.iter().any(|(_, value)| *value > 0) {
        let mut interface = sample.push_interface("");
        for (metric, value) in network {
            interface.set(metric, value);
        }
    }
    Ok((container, Some(sample)))
}

/// The time of the line; `None` for one at the epoch.
fn time<'l>(
    mut values: impl Iterator<Item = (&'l str, &'l str)>,
) -> Result<Option<Timestamp>, Problem> {
    let text = values.find(|(key, _)| *key == "timestamp").map(|(_, text)| text);
    Ok(Timestamp::from_nanos(whole("timestamp", text.unwrap_or("none"))?))
}

fn whole(key: &str, text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::Value {
        field: key.to_owned(),
        expected: "a whole number from 0 to 18446744073709551615",
        found: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_readings_of_one_container() {
        let line = b"cName=web host=localhost:8086 cpu_usage_total=7 memory_usage=5 rx_bytes=3 \
                     tx_bytes=0 timestamp=1795262401000000000 /dev/sda1.fs_usage=9";
        let (container, sample) = stdout_sample(line, MetricSet::all()).unwrap();
        assert_eq!((&*container.path, &*container.aliases), ("web", &["web".to_owned()][..]));
        let sample = sample.unwrap();
        assert_eq!(sample.time().to_string(), "2026-11-21T12:00:01Z");
        assert_eq!(sample.get(Metric::CpuUsage), Some(7));
        assert_eq!(sample.get(Metric::MemoryUsage), Some(5));
        let interface = sample.interfaces().next().unwrap();
        assert_eq!(interface.readings.get(Metric::NetworkRxBytes), Some(3));
        assert_eq!(interface.readings.get(Metric::NetworkTxBytes), Some(0));
    }

    #[test]
    fn a_network_of_zeros_was_not_measured() {
        let line = b"cName=/system.slice/ssh.service rx_bytes=0 tx_bytes=0 timestamp=7";
        let (_, sample) = stdout_sample(line, MetricSet::all()).unwrap();
        assert_eq!(sample.unwrap().interfaces().count(), 0);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_named() {
        for (line, field) in [
            ("cName=web cpu_usage_total=7", "timestamp"),
            ("cName=web cpu_usage_total=-7 timestamp=7", "cpu_usage_total"),
            ("cName=web timestamp=7.5", "timestamp"),
        ] {
            match stdout_sample(line.as_bytes(), MetricSet::all()) {
                Err(Problem::Value { field: found, .. }) => assert_eq!(found, field),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
