//! What a reader gets wrong: each trap of the page, in a few lines.

use cmetrics_core::parse::{Door, Note};
use cmetrics_core::{ErrorKind, Input, Pipeline, Timestamp};

use super::told::{SCRAPED_AT, listen, only, parser, sample, told};

const MILLION: u64 = 1_000_000;

#[test]
fn seconds_are_whole_nanoseconds_and_cpus_are_added_after_each_is_rounded() {
    let read = sample(
        "container_cpu_usage_seconds_total{cpu=\"cpu00\",id=\"/\"} 0.1234567895 1000000000000\n\
         container_cpu_usage_seconds_total{cpu=\"cpu01\",id=\"/\"} 8.5e-05 1000000000000\n\
         container_cpu_usage_seconds_total{cpu=\"cpu02\",id=\"/\"} 0.0000000005 1000000000000\n\
         container_pressure_io_waiting_seconds_total{id=\"/\"} 1.0000005 1000000000000\n",
    );
    assert_eq!(read["cpu.usage"], 123_456_790 + 85_000);
    assert_eq!(read["diskio.pressure_some"], MILLION);
}

#[test]
fn a_total_over_cpus_counts_where_no_cpu_has_a_row_of_its_own() {
    let total = "container_cpu_usage_seconds_total{cpu=\"total\",id=\"/\"} 5\n";
    assert_eq!(sample(total)["cpu.usage"], 5_000_000_000);
    let without = "container_cpu_usage_seconds_total{id=\"/\"} 6\n";
    assert_eq!(sample(without)["cpu.usage"], 6_000_000_000);
    let both = format!("{total}container_cpu_usage_seconds_total{{cpu=\"cpu0\",id=\"/\"}} 4\n");
    assert_eq!(sample(&both)["cpu.usage"], 4_000_000_000);
}

#[test]
fn what_is_no_reading_is_absent_and_not_0() {
    for value in ["NaN", "+Inf", "-Inf", "-5"] {
        let read = sample(&format!(
            "container_memory_usage_bytes{{id=\"/\"}} 1\ncontainer_memory_rss{{id=\"/\"}} {value}\n"
        ));
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [("memory.usage".to_owned(), 1)]);
    }
    let swap = "container_memory_usage_bytes{id=\"/\"} 1\n\
                container_memory_swap{id=\"/\"} 1.8446744073709552e+19\n";
    assert_eq!(sample(swap).len(), 1);
    assert!(told("container_memory_rss{id=\"/\"} NaN\n").is_empty_of_samples());
}

/// Whether no container has a sample.
trait IsEmpty {
    fn is_empty_of_samples(&self) -> bool;
}

impl IsEmpty for super::told::All {
    fn is_empty_of_samples(&self) -> bool {
        self.values().all(|told| told.samples.is_empty())
    }
}

#[test]
fn a_time_is_in_milliseconds_or_in_the_seconds_of_openmetrics() {
    for (time, nanos) in [
        ("1795246702238", 1_795_246_702_238 * MILLION),
        ("1795246702.238", 1_795_246_702_238 * MILLION),
        ("1.795246702238e9", 1_795_246_702_238 * MILLION),
        ("1795246702.123456789", 1_795_246_702_123_456_789),
        ("", SCRAPED_AT),
    ] {
        let text = format!("container_memory_rss{{id=\"/\"}} 1 {time}\n# EOF\n");
        assert_eq!(only(&text).samples[0].0, nanos, "{time}");
    }
    let never = only("container_memory_rss{id=\"/\"} 1 -62135596800000\n");
    assert_eq!((never.never_taken, never.samples.len()), (1, 0));
}

#[test]
fn what_openmetrics_adds_to_a_row_is_passed_over() {
    let text = "# TYPE container_oom_events counter\n\
                # UNIT container_oom_events events\n\
                container_oom_events_total{id=\"/\"} 3 1600000000.5 # {trace=\"a\"} 1 1600000000\n\
                container_oom_events_created{id=\"/\"} 1500000000\n\
                container_threads{id=\"/\"} 7 1600000000.5 st@1500000000 # {trace=\"a\"} 1\n\
                {\"container_sockets\",\"id\"=\"/\"} 9 1600000000.5\n\
                # EOF\n";
    let read = sample(text);
    let told = ["memory.oom_events", "processes.sockets", "processes.threads"];
    assert_eq!(
        read.into_iter().collect::<Vec<_>>(),
        told.map(str::to_owned).into_iter().zip([3, 9, 7]).collect::<Vec<_>>()
    );
}

#[test]
fn rows_of_one_container_and_time_are_one_sample_whatever_their_order() {
    let rows = [
        "container_memory_rss{id=\"/a\"} 1 1600000000000\n",
        "container_memory_rss{id=\"/b\"} 2 1600000000000\n",
        "container_memory_rss{id=\"/a\"} 3 1600000005000\n",
        "container_threads{id=\"/a\"} 4 1600000005000\n",
        "# HELP container_threads again\n",
        "container_threads{id=\"/a\"} 5 1600000000000\n",
        "container_threads{id=\"/b\"} 6 1600000000000\n",
    ];
    let forward = told(&rows.concat());
    let backward = told(&rows.iter().rev().copied().collect::<String>());
    assert_eq!(forward, backward);
    let of = |path: &str| &forward[&(Door::Exposition, None, path.to_owned())].samples;
    assert_eq!((of("/a").len(), of("/b").len()), (2, 1));
    assert_eq!(of("/a")[1].1.values().copied().collect::<Vec<_>>(), [3, 4]);
}

#[test]
fn of_a_series_that_comes_twice_at_one_time_the_first_stays() {
    let text = "container_memory_rss{id=\"/\"} 1 1600000000000\n\
                container_memory_rss{id=\"/\",zone=\"x\"} 2 1600000000000\n\
                container_fs_reads_bytes_total{id=\"/\",device=\"a\"} 10 1600000000000\n\
                container_fs_reads_bytes_total{id=\"/\",device=\"b\"} 20 1600000000000\n\
                container_fs_reads_bytes_total{id=\"/\",device=\"a\"} 40 1600000000000\n";
    let mut read = sample(text);
    assert_eq!(read.remove("memory.rss"), Some(1));
    assert_eq!(read.into_values().sum::<u64>(), 30);
    // Copies of a sample differ in what cAdvisor reads later: the larger one counts.
    let text = "container_fs_usage_bytes{id=\"/\",device=\"a\"} 10 1600000000000\n\
                container_fs_usage_bytes{id=\"/\",device=\"b\"} 20 1600000000000\n\
                container_fs_usage_bytes{id=\"/\",device=\"a\"} 40 1600000000000\n\
                container_fs_usage_bytes{id=\"/\",device=\"b\"} 4 1600000000000\n";
    assert_eq!(sample(text)["filesystem.usage"], 60);
}

#[test]
fn rows_of_other_families_make_no_sample() {
    let text = "container_last_seen{id=\"/\"} 1.7e9 1600000009000\n\
                container_start_time_seconds{id=\"/\"} 1.5e9\n\
                container_memory_numa_pages{id=\"/\",node=\"0\"} 5 1600000009000\n\
                container_memory_rss{id=\"/\"} 1 1600000000000\n\
                process_cpu_seconds_total 5\n";
    let read = only(text);
    assert_eq!(read.samples.len(), 1);
    assert_eq!(read.container.machine, None, "the node of numa rows is none of the cluster's");
    assert_eq!(read.container.started, None);
    assert_eq!(read.container.created, Timestamp::from_seconds(1_500_000_000));
}

#[test]
fn operations_count_only_beside_bytes_as_others_are_those_of_the_host() {
    let text = "container_blkio_device_usage_total{device=\"/dev/vda\",id=\"/a\",major=\"253\",minor=\"0\",operation=\"Read\"} 4096\n\
                container_blkio_device_usage_total{device=\"/dev/vda\",id=\"/a\",major=\"253\",minor=\"0\",operation=\"Total\"} 9999\n\
                container_fs_reads_bytes_total{device=\"/dev/vda\",id=\"/a\"} 4096\n\
                container_fs_reads_total{device=\"/dev/vda\",id=\"/a\"} 1\n\
                container_fs_writes_total{device=\"/dev/vdb\",id=\"/a\"} 5.0e6\n\
                container_fs_writes_total{device=\"/dev/vda\",id=\"/b\"} 5.0e6\n\
                container_memory_rss{id=\"/b\"} 1\n";
    let all = told(text);
    let of = |path: &str| &all[&(Door::Exposition, None, path.to_owned())];
    let read: Vec<_> = of("/a").samples[0].1.iter().collect();
    assert_eq!(read.len(), 2, "{read:?}");
    assert_eq!(*read[0].1, 4096);
    assert_eq!(read[0].0, "diskio.read[253:0]");
    assert!(read[1].0.starts_with("diskio.read_ops[") && *read[1].1 == 1);
    // The collector reads disks, and this container has none yet.
    assert!(of("/b").has_disks);
    assert_eq!(of("/b").samples[0].1.len(), 1);
}

#[test]
fn devices_without_numbers_are_told_apart_by_their_names() {
    let text = "container_fs_reads_bytes_total{device=\"/dev/sda\",id=\"/\"} 1\n\
                container_fs_reads_bytes_total{device=\"/dev/sdb\",id=\"/\"} 2\n\
                container_fs_reads_total{device=\"/dev/sdb\",id=\"/\"} 3\n";
    let read = sample(text);
    assert_eq!(read.len(), 3);
    assert_eq!(sample(text), read);
    let number = |name: &str| name[name.find('[').unwrap()..].to_owned();
    let with_value = |value: u64| number(read.iter().find(|(_, v)| **v == value).unwrap().0);
    assert_eq!(with_value(2), with_value(3));
    assert_ne!(with_value(1), with_value(2));
}

#[test]
fn operations_of_a_name_that_two_devices_share_are_left_out() {
    let text = |other: &str| {
        format!(
            "container_blkio_device_usage_total{{device=\"\",id=\"/\",major=\"8\",minor=\"0\",operation=\"Read\"}} 1\n\
             container_blkio_device_usage_total{{device=\"\",id=\"/\",major=\"8\",minor=\"{other}\",operation=\"Write\"}} 1\n\
             container_fs_reads_bytes_total{{device=\"\",id=\"/\"}} 1\n\
             container_fs_reads_total{{device=\"\",id=\"/\"}} 1\n"
        )
    };
    assert_eq!(sample(&text("0")).len(), 3);
    assert_eq!(sample(&text("16")).len(), 2);
}

#[test]
fn figures_of_a_scheduler_that_was_not_read_are_absent() {
    let text = |run: u64| {
        format!(
            "container_cpu_schedstat_run_seconds_total{{id=\"/\"}} {run}\n\
             container_cpu_schedstat_runqueue_seconds_total{{id=\"/\"}} 0\n\
             container_cpu_schedstat_run_periods_total{{id=\"/\"}} 0\n\
             container_memory_rss{{id=\"/\"}} 1\n"
        )
    };
    assert_eq!(sample(&text(1)).len(), 4);
    assert_eq!(sample(&text(0)).len(), 1);
}

#[test]
fn limits_of_0_are_none_and_machines_tell_cpus() {
    let text = "container_spec_cpu_quota{id=\"/a\"} 50000\n\
                container_spec_cpu_period{id=\"/a\"} 100000\n\
                container_spec_cpu_shares{id=\"/a\"} 2\n\
                container_spec_memory_limit_bytes{id=\"/a\"} 1.34217728e+08\n\
                container_spec_memory_swap_limit_bytes{id=\"/a\"} 0\n\
                container_spec_memory_reservation_limit_bytes{id=\"/a\"} 1.8446744073709552e+19\n\
                container_spec_memory_limit_bytes{id=\"/\"} 0\n\
                machine_cpu_cores{boot_id=\"x\"} 8\n\
                machine_memory_bytes 1e9\n";
    let all = told(text);
    let of = |path: &str| all[&(Door::Exposition, None, path.to_owned())].container.clone();
    let limits = of("/a").limits.unwrap();
    assert_eq!((limits.cpu_cores, limits.cpu_shares), (Some(0.5), Some(2)));
    assert_eq!(limits.memory_bytes, Some(134_217_728));
    assert_eq!((limits.swap_bytes, limits.memory_reservation_bytes), (None, None));
    assert_eq!(
        (of("/a").cpus, of("/").limits.unwrap().memory_bytes),
        (Some(8), Some(1_000_000_000))
    );
    assert!(all.is_empty_of_samples());
    let limits = of("/").limits.unwrap();
    assert_eq!((limits.machine_cpus, limits.machine_memory_bytes), (Some(8), Some(1_000_000_000)));
    let seen = "container_cpu_usage_seconds_total{cpu=\"cpu00\",id=\"/a\"} 1\n\
                container_cpu_usage_seconds_total{cpu=\"cpu03\",id=\"/b\"} 1\n";
    assert!(told(seen).values().all(|told| told.container.cpus == Some(2)));
}

#[test]
fn a_machine_tells_what_it_has_also_where_its_root_has_no_limits() {
    let rows = "container_memory_rss{id=\"/\"} 1\ncontainer_memory_rss{id=\"/a\"} 1\n";
    let all = told(&format!("{rows}machine_cpu_cores 8\nmachine_memory_bytes 1e9\n"));
    let of = |path: &str| all[&(Door::Exposition, None, path.to_owned())].container.limits;
    let limits = of("/").unwrap();
    assert_eq!((limits.machine_cpus, limits.machine_memory_bytes), (Some(8), Some(1_000_000_000)));
    assert_eq!((limits.memory_bytes, limits.cpu_cores), (Some(1_000_000_000), None));
    assert_eq!(of("/a"), None);
    assert!(told(rows).values().all(|told| told.container.limits.is_none()));
}

#[test]
fn a_kubelet_names_pods_and_containers_of_all_versions() {
    let path = "/kubepods/burstable/pod5a8dc423-b4ef-41e8-973e-287d97d01eca/0123";
    for (pod, container) in [("pod", "container"), ("pod_name", "container_name")] {
        let text = format!(
            "container_memory_rss{{{container}=\"nginx\",id=\"{path}\",image=\"i\",name=\"k8s_n\",namespace=\"shop\",{pod}=\"web-0\"}} 1\n"
        );
        let read = only(&text).container;
        let name = read.kubernetes.unwrap();
        assert_eq!(name.to_string(), "shop/web-0/nginx");
        assert_eq!(name.uid.unwrap(), "5a8dc423-b4ef-41e8-973e-287d97d01eca");
        assert_eq!((&*read.path, read.image.as_deref()), (path, Some("i")));
        assert_eq!(read.aliases, ["k8s_n"]);
    }
    let empty = "container_memory_rss{container=\"\",id=\"/\",image=\"\",name=\"\",namespace=\"\",pod=\"\"} 1\n";
    let read = only(empty).container;
    assert_eq!((read.kubernetes, read.image, read.aliases.len()), (None, None, 0));
}

#[test]
fn rows_without_an_id_are_those_of_the_resource_endpoint() {
    let text = "container_cpu_usage_seconds_total{container=\"c\",namespace=\"n\",pod=\"p\"} 4.7 1633253812125\n\
                container_memory_working_set_bytes{container=\"c\",namespace=\"n\",pod=\"p\"} 5 1633253812125\n\
                container_cpu_usage_seconds_total{container=\"new\",namespace=\"n\",pod=\"p\"} 0 1633253812125\n\
                container_memory_working_set_bytes{container=\"new\",namespace=\"n\",pod=\"p\"} 6 1633253812125\n\
                pod_swap_usage_bytes{namespace=\"n\",pod=\"p\"} 7 1633253803935\n\
                node_cpu_usage_seconds_total{node=\"n1\"} 357.35491 1633253809720\n\
                scrape_error 0\n";
    let all = told(text);
    let of = |machine: Option<&str>, path: &str| {
        let key = (Door::Resource, machine.map(str::to_owned), path.to_owned());
        all[&key].samples[0].1.clone().into_iter().collect::<Vec<_>>()
    };
    let named = |pairs: &[(&str, u64)]| {
        pairs.iter().map(|(n, v)| ((*n).to_owned(), *v)).collect::<Vec<_>>()
    };
    assert_eq!(
        of(None, "n/p/c"),
        named(&[("cpu.usage", 4_700_000_000), ("memory.working_set", 5)])
    );
    assert_eq!(of(None, "n/p/new"), named(&[("memory.working_set", 6)]));
    assert_eq!(of(None, "n/p"), named(&[("memory.swap", 7)]));
    assert_eq!(of(Some("n1"), "/"), named(&[("cpu.usage", 357_354_910_000)]));
    assert_eq!(all.len(), 4);
}

#[test]
fn machines_are_told_apart_by_the_labels_of_a_scraper() {
    let text = "container_memory_rss{id=\"/\",instance=\"a:8080\"} 1\n\
                container_memory_rss{id=\"/\",instance=\"b:8080\"} 2\n\
                container_memory_rss{id=\"/\",instance=\"b:8080\",node=\"c\"} 3\n\
                machine_cpu_cores{instance=\"a:8080\"} 2\n\
                machine_cpu_cores{instance=\"b:8080\"} 4\n";
    let cpus: Vec<_> = told(text)
        .into_iter()
        .map(|((_, machine, _), told)| (machine.unwrap(), told.container.cpus))
        .collect();
    let expected = [("a:8080", Some(2)), ("b:8080", Some(4)), ("c", None)];
    assert_eq!(cpus, expected.map(|(machine, cpus)| (machine.to_owned(), cpus)));
}

#[test]
fn of_rows_that_the_runtime_made_those_that_mean_something_else_are_left_out() {
    let id = "0783690c8f18d473e3308b45c23a8637e250fdbf91712a2c5a8a79415cfba82e";
    let text = format!(
        "container_cpu_usage_seconds_total{{id=\"{id}\"}} 5 1600000000000\n\
         container_memory_max_usage_bytes{{id=\"{id}\"}} 1 1600000000000\n\
         container_memory_kernel_usage{{id=\"{id}\"}} 1 1600000000000\n\
         container_pressure_cpu_waiting_seconds_total{{id=\"{id}\"}} 12 1600000000000\n\
         container_memory_rss{{id=\"{id}\"}} 3 1600000000000\n"
    );
    let read = only(&text);
    assert_eq!(read.notes, [Note::WholeSeconds]);
    assert_eq!(read.samples[0].1.keys().collect::<Vec<_>>(), ["cpu.usage", "memory.rss"]);
    assert_eq!(read.container.name(Some("machine")), id);
    // Whatever their values and times, they say nothing, and make no sample.
    let text = format!(
        "container_memory_rss{{id=\"{id}\"}} 3 1600000000000\n\
         container_memory_max_usage_bytes{{id=\"{id}\"}} 1.8446744073709552e+19 1600000000000\n\
         container_memory_kernel_usage{{id=\"{id}\"}} 1e30 1600000000000\n\
         container_pressure_cpu_waiting_seconds_total{{id=\"{id}\"}} 2e13 1600000000000\n\
         container_pressure_io_waiting_seconds_total{{id=\"{id}\"}} 1 1600000005000\n\
         container_pressure_io_stalled_seconds_total{{id=\"{id}\"}} 1 99999999999999999999\n"
    );
    let samples = only(&text).samples;
    assert_eq!(samples.len(), 1);
    assert_eq!(samples[0].1.keys().collect::<Vec<_>>(), ["memory.rss"]);
    let alone = text.split_inclusive('\n').nth(3).unwrap();
    assert!(told(alone).is_empty(), "{alone}");
}

#[test]
fn rows_without_times_need_the_time_of_the_scrape_and_say_so() {
    let text = "container_memory_rss{id=\"/a\"} 1\ncontainer_memory_rss{id=\"/b\"} 1\n\
                container_memory_rss{id=\"/c\"} 1 1600000000000\n";
    assert_eq!(told(text).values().filter(|told| told.notes == [Note::TimesOfScrape]).count(), 2);
    let mut pipeline = Pipeline::default();
    let outcome = pipeline.read(Input::bytes("metrics", text));
    assert_eq!((outcome.accepted, outcome.errors.len()), (1, 1));
    let error = outcome.errors[0].to_string();
    assert!(error.contains("line 1") && error.contains("--scraped-at"), "{error}");
    assert_eq!(outcome.errors[0].kind(), ErrorKind::Value);
}

#[test]
fn scrapes_without_times_behind_one_another_are_named() {
    let text = "container_memory_rss{id=\"/\"} 1\ncontainer_threads{id=\"/\"} 1\n";
    let listener = listen(&mut parser(), text.repeat(3).as_bytes());
    assert_eq!(listener.errors.len(), 1);
    assert!(listener.errors[0].to_string().contains("line 3 column 1"), "{:?}", listener.errors);
}

#[test]
fn rows_that_name_no_container_are_named_once() {
    let text = "container_memory_rss{zone=\"/\"} 1\ncontainer_memory_rss 1\n";
    let listener = listen(&mut parser(), text.as_bytes());
    assert_eq!(listener.errors.len(), 1);
    assert!(listener.errors[0].to_string().contains("`namespace` and `pod`"));
}

#[test]
fn a_file_tells_the_time_of_its_scrape_by_its_name_or_its_age() {
    let folder = tempfile::tempdir().unwrap();
    let text = "container_memory_rss{id=\"/\"} 1\n";
    let times = |name: &str, told: Option<u64>| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let mut pipeline = Pipeline::default();
        let told = told.and_then(cmetrics_core::Timestamp::from_nanos);
        pipeline.set_scraped_at(told.map(cmetrics_core::parse::ScrapeTime::Told));
        pipeline.read_paths(&[&path]).into_result().unwrap();
        let written = std::fs::metadata(&path).unwrap().modified().unwrap();
        let written = written.duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
        let series = pipeline.series().next().unwrap();
        (series.samples().next().unwrap().time().nanos(), written)
    };
    assert_eq!(times("metrics.1795246702737.prom", None).0, 1_795_246_702_737 * MILLION);
    assert_eq!(times("metrics.1795246702737.prom", Some(SCRAPED_AT)).0, SCRAPED_AT);
    let (time, written) = times("metrics.prom", None);
    assert_eq!(time, written);
}
