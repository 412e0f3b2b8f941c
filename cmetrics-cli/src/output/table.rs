//! Tables for people. Columns have a fixed width, so that a row can be written before the next one
//! is known.

use std::io::{self, Write};
use std::ops::Range;

use cmetrics_core::container::Identity;
use cmetrics_core::metric::Section;
use cmetrics_core::names::Subject;
use cmetrics_core::parse::Door;
use cmetrics_core::point::Column as MetricColumn;
use cmetrics_core::series::Inspection;
use cmetrics_core::{DataPoint, Metric, MetricSet, Series};

use super::columns::IdentityColumn;
use super::show::{self, ShortNames, or_absent};
use super::{ContainerText, EachPoint, Format, PointText};
use crate::messages::on_one_line;

/// A column: its title, its width and its alignment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column<'t> {
    title: &'t str,
    width: usize,
    right: bool,
}

pub(super) const fn left(title: &str, width: usize) -> Column<'_> {
    Column { title, width, right: false }
}

pub(super) const fn right(title: &str, width: usize) -> Column<'_> {
    Column { title, width, right: true }
}

/// Writes a row of cells, with two blanks between columns.
pub(super) fn write_row(
    out: &mut dyn Write,
    columns: &[Column<'_>],
    cells: impl IntoIterator<Item = impl AsRef<str>>,
) -> io::Result<()> {
    let mut row = String::new();
    for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
        let between = if index == 0 { "" } else { "  " };
        let cell = cell.as_ref();
        let blanks = " ".repeat(column.width.saturating_sub(cell.chars().count()));
        row.push_str(between);
        let (first, second) = if column.right { (&*blanks, cell) } else { (cell, &*blanks) };
        row.push_str(first);
        row.push_str(second);
    }
    writeln!(out, "{}", row.trim_end())
}

pub(super) fn write_titles(out: &mut dyn Write, columns: &[Column<'_>]) -> io::Result<()> {
    write_row(out, columns, columns.iter().map(|column| on_one_line(column.title)))
}

const FIGURES: [Column<'_>; 7] = [
    left("START", 20),
    right("CORES", 6),
    right("MEMORY", 8),
    right("TX/s", 8),
    right("RX/s", 8),
    right("READ/s", 8),
    right("WRITE/s", 8),
];
const EXTENSION: [Column<'_>; 4] =
    [right("SAMPLES", 7), right("COVERAGE", 8), right("CPU%LIMIT", 9), right("MEM%LIMIT", 9)];
/// The least width of a metric's column, which fits `1023 KiB`.
const METRIC: usize = 8;
const CONTAINER: &str = "CONTAINER";

/// Points as a table.
pub(crate) struct Table {
    names: ShortNames,
    columns: Vec<Column<'static>>,
    metrics: Vec<MetricColumn>,
    extended: bool,
    /// Who the container is, in the last columns, of which these are the widths.
    identity: Vec<(IdentityColumn, usize)>,
}

impl Table {
    pub(crate) fn new<'i>(
        metrics: MetricSet,
        extended: bool,
        identity: Vec<IdentityColumn>,
        containers: &(impl Iterator<Item = &'i Identity> + Clone),
    ) -> Self {
        let names = ShortNames::of(containers.clone());
        let widest =
            containers.clone().map(|one| names.get(one).chars().count()).max().unwrap_or(0);
        let mut columns = vec![left(CONTAINER, widest.max(CONTAINER.len()))];
        columns.extend(FIGURES);
        let titles = metrics.iter().map(Metric::name);
        columns.extend(titles.map(|name| right(name, METRIC.max(name.len()))));
        if extended {
            columns.extend(EXTENSION);
        }
        let identity = identity.into_iter().map(|column| {
            let cells = containers.clone().map(|one| identity_cell(&column, one).chars().count());
            let width = cells.fold(column.title().chars().count(), usize::max);
            (column, width)
        });
        let (identity, metrics) = (identity.collect::<Vec<_>>(), first_columns(metrics));
        columns.extend(identity.iter().map(|(_, width)| left("", *width)));
        Self { names, columns, metrics, extended, identity }
    }

    fn cells(&self, name: &str, container: &Identity, point: &DataPoint) -> Vec<String> {
        let bytes = |figure: Option<f64>| or_absent(figure.map(show::bytes));
        let mut cells = vec![
            name.to_owned(),
            show::time(point.interval().start()),
            or_absent(point.cpu_cores().map(|cores| format!("{cores:.3}"))),
            bytes(point.memory().map(|memory| memory.ave)),
            bytes(point.tx_bytes_per_second()),
            bytes(point.rx_bytes_per_second()),
            bytes(point.read_bytes_per_second()),
            bytes(point.written_bytes_per_second()),
        ];
        cells.extend(self.metrics.iter().map(|column| or_absent(show::figure(column, point))));
        if self.extended {
            let shares = point.shares().unwrap_or_default();
            cells.push(or_absent(point.samples().map(|samples| samples.to_string())));
            cells.push(or_absent(point.coverage().map(|coverage| format!("{coverage:.3}"))));
            cells.push(or_absent(shares.cpu.map(show::percent)));
            cells.push(or_absent(shares.memory.map(show::percent)));
        }
        cells.extend(self.identity.iter().map(|(column, _)| identity_cell(column, container)));
        cells
    }
}

/// What a column has of a container, shortened.
pub(super) fn identity_cell(column: &IdentityColumn, container: &Identity) -> String {
    or_absent(column.of(container).map(show::name))
}

/// For each metric the column of its growth or, for a gauge, of its mean.
fn first_columns(metrics: MetricSet) -> Vec<MetricColumn> {
    let mut columns = MetricColumn::of_metrics(metrics);
    columns.dedup_by_key(|column| column.metric());
    columns
}

impl Format for Table {
    fn begin(&self, out: &mut Vec<u8>) -> io::Result<()> {
        let fixed = self.columns.len() - self.identity.len();
        let identity = self.identity.iter().map(|(column, _)| column.title());
        let titles = self.columns.iter().take(fixed).map(|column| column.title).chain(identity);
        write_row(out, &self.columns, titles.map(on_one_line))
    }

    fn container<'c>(&'c self, subject: &'c Subject<'c>) -> Box<dyn ContainerText + 'c> {
        Box::new(EachPoint(self, subject.identity()))
    }
}

impl PointText for Table {
    fn points(
        &self,
        container: &Identity,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let name = self.names.get(container);
        for point in points {
            write_row(out, &self.columns, self.cells(&name, container, point))?;
        }
        Ok(())
    }
}

/// The column of an inspection that is written only if a row has another door than cAdvisor's JSON.
const DOOR: usize = 2;
/// The columns of an inspection that are written only if a row has other than 0.
const ODD_READINGS: Range<usize> = 11..14;
const INSPECTION: [Column<'_>; 18] = [
    left(CONTAINER, 0),
    left("ID", 0),
    left("DOOR", 0),
    left("FIRST", 0),
    left("LAST", 0),
    right("SAMPLES", 0),
    right("DUPLICATES", 0),
    right("MEDIAN", 0),
    right("LARGEST", 0),
    right("RESTARTS", 0),
    right("GAPS", 0),
    right("SET-ASIDE", 0),
    right("CORRECTIONS", 0),
    right("IMPLAUSIBLE", 0),
    right("MAX-CPU", 0),
    right("MAX-MEM", 0),
    left("SECTIONS", 0),
    left("IMAGE", 0),
];

/// Writes a table with one container per row.
pub(crate) fn write_inspections(
    inspected: &[(&Series, Inspection)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = ShortNames::of(inspected.iter().map(|(series, _)| series.identity()));
    let rows: Vec<_> = inspected
        .iter()
        .map(|(series, inspection)| inspected_as_row(&names, series, inspection))
        .collect();
    let is_shown = |index: usize| {
        let usual = match index {
            DOOR => Door::Cadvisor.name(),
            _ if ODD_READINGS.contains(&index) => "0",
            _ => return true,
        };
        rows.iter().any(|row| row.get(index).is_some_and(|cell| cell != usual))
    };
    let shown: Vec<_> = (0..INSPECTION.len()).filter(|index| is_shown(*index)).collect();
    let rows: Vec<Vec<_>> = rows.iter().map(|row| items_at(row, &shown)).collect();
    write_fitted(out, items_at(&INSPECTION, &shown), &rows)
}

/// The items at these indices.
fn items_at<T: Clone>(all: &[T], indices: &[usize]) -> Vec<T> {
    indices.iter().filter_map(|index| all.get(*index).cloned()).collect()
}

/// Writes titles and rows into columns that are as wide as their widest cell.
pub(super) fn write_fitted<'t>(
    out: &mut dyn Write,
    columns: impl Into<Vec<Column<'t>>>,
    rows: &[impl AsRef<[String]>],
) -> io::Result<()> {
    let mut columns = columns.into();
    for (index, column) in columns.iter_mut().enumerate() {
        let cells = rows.iter().filter_map(|row| row.as_ref().get(index));
        let widths = cells.map(|cell| cell.chars().count());
        column.width = widths.max().unwrap_or(0).max(column.title.chars().count());
    }
    write_titles(out, &columns)?;
    rows.iter().try_for_each(|row| write_row(out, &columns, row.as_ref()))
}

fn inspected_as_row(
    names: &ShortNames,
    series: &Series,
    inspection: &Inspection,
) -> [String; INSPECTION.len()] {
    let (identity, limits) = (series.identity(), series.limits());
    let memory = limits.memory_bytes.map(show::size);
    let first = inspection.first.map(show::instant);
    let last = inspection.last.map(show::instant);
    [
        names.get(identity),
        or_absent(identity.id().map(show::short_id)),
        inspection.door.to_string(),
        or_absent(first.clone()),
        or_absent(last.map(|last| without_same_day(&first.unwrap_or_default(), last))),
        inspection.samples.to_string(),
        inspection.duplicates.to_string(),
        or_absent(inspection.median_spacing.map(show::seconds)),
        or_absent(inspection.largest_spacing.map(show::seconds)),
        inspection.events.restarts.len().to_string(),
        inspection.events.gaps.len().to_string(),
        inspection.events.set_aside.len().to_string(),
        inspection.events.corrections.len().to_string(),
        inspection.events.implausible.len().to_string(),
        or_absent(limits.cpu_cores.map(show::cores)),
        or_absent(memory),
        sections(&inspection.sections),
        or_absent(identity.image().map(show::name)),
    ]
}

/// The time of day alone where the day is that of `first`.
pub(super) fn without_same_day(first: &str, last: String) -> String {
    match (first.split_once('T'), last.split_once('T')) {
        (Some((first, _)), Some((day, time))) if first == day => time.to_owned(),
        _ => last,
    }
}

fn sections(there: &[Section]) -> String {
    let missing: Vec<_> =
        Section::DOCUMENTED.iter().filter(|section| !there.contains(section)).collect();
    match (&*missing, there) {
        ([], _) => "all".to_owned(),
        (_, []) => show::ABSENT.to_owned(),
        ([one], _) => format!("no {}", one.key()),
        _ => there.iter().map(|section| section.key()).collect::<Vec<_>>().join(","),
    }
}

#[cfg(test)]
mod tests {
    use cmetrics_core::{Input, Pipeline, Settings};

    use super::*;

    #[test]
    fn cells_stand_at_the_side_of_their_column() {
        let mut out = Vec::new();
        let columns = [left("NAME", 5), right("N", 3), left("LAST", 6)];
        write_titles(&mut out, &columns).unwrap();
        write_row(&mut out, &columns, ["é", "12", "x"]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "NAME     N  LAST\né       12  x\n");
    }

    #[test]
    fn odd_readings_have_columns_where_there_are_any() {
        let dump = br#"{"/docker": {"stats": [{"timestamp": "2026-11-21T12:00:00Z"}]}}"#;
        let mut pipeline = Pipeline::default();
        pipeline.read(Input::reader("now.json", &dump[..])).into_result().unwrap();
        let series = pipeline.series().next().unwrap();
        let mut inspection = series.inspect(Settings::default());
        let shown = |inspection: &Inspection| {
            let mut out = Vec::new();
            write_inspections(&[(series, inspection.clone())], &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let table = shown(&inspection);
        assert!(table.contains("  RESTARTS  GAPS  MAX-CPU  "), "{table}");
        let at = inspection.first.unwrap();
        inspection.events.set_aside = vec![at, at];
        inspection.events.implausible = vec![at];
        let table = shown(&inspection);
        assert!(table.contains("  GAPS  SET-ASIDE  IMPLAUSIBLE  MAX-CPU  "), "{table}");
        assert!(table.contains("     0          2            1        -  "), "{table}");
    }

    #[test]
    fn sections_are_told_the_shorter_way() {
        use Section::{Cpu, Diskio, Memory};
        assert_eq!(sections(Section::DOCUMENTED), "all");
        assert_eq!(sections(&[Cpu, Memory, Diskio]), "no network");
        assert_eq!(sections(&[Cpu, Memory]), "cpu,memory");
        assert_eq!(sections(&[]), "-");
    }

    #[test]
    fn the_day_is_shown_once() {
        let first = "2026-11-21T12:00:00Z";
        let last = |text: &str| without_same_day(first, text.to_owned());
        assert_eq!(last("2026-11-21T12:04:00Z"), "12:04:00Z");
        assert_eq!(last("2026-11-22T12:04:00Z"), "2026-11-22T12:04:00Z");
    }
}
