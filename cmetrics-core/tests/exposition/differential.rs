//! The reader agrees with the plain one, on well-formed and on damaged text, and whatever it read
//! before.

use cmetrics_core::MetricSet;
use proptest::prelude::*;

use super::readers::{check, plain, until_end};

#[test]
fn the_plain_reader_knows_every_metric() {
    assert_eq!(plain::metrics(), MetricSet::all());
}

/// A pick of the words, with blanks between them.
fn one_of(words: &'static str) -> impl Strategy<Value = &'static str> {
    let words: Vec<_> = words.split(' ').collect();
    prop::sample::select(words)
}

fn name() -> impl Strategy<Value = &'static str> {
    one_of(
        "container_cpu_usage_seconds_total container_cpu_usage_seconds_total \
         container_cpu_user_seconds_total container_cpu_schedstat_run_seconds_total \
         container_pressure_io_waiting_seconds_total container_memory_usage_bytes \
         container_memory_swap container_memory_max_usage_bytes container_memory_failures_total \
         container_tasks_state container_network_receive_bytes_total \
         container_blkio_device_usage_total container_fs_reads_bytes_total \
         container_fs_reads_total container_fs_writes_total container_fs_usage_bytes \
         container_oom_events_total container_spec_cpu_quota container_spec_cpu_period \
         container_spec_memory_limit_bytes machine_cpu_cores machine_memory_bytes \
         container_processes cmetrics_diskio_sync_operations_total \
         container_last_seen container_start_time_seconds go_threads \
         pod_cpu_usage_seconds_total node_swap_usage_bytes",
    )
}

fn label() -> impl Strategy<Value = String> {
    let pairs = "id=/ id=/a id=/a id=/docker/b id=bare id= name=web name= image=busybox \
                 namespace=shop pod=web-0 pod_name=web-1 container=nginx container=POD node=n1 \
                 instance=h:80 cpu=cpu00 cpu=cpu01 cpu=total cpu=cpu device=/dev/vda device= \
                 device=/dev/vdb major=8 major=253 minor=0 minor=x operation=Read operation=Write \
                 operation=Total interface=eth0 interface=eth1 state=running state=iowaiting \
                 failure_type=pgfault type=pgmajfault scope=container scope=hierarchy zone=a\\\"}\\n";
    one_of(pairs).prop_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        format!("{name}=\"{value}\"")
    })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        one_of("0 1 5 1e3 1.5 2.5 1.3869056e+07 8.6e-05 NaN +Inf -Inf -1 -0 1e30 9.3e18 18446744073709551615 1.8446744073709552e+19 67.229216037 0.0000000005")
            .prop_map(str::to_owned),
        (0u64..1 << 50).prop_map(|value| value.to_string()),
        (0u64..1 << 50, 0u64..1_000_000_000_000).prop_map(|(one, other)| format!("{one}.{other}")),
    ]
}

fn time() -> impl Strategy<Value = &'static str> {
    one_of(
        "@ @ @1600000000000 @1600000000000 @1600000005000 @1600000005.25 @1600000000 @0 @-62135596800000 @99999999999999999999",
    )
}

fn row() -> impl Strategy<Value = String> {
    let labels = prop::collection::vec(label(), 0..7);
    (name(), labels, value(), time()).prop_map(|(name, labels, value, time)| {
        let labels =
            if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        format!("{name}{labels} {value} {}\n", &time[1..])
    })
}

/// Rows of one container, so that most of them are readings.
fn likely_row() -> impl Strategy<Value = String> {
    (name(), prop::collection::vec(label(), 1..5), value(), time()).prop_map(
        |(name, labels, value, time)| {
            let of_device = "major=\"8\",minor=\"0\",scope=\"container\"";
            format!("{name}{{id=\"/a\",{},{of_device}}} {value} {}\n", labels.join(","), &time[1..])
        },
    )
}

fn exposition() -> impl Strategy<Value = String> {
    // The first line again begins another scrape.
    let begins = Just("# TYPE a counter\n".to_owned());
    let row = prop_oneof![3 => row(), 9 => likely_row(), 1 => begins];
    prop::collection::vec(row, 0..30)
        .prop_map(|rows| format!("# TYPE a counter\n{}", rows.concat()))
}

/// Damages a text behind its first line.
fn damaged(text: &str, edits: &[(prop::sample::Index, u8, u8)]) -> String {
    let first = text.find('\n').unwrap() + 1;
    let (head, rest) = text.split_at(first);
    let mut bytes = rest.as_bytes().to_vec();
    for (at, kind, byte) in edits {
        let at = if bytes.is_empty() { 0 } else { at.index(bytes.len()) };
        match kind {
            0 => bytes.insert(at, *byte),
            1 if !bytes.is_empty() => drop(bytes.remove(at)),
            2 => bytes.truncate(at),
            _ if !bytes.is_empty() => bytes[at] = *byte,
            _ => {}
        }
    }
    format!("{head}{}", String::from_utf8(bytes).unwrap())
}

fn edits() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    let byte = prop::sample::select(b" \t\"\\{},=#1.e-+ax\n".to_vec());
    prop::collection::vec((any::<prop::sample::Index>(), 0u8..4, byte), 0..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_rows_mean_what_the_plain_reader_makes_of_them(texts in prop::collection::vec(exposition(), 1..4)) {
        check(&texts);
    }

    #[test]
    fn damaged_rows_cost_their_lines_and_nothing_else(text in exposition(), edits in edits()) {
        let damaged = until_end(damaged(&text, &edits));
        check(&[&text, &damaged, &text]);
    }
}
