//! `cmetrics store events`: lists restarts, gaps and other events.

use std::collections::BTreeSet;
use std::ops::Range;

use cmetrics_core::Store;
use cmetrics_core::store::Bearer;
use cmetrics_core::time::unix_seconds;

use crate::args::{EventsArgs, ListFormat};
use crate::open;
use crate::outcome::{Failure, Status};
use crate::output::{Target, store::events};

pub(crate) fn run(args: &EventsArgs) -> Result<Status, Failure> {
    let (store, status) = open::to_read_despite(args.damage, &args.store)?;
    let containers = store.containers()?;
    let range = range(args, &containers);
    let wanted = wanted(args, &store, &range)?;
    let range = unix_seconds(range);
    let mut found =
        if args.every_door { store.events_by_door(range)? } else { store.events(range)? };
    if let Some(wanted) = wanted {
        found.retain(|event| wanted.contains(&*event.container));
    }
    Target::standard_output().write(|out| match args.format {
        ListFormat::Table => events::write_table(&found, &containers, args.every_door, out),
        ListFormat::Json => events::write_json(&found, &containers, out),
    })?;
    Ok(status)
}

fn range(args: &EventsArgs, containers: &[Bearer]) -> Range<u64> {
    match (args.period, args.end) {
        (None, end) => 0..end.unwrap_or(u64::MAX),
        (Some(period), end) => {
            let newest = || containers.iter().map(|one| one.last.end()).max().unwrap_or_default();
            let end = end.unwrap_or_else(newest);
            end.saturating_sub(period)..end
        }
    }
}

/// The names of the requested containers; `None` for all.
fn wanted(
    args: &EventsArgs,
    store: &Store,
    range: &Range<u64>,
) -> Result<Option<BTreeSet<String>>, Failure> {
    let mut found = match (args.containers.is_empty(), args.labels.are_any()) {
        (true, false) => return Ok(None),
        (true, true) => store.find_labelled(args.labels.iter(), ..)?,
        (false, _) => named(args, store, range)?,
    };
    found.retain(|bearer| args.labels.are_of(&bearer.identity));
    let found = args.labels.some(found)?;
    Ok(Some(found.iter().map(|bearer| bearer.identity.name().to_string()).collect()))
}

/// The containers that the words stand for.
fn named(args: &EventsArgs, store: &Store, range: &Range<u64>) -> Result<Vec<Bearer>, Failure> {
    let (mut all, mut reasons) = (Vec::new(), Vec::new());
    for word in &args.containers {
        match store.find(word, unix_seconds(range.clone())).map_err(Failure::from) {
            Ok(found) => all.extend(found),
            Err(Failure::Usage(more)) => reasons.extend(more),
            Err(other) => return Err(other),
        }
    }
    if reasons.is_empty() { Ok(all) } else { Err(Failure::Usage(reasons)) }
}
