//! What the records of a log do to memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::memory::{Memory, Recent, What};
use super::records::Record;
use super::tail::Tail;
use super::view::View;
use crate::error::Error;

/// Puts what a record says into memory.
pub(super) fn apply(
    view: &View,
    memory: &Memory,
    known: &mut Met,
    batch: u64,
    record: Record<'_>,
) -> Result<(), Error> {
    match record {
        Record::About(name, about) => {
            let known = view.names.of(name);
            known.about.store(Arc::new(about));
            memory.of(&known);
        }
        Record::Run(name, run) => {
            let recent = met(view, memory, known, name);
            recent.known.note(run.end.saturating_sub(1));
            memory.add(recent, batch, What::Run(run));
        }
        Record::Event(name, at, what) => {
            memory.add(met(view, memory, known, name), batch, What::Event(at, what));
        }
        Record::Tail { name, marks, pieces, whole } => {
            let recent = met(view, memory, known, name);
            let (tail, unread) = if whole {
                (Tail { pieces, marks }, None)
            } else {
                let (before, unread) = match recent.tail(batch) {
                    Some(before) => (Some(Arc::clone(before)), None),
                    None => {
                        view.tail(&recent.known).map_or_else(|e| (None, Some(e)), |t| (t, None))
                    }
                };
                (before.unwrap_or_default().grown(pieces.into_iter().next(), marks), unread)
            };
            memory.add(recent, batch, What::Tail(Arc::new(tail)));
            return unread.map_or(Ok(()), Err);
        }
    }
    Ok(())
}

/// The containers of a log: quicker to look up than among all.
pub(super) type Met = HashMap<Arc<str>, Arc<Recent>, foldhash::fast::RandomState>;

fn met<'m>(view: &View, memory: &Memory, known: &'m mut Met, name: &Arc<str>) -> &'m Recent {
    known.entry(Arc::clone(name)).or_insert_with(|| memory.of(&view.names.of(name)))
}
