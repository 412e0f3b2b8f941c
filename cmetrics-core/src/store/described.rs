//! What documents say of a container beside its samples, and what of it is stored.

use std::borrow::Cow;
use std::sync::Arc;

use super::event::Happening;
use super::label_changes::note_labels;
use super::metadata::Metadata;
use super::stored::StoredContainer;
use super::tail::Background;
use super::view::View;
use super::writer::Staged;
use crate::container::{Identity, Labels, Limits};
use crate::document::Door;
use crate::error::Error;
use crate::metric::SectionSet;
use crate::series::ChainKey;
use crate::time::Timestamp;

/// What documents say of a container beside its samples.
pub(super) struct Described<'d> {
    identity: Cow<'d, Identity>,
    door: Door,
    denied: SectionSet,
    limits: Limits,
    labels: &'d [(Timestamp, Arc<Labels>)],
}

/// What is known of a container when its documents are looked at.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    pub(super) background: &'k Background,
    /// The times of the first and last new sample, in nanoseconds.
    pub(super) span: Option<(u64, u64)>,
    /// The time of the newest sample before, in nanoseconds; 0 if there was none.
    pub(super) until: u64,
}

impl<'d> Described<'d> {
    pub(super) fn of(
        identity: &'d Identity,
        key: &ChainKey,
        denied: SectionSet,
        limits: Limits,
        labels: &'d [(Timestamp, Arc<Labels>)],
    ) -> Self {
        let identity = match &key.told_name {
            Some(told) => Cow::Owned(identity.named_in_kubernetes(told)),
            None => Cow::Borrowed(identity),
        };
        Self { identity, door: key.door, denied, limits, labels }
    }

    /// Stages the metadata of a container if it changed.
    pub(super) fn stage(
        &self,
        view: &View,
        staged: &mut Staged<'_>,
        container: &Arc<StoredContainer>,
        known: Known<'_>,
    ) -> Result<(), Error> {
        let Described { ref identity, door, denied, limits, labels } = *self;
        let Known { background, span, until } = known;
        let before = container.metadata.load();
        let mut metadata = before.with(identity).living(background);
        (metadata.door, metadata.denied) = (door, metadata.denied.union(denied));
        if let Some((first, last)) = span {
            metadata.first = if metadata.first == 0 { first } else { metadata.first.min(first) };
            metadata.last = metadata.last.max(last);
            if let Some((at, change)) = note_limits(&mut metadata, last, limits) {
                staged.event(container, at, change);
            }
            let stored = || view.stored_events(container);
            for (at, change) in note_labels(&mut metadata, labels, until, stored)? {
                staged.event(container, at, change);
            }
        } else if **before == Metadata::of_name(&container.name)
            && background.life.starts().is_empty()
        {
            return Ok(());
        }
        // A new time of the last sample alone does not count: the tail has it.
        let is_new = Metadata { last: before.last, ..metadata.clone() } != **before;
        if is_new {
            staged.metadata(container, metadata);
        }
        Ok(())
    }
}

/// Updates the limits from a newer document. Returns the event if they changed.
fn note_limits(
    metadata: &mut Metadata,
    last: u64,
    limits: Limits,
) -> Option<(Timestamp, Happening)> {
    let before = metadata.limits;
    // Samples without a description do not mean that there are no limits.
    if limits == Limits::default() {
        return None;
    }
    if before.is_some_and(|(at, limits_before)| at >= last || limits_before == limits) {
        return None;
    }
    metadata.limits = Some((last, limits));
    before.and_then(|_| Some((Timestamp::from_nanos(last)?, Happening::Limits(limits))))
}
