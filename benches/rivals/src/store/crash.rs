//! To open a store whose process was killed.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use cmetrics_core::store::StoreOptions;
use rustix::process::{Signal, getpid, kill_process};

use crate::contender::{Contender, log_bytes};
use crate::figures::{Report, Row, median, ratio, timed};
use crate::fleet::Fleet;
use crate::ours::Ours;
use crate::settings::Bench;

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let left = bench.scratch("crashed");
    let (containers, bytes) = bench.pick((10_000, 64 << 20), (200, 1 << 20));
    let acknowledged = killed(containers, bytes, &left);
    let logged = log_bytes(&left);
    let mut seconds = Vec::new();
    for _ in 0..bench.turns() {
        let copy = bench.scratch("copy");
        copied(&left, &copy);
        let (took, ours) = timed(|| Ours::with(&copy, StoreOptions::default()));
        assert_eq!(ours.kept(), acknowledged, "all that was acknowledged is there");
        check(ours, containers, acknowledged);
        seconds.push(took);
    }
    let what = format!("open after a crash, {:.0} MB of log", ratio(logged, 1 << 20));
    report.add(Row::new(what, "s", median(seconds)).at_most(0.5));
}

fn check(mut ours: Ours, containers: usize, acknowledged: u64) {
    let ticks = acknowledged / containers as u64;
    for number in (0..containers).step_by(97) {
        let name = crate::fleet::name(number);
        let sums = ours.range(&name, 0..u64::MAX);
        let expected = crate::fleet::history(number, ticks);
        assert_eq!(sums, crate::contender::Sums::of(&expected));
    }
}

/// Has a process append until there is so much log, and says what was acknowledged to it.
fn killed(containers: usize, bytes: u64, folder: &Path) -> u64 {
    let program = std::env::current_exe().expect("this program's path");
    let child = Command::new(program)
        .args(["--child", "crash", &containers.to_string(), &bytes.to_string()])
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()
        .expect("this program starts");
    let said = String::from_utf8_lossy(&child.stdout);
    said.trim().parse().expect("a number of points")
}

/// Appends until there is so much log, and ends at once.
pub(crate) fn child(containers: usize, bytes: u64, folder: &str) {
    const ENOUGH: u64 = 30_000_000;
    // A log is full before the memory is: there is most log while the first is being sealed.
    let options = StoreOptions::default().with_memory(1 << 30);
    let mut ours = Ours::with(Path::new(folder), options);
    let (mut fleet, mut points, mut count) = (Fleet::new(0..containers, 0), Vec::new(), 0);
    while count < ENOUGH {
        points.clear();
        fleet.tick(&mut points);
        ours.append(&points);
        count += points.len() as u64;
        if log_bytes(Path::new(folder)) >= bytes {
            break;
        }
    }
    println!("{count}");
    std::io::stdout().flush().expect("someone who listens");
    kill_process(getpid(), Signal::KILL).expect("the end");
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder that can be made");
    for file in std::fs::read_dir(from).expect("a folder").flatten() {
        std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
    }
}
