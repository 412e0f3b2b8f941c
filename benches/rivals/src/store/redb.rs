//! redb: rows of bytes, by container and time.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use cmetrics_core::point::{Column, Figure};
use cmetrics_core::DataPoint;
use redb::{Database, Durability, ReadOnlyTable, ReadableDatabase, TableDefinition};

use crate::contender::{Contender, Rows, Sums, Sync, Told, bytes_of, figures};

const NAMES: TableDefinition<'_, &str, u32> = TableDefinition::new("names");
const POINTS: TableDefinition<'_, (u32, u64), &[u8]> = TableDefinition::new("points");
/// So many commits that do not outlast the process are followed by one that does, as redb frees
/// no room before.
const LASTING: u64 = 64;

#[derive(Debug)]
pub(crate) struct Redb {
    database: Database,
    folder: PathBuf,
    numbers: HashMap<String, u32, foldhash::fast::RandomState>,
    sync: Sync,
    commits: u64,
    row: Vec<u8>,
}

impl Redb {
    pub(crate) fn new(folder: &Path, sync: Sync) -> Self {
        std::fs::create_dir_all(folder).expect("a folder that can be made");
        let mut builder = Database::builder();
        builder.set_cache_size(1 << 30);
        let database = builder.create(folder.join("points.redb")).expect("a database");
        let (numbers, folder) = (HashMap::default(), folder.to_owned());
        Self { database, folder, numbers, sync, commits: 0, row: Vec::new() }
    }

    fn points(&self) -> ReadOnlyTable<(u32, u64), &'static [u8]> {
        let transaction = self.database.begin_read().expect("a transaction");
        transaction.open_table(POINTS).expect("a table")
    }
}

/// The numbers of a row: 8 bytes each.
fn put(row: &mut Vec<u8>, point: &DataPoint) {
    row.clear();
    for figure in figures(point) {
        #[allow(clippy::cast_precision_loss, reason = "counts in five seconds are small")]
        let number = match figure {
            Some(Figure::Whole(whole)) => whole as f64,
            Some(Figure::Real(real)) => real,
            None => f64::NAN,
        };
        row.extend(number.to_le_bytes());
    }
}

fn take(rows: &mut Rows, start: u64, bytes: &[u8]) {
    rows.starts.push(start);
    let (numbers, _) = bytes.as_chunks::<8>();
    rows.values.extend(numbers.iter().map(|number| f64::from_le_bytes(*number)));
    debug_assert_eq!(numbers.len(), Column::all().len());
}

impl Contender for Redb {
    fn name(&self) -> &'static str {
        "redb"
    }

    fn append(&mut self, points: &[DataPoint]) {
        let mut transaction = self.database.begin_write().expect("a transaction");
        self.commits += 1;
        let lasts = self.sync == Sync::Always || self.commits.is_multiple_of(LASTING);
        let durability = if lasts { Durability::Immediate } else { Durability::None };
        transaction.set_durability(durability).expect("a durability that there is");
        {
            let mut names = transaction.open_table(NAMES).expect("a table");
            let mut table = transaction.open_table(POINTS).expect("a table");
            for point in points {
                let known = self.numbers.get(point.name()).copied();
                let number = known.unwrap_or_else(|| {
                    let number = u32::try_from(self.numbers.len()).expect("few containers");
                    names.insert(point.name(), number).expect("a new name");
                    self.numbers.insert(point.name().to_owned(), number);
                    number
                });
                put(&mut self.row, point);
                let key = (number, point.interval().start());
                let before = table.insert(key, &*self.row).expect("a row");
                assert!(before.is_none(), "each point is new");
            }
        }
        transaction.commit().expect("a commit");
    }

    fn last(&mut self, names: &[&str], points: usize) -> Vec<Told> {
        let table = self.points();
        let last = |name: &&str| {
            let (number, mut rows) = (self.numbers[*name], Rows::default());
            let range = table.range((number, 0)..(number + 1, 0)).expect("rows");
            for row in range.rev().take(points) {
                let (key, bytes) = row.expect("a row");
                take(&mut rows, key.value().1, bytes.value());
            }
            Told::Rows(rows)
        };
        names.iter().map(last).collect()
    }

    fn range(&mut self, name: &str, range: Range<u64>) -> Sums {
        let (number, mut rows) = (self.numbers[name], Rows::default());
        let found = self.points();
        for row in found.range((number, range.start)..(number, range.end)).expect("rows") {
            let (key, bytes) = row.expect("a row");
            take(&mut rows, key.value().1, bytes.value());
        }
        rows.sums()
    }

    fn bytes(&mut self) -> u64 {
        self.database.compact().expect("a database that can be compacted");
        bytes_of(&self.folder)
    }
}
