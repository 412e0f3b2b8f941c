//! Reads a document of another door than cAdvisor's JSON where it lies in the buffer, without
//! cutting a frame first. What is unusual or faulty is left to the strict reader.

use std::io::Read;

use super::Receiver;
use super::cadvisor::fast::{CountingReceiver, Delivered};
use super::cursor::{Cursor, SyntaxError};
use super::doors::{DoorShape, Doors};
use super::extent::{End, Extent, Search};
use super::frame::FrameReader;
use super::lanes::Dispatch;
use super::position::Locator;
use super::reporter::Reporter;

/// The longest document that is read here.
const MAX_BYTES: usize = 16 << 20;

/// Reads the document ahead in `input`, and consumes it. The error says what was delivered of a
/// document that the strict reader has to read, from its beginning.
pub(super) fn document<R: Read>(
    shape: DoorShape,
    doors: &mut Doors,
    dispatch: Dispatch,
    input: &mut FrameReader<'_, R>,
    receiver: &mut dyn Receiver,
) -> Result<(), Delivered> {
    let mut receiver = CountingReceiver::new(receiver);
    let length = length(dispatch, input).ok_or_else(Delivered::default)?;
    let text = input.rest().get(..length).unwrap_or_default();
    let locator = Locator::new(text, input.position());
    let mut reporter = Reporter::new(&mut receiver, locator, input.cancel());
    reporter.drafts = std::mem::take(&mut doors.drafts);
    let read = doors.read(shape, &mut Cursor::without_escapes(text, dispatch), &mut |found| {
        if found.is_faulty() || reporter.is_cancelled() {
            return Err(SyntaxError { at: 0, message: String::new() });
        }
        found.deliver(doors.metrics, &mut reporter);
        Ok(())
    });
    doors.drafts = std::mem::take(&mut reporter.drafts);
    if read.is_err() {
        return Err(receiver.delivered);
    }
    let single_line = memchr::memchr(b'\n', text).is_none();
    input.advance(length, single_line);
    Ok(())
}

/// The length of the document ahead, all of which is read then.
fn length<R: Read>(dispatch: Dispatch, input: &mut FrameReader<'_, R>) -> Option<usize> {
    let mut extent = Extent::default();
    loop {
        let (text, ended) = (input.rest(), input.ended());
        match dispatch.run(Search { extent: &mut extent, text, ended }) {
            End::At(length) => return Some(length),
            End::Unknown => return None,
            End::Further if text.len() > MAX_BYTES || input.is_cancelled() => return None,
            // At the end of the input there is nothing more to read, but `ended` is set then.
            End::Further => drop(input.fill()),
        }
    }
}
