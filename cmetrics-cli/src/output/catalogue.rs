//! The list of all metrics.

use std::io::{self, Write};

use cmetrics_core::MetricSet;
use cmetrics_core::metric::MetricJson;

use super::json::Array;
use super::table::{self, left};

/// The width that every terminal has.
const WIDTH: usize = 80;
const TITLES: [&str; 4] = ["NAME", "KIND", "UNIT", "DESCRIPTION"];

/// Writes a table with one row per metric, of as many lines as its description needs.
pub(crate) fn write_table(metrics: MetricSet, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = metrics.iter().map(MetricJson::from).collect();
    let [name, kind, unit, description] = TITLES;
    let widest = |title: &str, cell: fn(&MetricJson) -> &str| {
        rows.iter().map(|row| cell(row).chars().count()).fold(title.len(), usize::max)
    };
    let widths =
        [widest(name, |row| row.name), widest(kind, |row| row.kind), widest(unit, |row| &row.unit)];
    let room = widths.iter().fold(WIDTH, |room, width| room.saturating_sub(width + 2));
    let [first, second, third] = widths;
    let columns =
        [left(name, first), left(kind, second), left(unit, third), left(description, room)];

    table::write_titles(out, &columns)?;
    for row in &rows {
        let mut lines = wrap(row.description, room).into_iter();
        let first = lines.next().unwrap_or_default();
        table::write_row(out, &columns, [row.name, row.kind, &row.unit, &first])?;
        for line in lines {
            table::write_row(out, &columns, ["", "", "", &line])?;
        }
    }
    Ok(())
}

/// Writes an array with one metric per line.
pub(crate) fn write_json(metrics: MetricSet, out: &mut dyn Write) -> io::Result<()> {
    let mut array = Array::new(out);
    for metric in metrics.iter() {
        array.item(&MetricJson::from(metric))?;
    }
    array.finish()
}

/// Wraps a text at blanks into lines of at most `width` characters; only a longer word exceeds it.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let needed = word.chars().count() + 1;
        match lines.last_mut().filter(|line| line.chars().count() + needed <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_there_is_room() {
        assert_eq!(wrap("a bc def gé", 6), ["a bc", "def gé"]);
        assert_eq!(wrap("toolong a", 3), ["toolong", "a"]);
        assert!(wrap("", 3).is_empty());
    }
}
