//! The command that ingests a reply, as a process of its own.

use std::path::Path;
use std::process::{Command, Stdio};

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Input, Pipeline, Store};

use crate::contender::Sums;
use crate::figures::{Report, Row, median, timed};
use crate::settings::Bench;

pub(crate) fn run(bench: &Bench, report: &mut Report) {
    let Some(cli) = bench.cli.as_deref().filter(|cli| knows_ingest(cli)) else {
        eprintln!("  no command that ingests: it is left out");
        return;
    };
    let reply = reply(bench.pick(14_000_000, 1_000_000));
    let file = bench.scratch("reply.json");
    std::fs::write(&file, &reply).expect("room on the disk");
    let expected = expected(&reply);
    let (mut points, mut beyond) = (Vec::new(), Vec::new());
    for _ in 0..bench.pick(21, 3) {
        let folder = bench.scratch("ingested");
        let alone = process(command(cli, "points").arg(&file));
        let stored = process(command(cli, "ingest").arg("--store").arg(&folder).arg(&file));
        assert_eq!(kept(&folder), expected);
        points.push(alone * 1e3);
        beyond.push((stored - alone) * 1e3);
    }
    let megabytes = reply.len() / 1_000_000;
    let what = format!("a reply of {megabytes} MB by `cmetrics ingest`, beyond `cmetrics points`");
    let row = Row::new(what, "ms", median(beyond)).at_most(20.0);
    report.add(row.beside("`cmetrics points`", median(points)));
}

fn knows_ingest(cli: &Path) -> bool {
    let mut help = Command::new(cli);
    help.args(["ingest", "--help"]).stdout(Stdio::null()).stderr(Stdio::null());
    help.status().is_ok_and(|status| status.success())
}

/// Recorded replies in one.
fn reply(bytes: usize) -> Vec<u8> {
    let mut reply = vec![b'{'];
    for document in cmetrics_benches::working_set(bytes) {
        let members = document.trim_ascii();
        if reply.len() > 1 {
            reply.push(b',');
        }
        reply.extend(&members[1..members.len() - 1]);
    }
    reply.push(b'}');
    reply
}

fn expected(reply: &[u8]) -> Sums {
    let mut pipeline = Pipeline::default();
    pipeline.read(Input::bytes("reply", reply)).into_result().unwrap();
    Sums::of(&pipeline.points())
}

fn kept(folder: &Path) -> Sums {
    let store = Store::open_read_only(folder, StoreOptions::default()).expect("a store");
    let mut sums = Sums::default();
    for bearer in store.containers().expect("containers") {
        let points = store.range(bearer.identity.name(), .., None).expect("points");
        points.for_each(|point| sums.add(&point.expect("a point")));
    }
    sums
}

fn command(cli: &Path, name: &str) -> Command {
    let mut command = Command::new(cli);
    command.arg(name).arg("--quiet").stdout(Stdio::null());
    command
}

fn process(command: &mut Command) -> f64 {
    let (seconds, status) = timed(|| command.status().expect("the command starts"));
    assert!(status.success(), "{status}");
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_that_was_ingested_is_there_as_a_whole() {
        let folder = std::env::temp_dir().join(format!("cmetrics-bench-{}", std::process::id()));
        let reply = reply(3_000_000);
        let mut pipeline = Pipeline::default();
        pipeline.read(Input::bytes("reply", &reply)).into_result().unwrap();
        let store = Store::open(&folder, StoreOptions::default()).expect("a store");
        store.ingest(pipeline.series()).expect("samples that can be kept");
        drop(store);
        assert_eq!(kept(&folder), expected(&reply));
        std::fs::remove_dir_all(folder).expect("a folder");
    }
}
