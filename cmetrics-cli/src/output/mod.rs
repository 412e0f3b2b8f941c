//! Output formats, one per file, and the target that they are written to.

pub(crate) mod catalogue;
mod choice;
mod columns;
mod csv;
pub(crate) mod json;
mod rows;
mod show;
pub(crate) mod store;
pub(crate) mod table;
mod target;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use cmetrics_core::DataPoint;
use cmetrics_core::container::Identity;
use cmetrics_core::names::{Names, Subject};

pub(crate) use choice::{Asked, Choice};
pub(crate) use columns::IdentityColumn;
pub use csv::write_csv;
pub use json::write_json;
pub use rows::RowFormat;
pub(crate) use show::{seconds, size, time};
pub use target::write_whole;
pub(crate) use target::{Target, Written};

/// Turns points into text in one format. Several threads may use it at once, each for a container.
pub(crate) trait Format: Sync {
    /// Writes the text before all points.
    fn begin(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    /// What writes the points of this container.
    fn container<'c>(&'c self, subject: &'c Subject<'c>) -> Box<dyn ContainerText + 'c>;

    /// The text before a text of a container, which may be the first one.
    fn before(&self, _first: bool) -> &'static str {
        ""
    }

    /// The text after all points, of which there may be none.
    fn end(&self, _any: bool) -> &'static str {
        ""
    }

    /// Writes what `write` writes, in the order that the format needs.
    fn write(
        &self,
        out: &mut dyn Write,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        write(out)
    }
}

/// Turns the points of one container into text.
pub(crate) trait ContainerText {
    /// Adds up the growth of a point, without text.
    fn pass(&mut self, _point: &DataPoint) {}

    /// Writes the next points, in their order.
    fn points(
        &mut self,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()>;

    /// Writes what follows from the end.
    fn finish(self: Box<Self>, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }
}

/// Turns points into text, each on its own.
trait PointText {
    /// Writes points of one container, in their order.
    fn points(
        &self,
        container: &Identity,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()>;
}

/// The points of a container, each written on its own.
struct EachPoint<'c, F>(&'c F, &'c Identity);

impl<F: PointText> ContainerText for EachPoint<'_, F> {
    fn points(
        &mut self,
        points: &mut dyn Iterator<Item = &DataPoint>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let Self(format, identity) = self;
        format.points(identity, points, out)
    }
}

/// Writes points as `cmetrics points --names` does: as flat rows, by container and then by time.
/// `subject_of` tells who the container of a name is; points of one that it does not know are left
/// out.
///
/// # Errors
/// The errors of `out`, and of a temporary file where rows have to be sorted.
pub fn write_rows<'s>(
    points: impl IntoIterator<Item = impl Borrow<DataPoint>>,
    subject_of: impl Fn(&str) -> Option<&'s Subject<'s>>,
    names: &Names,
    format: RowFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut by_container: BTreeMap<String, Vec<DataPoint>> = BTreeMap::new();
    for point in points {
        let point = point.borrow();
        match by_container.get_mut(point.name()) {
            Some(known) => known.push(point.clone()),
            None => drop(by_container.insert(point.name().to_owned(), vec![point.clone()])),
        }
    }
    let format = rows::Rows::new(names, format);
    format.write(out, &mut |out| {
        let (mut text, mut any) = (Vec::new(), false);
        format.begin(&mut text)?;
        out.write_all(&text)?;
        for (name, points) in &mut by_container {
            let Some(subject) = subject_of(name) else { continue };
            points.sort_by_key(|point| point.interval().start());
            text.clear();
            let mut container = format.container(subject);
            container.points(&mut points.iter(), &mut text)?;
            container.finish(&mut text)?;
            if !text.is_empty() {
                out.write_all(format.before(!std::mem::replace(&mut any, true)).as_bytes())?;
                out.write_all(&text)?;
            }
        }
        out.write_all(format.end(any).as_bytes())
    })
}
