//! How much memory live containers take.

use std::process::{Command, Stdio};

use crate::contender::{Contender, Setup, Sums};
use crate::workload::{BASE, Producer, SECOND, STEP};

/// How many containers there are, and for how much data time, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) containers: usize,
    pub(crate) seconds: u64,
}

/// Every container has a sample each 1.5 s, a third of them at a time, and all is drained every
/// second. Returns by how much the resident set grew, in bytes.
pub(crate) fn live<C: Contender>(scale: Scale) -> i64 {
    const HALF: u64 = SECOND / 2;
    const TURNS: u64 = STEP / HALF;
    let mut producer = Producer::new();
    let before = resident();
    let contender = C::new(Setup { containers: scale.containers, lateness: 5 });
    let (mut sums, mut samples) = (Sums::default(), 0_u64);
    for half in 0..scale.seconds * 2 {
        let sample = producer.at(BASE + half * HALF);
        let first = usize::try_from(half % TURNS).unwrap_or(0);
        for container in (first..scale.containers).step_by(3) {
            samples += u64::from(contender.record(container, sample));
        }
        if half % 2 == 1 {
            contender.settle();
            contender.drain(&mut sums);
        }
    }
    let grown = resident() - before;
    let accepted = contender.finish(&mut sums);
    if C::LOSSLESS {
        assert_eq!(accepted, samples, "all samples are taken in");
        assert_eq!(samples, expected(scale), "all samples are accepted");
    }
    grown
}

fn expected(scale: Scale) -> u64 {
    let turns = |first: usize| (scale.seconds * 2 - first as u64).div_ceil(3);
    (0..scale.containers).map(|container| turns(container % 3)).sum()
}

/// The same, in a process of its own, which is told by this argument whose memory is meant.
pub(crate) fn in_own_process(contender: &str, scale: Scale) -> i64 {
    let program = std::env::current_exe().expect("this program's path");
    let (containers, seconds) = (scale.containers.to_string(), scale.seconds.to_string());
    let child = Command::new(program)
        .args(["--memory-of", contender, &containers, &seconds])
        .stderr(Stdio::inherit())
        .output()
        .expect("this program starts");
    assert!(child.status.success(), "{contender}: {}", child.status);
    let said = String::from_utf8_lossy(&child.stdout);
    said.trim().parse().expect("a number of bytes")
}

/// The process's resident set, in bytes.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<i64>().ok());
    kibibytes.expect("the size of the resident set") << 10
}
