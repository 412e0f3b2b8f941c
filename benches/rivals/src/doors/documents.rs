//! Documents as their sources write them, with numbers that grow.

use std::fmt::Write;

/// A stream of the Engine's objects of 20 containers, one a document, of cgroup v1.
pub(crate) fn engine(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|number| engine_object(number).into_bytes()).collect()
}

fn engine_object(number: u64) -> String {
    let (id, second) = (number % 20, number / 20 % 60);
    let n = number * 1_000_003;
    let lists = |list: &str| {
        let entries = ["Read", "Write", "Sync", "Async", "Discard", "Total"].map(|operation| {
            format!(r#"{{"major":8,"minor":0,"op":"{operation}","value":{n}}}"#)
        });
        format!(r#""{list}":[{}]"#, entries.join(","))
    };
    let cpu = |n: u64| {
        format!(
            r#"{{"cpu_usage":{{"total_usage":{n},"percpu_usage":[{n},{n},0,0],"usage_in_kernelmode":{n},"usage_in_usermode":{n}}},"system_cpu_usage":{n},"online_cpus":2,"throttling_data":{{"periods":{n},"throttled_periods":{n},"throttled_time":{n}}}}}"#
        )
    };
    let plain = "active_anon active_file cache dirty hierarchical_memory_limit inactive_anon \
                 inactive_file mapped_file pgfault pgmajfault pgpgin pgpgout rss rss_huge \
                 total_active_anon total_active_file total_cache total_dirty total_inactive_anon \
                 total_inactive_file total_mapped_file total_pgfault total_pgmajfault \
                 total_pgpgin total_pgpgout total_rss total_rss_huge total_unevictable \
                 total_writeback unevictable writeback";
    let stats: Vec<_> =
        plain.split_whitespace().map(|key| format!(r#""{key}":{}"#, n + 4096)).collect();
    let interface = ["rx_bytes", "rx_packets", "rx_errors", "rx_dropped"];
    let interface = interface.into_iter().chain(["tx_bytes", "tx_packets", "tx_errors", "tx_dropped"]);
    let interface: Vec<_> = interface.map(|key| format!(r#""{key}":{n}"#)).collect();
    format!(
        r#"{{"read":"2026-11-21T12:00:{second:02}.122032222Z","preread":"2026-11-21T11:59:{second:02}.120032222Z","pids_stats":{{"current":{second},"limit":4694}},"blkio_stats":{{{},{},"io_queue_recursive":[],"io_service_time_recursive":[],"io_wait_time_recursive":[],"io_merged_recursive":[],"io_time_recursive":[],"sectors_recursive":[]}},"num_procs":0,"storage_stats":{{}},"cpu_stats":{},"precpu_stats":{},"memory_stats":{{"usage":{},"max_usage":{n},"stats":{{{}}},"limit":2087837696}},"name":"/web-{id}","id":"{id:064x}","networks":{{"eth0":{{{}}}}}}}"#,
        lists("io_service_bytes_recursive"),
        lists("io_serviced_recursive"),
        cpu(n + 2),
        cpu(n + 1),
        n + 8192,
        stats.join(","),
        interface.join(","),
    )
}

/// Summaries of a node with 30 pods of two containers.
pub(crate) fn summary(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|number| summary_of(number).into_bytes()).collect()
}

fn summary_of(number: u64) -> String {
    let n = number * 1_000_003 + 1;
    let time = format!("2026-11-21T12:{:02}:{:02}Z", number / 6 % 60, number % 6 * 10);
    let psi = format!(
        r#""psi":{{"full":{{"total":{n},"avg10":0,"avg60":0.01,"avg300":0}},"some":{{"total":{n},"avg10":1.25,"avg60":0.01,"avg300":0}}}}"#
    );
    let cpu = format!(
        r#""cpu":{{"time":"{time}","usageNanoCores":{n},"usageCoreNanoSeconds":{n},{psi}}}"#
    );
    let memory = format!(
        r#""memory":{{"time":"{time}","usageBytes":{n},"workingSetBytes":{n},"rssBytes":{n},"pageFaults":{n},"majorPageFaults":0,{psi}}},"io":{{"time":"{time}",{psi}}},"swap":{{"time":"{time}","swapUsageBytes":0}}"#
    );
    let disk = |name: &str| {
        format!(
            r#""{name}":{{"time":"{time}","availableBytes":{n},"capacityBytes":{n},"usedBytes":{n},"inodesFree":{n},"inodes":{n},"inodesUsed":{n}}}"#
        )
    };
    let interface = |name: &str| {
        format!(r#""name":"{name}","rxBytes":{n},"rxErrors":0,"txBytes":{n},"txErrors":0"#)
    };
    let network = format!(
        r#""network":{{"time":"{time}",{},"interfaces":[{{{}}}]}}"#,
        interface("eth0"),
        interface("eth0")
    );
    let mut pods = String::new();
    for pod in 0..30 {
        let container = |name: &str| {
            format!(
                r#"{{"name":"{name}","startTime":"2026-11-21T08:00:00Z",{cpu},{memory},{},{}}}"#,
                disk("rootfs"),
                disk("logs")
            )
        };
        let comma = if pod == 0 { "" } else { "," };
        let volume = disk("x");
        let volume = volume.trim_start_matches("\"x\":").trim_end_matches('}');
        write!(
            pods,
            r#"{comma}{{"podRef":{{"name":"web-{pod}","namespace":"shop","uid":"52e6202b-d247-4d4d-8ff5-{pod:012}"}},"startTime":"2026-11-21T08:00:00Z","containers":[{},{}],{cpu},{memory},{network},"volume":[{volume},"name":"kube-api-access"}}],{},"process_stats":{{"process_count":3}}}}"#,
            container("nginx"),
            container("sidecar"),
            disk("ephemeral-storage")
        )
        .expect("a string");
    }
    format!(
        r#"{{"node":{{"nodeName":"node-1","systemContainers":[{{"name":"kubelet","startTime":"2026-11-21T08:00:00Z",{cpu},{memory}}}],"startTime":"2026-11-21T08:00:00Z",{cpu},{memory},{network},{},"runtime":{{{}}},"rlimit":{{"time":"{time}","maxpid":62639,"curproc":814}}}},"pods":[{pods}]}}"#,
        disk("fs"),
        disk("imageFs")
    )
}

/// Requests with 20 containers of `docker_stats`.
pub(crate) fn otlp(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|number| otlp_request(number).into_bytes()).collect()
}

fn otlp_request(number: u64) -> String {
    let n = number * 1_000_003 + 1;
    let time = 1_795_262_400_000_000_000 + number * 10_000_000_000;
    let point = |attributes: &[(&str, &str)]| {
        let attributes: Vec<_> = attributes
            .iter()
            .map(|(key, value)| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#))
            .collect();
        let attributes = match &*attributes.join(",") {
            "" => String::new(),
            attributes => format!(r#""attributes":[{attributes}],"#),
        };
        format!(
            r#"{{{attributes}"startTimeUnixNano":"1795262000000000000","timeUnixNano":"{time}","asInt":"{n}"}}"#
        )
    };
    let metric = |name: &str, points: &[String]| {
        format!(
            r#"{{"name":"container.{name}","description":"What a container did.","unit":"By","sum":{{"dataPoints":[{}],"aggregationTemporality":2,"isMonotonic":true}}}}"#,
            points.join(",")
        )
    };
    let own = "cpu.usage.total cpu.usage.usermode cpu.usage.kernelmode memory.usage.limit \
               memory.usage.total memory.total_cache memory.total_rss memory.percent \
               cpu.utilization pids.count memory.active_anon memory.unevictable";
    let mut metrics: Vec<_> =
        own.split_whitespace().map(|name| metric(name, &[point(&[])])).collect();
    for name in ["rx_bytes", "tx_bytes", "rx_dropped", "tx_dropped"] {
        let points = ["eth0", "eth1"].map(|name| point(&[("interface", name)]));
        metrics.push(metric(&format!("network.io.usage.{name}"), &points));
    }
    let disks = ["read", "write"].map(|operation| {
        point(&[("device_major", "8"), ("device_minor", "0"), ("operation", operation)])
    });
    metrics.push(metric("blockio.io_service_bytes_recursive", &disks));
    let metrics = metrics.join(",");
    let resources = (0..20).map(|id| {
        format!(
            r#"{{"resource":{{"attributes":[{{"key":"container.runtime","value":{{"stringValue":"docker"}}}},{{"key":"container.id","value":{{"stringValue":"{id:064x}"}}}},{{"key":"container.name","value":{{"stringValue":"web-{id}"}}}}]}},"scopeMetrics":[{{"scope":{{"name":"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/dockerstatsreceiver","version":"0.119.0"}},"metrics":[{metrics}]}}],"schemaUrl":"https://opentelemetry.io/schemas/1.6.1"}}"#
        )
    });
    format!(r#"{{"resourceMetrics":[{}]}}"#, resources.collect::<Vec<_>>().join(","))
}
