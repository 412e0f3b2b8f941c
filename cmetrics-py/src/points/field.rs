//! Fields: the columns of points that can be selected by name.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Float64Array, PrimitiveArray, StringArray, StringViewArray,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field as ArrowField, TimeUnit};
use cmetrics_core::point::{Column, Figure, Shares, Table};
use cmetrics_core::{Metric, MetricSet};

use super::Part;
use super::frame::{Stored, data_type};
use super::metadata::Metadata;

/// A column of points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Field {
    Name,
    Start,
    End,
    Figure(Column),
    Samples,
    Coverage,
    RateSeconds,
    Rate(Rate),
    Share(Share),
    Trait(Trait),
}

/// The growth of a counter per second, in a common unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    name: &'static str,
    unit: &'static str,
    metric: Metric,
    /// How many base units make one unit here.
    divisor: f64,
}

/// The share of a limit that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    Cpu,
    Memory,
}

/// A property of a container, which is the same in all of its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trait {
    Alias,
    Image,
    Machine,
}

/// The Arrow type of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Texts {
    #[default]
    Utf8,
    Dictionary,
    View,
}

/// The value of a field in one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'c> {
    Null,
    Whole(u64),
    Real(f64),
    Text(&'c str),
    /// Microseconds since the epoch.
    Instant(i64),
}

const fn rate(name: &'static str, metric: Metric) -> Rate {
    Rate { name, unit: "bytes/s", metric, divisor: 1.0 }
}

pub(crate) const RATES: [Rate; 5] = [
    Rate { name: "cpu.cores", unit: "cores", metric: Metric::CpuUsage, divisor: 1e9 },
    rate("network.tx_bytes_per_second", Metric::NetworkTxBytes),
    rate("network.rx_bytes_per_second", Metric::NetworkRxBytes),
    rate("diskio.read_bytes_per_second", Metric::DiskioRead),
    rate("diskio.written_bytes_per_second", Metric::DiskioWrite),
];

/// The fields that can be selected in addition to the figures.
const OTHERS: [Field; 8] = [
    Field::Samples,
    Field::Coverage,
    Field::RateSeconds,
    Field::Share(Share::Cpu),
    Field::Share(Share::Memory),
    Field::Trait(Trait::Alias),
    Field::Trait(Trait::Image),
    Field::Trait(Trait::Machine),
];

impl Field {
    /// The default fields of points with these metrics.
    pub(crate) fn usual(selected: MetricSet) -> Vec<Self> {
        let figures = Table::new(selected).columns().to_vec();
        [Self::Name, Self::Start, Self::End]
            .into_iter()
            .chain(figures.into_iter().map(Self::Figure))
            .collect()
    }

    /// Every field of points with these metrics.
    pub(crate) fn all(selected: MetricSet) -> Vec<Self> {
        let rates = RATES.into_iter().map(Self::Rate);
        Self::usual(selected).into_iter().chain(OTHERS).chain(rates).collect()
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Name => "name",
            Self::Start => "start",
            Self::End => "end",
            Self::Figure(column) => column.name(),
            Self::Samples => "samples",
            Self::Coverage => "coverage",
            Self::RateSeconds => "rate_seconds",
            Self::Rate(rate) => rate.name,
            Self::Share(Share::Cpu) => "of_limit.cpu",
            Self::Share(Share::Memory) => "of_limit.memory",
            Self::Trait(Trait::Alias) => "alias",
            Self::Trait(Trait::Image) => "image",
            Self::Trait(Trait::Machine) => "machine",
        }
    }

    pub(crate) fn unit(&self) -> Option<String> {
        match self {
            Self::Name | Self::Trait(_) => None,
            Self::Start | Self::End => Some("UTC".to_owned()),
            Self::Figure(column) => Some(column.unit()),
            Self::Samples => Some("count".to_owned()),
            Self::Coverage | Self::Share(_) => Some("1".to_owned()),
            Self::RateSeconds => Some("s".to_owned()),
            Self::Rate(rate) => Some(rate.unit.to_owned()),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Self::Name | Self::Trait(_))
    }

    pub(crate) fn is_time(&self) -> bool {
        matches!(self, Self::Start | Self::End)
    }

    /// Whether its values are counts.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Self::Figure(column) => column.is_whole(),
            Self::Samples => true,
            _ => false,
        }
    }

    /// The column of the table that has it in Arrow's format, if there is one.
    pub(crate) fn stored(&self) -> Option<Stored> {
        match self {
            Self::Start => Some(Stored::Start),
            Self::End => Some(Stored::End),
            Self::Samples => Some(Stored::Samples),
            Self::Coverage => Some(Stored::Coverage),
            Self::Figure(column) => Some(Stored::Figure(column.name().to_owned())),
            Self::Name | Self::RateSeconds | Self::Rate(_) | Self::Share(_) | Self::Trait(_) => {
                None
            }
        }
    }

    /// Its Arrow field, with its unit in the metadata.
    pub(crate) fn arrow(&self, texts: Texts) -> ArrowField {
        let kind = match self {
            Self::Name | Self::Trait(_) => texts.data_type(),
            Self::Start | Self::End => {
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
            }
            Self::Figure(column) => data_type(column),
            Self::Samples => DataType::Int64,
            Self::Coverage | Self::RateSeconds | Self::Rate(_) | Self::Share(_) => {
                DataType::Float64
            }
        };
        let always = matches!(self, Self::Name | Self::Start | Self::End);
        let field = ArrowField::new(self.name(), kind, !always);
        let unit = self.unit().map(|unit| ("unit".to_owned(), unit));
        field.with_metadata(unit.into_iter().collect::<HashMap<_, _>>())
    }

    /// Its values in a part, which must not have more rows than a batch.
    pub(crate) fn array(&self, part: &Part, known: &Metadata, texts: Texts) -> ArrayRef {
        if let Some(stored) = self.stored() {
            return part.frame.stored(&stored).slice(part.rows.start, part.rows.len());
        }
        match self {
            Self::Name => part.names(texts),
            Self::Trait(what) => container_texts(part, *what, known, texts),
            _ => {
                let real = |row| match self.cell(part, row, known) {
                    Cell::Real(value) => Some(value),
                    _ => None,
                };
                Arc::new(part.rows.clone().map(real).collect::<Float64Array>())
            }
        }
    }

    /// Its value in a row of a part's table.
    pub(crate) fn cell<'c>(&self, part: &'c Part, row: usize, known: &'c Metadata) -> Cell<'c> {
        let table = part.frame.table();
        let found = match self {
            Self::Name => table.name(row).map(|name| Cell::Text(name)),
            Self::Start => table.starts_micros().get(row).copied().map(Cell::Instant),
            Self::End => table.ends_micros().get(row).copied().map(Cell::Instant),
            Self::Figure(column) => table.figure(row, column).map(|figure| match figure {
                Figure::Whole(value) => Cell::Whole(value),
                Figure::Real(value) => Cell::Real(value),
            }),
            Self::Samples => table.samples(row).map(Cell::Whole),
            Self::Coverage => table.coverage(row).map(Cell::Real),
            Self::RateSeconds => table.rate_seconds(row).map(Cell::Real),
            Self::Rate(rate) => rate.of(table, row).map(Cell::Real),
            Self::Share(share) => {
                table.shares(row).and_then(|shares| share.of(shares)).map(Cell::Real)
            }
            Self::Trait(what) => {
                table.name(row).and_then(|name| what.of(known, name)).map(Cell::Text)
            }
        };
        found.unwrap_or(Cell::Null)
    }
}

impl Rate {
    pub(crate) fn of(self, table: &Table, row: usize) -> Option<f64> {
        Some(table.per_second(row, self.metric)? / self.divisor)
    }
}

impl Share {
    pub(crate) fn of(self, shares: Shares) -> Option<f64> {
        match self {
            Self::Cpu => shares.cpu,
            Self::Memory => shares.memory,
        }
    }
}

impl Trait {
    fn of<'k>(self, known: &'k Metadata, name: &str) -> Option<&'k str> {
        let container = known.container(name)?;
        match self {
            Self::Alias => container.identity.aliases().first().map(String::as_str),
            Self::Image => container.identity.image(),
            Self::Machine => container.identity.machine(),
        }
    }
}

impl Texts {
    fn data_type(self) -> DataType {
        match self {
            Self::Utf8 => DataType::Utf8,
            Self::Dictionary => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            Self::View => DataType::Utf8View,
        }
    }
}

impl Part {
    fn names(&self, texts: Texts) -> ArrayRef {
        let names = || self.frame.table().names().iter().map(|name| Some(&**name));
        let keys = || self.frame.keys().slice(self.rows.start, self.rows.len());
        match texts {
            Texts::Utf8 => self.frame.texts(&self.rows),
            Texts::Dictionary => dictionary(keys(), names()),
            Texts::View => views(&keys(), names()),
        }
    }
}

/// A property of the container of each row.
fn container_texts(part: &Part, what: Trait, known: &Metadata, texts: Texts) -> ArrayRef {
    let of_each: Vec<_> =
        part.frame.table().names().iter().map(|name| what.of(known, name)).collect();
    let keys = part.frame.keys().slice(part.rows.start, part.rows.len());
    let of_row = |key: &i32| *of_each.get(usize::try_from(*key).ok()?)?;
    match texts {
        Texts::Utf8 => Arc::new(keys.iter().map(of_row).collect::<StringArray>()),
        Texts::Dictionary => dictionary(keys, of_each.into_iter()),
        Texts::View => views(&keys, of_each.into_iter()),
    }
}

fn dictionary<'t>(
    keys: arrow_buffer::ScalarBuffer<i32>,
    values: impl Iterator<Item = Option<&'t str>>,
) -> ArrayRef {
    let (keys, values) = (PrimitiveArray::<Int32Type>::new(keys, None), values.collect());
    let values: StringArray = values;
    // A key is always an index of the values, so that this cannot fail.
    match DictionaryArray::try_new(keys, Arc::new(values)) {
        Ok(array) => Arc::new(array),
        Err(_) => Arc::new(StringArray::new_null(0)),
    }
}

/// An array that stores each distinct text once, and a view of one of them for each row.
fn views<'t>(keys: &[i32], values: impl Iterator<Item = Option<&'t str>>) -> ArrayRef {
    let values: StringViewArray = values.collect();
    let is_there = |place: usize| place < values.len() && values.is_valid(place);
    let place = |key: &i32| usize::try_from(*key).ok().filter(|place| is_there(*place));
    let view = |key: &i32| values.views().get(place(key)?).copied();
    let views = keys.iter().map(|key| view(key).unwrap_or_default()).collect();
    let nulls = (values.null_count() > 0)
        .then(|| keys.iter().map(|key| place(key).is_some()).collect::<NullBuffer>());
    let texts = Arc::clone(values.data_buffers());
    // SAFETY: each view is one of a valid array with these very buffers, or that of an empty text.
    Arc::new(unsafe { StringViewArray::new_unchecked(views, texts, nulls) })
}
