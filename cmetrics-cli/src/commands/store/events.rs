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
    let mut found = store.events(unix_seconds(range))?;
    if let Some(wanted) = wanted {
        found.retain(|event| wanted.contains(&*event.container));
    }
    Target::standard_output().write(|out| match args.format {
        ListFormat::Table => events::write_table(&found, &containers, out),
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
    if args.containers.is_empty() {
        return Ok(None);
    }
    let (mut names, mut unknown) = (BTreeSet::new(), Vec::new());
    for word in &args.containers {
        match store.find(word, unix_seconds(range.clone())) {
            Ok(found) => {
                names.extend(found.iter().map(|bearer| bearer.identity.name().to_string()));
            }
            Err(error) => unknown.push(Failure::from(error)),
        }
    }
    let mut reasons = Vec::new();
    for failure in unknown {
        match failure {
            Failure::Usage(more) => reasons.extend(more),
            other => return Err(other),
        }
    }
    if reasons.is_empty() { Ok(Some(names)) } else { Err(Failure::Usage(reasons)) }
}
