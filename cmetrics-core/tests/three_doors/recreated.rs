//! Documents of containers that were made anew under one name in Kubernetes.

use cmetrics_core::Timestamp;
use proptest::prelude::*;

use super::BEGIN;

/// Documents of up to three ids of one name, and of the name alone, in any order. They tell of few
/// seconds when the containers were created, or none.
pub(crate) fn documents() -> impl Strategy<Value = Vec<String>> {
    let one = (0..6_usize, 1..40_u64, prop::option::weighted(0.8, 0..4_u64));
    prop::collection::vec(one, 1..12).prop_map(|all| {
        let mut second = 0;
        let document = |(of, later, told): (usize, u64, Option<u64>)| {
            second += later;
            // Mostly the one that belongs to the id.
            let created = |own| told.map(|told| if told == 3 { 0 } else { own });
            match of {
                0..3 => scrape(of, second, created(of as u64)),
                _ => summary(second, told),
            }
        };
        all.into_iter().map(document).collect()
    })
}

fn created(of: u64) -> u64 {
    BEGIN - 100 + of
}

fn scrape(of: usize, second: u64, told: Option<u64>) -> String {
    let id = char::from(b"abc"[of]).to_string().repeat(64);
    let labels =
        format!("container=\"nginx\",id=\"/kubepods/podu1/{id}\",namespace=\"shop\",pod=\"web-0\"");
    let (time, used) = ((BEGIN + second) * 1000, second + of as u64);
    let start = told.map(|told| {
        format!("container_start_time_seconds{{{labels}}} {}.25 {time}\n", created(told))
    });
    let start = start.unwrap_or_default();
    format!("container_cpu_usage_seconds_total{{{labels},cpu=\"total\"}} {used} {time}\n{start}")
}

fn summary(second: u64, told: Option<u64>) -> String {
    let time = |second| Timestamp::from_seconds(second).unwrap();
    let start = told.map(|told| format!(r#""startTime": "{}","#, time(created(told))));
    let (start, time, used) = (start.unwrap_or_default(), time(BEGIN + second), second * 1_000_000);
    format!(
        r#"{{"node": {{"nodeName": "n1"}}, "pods": [{{"podRef":
            {{"name": "web-0", "namespace": "shop", "uid": "u1"}},
            "containers": [{{"name": "nginx", {start}
                "cpu": {{"time": "{time}", "usageCoreNanoSeconds": {used}}}}}]}}]}}"#
    )
}
