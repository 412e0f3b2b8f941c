//! A table of `SQLite`'s: a row of numbers for each container and time.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use cmetrics_core::point::{Column, Figure};
use cmetrics_core::DataPoint;
use rusqlite::{Connection, Params, params, params_from_iter, types::Value};

use crate::contender::{Contender, Rows, Sums, Sync, Told, bytes_of, figures};

#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    folder: PathBuf,
    numbers: HashMap<String, i64, foldhash::fast::RandomState>,
    insert: String,
}

impl Sqlite {
    pub(crate) fn new(folder: &Path, sync: Sync) -> Self {
        std::fs::create_dir_all(folder).expect("a folder that can be made");
        let connection = Connection::open(folder.join("points.db")).expect("a database");
        // `normal`: a commit outlasts the process, and a checkpoint a loss of power.
        let synchronous = if sync == Sync::Always { "full" } else { "normal" };
        let set = format!(
            "pragma journal_mode = wal; pragma synchronous = {synchronous};
             pragma cache_size = -262144; pragma mmap_size = 4294967296;
             pragma wal_autocheckpoint = 16384; pragma locking_mode = exclusive;"
        );
        connection.execute_batch(&set).expect("settings");
        // So that whole numbers take as few bytes as they can.
        let column = |column: &Column| format!("\"{}\" numeric", column.name());
        let columns: Vec<_> = Column::all().iter().map(column).collect();
        let table = format!(
            "create table names (number integer primary key, name text not null unique);
             create table points (container integer not null, start integer not null, {},
                                  primary key (container, start)) without rowid;",
            columns.join(", ")
        );
        connection.execute_batch(&table).expect("new tables");
        connection.set_prepared_statement_cache_capacity(16);
        let places = ", ?".repeat(columns.len());
        let insert = format!("insert or ignore into points values (?, ?{places})");
        Self { connection, folder: folder.to_owned(), numbers: HashMap::default(), insert }
    }

    fn rows(&self, query: &str, params: impl Params) -> Rows {
        let width = Column::all().len();
        let mut statement = self.connection.prepare_cached(query).expect("a query");
        let mut found = statement.query(params).expect("rows");
        let mut rows = Rows::default();
        while let Some(row) = found.next().expect("a row") {
            rows.starts.push(row.get_unwrap::<_, i64>(0).cast_unsigned());
            for place in 1..=width {
                rows.values.push(number(row.get_ref_unwrap(place)));
            }
        }
        rows
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts in five seconds are small")]
fn number(value: rusqlite::types::ValueRef<'_>) -> f64 {
    match value {
        rusqlite::types::ValueRef::Integer(whole) => whole as f64,
        rusqlite::types::ValueRef::Real(real) => real,
        _ => f64::NAN,
    }
}

fn value(figure: Option<Figure>) -> Value {
    match figure {
        Some(Figure::Whole(whole)) => Value::Integer(whole.cast_signed()),
        Some(Figure::Real(real)) => Value::Real(real),
        None => Value::Null,
    }
}

fn columns() -> String {
    let names = Column::all().iter().map(|column| format!(", \"{}\"", column.name()));
    names.collect()
}

impl Contender for Sqlite {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn append(&mut self, points: &[DataPoint]) {
        let transaction = self.connection.unchecked_transaction().expect("a transaction");
        {
            let mut insert = self.connection.prepare_cached(&self.insert).expect("a statement");
            for point in points {
                let known = self.numbers.get(point.name()).copied();
                let number = known.unwrap_or_else(|| {
                    let mut name = self
                        .connection
                        .prepare_cached("insert into names (name) values (?)")
                        .expect("a statement");
                    let number = name.insert(params![point.name()]).expect("a new name");
                    self.numbers.insert(point.name().to_owned(), number);
                    number
                });
                let key = [number, point.interval().start().cast_signed()].map(Value::Integer);
                let row = key.into_iter().chain(figures(point).map(value));
                let added = insert.execute(params_from_iter(row)).expect("a row");
                assert_eq!(added, 1, "each point is new");
            }
        }
        transaction.commit().expect("a commit");
    }

    fn last(&mut self, names: &[&str], points: usize) -> Vec<Told> {
        // Backwards, as the index gives them: to turn them around costs nothing beside.
        let query = format!(
            "select start{} from points where container = ? order by start desc limit ?",
            columns()
        );
        let last = |name: &&str| {
            let number = self.numbers[*name];
            Told::Rows(self.rows(&query, params![number, points.cast_signed()]))
        };
        names.iter().map(last).collect()
    }

    fn range(&mut self, name: &str, range: Range<u64>) -> Sums {
        let query = format!(
            "select start{} from points where container = ? and start >= ? and start < ?
             order by start",
            columns()
        );
        let (from, to) = (range.start.cast_signed(), range.end.cast_signed());
        self.rows(&query, params![self.numbers[name], from, to]).sums()
    }

    fn bytes(&mut self) -> u64 {
        let tidy = "vacuum; pragma wal_checkpoint(truncate);";
        self.connection.execute_batch(tidy).expect("a vacuum");
        bytes_of(&self.folder)
    }
}
