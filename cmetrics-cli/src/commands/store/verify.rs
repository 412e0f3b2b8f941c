//! `cmetrics store verify`: checks that everything that was written can be read.

use std::path::Path;

use cmetrics_core::store::StoreOptions;
use cmetrics_core::{Error, ErrorKind, Store};

use crate::args::VerifyArgs;
use crate::messages::{self, on_one_line};
use crate::open;
use crate::outcome::{Failure, Status};
use crate::output::Target;
use crate::progress::with_spinner;
use crate::summary::counted;

pub(crate) fn run(args: &VerifyArgs) -> Result<Status, Failure> {
    let damages = with_spinner(!args.quiet, "reading all", || damages(&args.store))?;
    Target::standard_output().write(|out| {
        damages.iter().try_for_each(|damage| writeln!(out, "{}", on_one_line(&damage.to_string())))
    })?;
    if !args.quiet {
        match damages.len() as u64 {
            0 => messages::plain("everything can be read"),
            many => messages::plain(format_args!(
                "{}; 'cmetrics store salvage' saves the rest",
                counted(many, "damaged place")
            )),
        }
    }
    Ok(if damages.is_empty() { Status::AllWell } else { Status::Damaged })
}

/// All damage, including the damage that prevents the store from being opened.
fn damages(folder: &Path) -> Result<Vec<Error>, Error> {
    let (mut damages, mut unopened) = (Vec::new(), None);
    match open::to_read(folder) {
        Ok(store) => damages = store.verify()?,
        Err(error) if error.kind() == ErrorKind::Damaged => {
            match Store::open_read_only(folder, StoreOptions::default().despite_damage()) {
                Ok(store) => damages = store.verify()?,
                // The same damage, which is added below.
                Err(other) if other.kind() == ErrorKind::Damaged => {}
                Err(other) => return Err(other),
            }
            unopened = Some(error);
        }
        Err(error) => return Err(error),
    }
    if let Some(error) = unopened
        && damages.iter().all(|known| known.place() != error.place())
    {
        damages.insert(0, error);
    }
    Ok(damages)
}
