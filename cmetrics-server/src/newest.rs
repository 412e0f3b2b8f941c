//! The newest figures of all containers, made once for all who ask within a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;
use cmetrics_core::container::Identity;
use cmetrics_core::{DataPoint, Recorder};
use parking_lot::Mutex;

/// How long the answer may be used again, so that many clients cost as much as one.
const FRESH: Duration = Duration::from_secs(1);

/// The answer for all containers.
#[derive(Debug, Default)]
pub(crate) struct Newest(Mutex<Option<(Instant, Arc<Vec<Row>>)>>);

/// The line of a container.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) identity: Identity,
    pub(crate) text: Bytes,
}

impl Newest {
    /// The rows, made anew if they are old. Whoever comes meanwhile waits for the same ones.
    pub(crate) fn rows(&self, recorder: &Recorder) -> Arc<Vec<Row>> {
        let mut known = self.0.lock();
        if let Some((_, rows)) = known.as_ref().filter(|(made, _)| made.elapsed() < FRESH) {
            return Arc::clone(rows);
        }
        let rows = Arc::new(rows(recorder));
        *known = Some((Instant::now(), Arc::clone(&rows)));
        rows
    }
}

fn rows(recorder: &Recorder) -> Vec<Row> {
    let mut rows: Vec<_> = recorder
        .containers()
        .filter_map(|known| {
            let points = recorder.snapshot(known.identity.name())?;
            let text = row(&known.identity, &points);
            Some(Row { identity: known.identity, text })
        })
        .collect();
    rows.sort_by(|left, right| left.identity.name().cmp(right.identity.name()));
    rows
}

fn row(identity: &Identity, points: &[DataPoint]) -> Bytes {
    let complete = points.iter().rposition(DataPoint::is_complete);
    let behind = complete.map_or(0, |index| index + 1);
    let open = points.get(behind..).and_then(<[_]>::last);
    let mut text = Vec::new();
    let mut member = |key: &str, write: &mut dyn FnMut(&mut Vec<u8>)| {
        text.extend_from_slice(if text.is_empty() { b"{\"" } else { b",\"" });
        text.extend_from_slice(key.as_bytes());
        text.extend_from_slice(b"\":");
        write(&mut text);
    };
    // Text and lists can always be written to memory.
    member("container", &mut |text| drop(serde_json::to_writer(text, &**identity.name())));
    member("machine", &mut |text| drop(serde_json::to_writer(text, &identity.machine())));
    member("aliases", &mut |text| drop(serde_json::to_writer(text, identity.aliases())));
    for (key, point) in [("complete", complete.and_then(|index| points.get(index))), ("open", open)]
    {
        member(key, &mut |text| match point {
            Some(point) => point.write_json(text),
            None => text.extend_from_slice(b"null"),
        });
    }
    text.push(b'}');
    text.into()
}
