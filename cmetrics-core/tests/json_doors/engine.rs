//! The stats of the Docker Engine, of Podman and of Amazon ECS.

use cmetrics_core::metric::Section;
use cmetrics_core::parse::{Door, Note};
use cmetrics_core::{ErrorKind, Input, Metric, MetricSet, Pipeline};

use crate::log::{all, devices, interfaces, read, read_metrics};

pub const ID: &str = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";

/// An object with these members besides its time and id.
pub fn stats(second: u32, members: &str) -> String {
    format!(r#"{{"read":"2026-11-21T12:00:{second:02}.5Z","id":"{ID}",{members}}}"#)
}

const V1: &str = r#""preread":"2026-11-21T12:00:02.25Z",
    "pids_stats":{"current":3,"limit":100},
    "blkio_stats":{
        "io_service_bytes_recursive":[
            {"major":8,"minor":0,"op":"Read","value":10},{"major":8,"minor":0,"op":"Write","value":20},
            {"major":8,"minor":0,"op":"Sync","value":30},{"major":8,"minor":0,"op":"Async","value":40},
            {"major":8,"minor":0,"op":"Discard","value":50},{"major":8,"minor":0,"op":"Total","value":60},
            {"major":253,"minor":1,"op":"Read","value":70}],
        "io_serviced_recursive":[{"major":8,"minor":0,"op":"Read","value":1}],
        "io_queue_recursive":[{"major":8,"minor":0,"op":"Read","value":9}]},
    "num_procs":0,"storage_stats":{},
    "cpu_stats":{"cpu_usage":{"total_usage":5000,"percpu_usage":[2000,3000,0,0],
            "usage_in_kernelmode":1000,"usage_in_usermode":3500},
        "system_cpu_usage":99,"online_cpus":2,
        "throttling_data":{"periods":4,"throttled_periods":5,"throttled_time":6}},
    "precpu_stats":{"cpu_usage":{"total_usage":4000,"usage_in_kernelmode":900,
            "usage_in_usermode":2500},
        "system_cpu_usage":88,"online_cpus":2,
        "throttling_data":{"periods":3,"throttled_periods":2,"throttled_time":1}},
    "memory_stats":{"usage":1000,"max_usage":2000,"limit":4096,
        "stats":{"cache":1,"rss":2,"total_rss":11,"total_cache":12,"total_mapped_file":13,
            "total_swap":14,"total_active_file":15,"total_inactive_file":16,"inactive_file":3,
            "pgfault":17,"pgmajfault":18,"total_pgfault":19}},
    "name":"/web",
    "networks":{"eth0":{"rx_bytes":1,"rx_packets":2,"rx_errors":3,"rx_dropped":4,
        "tx_bytes":5,"tx_packets":6,"tx_errors":7,"tx_dropped":8},"eth1":{"rx_bytes":9}}"#;

#[test]
fn each_field_of_a_container_of_cgroup_v1_is_read() {
    let log = read(stats(3, V1));
    let received = log.only();
    assert_eq!(received.door, Door::Engine);
    assert_eq!(received.times(), ["2026-11-21T12:00:02.25Z", "2026-11-21T12:00:03.5Z"]);
    let [before, sample] = &received.samples[..] else { panic!() };
    assert_eq!(
        all(before),
        [
            ("cpu.usage", 4000),
            ("cpu.user", 2500),
            ("cpu.system", 900),
            ("cpu.cfs_periods", 3),
            ("cpu.cfs_throttled_periods", 2),
            ("cpu.cfs_throttled_time", 1),
        ]
    );
    assert!(!before.has(Section::Diskio) && !before.has(Section::Network));
    assert_eq!(
        all(sample),
        [
            ("cpu.usage", 5000),
            ("cpu.user", 3500),
            ("cpu.system", 1000),
            ("cpu.cfs_periods", 4),
            ("cpu.cfs_throttled_periods", 5),
            ("cpu.cfs_throttled_time", 6),
            ("memory.usage", 1000),
            ("memory.working_set", 984),
            ("memory.rss", 11),
            ("memory.cache", 12),
            ("memory.swap", 14),
            ("memory.mapped_file", 13),
            ("memory.max_usage", 2000),
            ("memory.active_file", 15),
            ("memory.inactive_file", 16),
            // The Engine leaves out a count of 0.
            ("memory.failures", 0),
            ("memory.page_faults", 17),
            ("memory.major_page_faults", 18),
            ("processes.threads", 3),
            ("processes.threads_max", 100),
        ]
    );
    let [eth0, eth1] = &interfaces(sample)[..] else { panic!() };
    assert_eq!(eth0.1.iter().map(|(_, value)| value).sum::<u64>(), 36);
    assert_eq!(eth1, &("eth1".to_owned(), vec![("network.rx_bytes", 9)]));
    let sda = [
        ("diskio.async", 40),
        ("diskio.sync", 30),
        ("diskio.read", 10),
        ("diskio.write", 20),
        ("diskio.discard", 50),
    ];
    let [bytes, mapped, operations] = &devices(sample)[..] else { panic!() };
    assert_eq!(bytes, &((8, 0), sda.to_vec()));
    assert_eq!(mapped, &((253, 1), vec![("diskio.read", 70)]));
    assert_eq!(operations, &((8, 0), vec![("diskio.read_ops", 1)]));
    let container = &received.container;
    assert_eq!(container.known_id(), Some(ID));
    assert_eq!(container.aliases, ["web"]);
    assert_eq!(container.cpus, Some(2));
    let limits = container.limits.unwrap();
    assert_eq!((limits.memory_bytes, limits.processes), (Some(4096), Some(100)));
}

#[test]
fn memory_of_cgroup_v2_has_keys_of_its_own() {
    let memory = r#""memory_stats":{"usage":100,"max_usage":120,"failcnt":7,"limit":9223372036854771712,"stats":{
        "anon":1,"file":2,"file_mapped":3,"active_file":4,"inactive_file":150,"file_dirty":5,
        "file_writeback":6,"pgfault":7,"pgmajfault":8,"pgscan":9,"pgsteal":10}}"#;
    let log = read(stats(3, memory));
    let received = log.only();
    assert_eq!(
        all(received.sample()),
        [
            ("memory.usage", 100),
            // The cache may be larger than what is used.
            ("memory.working_set", 0),
            ("memory.rss", 1),
            ("memory.cache", 2),
            ("memory.mapped_file", 3),
            ("memory.active_file", 4),
            ("memory.inactive_file", 150),
            ("memory.file_dirty", 5),
            ("memory.file_writeback", 6),
            ("memory.page_faults", 7),
            ("memory.major_page_faults", 8),
            ("memory.pages_scanned", 9),
            ("memory.pages_stolen", 10),
        ]
    );
    assert_eq!(received.container.limits.unwrap().memory_bytes, None);
}

#[test]
fn zeros_of_what_was_not_measured_are_no_readings() {
    let empty = r#""preread":"2026-11-21T12:00:02Z","pids_stats":{},"cpu_stats":{"cpu_usage":
        {"total_usage":0,"usage_in_kernelmode":0,"usage_in_usermode":0},"throttling_data":
        {"periods":0,"throttled_periods":0,"throttled_time":0}},"precpu_stats":{"cpu_usage":
        {"total_usage":0},"throttling_data":{"periods":0}},"memory_stats":{"usage":0,"limit":0}"#;
    let log = read(stats(3, empty));
    let received = log.only();
    assert_eq!(received.times(), ["2026-11-21T12:00:03.5Z"]);
    assert_eq!(all(received.sample()), []);
    assert_eq!(received.container.limits.unwrap().memory_bytes, None);
    let huge = r#""cpu_stats":{},"pids_stats":{"current":2,"limit":18446744073709551615},
        "memory_stats":{"usage":1,"max_usage":18446744073709551615}"#;
    let log = read(stats(3, huge));
    assert_eq!(all(log.only().sample()), [("memory.usage", 1), ("processes.threads", 2)]);
    assert_eq!(log.only().container.limits.unwrap().processes, None);
}

#[test]
fn a_container_that_does_not_run_has_no_sample() {
    let zero = |preread: &str| {
        format!(
            r#"{{"read":"0001-01-01T00:00:00Z","preread":"{preread}","pids_stats":{{}},
            "cpu_stats":{{"cpu_usage":{{"total_usage":0}}}},
            "precpu_stats":{{"cpu_usage":{{"total_usage":7}}}},"id":"{ID}","name":"/web"}}"#
        )
    };
    let log = read(zero("0001-01-01T00:00:00Z"));
    assert_eq!((log.only().samples.len(), log.never_taken), (0, 1));
    // The reading before is one all the same.
    let log = read(zero("2026-11-21T12:00:02Z"));
    assert_eq!(log.only().times(), ["2026-11-21T12:00:02Z"]);
    assert_eq!(log.never_taken, 1);
}

#[test]
fn an_absent_list_of_devices_is_not_an_empty_one() {
    let has_disks = |blkio: &str| {
        let log = read(stats(3, &format!(r#""cpu_stats":{{}},"x":1{blkio}"#)));
        let sample = log.only().sample();
        assert_eq!(sample.devices().len(), 0);
        sample.has(Section::Diskio)
    };
    assert!(has_disks(r#","blkio_stats":{"io_service_bytes_recursive":[]}"#));
    assert!(has_disks(r#","blkio_stats":{"io_service_bytes_recursive":null}"#));
    assert!(!has_disks(r#","blkio_stats":null"#));
    assert!(!has_disks(""));
}

#[test]
fn operations_of_devices_may_be_in_lower_case_and_entries_of_one_are_added() {
    let blkio = r#""cpu_stats":{},"blkio_stats":{"io_service_bytes_recursive":[
        {"major":8,"minor":0,"op":"read","value":1},{"major":8,"minor":1,"op":"write","value":2},
        {"major":8,"minor":0,"op":"read","value":4},{"op":"write"}],"io_serviced_recursive":null}"#;
    let log = read(stats(3, blkio));
    assert_eq!(
        devices(log.only().sample()),
        [
            ((8, 0), vec![("diskio.read", 1)]),
            ((8, 1), vec![("diskio.write", 2)]),
            ((8, 0), vec![("diskio.read", 4)]),
            ((0, 0), vec![]),
        ]
    );
}

#[test]
fn old_versions_tell_all_interfaces_together() {
    let log = read(stats(3, r#""cpu_stats":{},"network":{"rx_bytes":1,"tx_dropped":2}"#));
    let counts = vec![("network.rx_bytes", 1), ("network.tx_dropped", 2)];
    let counts: Vec<_> = counts.into_iter().rev().collect();
    let [(name, found)] = &interfaces(log.only().sample())[..] else { panic!() };
    assert_eq!((&**name, found.len()), ("", counts.len()));
    let log = read(stats(3, r#""cpu_stats":{},"networks":null"#));
    assert!(!log.only().sample().has(Section::Network));
    let both = r#""cpu_stats":{},"networks":{},"network":{"rx_bytes":1}"#;
    assert_eq!(interfaces(read(stats(3, both)).only().sample()), []);
}

const WINDOWS: &str = r#""preread":"2026-11-21T12:00:02Z","num_procs":4,"pids_stats":{"current":0},
    "blkio_stats":{"io_service_bytes_recursive":null},
    "cpu_stats":{"cpu_usage":{"total_usage":50,"usage_in_kernelmode":20,"usage_in_usermode":30},
        "throttling_data":{"periods":0,"throttled_periods":0,"throttled_time":0}},
    "precpu_stats":{"cpu_usage":{"total_usage":40},"throttling_data":{"periods":0}},
    "memory_stats":{"commitbytes":100,"commitpeakbytes":200,"privateworkingset":50},
    "networks":{"4a5b":{"rx_bytes":1}}"#;

#[test]
fn windows_counts_cpu_in_steps_of_100_ns_and_omits_zeros_of_storage() {
    let storage = r#""storage_stats":{"read_count_normalized":1,"write_size_bytes":2}"#;
    let log = read(stats(3, &format!("{WINDOWS},{storage}")));
    let received = log.only();
    let [before, sample] = &received.samples[..] else { panic!() };
    assert_eq!(all(before), [("cpu.usage", 4000)]);
    assert_eq!(
        all(sample),
        [
            ("cpu.usage", 5000),
            ("cpu.user", 3000),
            ("cpu.system", 2000),
            ("memory.usage", 100),
            ("memory.working_set", 50),
            ("memory.max_usage", 200),
        ]
    );
    let disk =
        [("diskio.read", 0), ("diskio.write", 2), ("diskio.read_ops", 1), ("diskio.write_ops", 0)];
    assert_eq!(devices(sample), [((0, 0), disk.to_vec())]);
    assert_eq!(interfaces(sample)[0].0, "4a5b");
    assert_eq!(received.container.cpus, Some(4));
    assert_eq!(received.notes, [Note::ShownByDocker, Note::CommittedMemory]);
    let log = read(stats(3, WINDOWS));
    assert!(!log.only().samples[1].has(Section::Diskio));
}

#[test]
fn windows_is_told_by_its_name_too_and_agents_that_hide_it_tell_cpu_and_networks() {
    let named = WINDOWS.replace(r#""num_procs":4"#, r#""num_procs":0,"os_type":"windows""#);
    let log = read(stats(3, &named));
    assert_eq!(log.only().samples[1].get(Metric::CpuUsage), Some(5000));
    let hidden = WINDOWS.replace(r#""num_procs":4"#, r#""num_procs":0"#);
    let log = read(stats(3, &hidden));
    let sample = &log.only().samples[1];
    assert_eq!(all(sample), [("cpu.usage", 50), ("cpu.user", 30), ("cpu.system", 20)]);
    assert_eq!(sample.interfaces().len(), 1);
    assert!(!sample.has(Section::Diskio));
}

#[test]
fn of_podman_only_what_it_tells_rightly_is_read() {
    let podman = format!(
        r#"{{"read":"2026-11-21T12:00:03.5Z","preread":"2026-11-21T12:00:03.4Z",
        "pids_stats":{{"current":2,"limit":18446744073709551615}},
        "blkio_stats":{{"io_service_bytes_recursive":[
            {{"major":8,"minor":0,"op":"read","value":1}},{{"major":8,"minor":0,"op":"rios","value":2}},
            {{"major":8,"minor":0,"op":"wios","value":3}},{{"major":8,"minor":0,"op":"dbytes","value":4}},
            {{"major":8,"minor":0,"op":"dios","value":5}}],"io_serviced_recursive":null}},
        "cpu_stats":{{"cpu_usage":{{"total_usage":9000,"usage_in_kernelmode":3,
            "usage_in_usermode":8997}},"online_cpus":8,"throttling_data":{{"periods":0}}}},
        "precpu_stats":{{"cpu_usage":{{"total_usage":0}}}},
        "memory_stats":{{"usage":10,"max_usage":18446744073709551615,"limit":18446744073709551615}},
        "name":"web","Id":"{ID}","networks":{{"tap0":{{"rx_bytes":1}}}}}}"#
    );
    let log = read(podman);
    let received = log.only();
    assert_eq!(received.name(), ID);
    assert_eq!(received.container.aliases, ["web"]);
    let expected = [("cpu.usage", 9000), ("memory.usage", 10), ("processes.threads", 2)];
    assert_eq!(all(received.sample()), expected);
    assert_eq!(
        devices(received.sample()),
        [
            ((8, 0), vec![("diskio.read", 1)]),
            ((8, 0), vec![("diskio.read_ops", 2), ("diskio.write_ops", 3)]),
        ]
    );
    assert_eq!(received.container.limits.unwrap().memory_bytes, None);
}

#[test]
fn in_a_map_the_key_is_the_id_and_null_is_no_container() {
    let inner = r#"{"read":"2026-11-21T12:00:03Z","cpu_stats":{"cpu_usage":{"total_usage":1}}}"#;
    let fargate = "67cd8a22b533459696d4ccab5278e009-2860414825";
    let log = read(format!(r#"{{"waiting":null,"{fargate}":{inner},"docker://{ID}":{inner}}}"#));
    assert_eq!(log.names(), [fargate, ID]);
    assert!(log.errors.is_empty());
    let log = read(format!(r#"{{"/web":{inner},"/db":{inner}}}"#));
    assert_eq!((log.names(), log.errors.len()), (vec!["web".to_owned(), "db".to_owned()], 0));
}

#[test]
fn before_version_1_21_the_name_names_the_container() {
    let text = r#"{"read":"2026-11-21T12:00:03Z","cpu_stats":{},"name":"/web"}"#;
    let log = read(text);
    assert_eq!(log.only().name(), "web");
    let log = read(text.replace("/web", ""));
    let words = "id: expected the id of the container (or name the file after it), found none; the \
                 container is left out";
    assert!(log.words()[0].ends_with(words), "{:?}", log.words());
}

#[test]
fn a_container_without_any_name_is_called_as_its_file_or_the_caller_says() {
    let stats = |second: u32, cpu: u64| {
        format!(
            r#"{{"read":"2026-11-21T12:00:0{second}Z","cpu_stats":{{"cpu_usage":{{"total_usage":{cpu}}}}}}}"#
        )
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!("stats_{ID}.json")), stats(1, 5)).unwrap();
    let mut pipeline = Pipeline::default();
    pipeline.read_paths(&[folder.path()]).into_result().unwrap();
    let later = stats(2, 6);
    pipeline.read(Input::bytes("later", &later).container(ID)).into_result().unwrap();
    let named: Vec<_> =
        pipeline.series().map(|series| (&**series.identity().name(), series.len())).collect();
    assert_eq!(named, [(ID, 2)]);
    assert_eq!(pipeline.read(Input::bytes("nameless", &later)).errors.len(), 1);
}

#[test]
fn where_the_total_of_cpu_cannot_be_read_the_other_readings_of_cpu_are() {
    let text = stats(
        3,
        r#""cpu_stats":{"cpu_usage":{"total_usage":"None","usage_in_usermode":3},
        "throttling_data":{"periods":0}}"#,
    );
    let log = read(&text);
    let expected = [("cpu.user", 3), ("cpu.cfs_periods", 0)];
    assert_eq!(all(log.containers[0].sample()), expected);
    assert_eq!(log.errors.len(), 1);
}

#[test]
fn what_has_the_wrong_type_loses_its_field_and_nothing_else() {
    let text = stats(
        3,
        r#""cpu_stats":{"cpu_usage":{"total_usage":7},"online_cpus":"None"},
        "memory_stats":"None","pids_stats":{"current":-1,"limit":5},"networks":[],
        "blkio_stats":{"io_service_bytes_recursive":{}},"preread":"soon""#,
    );
    let log = read(&text);
    let received = &log.containers[0];
    let expected = [("cpu.usage", 7), ("processes.threads_max", 5)];
    assert_eq!(all(received.sample()), expected);
    assert!(log.errors.iter().all(|error| error.kind() == ErrorKind::Value));
    let fields: Vec<_> = log.errors.iter().map(|error| error.field().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "cpu_stats.online_cpus",
            "memory_stats",
            "pids_stats.current",
            "networks",
            "blkio_stats.io_service_bytes_recursive",
            "preread",
        ]
    );
    let place = log.errors[0].place();
    assert_eq!(place.container.as_deref(), Some(ID));
    let at = usize::try_from(place.offset.unwrap()).unwrap();
    assert!(text[at..].starts_with(r#""None"},"#), "{}", &text[at..]);
    assert_eq!(log.faulty, 0);
}

#[test]
fn a_time_that_is_none_loses_the_sample_and_is_named() {
    let text = format!(r#"{{"read":"noon","cpu_stats":{{}},"id":"{ID}"}}"#);
    let log = read(text);
    assert_eq!((log.containers[0].samples.len(), log.faulty), (0, 1));
    assert_eq!(log.errors[0].field(), Some("timestamp"));
    let log = read(format!(r#"{{"a":{},"b":{{"id":"x"}}}}"#, stats(3, r#""cpu_stats":{}"#)));
    assert_eq!((log.containers[0].samples.len(), log.faulty), (1, 1));
    assert_eq!(log.errors[0].found(), Some("none"));
}

#[test]
fn whole_numbers_may_be_written_unusually_and_are_noted() {
    let text = stats(3, r#""memory_stats":{"usage":1e+09,"limit":"4096"}"#);
    let log = read(text);
    let received = log.only();
    assert_eq!(received.sample().get(Metric::MemoryUsage), Some(1_000_000_000));
    assert_eq!(received.container.limits.unwrap().memory_bytes, Some(4096));
    assert_eq!(received.notes, [Note::ShownByDocker, Note::UnusualNumbers]);
}

#[test]
fn objects_come_in_lists_in_lines_and_behind_one_another() {
    let one = |second| stats(second, r#""cpu_stats":{}"#);
    let all = [one(1), one(2), one(3)];
    for text in [all.join("\n"), all.concat(), format!("[{}]", all.join(",\n"))] {
        let log = read(&text);
        assert_eq!(log.names(), [ID; 3], "{text}");
        assert!(log.errors.is_empty());
    }
}

#[test]
fn metrics_that_were_not_asked_for_are_not_in_a_sample() {
    let set: MetricSet = [Metric::CpuUsage, Metric::DiskioRead].into_iter().collect();
    let log = read_metrics(stats(3, V1), set);
    let sample = &log.only().samples[1];
    assert_eq!(all(sample), [("cpu.usage", 5000)]);
    assert!(!sample.has(Section::Network));
    let found = devices(sample);
    assert_eq!(found, [((8, 0), vec![("diskio.read", 10)]), ((253, 1), vec![("diskio.read", 70)])]);
}

#[test]
fn of_an_interface_that_is_there_twice_the_first_counts() {
    let text = r#""cpu_stats":{},"networks":{"a":{"rx_bytes":1},"b":{},"a":{"rx_bytes":2}}"#;
    let log = read(stats(3, text));
    let found = interfaces(log.only().sample());
    assert_eq!(found[0], ("a".to_owned(), vec![("network.rx_bytes", 1)]));
    assert_eq!(found.len(), 2);
}
