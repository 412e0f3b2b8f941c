//! What is known of each container's samples.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod common;

use common::{Run, cmetrics, dump_of, fed, recorded, sample, text};
use serde_json::{Value, json};

fn inspected(args: &[&str], input: &str) -> Vec<Value> {
    let args: Vec<_> = ["inspect", "--format", "json"].iter().chain(args).copied().collect();
    fed(&args, input).ends_with(0).points()
}

#[test]
fn json_tells_all_that_is_known_of_a_container() {
    let id = "0".repeat(64);
    let dump = format!(
        r#"{{"/docker/{id}":{{"id":"{id}","aliases":["web","{id}"],"spec":{{"has_cpu":true,"cpu":{{"limit":512,"quota":50000,"period":100000}},"memory":{{"limit":1048576}},"image":"busybox"}},"stats":[{}]}}}}"#,
        [sample(0, 10), sample(2, 20), sample(2, 20), sample(5, 5), sample(300, 9)].join(",")
    );
    assert_eq!(
        inspected(&[], &dump),
        [json!({
            "name": id, "id": id, "machine": null, "aliases": ["web"],
            "paths": [format!("/docker/{id}")], "image": "busybox",
            "door": "cadvisor", "notes": [],
            "first": "2026-11-21T12:00:00Z", "last": "2026-11-21T12:05:00Z",
            "samples": 4, "duplicates": 1, "left_out": 0,
            "median_spacing_seconds": 3.0, "largest_spacing_seconds": 295.0,
            "restarts": 1, "gaps": 1, "set_aside": 0, "corrections": 0, "implausible": 0,
            "sections": ["cpu"],
            "limits": {
                "cpu_cores": 0.5, "cpu_shares": 512, "memory_bytes": 1_048_576,
                "memory_reservation_bytes": null, "swap_bytes": null, "processes": null,
            },
            "limit_changes": 0,
            "label_changes": 0,
        })]
    );
}

#[test]
fn max_gap_says_what_is_a_gap() {
    let dump = dump_of("/docker", &[sample(0, 0), sample(3, 1), sample(20, 2)]);
    let gaps = |args: &[&str]| inspected(args, &dump)[0]["gaps"].as_u64().unwrap();
    assert_eq!(gaps(&[]), 0);
    assert_eq!(gaps(&["--max-gap", "10"]), 1);
    assert_eq!(gaps(&["--max-gap", "2"]), 2);
    fed(&["inspect", "--max-gap", "0"], &dump).ends_with(2).has_one_error_with(&["max gap is 0 s"]);
    let run = fed(&["inspect", "--max-gap", "500001"], &dump).ends_with(2);
    run.has_one_error_with(&["to 500000 s"]);
}

fn of_recorded(options: &[&str]) -> Run {
    let mut args = vec!["inspect".to_owned()];
    args.extend(options.iter().map(|option| (*option).to_owned()));
    let paths = recorded("v060-1s", &["v1.3-docker"]);
    args.extend(paths.iter().map(|path| text(path).to_owned()));
    cmetrics(args).ends_with(0)
}

#[test]
fn a_table_has_a_container_a_row() {
    let run = of_recorded(&[]);
    let mut lines = run.stdout.lines();
    let title: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(title[..5], ["CONTAINER", "ID", "FIRST", "LAST", "SAMPLES"]);
    assert_eq!(lines.clone().count(), of_recorded(&["--format", "json"]).points().len());
    let flappy = lines.find(|line| line.starts_with("flappy ")).unwrap();
    assert!(flappy.ends_with("busybox:local"), "{flappy}");
}

#[test]
fn limits_of_recorded_containers_are_shown() {
    let table = of_recorded(&[]).stdout;
    let titles = table.lines().next().unwrap();
    assert!(titles.contains("  MAX-CPU   MAX-MEM  SECTIONS"), "{titles}");
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(row("web ").contains("     0.50   128 MiB  all"), "{table}");
    assert!(row("sidecar ").contains("        -         -  "), "{table}");

    let all = of_recorded(&["--format", "json"]).points();
    let web = all.iter().find(|one| one["aliases"][0] == "web").unwrap();
    assert_eq!(web["limits"]["cpu_cores"], 0.5);
    assert_eq!(web["limits"]["memory_bytes"], 128 << 20);
    let sidecar = all.iter().find(|one| one["aliases"][0] == "sidecar").unwrap();
    assert_eq!(sidecar["limits"]["memory_bytes"], Value::Null);
}

#[test]
fn changes_of_limits_are_counted() {
    let dump = |second, limit: u64| {
        let dump = dump_of("/docker", &[sample(second, second)]);
        let spec = format!(r#""has_cpu":true,"has_memory":true,"memory":{{"limit":{limit}}}"#);
        dump.replace(r#""has_cpu":true"#, &spec)
    };
    let changed = inspected(&[], &(dump(0, 1024) + &dump(5, 2048)));
    assert_eq!(changed[0]["limits"]["memory_bytes"], 2048);
    assert_eq!(changed[0]["limit_changes"], 1);
}

#[test]
fn changes_of_labels_are_counted() {
    let dump = |second, count: &str| {
        let dump = dump_of("/docker", &[sample(second, second)]);
        let spec = format!(r#""has_cpu":true,"labels":{{"restartcount":"{count}"}}"#);
        dump.replace(r#""has_cpu":true"#, &spec)
    };
    let dumps = dump(5, "1") + &dump(0, "0") + &dump(7, "1");
    assert_eq!(inspected(&[], &dumps)[0]["label_changes"], 1);
    // The newest document tells the labels, wherever it is among the others.
    let [only] = &inspected(&["--label", "restartcount=1"], &dumps)[..] else {
        panic!("the container has its newest label")
    };
    assert_eq!(only["label_changes"], 1);
    fed(&["inspect", "--label", "restartcount=0"], &dumps).ends_with(2);
}

#[test]
fn restarts_of_recorded_containers_are_seen() {
    let all = of_recorded(&["--format", "json"]).points();
    let restarts = |alias: &str| {
        let of = |one: &&Value| one["aliases"][0] == alias;
        all.iter().find(of).unwrap()["restarts"].as_u64().unwrap()
    };
    assert_eq!(restarts("cpuhog"), 1);
    assert_eq!(restarts("web"), 0);
    assert!(restarts("flappy") >= 2);
}

#[test]
fn containers_can_be_selected() {
    let run = of_recorded(&["--container", "web", "--container", "web", "--format", "json"]);
    let points = run.points();
    assert_eq!(points.len(), 1);
    assert_eq!(points[0]["aliases"], json!(["web"]));
    assert!(run.stderr.contains("1 of "), "{}", run.stderr);
}

#[test]
fn damage_is_told_and_the_rest_is_shown() {
    let dump = dump_of("/docker", &[sample(0, 0), sample(5, 1)]);
    let run = fed(&["inspect", "--format", "json"], &dump[..dump.len() - 3]).ends_with(1);
    run.has_one_error_with(&["ends inside"]);
    assert_eq!(run.points()[0]["samples"], 2);
}

#[test]
fn nothing_to_inspect_is_an_empty_array_or_a_title() {
    assert_eq!(fed(&["inspect", "--format", "json"], "{}").ends_with(0).stdout, "[]\n");
    assert_eq!(fed(&["inspect"], "{}").ends_with(0).stdout.lines().count(), 1);
}

#[test]
fn a_container_without_samples_is_shown() {
    let run =
        fed(&["inspect"], r#"{"/docker": {"spec": {"has_cpu": true}, "stats": []}}"#).ends_with(0);
    let row = run.stdout.lines().nth(1).unwrap();
    assert!(row.starts_with("/docker "), "{row}");
}

#[test]
fn each_door_of_a_container_has_its_own_row() {
    let scrape = "container_memory_usage_bytes{id=\"/docker\"} 4096 1795262401000\n";
    let both = format!("{}\n{scrape}", dump_of("/docker", &[sample(0, 0), sample(3, 1)]));
    let doors = |args: &[&str]| -> Vec<_> {
        inspected(args, &both)
            .iter()
            .map(|row| (row["door"].clone(), row["samples"].as_u64().unwrap()))
            .collect()
    };
    assert_eq!(doors(&[]), [(json!("cadvisor"), 2), (json!("exposition"), 1)]);
    let other = doors(&["--doors", "exposition"]);
    assert_eq!(other, [(json!("exposition"), 1), (json!("cadvisor"), 2)]);
    let run = fed(&["inspect"], &both).ends_with(0);
    assert!(["DOOR", "cadvisor", "exposition"].iter().all(|word| run.stdout.contains(word)));
    fed(&["inspect", "--doors", "kubelet"], &both)
        .ends_with(2)
        .has_one_error_with(&["otlp.kubelet"]);
}

#[test]
fn containers_are_chosen_by_labels() {
    let labelled = |path: &str, app: &str| {
        format!(
            r#"{{"{path}":{{"spec":{{"has_cpu":true,"labels":{{"app":"{app}"}}}},"stats":[{}]}}}}"#,
            sample(0, 0)
        )
    };
    let both = [labelled("/a", "web"), labelled("/b", "db")].join("\n");
    let [only] = &inspected(&["--label", "app=web"], &both)[..] else { panic!("one container") };
    assert_eq!(only["name"], "/a");
    let run = fed(&["inspect", "--label", "app=cache"], &both).ends_with(2);
    run.has_one_error_with(&["no container has the label app=cache"]);
    // An exposition writes other keys, and is asked for by those of the container.
    let row = |path: &str, service: &str| {
        format!(
            "container_memory_rss{{id=\"{path}\",container_label_com_docker_compose_service=\"{service}\"}} \
             4096 1795262400000\n"
        )
    };
    let text = row("/a", "web") + &row("/b", "");
    for label in ["com.docker.compose.service=web", "com_docker_compose_service=web"] {
        let [only] = &inspected(&["--label", label], &text)[..] else { panic!("one container") };
        assert_eq!(only["name"], "/a");
    }
    fed(&["inspect", "--label", "app"], &both).ends_with(2).has_one_error_with(&["KEY=VALUE"]);
}
