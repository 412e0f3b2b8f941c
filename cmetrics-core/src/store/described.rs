//! What documents say of a container beside its samples, and what of it is stored.

use std::borrow::Cow;
use std::sync::Arc;

use super::event::Happening;
use super::metadata::Metadata;
use super::stored::StoredContainer;
use super::tail::Background;
use super::writer::Staged;
use crate::container::{Identity, Limits};
use crate::document::Door;
use crate::metric::SectionSet;
use crate::series::ChainKey;
use crate::time::Timestamp;

/// What documents say of a container beside its samples.
pub(super) struct Described<'d> {
    identity: Cow<'d, Identity>,
    door: Door,
    denied: SectionSet,
    limits: Limits,
}

impl<'d> Described<'d> {
    pub(super) fn of(
        identity: &'d Identity,
        key: &ChainKey,
        denied: SectionSet,
        limits: Limits,
    ) -> Self {
        let identity = match &key.told_name {
            Some(told) => Cow::Owned(identity.named_in_kubernetes(told)),
            None => Cow::Borrowed(identity),
        };
        Self { identity, door: key.door, denied, limits }
    }

    /// Stages the metadata of a container if it changed.
    pub(super) fn stage(
        &self,
        staged: &mut Staged<'_>,
        container: &Arc<StoredContainer>,
        background: &Background,
        span: Option<(u64, u64)>,
    ) {
        let Described { ref identity, door, denied, limits } = *self;
        let before = container.metadata.load();
        let mut metadata = before.with(identity).living(background);
        (metadata.door, metadata.denied) = (door, metadata.denied.union(denied));
        if let Some((first, last)) = span {
            metadata.first = if metadata.first == 0 { first } else { metadata.first.min(first) };
            metadata.last = metadata.last.max(last);
            if let Some((at, change)) = note_limits(&mut metadata, last, limits) {
                staged.event(container, at, change);
            }
            if let Some((at, change)) = note_labels(&mut metadata, last, identity) {
                staged.event(container, at, change);
            }
        } else if **before == Metadata::of_name(&container.name)
            && background.life.starts().is_empty()
        {
            return;
        }
        // A new time of the last sample alone does not count: the tail has it.
        let is_new = Metadata { last: before.last, ..metadata.clone() } != **before;
        if is_new {
            staged.metadata(container, metadata);
        }
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

/// Updates the labels from a newer document. Returns the event if they changed.
fn note_labels(
    metadata: &mut Metadata,
    last: u64,
    identity: &Identity,
) -> Option<(Timestamp, Happening)> {
    let labels = identity.shared_labels().filter(|labels| !labels.is_empty())?;
    let is_known = !metadata.labels.is_empty();
    if is_known && (metadata.labels_at >= last || metadata.labels == *labels) {
        return None;
    }
    (metadata.labels, metadata.labels_at) = (Arc::clone(labels), last);
    let event = Happening::Labels(labels.as_ref().clone());
    Timestamp::from_nanos(last).filter(|_| is_known).map(|at| (at, event))
}
