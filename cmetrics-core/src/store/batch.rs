//! Writes batches, and acknowledges them.

use std::sync::atomic::Ordering;

use super::shared::Shared;
use super::view::View;
use super::writer::{Staged, Writer};
use crate::cancel::Cancel;
use crate::error::Error;

impl Shared {
    /// Writes what `stage` puts together as one batch, and publishes it. Waits for sealing only
    /// until it is cancelled.
    pub(super) fn write<R>(
        &self,
        cancel: &Cancel,
        stage: impl FnOnce(&View, &mut Staged<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.write_with(&mut *self.writer()?, cancel, stage)
    }

    /// The same for a caller that holds the writer.
    pub(super) fn write_with<R>(
        &self,
        writer: &mut Writer,
        cancel: &Cancel,
        stage: impl FnOnce(&View, &mut Staged<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.check_sealing()?;
        self.prepare(writer)?;
        let (view, length) = (self.view(), writer.length());
        let sync = self.sync == super::SyncPolicy::Always;
        let failed = |failure| self.io("write the log of", failure);
        let staged = writer.write(&self.catalog, sync, |staged| stage(&view, staged), failed)?;
        self.publish(writer.batch);
        let logged = writer.length().saturating_sub(length);
        self.counters.logged.fetch_add(logged, Ordering::Relaxed);
        self.rotate_if_full(writer, cancel);
        Ok(staged)
    }
}
