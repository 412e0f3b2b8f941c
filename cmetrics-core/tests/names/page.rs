//! `docs/names.md` follows from the tables of names.
//!
//! `CMETRICS_WRITE_DOCS=1 cargo test -p cmetrics-core --test names` writes it anew.

use std::fmt::Write;
use std::path::Path;

use cmetrics_core::names::{NameOptions, Names, Naming, RowKind};

const INTRODUCTION: &str = "\
# Names of other tools

<!-- Generated from the tables of names: cmetrics-core/tests/names/page.rs says how. -->

Points under the names that other tools know. `--names` chooses them, for `points` and `get`; \
`names=` does in Python's `Points.to_rows`.

```sh
cmetrics points --names prometheus --format openmetrics --output points.om dumps/
promtool tsdb create-blocks-from openmetrics points.om data/
cmetrics points --names otel --output points.jsonl dumps/
cmetrics points --names heapster --format csv dumps/
```

| `--names` | what is written | formats, the first by default |
|---|---|---|
| `documented` | the point ([points.md](points.md)) | `table` on a terminal, `json`, `ndjson`, `csv` |
| `catalogue` | its `metrics` alone, in base units ([metrics.md](metrics.md)) | `json`, `ndjson`, `csv` |
| `prometheus` | rows with the names of cAdvisor's exposition | `prometheus` (text 0.0.4, times in ms), \
`openmetrics` (times in s), `ndjson`, `json`, `csv` |
| `heapster` | rows with Heapster's measurements | `ndjson`, `json`, `csv` |
| `otel` | rows with the names of OpenTelemetry's conventions | `otlp` (JSON, an export request a \
line), `ndjson`, `json`, `csv` |

A format implies its names: `--format openmetrics` needs no `--names`. All but `documented` have all \
metrics unless `--metrics` names some.

## Rows

A row is one figure: `{\"name\", \"labels\": {…}, \"time\", \"value\"}`. Rows are sorted by container, \
then by time (seconds since the epoch), then as in the tables below. Expositions are sorted by \
family first.

All rows of an interval stand at its **start**:

| kind | value |
|---|---|
| cumulative | the growth from the first point up to this time, added up: 0 at the first, so that the \
difference of two rows is exactly the growth between them |
| delta | the growth in the interval that begins here |
| gauge | the mean in the interval that begins here (`--gauge min` or `max`: the least or the \
greatest); a rate is growth by the interval's width; a limit is as told |

- What was not measured in an interval has no row there; the sum goes on after it. A cumulative \
counter has one more row at the end of the last interval, and of each before an interval that lacks \
it, since no later row tells the growth up to there.
- A restart makes no sum fall. The collector's own counters are never written: points do not have \
them.
- The zero is the start of the first point, so two runs over overlapping dumps have different zeros. \
With `--since TIME` the zero is that time, and there are no rows before it. `get --since` adds up \
what the store has since then, whatever the period.
- Whole numbers are exact, up to 2^63 − 1; a sum beyond that has no row. Seconds are decimals made of \
whole nanoseconds. Other numbers are the shortest text that reads back to the same number.
";

const PROMETHEUS: &str = "
## Prometheus

Labels of a container, where they are known: `id` (its id, else its cgroup path; what has neither \
has the labels of its pod instead), `name` (its first alias), `image`, `namespace`, `pod`, \
`container`, and `node` for the machine. A point has sums over interfaces, devices and file systems, \
so `interface`, `device`, `major`, `minor` and `acc_id` are empty.

`--gauge ave,min,max` writes several figures of a gauge; the least and the greatest have the suffixes \
`_min` and `_max`. cAdvisor has no names for some figures; those begin with `cmetrics_`. OpenMetrics \
calls the family of a counter by its name without `_total`, and a counter whose name lacks it \
`unknown`.

What is written as `prometheus` or `openmetrics` reads back to the points that it came from, as \
another door ([exposition.md](doors/exposition.md#ours)), which the first line, \
`# HELP cmetrics_points`, tells.

";

const HEAPSTER: &str = "
## Heapster

Labels: `type` (`node`, `pod`, `pod_container`, `sys_container`), `namespace_name`, `pod_name`, \
`pod_id`, `container_name` (of what is in no pod, its path without the first `/`), `nodename` and \
`hostname` (the machine), `container_base_image`.

Heapster wrote a row a minute, with the reading of that moment; here there is one for each interval, \
with the mean. It had networks and disks of nodes and pods only; here they have rows wherever points \
have figures. `cpu/node_reservation` and `memory/node_reservation` are not written: no input has \
what they are made of. `--allocatable-cpu` and `--allocatable-memory` give what Kubernetes may \
allocate on the machine; `--requests-from-shares` estimates CPU requests. `cpu/node_capacity` and \
`memory/node_capacity` are what an exposition's `machine_cpu_cores` and `machine_memory_bytes` tell; \
without the former, the CPUs that the machine's root may run on.

";

const OTEL: &str = "
## OpenTelemetry

Attributes of a resource, where they are known: `container.id`, `container.name` (its first alias; \
of a cgroup without an id its path), `container.image.name`, `k8s.namespace.name`, \
`k8s.pod.name`, `k8s.pod.uid`, `k8s.container.name`, and the machine as `k8s.node.name` for what is \
in a pod, else as `host.name`.

Counters are monotonic sums: deltas from the start to the end of their interval, or with \
`--temporality cumulative` sums with one start. The conventions are those of 2026, whose status is \
*development*; what they do not name begins with `cmetrics.`. CPU time has no `cpu.mode`, so \
`cpu.user` and `cpu.system` are not written under its name. Limits are not written.

With `--temporality cumulative`, what is written as `otlp` reads back to the points that it came \
from, as another door ([otlp.md](doors/otlp.md#ours)). Deltas do not: a reading is a running sum.

";

fn kind(kind: RowKind) -> &'static str {
    match kind {
        RowKind::Cumulative => "cumulative",
        RowKind::Delta => "delta",
        RowKind::Gauge => "gauge",
    }
}

fn table(naming: Naming, page: &mut String) {
    let names = Names::new(naming, NameOptions::default()).unwrap();
    writeln!(page, "| name | labels | kind | unit | what it is | made of |").unwrap();
    writeln!(page, "|---|---|---|---|---|---|").unwrap();
    for name in names.iter() {
        let labels = name.labels().iter().map(|(label, value)| format!("`{label}=\"{value}\"`"));
        let labels = labels.collect::<Vec<_>>().join(" ");
        let metric = name.metric().map_or_else(String::new, |metric| format!("`{metric}`"));
        let (unit, meaning, kind) = (name.unit(), name.meaning(), kind(name.kind()));
        let name = name.name();
        writeln!(page, "| `{name}` | {labels} | {kind} | {unit} | {meaning} | {metric} |").unwrap();
    }
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (naming, text) in [
        (Naming::Prometheus, PROMETHEUS),
        (Naming::Heapster, HEAPSTER),
        (Naming::OpenTelemetry, OTEL),
    ] {
        page.push_str(text);
        table(naming, &mut page);
    }
    page
}

#[test]
fn the_page_of_names_is_what_the_tables_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/names.md");
    if std::env::var_os("CMETRICS_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    // What is published does not have it.
    let Ok(kept) = std::fs::read_to_string(&path) else { return };
    assert!(kept == page(), "docs/names.md is stale: tests/names/page.rs says how to renew it");
}
