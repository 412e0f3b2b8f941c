//! The containers of a store.

use std::io::{self, Write};

use cmetrics_core::store::{Bearer, ContainerJson};

use crate::messages::on_one_line;
use crate::output::IdentityColumn;
use crate::output::json::Array;
use crate::output::show::{self, or_absent};
use crate::output::table::{self, left, right, without_same_day};

/// Writes a table with one container per row, and these columns behind the others.
pub(crate) fn write_table(
    containers: &[Bearer],
    identity: &[IdentityColumn],
    out: &mut dyn Write,
) -> io::Result<()> {
    let columns = [
        left("NAME", 0),
        left("ALIAS", 0),
        left("START", 0),
        left("END", 0),
        right("MAX-CPU", 0),
        right("MAX-MEM", 0),
        left("IMAGE", 0),
    ];
    let more = identity.iter().map(|column| left(column.title(), 0));
    let columns: Vec<_> = columns.into_iter().chain(more).collect();
    let row = |bearer: &Bearer| {
        let more = identity.iter().map(|column| table::identity_cell(column, &bearer.identity));
        row(bearer).into_iter().chain(more).collect::<Vec<_>>()
    };
    let rows: Vec<_> = containers.iter().map(row).collect();
    table::write_fitted(out, columns, &rows)
}

fn row(bearer: &Bearer) -> [String; 7] {
    let (identity, limits) = (&bearer.identity, bearer.limits);
    let memory = limits.memory_bytes.map(show::size);
    let start = show::time(bearer.first.start());
    let end = without_same_day(&start, show::time(bearer.last.end()));
    [
        // A path is not shortened, because it is what users ask for; of an id the beginning is
        // enough.
        identity.id().map_or_else(|| on_one_line(identity.name()), show::short_id),
        or_absent(identity.aliases().first().map(|alias| show::name(alias))),
        start,
        end,
        or_absent(limits.cpu_cores.map(show::cores)),
        or_absent(memory),
        or_absent(identity.image().map(show::name)),
    ]
}

/// Writes an array with one container per line.
pub(crate) fn write_json(containers: &[Bearer], out: &mut dyn Write) -> io::Result<()> {
    let mut array = Array::new(out);
    for bearer in containers {
        array.item(&ContainerJson::from(bearer))?;
    }
    array.finish()
}
