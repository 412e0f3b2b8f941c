//! Documents that nobody recorded: of any number of containers, and such as make a reader slow
//! that has a loop within a loop.

#![expect(clippy::expect_used, reason = "a bench without its data cannot go on")]

use std::fmt::Write as _;

use crate::measure::Made;
use crate::{recorded, working_set};

/// A document of so many containers with two samples each, shaped as recorded.
///
/// # Panics
/// Where the recordings are not what they were.
pub fn containers(count: usize) -> Vec<u8> {
    let recorded = recorded("v060-1s", "v1.3-docker").swap_remove(0);
    let text = String::from_utf8(recorded).expect("recordings are UTF-8");
    let (head, stats) = text.split_once("\"stats\":[").expect("a container with samples");
    let second = stats.match_indices("{\"timestamp\"").nth(2).expect("three samples").0;
    let samples = stats.get(..second).unwrap_or_default().trim_end_matches(',');
    let entry = format!("{}\"stats\":[{samples}]}}", head.trim_start_matches('{'));
    let mut document = vec![b'{'];
    for copy in working_set::copies(entry.into_bytes(), count) {
        if document.len() > 1 {
            document.push(b',');
        }
        document.extend(copy);
    }
    document.push(b'}');
    document
}

/// A document made to be slow, of a size that can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct Hostile {
    /// What makes it slow.
    pub name: &'static str,
    /// The smaller of the two sizes that are compared; the other is ten times as large.
    pub size: usize,
    /// Makes the documents of this size.
    pub documents: fn(usize) -> Vec<Vec<u8>>,
    /// What must come of them.
    pub expected: fn(usize) -> Made,
}

/// Each of them.
pub const HOSTILE: [Hostile; 4] = [
    Hostile {
        name: "reversed-time",
        size: 50_000,
        documents: reversed_time,
        expected: |size| one_container(size as u64),
    },
    Hostile {
        name: "shuffled-devices",
        size: 10_000,
        documents: shuffled_devices,
        expected: |_| one_container(3),
    },
    Hostile {
        name: "one-sample-containers",
        size: 100_000,
        documents: one_sample_containers,
        expected: |size| Made { samples: size as u64, points: size as u64, ..Made::default() },
    },
    Hostile {
        name: "escapes", // Ten times that is still less than a sample may have.
        size: 1 << 20,
        documents: escapes,
        expected: |_| one_container(2),
    },
];

/// A container sampled once a second, which uses a millisecond of CPU in each.
fn one_container(samples: u64) -> Made {
    let points = samples.div_ceil(5);
    Made { samples, points, cpu: (samples - 1) * CPU, ..Made::default() }
}

const CPU: u64 = 1_000_000;

/// A sample of this second, and what else is in it.
fn sample(second: usize, more: &str) -> String {
    let (day, rest) = (1 + second / 86_400, second % 86_400);
    let (hour, minute, second_of_minute) = (rest / 3600, rest / 60 % 60, rest % 60);
    let cpu = CPU * second as u64;
    format!(
        "{{\"timestamp\":\"2026-01-{day:02}T{hour:02}:{minute:02}:{second_of_minute:02}Z\",\
         \"cpu\":{{\"usage\":{{\"total\":{cpu}}}}}{more}}}"
    )
}

fn container(path: &str, spec: &str, samples: &[String]) -> String {
    let samples = samples.join(",");
    format!("\"{path}\":{{\"name\":\"{path}\",\"spec\":{{{spec}}},\"stats\":[{samples}]}}")
}

fn document(containers: &[String]) -> Vec<u8> {
    format!("{{{}}}", containers.join(",")).into_bytes()
}

/// So many samples of one container, the newest first.
fn reversed_time(size: usize) -> Vec<Vec<u8>> {
    let samples: Vec<_> = (0..size).rev().map(|second| sample(second, "")).collect();
    vec![document(&[container("/reversed", "", &samples)])]
}

/// Samples that list so many devices, each in another order.
fn shuffled_devices(size: usize) -> Vec<Vec<u8>> {
    let samples: Vec<_> = [7919, 104_729, 15_485_863]
        .into_iter()
        .enumerate()
        .map(|(second, prime)| sample(second, &devices(size, prime)))
        .collect();
    vec![document(&[container("/devices", "", &samples)])]
}

/// All numbers below `size`, which the prime does not divide, each once.
fn devices(size: usize, prime: usize) -> String {
    let mut listed = String::new();
    for place in 0..size {
        let (major, minor) = (place * prime % size / 256, place * prime % size % 256);
        let comma = if place == 0 { "" } else { "," };
        let _ = write!(
            listed,
            "{comma}{{\"device\":\"\",\"major\":{major},\"minor\":{minor},\
             \"stats\":{{\"Read\":4096,\"Write\":0}}}}"
        );
    }
    format!(",\"diskio\":{{\"io_service_bytes\":[{listed}]}}")
}

/// So many containers, ten thousand a document.
fn one_sample_containers(size: usize) -> Vec<Vec<u8>> {
    let numbers: Vec<_> = (0..size).collect();
    let entries = |number: &usize| container(&format!("/one/{number}"), "", &[sample(0, "")]);
    numbers
        .chunks(10_000)
        .map(|chunk| document(&chunk.iter().map(entries).collect::<Vec<_>>()))
        .collect()
}

/// Text of so many bytes that are all escapes, before and within samples.
fn escapes(size: usize) -> Vec<Vec<u8>> {
    let text = "\\\\\\\"".repeat(size / 8);
    let label = format!("\"image\":\"{text}\"");
    let note = format!(",\"health\":{{\"status\":\"{text}\"}}");
    vec![document(&[container("/escapes", &label, &[sample(0, &note), sample(1, "")])])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_have_two_samples_each() {
        let made = Made::of(&[containers(30)]);
        assert_eq!(made.samples, 60);
        assert!(made.points >= 30 && made.duplicates == 0);
    }

    #[test]
    fn hostile_documents_are_what_they_should_be() {
        for hostile in HOSTILE {
            let size = hostile.size / 100;
            let made = Made::of(&(hostile.documents)(size));
            assert_eq!(made, (hostile.expected)(size), "{}", hostile.name);
        }
    }
}
