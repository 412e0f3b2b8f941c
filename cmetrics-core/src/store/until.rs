//! Long store operations that can be cancelled.

use std::ops::RangeBounds;
use std::path::Path;
use std::sync::Arc;

use super::stats::NOT_ALL;
use super::stored::StoredContainer;
use super::time_range::TimeRange;
use super::view::View;
use super::{
    Bearer, Event, Kept, Removed, Retained, Retention, Salvaged, Store, StoreOptions, opening,
    salvage,
};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::series::Series;
use crate::time::Timestamp;

/// Long store operations that can be cancelled: [`Store::until`].
///
/// Each method does the same as the store's method of that name. If it is cancelled, it fails with
/// an error of the kind [`Cancelled`](crate::ErrorKind::Cancelled). The store is then as if it had
/// not been called, and usable as before. A step that cannot be undone halfway, such as a sync, is
/// completed first; a call that has finished by then succeeds.
#[derive(Clone, Copy, Debug)]
pub struct Until<'s> {
    store: &'s Store,
    cancel: &'s Cancel,
}

impl Store {
    /// Long store operations that end soon after `cancel` is cancelled.
    ///
    /// ```
    /// use cmetrics_core::store::StoreOptions;
    /// use cmetrics_core::{Cancel, ErrorKind, Store};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// let store = Store::open(folder.path(), StoreOptions::default())?;
    /// let cancel = Cancel::default();
    /// assert!(store.until(&cancel).verify()?.is_empty());
    /// cancel.cancel(); // or from another thread, while it works
    /// assert_eq!(store.until(&cancel).verify().unwrap_err().kind(), ErrorKind::Cancelled);
    /// # Ok::<(), cmetrics_core::Error>(())
    /// ```
    pub fn until<'s>(&'s self, cancel: &'s Cancel) -> Until<'s> {
        Until { store: self, cancel }
    }

    /// As [`open`](Self::open), until it is cancelled.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn open_until(
        folder: impl AsRef<Path>,
        options: StoreOptions,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        Self::started(opening::to_write(folder.as_ref(), &options, cancel)?)
    }

    /// As [`open_read_only`](Self::open_read_only), until it is cancelled.
    ///
    /// # Errors
    /// As [`open_read_only`](Self::open_read_only), and
    /// [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn open_read_only_until(
        folder: impl AsRef<Path>,
        options: StoreOptions,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        Self::started(opening::to_read(folder.as_ref(), &options, cancel)?)
    }

    /// As [`salvage`](Self::salvage), until it is cancelled: nothing is left of the new store then.
    ///
    /// # Errors
    /// As [`salvage`](Self::salvage), and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn salvage_until(
        folder: impl AsRef<Path>,
        to: impl AsRef<Path>,
        superseded: bool,
        cancel: &Cancel,
    ) -> Result<Salvaged, Error> {
        salvage::salvage(folder.as_ref(), to.as_ref(), superseded, cancel)
    }
}

impl<'s> Until<'s> {
    pub(super) fn parts(self) -> (&'s Store, &'s Cancel) {
        (self.store, self.cancel)
    }

    /// As [`Store::ingest`]: all samples are kept, or none where it is cancelled.
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn ingest<'i>(self, series: impl IntoIterator<Item = &'i Series>) -> Result<Kept, Error> {
        self.store.shared().ingest(series, false, self.cancel)
    }

    /// As [`Store::ingest_strictly`]: all samples are kept, or none where it is cancelled.
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn ingest_strictly<'i>(
        self,
        series: impl IntoIterator<Item = &'i Series>,
    ) -> Result<Kept, Error> {
        self.store.shared().ingest(series, true, self.cancel)
    }

    /// As [`Store::containers`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn containers(self) -> Result<Vec<Bearer>, Error> {
        let shared = self.store.shared();
        shared.check_process()?;
        shared.view().bearers(self.cancel)
    }

    /// As [`Store::find_labelled`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn find_labelled(
        self,
        labels: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
        range: impl RangeBounds<Timestamp>,
    ) -> Result<Vec<Bearer>, Error> {
        let shared = self.store.shared();
        shared.check_process()?;
        let labels: Vec<_> = labels.into_iter().collect();
        shared.view().labelled(&labels, &TimeRange::of(&range).touched_seconds(), self.cancel)
    }

    /// As [`Store::events`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn events(self, range: impl RangeBounds<Timestamp>) -> Result<Vec<Event>, Error> {
        let range = TimeRange::of(&range);
        self.each_events(|view, container| view.ranked_events(container, range))
    }

    /// As [`Store::events_by_door`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn events_by_door(self, range: impl RangeBounds<Timestamp>) -> Result<Vec<Event>, Error> {
        let range = TimeRange::of(&range);
        self.each_events(|view, container| view.events_by_door(container, range))
    }

    /// The events of all containers, by name.
    fn each_events(
        self,
        events_of: impl Fn(&View, &Arc<StoredContainer>) -> Result<Vec<Event>, Error>,
    ) -> Result<Vec<Event>, Error> {
        let shared = self.store.shared();
        shared.check_process()?;
        let view = shared.view();
        let mut events = Vec::new();
        for container in shared.catalog.containers() {
            self.cancel.check(NOT_ALL)?;
            events.extend(events_of(&view, &container)?);
        }
        Ok(events)
    }

    /// As [`Store::retain`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn retain(self, retention: Retention) -> Result<Retained, Error> {
        self.store.shared().retain(retention, self.cancel)
    }

    /// As [`Store::remove`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn remove(
        self,
        container: &str,
        range: impl RangeBounds<Timestamp>,
    ) -> Result<Removed, Error> {
        self.store.shared().remove(container, TimeRange::of(&range), self.cancel)
    }

    /// As [`Store::compact`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn compact(self) -> Result<(), Error> {
        self.store.shared().compact(self.cancel)
    }

    /// As [`Store::verify`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn verify(self) -> Result<Vec<Error>, Error> {
        self.store.shared().verify(self.cancel)
    }

    /// As [`Store::count_provisional`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn count_provisional(self) -> Result<u64, Error> {
        self.store.shared().count_provisional(self.cancel)
    }

    /// As [`Store::snapshot`]: nothing is left of it where it is cancelled.
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn snapshot(self, to: impl AsRef<Path>) -> Result<(), Error> {
        self.store.shared().snapshot(to.as_ref(), self.cancel)
    }

    /// As [`Store::refresh`].
    ///
    /// # Errors
    /// As there, and [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled).
    pub fn refresh(self) -> Result<(), Error> {
        self.store.refresh_until(self.cancel)
    }
}
