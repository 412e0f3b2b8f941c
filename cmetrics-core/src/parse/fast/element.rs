//! Lists of samples, element by element.

use std::io::Read;

use super::super::cursor::{Cursor, ENDS_INSIDE};
use super::super::position::Positions;
use super::super::strict::{self, Flags, Outcome};
use super::super::{DocumentKind, Footprint, Wanted};
use super::Fast;
use super::lanes::bring_near;
use super::memory::{Key, Memory};
use super::replay::{Replay, Skip};
use super::text::{Inside, Stop, Text};
use super::walk::{Halt, Walk};
use crate::error::{Error, Place};
use crate::sample::Sample;
use crate::time::Timestamp;

/// What a sample begins with.
const HEAD: &[u8] = b"{\"timestamp\":\"";
/// How many jumps memory is asked for before it is needed.
const JUMPS_AHEAD: usize = 8;
/// So much text decides what comes behind a sample.
const BEHIND: usize = 96;

/// A list of samples that is being read.
#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    kind: DocumentKind,
    flags: Flags,
    /// Where the shapes of its samples are.
    shapes: usize,
}

impl List {
    pub(super) fn new(memory: &mut Memory, kind: DocumentKind, flags: Flags) -> Self {
        let shapes = memory.index_of(Key { kind, absent: flags.absent() });
        Self { kind, flags, shapes }
    }
}

/// A sample whose time was read and asked for.
#[derive(Clone, Copy, Debug)]
struct Asked {
    time: Timestamp,
    /// Where the text of the time ends.
    end: usize,
    wanted: Wanted,
}

impl Fast {
    /// Makes of the text whose time ends at `at` the sample that it is by a shape known, and says
    /// where it ends.
    #[inline(always)]
    fn replay(
        &mut self,
        shapes: usize,
        text: Text<'_>,
        at: usize,
        time: Timestamp,
    ) -> Result<usize, Stop> {
        let shapes = self.memory.shapes(shapes).ok_or(Stop::Odd)?;
        let (shape, end) =
            self.chosen.run(Replay { shapes, text, at, numbers: &mut self.numbers })?;
        let shape = shapes.shapes.get(shape).ok_or(Stop::Odd)?;
        let fill = shape.fill(&self.numbers).ok_or(Stop::Odd)?;
        fill.apply(&self.numbers, time, &mut self.sample).ok_or(Stop::Odd)?;
        Ok(end)
    }
}

impl<R: Read> Walk<'_, '_, R> {
    /// Reads the samples that lie ahead, and goes behind their list.
    pub(super) fn samples(&mut self, list: List) -> Result<(), Halt> {
        self.begun = None;
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(());
        }
        while {
            self.element(list)?;
            self.forget();
            self.another(b']')?
        } {}
        Ok(())
    }

    fn element(&mut self, list: List) -> Result<(), Halt> {
        let mut asked = None;
        loop {
            match self.attempt_element(list, &mut asked) {
                Ok(end) => {
                    self.at = end;
                    return Ok(());
                }
                Err(Stop::Short) => self.more()?,
                Err(Stop::Odd) => return self.strict_element(list, asked),
            }
        }
    }

    /// Reads or skips the sample that lies ahead, and says where it ends. Where it cannot, what was
    /// asked of the sample is kept, since it is asked once.
    #[inline(always)]
    fn attempt_element(&mut self, list: List, asked: &mut Option<Asked>) -> Result<usize, Stop> {
        let text = Text { bytes: self.frames.rest(), ended: self.frames.ended() };
        let now = if let Some(asked) = *asked {
            asked
        } else {
            let (time, end) = match self.begun.take() {
                Some(begun) => begun,
                None => begin(&mut self.fast.clock, text, self.at)?,
            };
            Asked { time, end, wanted: self.receiver.wants(time) }
        };
        let fast = &mut *self.fast;
        let skip = Skip { text, at: now.end + 1, inside: Inside::OBJECT };
        let read = match &now.wanted {
            Wanted::Nothing => fast.chosen.run(skip),
            Wanted::Copy(footprint) => match jump(&mut fast.clock, text, self.at, footprint) {
                Ok((end, begun)) => {
                    self.begun = begun;
                    Ok(end)
                }
                Err(Stop::Short) => Err(Stop::Short),
                Err(Stop::Odd) => fast.chosen.run(skip),
            },
            Wanted::Whole => {
                let end = fast.replay(list.shapes, text, now.end, now.time);
                end.inspect(|&end| {
                    let text = text.bytes.get(self.at..end).unwrap_or_default();
                    self.receiver.receiver.sample(&fast.sample, text);
                })
            }
        };
        if read.is_err() {
            *asked = Some(now);
        }
        read
    }

    /// Reads the sample that lies ahead strictly, and learns from it.
    #[cold]
    fn strict_element(&mut self, list: List, mut asked: Option<Asked>) -> Result<(), Halt> {
        if self.peek()? != b'{' {
            return Err(Halt::Odd);
        }
        let was_asked = asked.is_some();
        let (outcome, end) = loop {
            let (text, ended) = (self.frames.rest(), self.frames.ended());
            let mut cursor = Cursor::new(text);
            cursor.go_to(self.at);
            let (receiver, trees) = (&mut self.receiver, self.trees);
            let mut tree_for = |time| {
                let known = asked.map(|asked| asked.wanted);
                let wanted = known.unwrap_or_else(|| receiver.wants(time));
                asked.get_or_insert(Asked { time, end: 0, wanted });
                trees.get(wanted, list.kind)
            };
            match strict::sample(&mut cursor, list.flags, &mut tree_for) {
                Ok(outcome) => break (outcome, cursor.at()),
                Err(damage) if damage.message == ENDS_INSIDE && !ended => self.more()?,
                Err(_) => {
                    self.receiver.told.open = asked.map(|asked| asked.wanted);
                    return Err(Halt::Odd);
                }
            }
        };
        let start = std::mem::replace(&mut self.at, end);
        let text = self.frames.rest().get(start..end).unwrap_or_default();
        self.plain &= memchr::memchr(b'\n', text).is_none();
        match outcome {
            Outcome::Sample(sample) => {
                self.receiver.receiver.sample(&sample, text);
                self.learn(list, start, asked.filter(|_| was_asked), &sample);
            }
            Outcome::Unwanted => {}
            Outcome::NeverTaken => self.receiver.never_taken(),
            Outcome::Faulty(fault) => {
                let mut positions = Positions::new(self.frames.rest(), self.frames.start());
                let container = self.container.as_ref().map(|container| (&*container.path).into());
                let place = Place { container, ..positions.of(fault.at) };
                self.receiver.faulty(Error::at(place, fault.problem), asked.is_some());
            }
        }
        Ok(())
    }

    /// Keeps the shape of the sample from `start` up to here.
    fn learn(&mut self, list: List, start: usize, asked: Option<Asked>, sample: &Sample) {
        let Some(Asked { end, wanted, .. }) = asked else { return };
        let Some(tree) = self.trees.get(wanted, list.kind) else { return };
        let text = self.frames.rest().get(start..self.at).unwrap_or_default();
        let (index, numbers) = (list.shapes, &mut self.fast.numbers);
        let place = (text, end - start);
        // Where nothing was learnt, the next such sample is read strictly again.
        let _: Option<()> =
            self.fast.memory.learn(index, place, (tree, list.flags), sample, numbers);
    }
}

/// The time of the sample at `at`, and where its text ends.
#[inline(always)]
fn begin(clock: &mut super::Clock, text: Text<'_>, at: usize) -> Result<(Timestamp, usize), Stop> {
    let rest = text.from(at);
    if rest.len() < BEHIND && !text.ended {
        return Err(Stop::Short);
    }
    let behind = rest.strip_prefix(HEAD).ok_or(Stop::Odd)?;
    let (time, length) = clock.read(behind).ok_or(Stop::Odd)?;
    Ok((time, at + HEAD.len() + length))
}

/// What lies behind a jump: the time of the next sample, where there is one.
type Landing = (usize, Option<(Timestamp, usize)>);

/// Jumps over the copy at `at`, where all looks as it did.
#[inline(always)]
fn jump(
    clock: &mut super::Clock,
    text: Text<'_>,
    at: usize,
    footprint: &Footprint,
) -> Result<Landing, Stop> {
    let length = footprint.length as usize;
    let end = at + length;
    // Samples of one container are about as long as one another.
    bring_near(text.bytes, end + JUMPS_AHEAD * length);
    if text.bytes.len() < end + BEHIND && !text.ended {
        return Err(Stop::Short);
    }
    let sample = text.bytes.get(at..end).ok_or(Stop::Odd)?;
    if Footprint::of(sample) != Some((footprint.length, footprint.last)) {
        return Err(Stop::Odd);
    }
    match text.bytes.get(end) {
        Some(b']') => Ok((end, None)),
        Some(b',') => {
            let (time, time_end) = begin(clock, text, end + 1)?;
            let as_known = footprint.next == Some(time);
            if as_known { Ok((end, Some((time, time_end)))) } else { Err(Stop::Odd) }
        }
        _ => Err(Stop::Odd),
    }
}
