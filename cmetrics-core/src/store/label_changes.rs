//! Which changes of labels the documents of several calls tell: those that the documents of one
//! call would tell, as far as is known when they were told.

use std::sync::Arc;

use super::event::Happening;
use super::metadata::Metadata;
use crate::container::Labels;
use crate::error::Error;
use crate::series::LabelHistory;
use crate::time::Timestamp;

/// Updates the labels by documents, each with the time of its last sample, in rising time. Returns
/// the changes that are not stored yet. `known_until` is the time of the newest sample that was
/// known before, in nanoseconds, and `stored` reads the stored events.
pub(super) fn note_labels(
    metadata: &mut Metadata,
    documents: &[(Timestamp, Arc<Labels>)],
    known_until: u64,
    stored: impl FnOnce() -> Result<Vec<(Timestamp, Happening)>, Error>,
) -> Result<Vec<(Timestamp, Happening)>, Error> {
    let is_known = !metadata.labels.is_empty();
    let is_repeated = |(at, labels): &(Timestamp, Arc<Labels>)| {
        is_known && *labels == metadata.labels && at.nanos() >= metadata.labels_at
    };
    if documents.iter().all(is_repeated) {
        return Ok(Vec::new());
    }
    let mut told = LabelHistory::default();
    if is_known {
        // Its labels were those of the newest document from their change on until now.
        for time in [metadata.labels_at, known_until.max(metadata.labels_at)] {
            note(&mut told, time, &metadata.labels);
        }
    }
    let is_older = documents.first().is_some_and(|(at, _)| at.nanos() <= known_until);
    let stored = if is_known && is_older { stored()? } else { Vec::new() };
    if is_older && let Some((at, labels)) = &metadata.first_labels {
        note(&mut told, *at, labels);
    }
    for (at, labels) in label_events(&stored) {
        told.note(at, labels);
    }
    for (at, labels) in documents {
        told.note(*at, Arc::clone(labels));
    }
    let changes: Vec<_> = told.each_change().collect();
    let first = told.first().map(|(at, labels)| (at, Arc::clone(labels)));
    if let Some((at, labels)) = changes.last().cloned().or_else(|| first.clone()) {
        (metadata.labels_at, metadata.labels) = (at.nanos(), labels);
    }
    if (is_older || metadata.first_labels.is_none()) && !changes.is_empty() {
        metadata.first_labels = first.map(|(at, labels)| (at.nanos(), labels));
    }
    // An event of a time at which other labels count is one that readers drop for these.
    let at_events = label_events(&stored).filter_map(|(at, _)| Some((at, told.at(at)?.clone())));
    let mut events: Vec<_> = Vec::new();
    for (at, labels) in changes.into_iter().chain(at_events) {
        let event = (at, Happening::Labels(labels.as_ref().clone()));
        if !stored.contains(&event) && !events.contains(&event) {
            events.push(event);
        }
    }
    Ok(events)
}

/// Drops events that tell labels which, as is known by now, were told before.
pub(super) fn drop_repeated(
    events: &mut Vec<(Timestamp, Happening)>,
    first: Option<&(u64, Arc<Labels>)>,
) {
    let mut told = LabelHistory::default();
    for (at, labels) in label_events(events) {
        told.note(at, labels);
    }
    let Some(earliest) = told.first().map(|(at, labels)| (at, Arc::clone(labels))) else { return };
    if let Some((at, labels)) = first {
        note(&mut told, *at, labels);
    }
    let mut changes: Vec<_> = told.each_change().collect();
    if first.is_none() {
        changes.push(earliest);
    }
    events.retain(|(at, what)| match what {
        Happening::Labels(labels) => {
            changes.iter().any(|(time, known)| time == at && **known == *labels)
        }
        _ => true,
    });
}

fn note(told: &mut LabelHistory, time: u64, labels: &Arc<Labels>) {
    if let Some(time) = Timestamp::from_nanos(time) {
        told.note(time, Arc::clone(labels));
    }
}

/// The labels of those events that tell any.
fn label_events(
    events: &[(Timestamp, Happening)],
) -> impl Iterator<Item = (Timestamp, Arc<Labels>)> {
    events.iter().filter_map(|(at, what)| match what {
        Happening::Labels(labels) => Some((*at, Arc::new(labels.clone()))),
        _ => None,
    })
}
