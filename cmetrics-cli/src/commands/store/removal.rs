//! `cmetrics store drop`: removes points of a container that are wrong.

use cmetrics_core::time::unix_seconds;

use crate::args::DropArgs;
use crate::outcome::{Failure, Status};
use crate::progress::with_spinner;
use crate::summary::counted;
use crate::{messages, open, output};

pub(super) fn run(args: &DropArgs) -> Result<Status, Failure> {
    let (from, to) = (args.from.unwrap_or(0), args.to.unwrap_or(u64::MAX));
    if from >= to {
        return Err(Failure::usage("--from must be a time before --to"));
    }
    let store = open::to_change(&args.store, args.wait)?;
    let removed = with_spinner(!args.quiet, "dropping", || {
        store.remove(&args.container, unix_seconds(from..to))
    })?;
    store.close()?;
    if !args.quiet {
        let at = |time: Option<u64>, word: &str| {
            time.map_or(String::new(), |time| format!(" {word} {}", output::time(time)))
        };
        // The store widens the range to whole intervals.
        let from = at(args.from.map(|_| removed.range.start.seconds()), "from");
        let to = at(args.to.map(|_| removed.range.end.seconds()), "up to");
        messages::plain(format_args!(
            "{} and {} of {} dropped{from}{to}",
            counted(removed.points, "point"),
            counted(removed.events, "event"),
            removed.container,
        ));
    }
    Ok(Status::AllWell)
}
