//! `cmetrics containers`: lists the containers of a store.

use crate::args::{ContainersArgs, ListFormat};
use crate::open;
use crate::outcome::{Failure, Status};
use crate::output::{Target, store::containers};

pub(crate) fn run(args: &ContainersArgs) -> Result<Status, Failure> {
    let (store, status) = open::to_read_despite(args.damage, &args.store)?;
    let all = store.containers()?;
    Target::standard_output().write(|out| match args.format {
        ListFormat::Table => containers::write_table(&all, out),
        ListFormat::Json => containers::write_json(&all, out),
    })?;
    Ok(status)
}
