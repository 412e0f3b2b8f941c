//! `docs/metrics.md` follows from the table of metrics.
//!
//! `CMETRICS_WRITE_DOCS=1 cargo test -p cmetrics-core --test metrics_page` writes it anew.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write;
use std::path::Path;

use cmetrics_core::Metric;
use cmetrics_core::metric::{Kind, Section};

const INTRODUCTION: &str = "\
# Metrics

<!-- Generated from the table of metrics: tests/metrics_page.rs says how. -->

The metrics of a container that cAdvisor measures and cmetrics reads. A point always has the \
documented metrics (see [points.md](points.md)); others are added with `--metrics`:

```sh
cmetrics points --metrics memory.working_set,cpu.cfs_throttled_periods dumps/
cmetrics points --metrics 'memory.*' --metrics 'processes.*' dumps/
cmetrics points --metrics all dumps/
```

They are in the point's `metrics` object, in base units. The value of a **counter** is its growth \
in the interval; the value of a **gauge** is its `ave`, `min` and `max`. A metric that was not \
measured is `null`: the collector was too old for it or had it switched off, or the kernel does \
not count it. A zero may also mean \"not collected\": pressure, load and tasks are written as zeros \
where they are off.

*Path* is the path in a sample of cAdvisor's v1 JSON; `[]` stands for a list, whose entries are \
added up.
";

const NOTES: &str = "
## Worth knowing

- **In v2** documents most paths are the same. Tasks are in `load_stats`. Of the file systems, \
v2.1 `stats` has only `filesystem.totalUsageBytes` and `filesystem.baseUsageBytes`.
- **Working set** is memory usage less the file cache that was not used lately: it decides when \
the kernel looks for a process to kill. `memory.usage` includes all of the page cache.
- **Throttling**: `cpu.cfs_throttled_periods` divided by `cpu.cfs_periods` is the share of \
enforcement periods in which the container reached its CPU quota.
- **Out of memory**: cAdvisor writes `oom_events` only if it is not 0, and since 0.60 only into \
samples that a scrape of `/metrics` touched. So a first reading counts from 0, at the last earlier \
sample that could have had it.
- **Pressure** is the time in microseconds for which threads waited: 5 000 000 in five seconds is \
all of the time.
- `filesystem.inodes` is the number of inodes that the container uses on Docker, and the total \
number elsewhere.
- Copies of one sample from several endpoints complement each other: for tasks, file systems, \
processes, accelerators and `memory.oom_events` the larger figure counts.
- A swap of 2^63 or more is a wrapped subtraction in the collector, and a schedstat of three \
zeros was not read: both count as not measured.
";

fn title(section: Section) -> &'static str {
    match section {
        Section::Cpu => "CPU",
        Section::TaskStats => "Tasks",
        Section::Network => "Network",
        Section::Diskio => "Disk",
        Section::Filesystem => "File systems",
        Section::Processes => "Processes",
        Section::Gpu => "Accelerators",
        _ => "Memory",
    }
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut last = "";
    for &metric in Metric::ALL {
        let title = title(metric.section());
        if title != last {
            writeln!(page, "\n## {title}\n").unwrap();
            writeln!(page, "| name | kind | unit | what it is | path |").unwrap();
            writeln!(page, "|---|---|---|---|---|").unwrap();
            last = title;
        }
        let kind = match metric.kind() {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let (name, unit) = (metric.name(), metric.unit());
        let (description, path) = (metric.description(), metric.path());
        writeln!(page, "| `{name}` | {kind} | {unit} | {description} | `{path}` |").unwrap();
    }
    page + NOTES
}

#[test]
fn the_page_of_metrics_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metrics.md");
    if std::env::var_os("CMETRICS_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == page(), "docs/metrics.md is stale: tests/metrics_page.rs says how to renew it");
}
