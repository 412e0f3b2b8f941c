//! The table of what containers use, renewed each second.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::thread;

use cmetrics_core::names::Subject;
use cmetrics_core::recorder::KnownContainer;
use cmetrics_core::{DataPoint, Metric};
use cmetrics_live::{MachineState, MachineStatus};
use console::Term;

use super::changes::what_is_wrong;
use super::frame::{CLEAR, Room, frame};
use super::watched::{RENEWED, Watched};
use crate::output::table::Table;
use crate::output::{self, Format, IdentityColumn};
use crate::{messages, open};

/// A container whose newest complete interval is older than this, in seconds, has ended.
const OLDEST: u64 = 180;

/// Shows tables until no more will come.
///
/// # Errors
/// Those of standard output.
pub(super) fn write(watched: &Watched) -> io::Result<()> {
    let (mut out, terminal) = (io::stdout(), Term::stdout());
    let mut newest = Newest::default();
    let mut is_first = true;
    loop {
        let is_last = watched.ended.is_cancelled();
        let containers: Vec<_> = watched.live.recorder().containers().collect();
        newest.renew(watched);
        let machines = watched.live.machines();
        let table = table(watched, &newest, &containers, machines.len() > 1)?;
        let room = terminal
            .size_checked()
            .map(|(rows, columns)| Room { rows: rows.into(), columns: columns.into() });
        let text = frame(&head(&machines), &table, room.unwrap_or(Room { rows: 24, columns: 200 }));
        let before = if std::mem::take(&mut is_first) { CLEAR } else { "" };
        let mut out = out.by_ref().lock();
        out.write_all(before.as_bytes())?;
        out.write_all(text.as_bytes())?;
        out.flush()?;
        drop(out);
        if is_last {
            return Ok(());
        }
        wait(watched);
    }
}

/// Waits for the next frame, or the end.
fn wait(watched: &Watched) {
    const STEPS: u32 = 10;
    for _ in 0..STEPS {
        if watched.ended.is_cancelled() {
            return;
        }
        thread::sleep(RENEWED / STEPS);
    }
}

/// What is told above the table: the machines, and why some do not answer.
fn head(machines: &[MachineState]) -> Vec<String> {
    const MOST_TOLD: usize = 3;
    let up = machines.iter().filter(|machine| machine.status == MachineStatus::Up).count();
    let time = open::now().map(|now| output::time(now.seconds())).unwrap_or_default();
    let what = if machines.len() == 1 { "machine answers" } else { "machines answer" };
    let mut lines = vec![format!("{up} of {} {what}   {time}", machines.len())];
    let silent = machines.iter().filter_map(|machine| Some((machine, what_is_wrong(machine)?)));
    lines.extend(
        silent.take(MOST_TOLD).map(|(machine, trouble)| {
            messages::on_one_line(&format!("{}: {trouble}", machine.name))
        }),
    );
    lines.push(String::new());
    lines
}

/// The newest complete point of each container.
#[derive(Default)]
struct Newest {
    points: HashMap<String, DataPoint>,
}

impl Newest {
    fn renew(&mut self, watched: &Watched) {
        for points in watched.live.recorder().snapshots() {
            let newest = points.into_iter().rfind(DataPoint::is_complete);
            if let Some(point) = newest {
                self.points.insert(point.name().to_owned(), point);
            }
        }
        let ends = self.points.values().map(|point| point.interval().end());
        let oldest = ends.max().unwrap_or_default().saturating_sub(OLDEST);
        self.points.retain(|_, point| point.interval().end() >= oldest);
    }
}

fn table(
    watched: &Watched,
    newest: &Newest,
    containers: &[KnownContainer],
    are_several: bool,
) -> io::Result<String> {
    let mut rows: Vec<_> = containers
        .iter()
        .filter_map(|one| Some((one, newest.points.get(&**one.identity.name())?)))
        .collect();
    rows.sort_by_key(|(one, point)| {
        let cpu = point.growth(Metric::CpuUsage).unwrap_or_default();
        (std::cmp::Reverse(cpu), Arc::clone(one.identity.name()))
    });
    let columns = if are_several { vec!["machine".to_owned()] } else { Vec::new() };
    let columns = IdentityColumn::of_words(&columns).map_err(io::Error::other)?;
    let identities = rows.iter().map(|(one, _)| &one.identity);
    let format = Table::new(watched.metrics, watched.extended, columns, &identities);
    let mut text = Vec::new();
    format.begin(&mut text)?;
    for (one, point) in rows {
        let subject = Subject::new(&one.identity);
        format.container(&subject).points(&mut std::iter::once(point), &mut text)?;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}
