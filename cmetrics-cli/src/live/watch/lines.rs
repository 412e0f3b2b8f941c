//! Points as lines, once they are final.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Instant;

use cmetrics_core::DataPoint;
use cmetrics_core::recorder::Subscription;
use crossbeam_channel::RecvTimeoutError;

use super::changes::Changes;
use super::watched::{RENEWED, Watched};
use crate::messages;
use crate::output::json::write_line;

/// How many points may wait for whoever reads the output, for each machine and in all: more than
/// the first poll of a machine tells, whose history comes at once.
const WAITING: [usize; 2] = [1 << 13, 1 << 16];
/// How many points are written at once.
const AT_ONCE: usize = 1024;

pub(super) fn subscribe(watched: &Watched) -> Subscription {
    let [of_machine, in_all] = WAITING;
    let waiting = watched.live.machines().len().max(1).saturating_mul(of_machine).min(in_all);
    watched.live.recorder().subscribe(waiting)
}

/// Writes points until no more will come.
///
/// # Errors
/// Those of standard output.
pub(super) fn write(watched: &Watched, subscription: &Subscription) -> io::Result<()> {
    let mut lines = Lines { watched, out: io::stdout(), text: Vec::new(), open: HashMap::new() };
    let (mut changes, mut looked, mut missed) = (Changes::default(), Instant::now(), 0);
    loop {
        let is_last = watched.ended.is_cancelled();
        match subscription.receiver().recv_timeout(RENEWED / 5) {
            Ok(point) => {
                lines.last(&point);
                subscription
                    .receiver()
                    .try_iter()
                    .take(AT_ONCE)
                    .for_each(|point| lines.last(&point));
            }
            Err(RecvTimeoutError::Timeout) if is_last => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        if looked.elapsed() >= RENEWED || is_last {
            looked = Instant::now();
            lines.open();
            tell(watched, &mut changes);
            tell_missed(&mut missed, subscription.missed());
        }
        lines.flush()?;
    }
}

fn tell(watched: &Watched, changes: &mut Changes) {
    if !watched.quiet {
        changes.of(&watched.live.machines()).iter().for_each(messages::note);
    }
}

fn tell_missed(told: &mut u64, missed: u64) {
    if missed > *told {
        let more = missed - *told;
        messages::error(format_args!(
            "{more} points were left out, since the output is read too slowly"
        ));
        *told = missed;
    }
}

struct Lines<'w> {
    watched: &'w Watched,
    out: io::Stdout,
    text: Vec<u8>,
    /// What was written of each container.
    open: HashMap<String, Written>,
}

/// What was written of a container.
#[derive(Default)]
struct Written {
    /// Where its last final point ends.
    end: u64,
    /// The last lines of its open intervals.
    lines: Vec<Vec<u8>>,
}

impl Lines<'_> {
    /// A point that is final.
    fn last(&mut self, point: &DataPoint) {
        if self.watched.open {
            let end = point.interval().end();
            let known = known(&mut self.open, point.name());
            known.end = known.end.max(end);
        }
        if !self.watched.complete || point.is_complete() {
            write_line(point, self.watched.extended, &mut self.text);
        }
    }

    /// The points of open intervals that have changed.
    fn open(&mut self) {
        if !self.watched.open {
            return;
        }
        for points in self.watched.live.recorder().snapshots() {
            let Some(first) = points.first() else { continue };
            let known = known(&mut self.open, first.name());
            let open = points.iter().filter(|point| point.interval().start() >= known.end);
            let open = open.filter(|point| !self.watched.complete || point.is_complete());
            let lines: Vec<_> = open.map(|point| line(point, self.watched.extended)).collect();
            for line in lines.iter().filter(|line| !known.lines.contains(line)) {
                self.text.extend_from_slice(line);
            }
            known.lines = lines;
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut out = self.out.lock();
        out.write_all(&self.text)?;
        self.text.clear();
        out.flush()
    }
}

fn known<'k>(all: &'k mut HashMap<String, Written>, name: &str) -> &'k mut Written {
    all.entry(name.to_owned()).or_default()
}

fn line(point: &DataPoint, extended: bool) -> Vec<u8> {
    let mut line = Vec::new();
    write_line(point, extended, &mut line);
    line
}
