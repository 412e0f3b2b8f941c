//! `cmetrics containers`: lists the containers of a store.

use crate::args::{ContainersArgs, ListFormat};
use crate::open;
use crate::outcome::{Failure, Status};
use crate::output::{IdentityColumn, Target, store::containers};

pub(crate) fn run(args: &ContainersArgs) -> Result<Status, Failure> {
    let columns = IdentityColumn::of_words(&args.columns).map_err(Failure::usage)?;
    if !columns.is_empty() && args.format == ListFormat::Json {
        return Err(Failure::usage("--columns needs --format table: json has them all"));
    }
    let (store, status) = open::to_read_despite(args.damage, &args.store)?;
    let found = store.find_labelled(args.labels.iter(), ..)?;
    // The others may be in the damaged part.
    let found = if status == Status::Damaged { found } else { args.labels.some(found)? };
    Target::standard_output().write(|out| match args.format {
        ListFormat::Table => containers::write_table(&found, &columns, out),
        ListFormat::Json => containers::write_json(&found, out),
    })?;
    Ok(status)
}
