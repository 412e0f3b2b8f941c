//! Tests of stores: against a model, with disks that fail, lose power or change bytes, and with
//! many readers.

mod appending;
mod concurrent;
mod empty;
mod faults;
mod files;
mod flips;
mod fractions;
mod full;
mod histories;
mod hooked_disk;
mod ingesting;
mod late;
mod locked;
mod log_continues;
mod model;
mod month;
#[allow(
    unreachable_pub,
    clippy::cast_precision_loss,
    clippy::expect_used,
    reason = "a model: read rather than used"
)]
#[path = "../../../tests/naive/mod.rs"]
mod naive;
mod panics;
mod points;
mod power;
mod queries;
mod removing;
mod script;
#[path = "../../../tests/steps/mod.rs"]
mod steps;
#[path = "../../../tests/live/model.rs"]
mod streams;
mod tables;
mod translated;
mod while_writing;

use std::ops::Range;
use std::path::Path;

use points::exact;

use super::disk::simulated::Simulated;
use super::*;
use crate::time::unix_seconds;

/// The second of a floor; 0 if there is none.
fn seconds(floor: Option<Timestamp>) -> u64 {
    floor.map_or(0, Timestamp::seconds)
}

/// Opens the store on a disk, with its threads.
fn open(disk: &Simulated, options: StoreOptions) -> Result<Store, Error> {
    Store::started(opening(disk, options)?)
}

/// Opens it without threads: `turn` does their work, and dropping it is a kill.
fn open_idle(disk: &Simulated, options: StoreOptions) -> Result<Store, Error> {
    let (shared, _) = Shared::new(opening(disk, options)?);
    Ok(Store::over(Arc::new(shared), Vec::new(), None))
}

fn opening(disk: &Simulated, options: StoreOptions) -> Result<Opening, Error> {
    let disk: Arc<dyn crate::store::disk::Disk> = Arc::new(disk.clone());
    opening::to_write_on(&disk, Path::new("simulated"), &options, &crate::Cancel::default())
}

impl Store {
    /// Ingests a poll.
    fn take_poll(&self, document: &serde_json::Value) -> Result<Kept, Error> {
        let mut pipeline = crate::Pipeline::new(self.settings());
        pipeline
            .read(crate::Input::reader("poll", document.to_string().as_bytes()))
            .into_result()
            .unwrap();
        self.ingest(pipeline.series())
    }

    /// Hands the memory over for sealing, and seals everything that waits.
    fn seal(&self) -> Result<(), Error> {
        {
            let shared = self.shared();
            let mut writer = shared.writer()?;
            shared.prepare(&mut writer)?;
            shared.rotate(&mut writer)?;
        }
        self.turn()
    }

    /// Begins a new memory, as a full one does.
    fn begin_memory(&self) -> Result<(), Error> {
        let shared = self.shared();
        let mut writer = shared.writer()?;
        shared.prepare(&mut writer)?;
        shared.begin_memory(&mut writer);
        Ok(())
    }

    /// Does the work of the background threads.
    fn turn(&self) -> Result<(), Error> {
        let done = worker::seal_all(&self.shared());
        *self.shared().seal_error.lock() = done.as_ref().err().map(ToString::to_string);
        done.and_then(|()| worker::compact_some(&self.shared(), u64::MAX))
    }

    /// Merges everything into one segment.
    fn merge_all(&self) -> Result<(), Error> {
        self.seal()?;
        let segments = self.shared().view().parts().segments.clone();
        worker::merge(&self.shared(), &segments, &crate::Cancel::default())
    }

    /// All points, by container and time.
    fn everything(&self) -> Result<Vec<DataPoint>, Error> {
        let view = self.shared().view();
        let mut all = Vec::new();
        for bearer in view.bearers(&crate::Cancel::default())? {
            let points = self.range(bearer.identity.name(), .., None)?;
            all.extend(points.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(all)
    }

    /// A container's points; none for an unknown one.
    fn of(&self, name: &str, range: Range<u64>) -> Vec<DataPoint> {
        match self.range(name, unix_seconds(range), None) {
            Ok(points) => points.map(Result::unwrap).collect(),
            Err(error) => {
                assert_eq!(error.kind(), crate::ErrorKind::UnknownContainer);
                Vec::new()
            }
        }
    }

    fn everything_exactly(&self) -> Result<Vec<String>, Error> {
        Ok(self.everything()?.iter().map(exact).collect())
    }
}
