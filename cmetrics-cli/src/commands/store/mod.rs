//! `cmetrics store`: maintenance of a store. Commands that are more than a call have their own
//! file.

mod events;
mod removal;
mod verify;

use std::time::Duration;

use cmetrics_core::store::Retention;
use cmetrics_core::{Store, Timestamp};

use crate::args::{
    CompactArgs, RetainArgs, SalvageArgs, SnapshotArgs, StatsArgs, StatsFormat, StoreCommand,
};
use crate::outcome::{Failure, Status};
use crate::output::{self, Target, store::stats};
use crate::progress::with_spinner;
use crate::summary::counted;
use crate::{messages, open};

pub(crate) fn run(command: &StoreCommand) -> Result<Status, Failure> {
    match command {
        StoreCommand::Verify(args) => verify::run(args),
        StoreCommand::Salvage(args) => salvage(args),
        StoreCommand::Compact(args) => compact(args),
        StoreCommand::Stats(args) => stats(args),
        StoreCommand::Snapshot(args) => snapshot(args),
        StoreCommand::Events(args) => events::run(args),
        StoreCommand::Retain(args) => retain(args),
        StoreCommand::Drop(args) => removal::run(args),
    }
}

fn salvage(args: &SalvageArgs) -> Result<Status, Failure> {
    let salvaged = with_spinner(!args.quiet, "salvaging", || {
        Store::salvage(&args.store, &args.to, args.superseded)
    })?;
    salvaged.lost.iter().for_each(messages::error);
    if !args.quiet {
        messages::plain(format_args!(
            "{} and the raw samples of {} saved into {}",
            counted(salvaged.points, "point"),
            counted(salvaged.containers, "container"),
            args.to.display(),
        ));
    }
    Ok(if salvaged.lost.is_empty() { Status::AllWell } else { Status::Damaged })
}

fn compact(args: &CompactArgs) -> Result<Status, Failure> {
    let store = open::to_change(&args.store, args.wait)?;
    let before = store.stats()?;
    with_spinner(!args.quiet, "compacting", || store.compact())?;
    let after = store.stats()?;
    store.close()?;
    if !args.quiet {
        messages::plain(format_args!(
            "{} and {} on disk, before {} and {}",
            counted(after.segments, "segment"),
            output::size(after.sealed_bytes + after.log_bytes),
            counted(before.segments, "segment"),
            output::size(before.sealed_bytes + before.log_bytes),
        ));
    }
    Ok(Status::AllWell)
}

fn stats(args: &StatsArgs) -> Result<Status, Failure> {
    let store = open::to_read(&args.store)?;
    let found = store.stats()?;
    let shown = stats::StatsJson::new(&store, &found)?;
    Target::standard_output().write(|out| match args.format {
        StatsFormat::Table => shown.write_table(out),
        StatsFormat::Json => shown.write_json(out),
    })?;
    Ok(Status::AllWell)
}

fn snapshot(args: &SnapshotArgs) -> Result<Status, Failure> {
    // Reading is enough, and possible while another process writes.
    open::to_read(&args.store)?.snapshot(&args.to)?;
    Ok(Status::AllWell)
}

fn retain(args: &RetainArgs) -> Result<Status, Failure> {
    let retention = retention(args, open::now())?;
    let store = open::to_change(&args.store, args.wait)?;
    let retained = store.retain(retention)?;
    store.close()?;
    if !args.quiet {
        messages::plain(format_args!(
            "dropped {} with {}; {}",
            counted(retained.segments, "segment"),
            counted(retained.points, "point"),
            match retained.floor {
                None => "no other points are hidden".to_owned(),
                Some(floor) => {
                    format!("points that end by {} are hidden", output::time(floor.seconds()))
                }
            },
        ));
    }
    Ok(Status::AllWell)
}

fn retention(args: &RetainArgs, now: Option<Timestamp>) -> Result<Retention, Failure> {
    let since = args.since.map(since).transpose()?;
    match (args.age, args.points, since, now) {
        (Some(seconds), _, _, Some(now)) => {
            Ok(Retention::Age { now, age: Duration::from_secs(seconds) })
        }
        (None, Some(points), ..) => Ok(Retention::Points(points)),
        (None, None, Some(since), _) => Ok(Retention::Since(since)),
        _ => Err(Failure::usage("--age needs the present time, but this machine's clock is wrong")),
    }
}

fn since(second: u64) -> Result<Timestamp, Failure> {
    // No sample is at the epoch itself, and all are later.
    let nanos = second.saturating_mul(1_000_000_000).max(1);
    let past_all = || Failure::usage("--since must be a time before the year 2263");
    Timestamp::from_nanos(nanos).ok_or_else(past_all)
}
