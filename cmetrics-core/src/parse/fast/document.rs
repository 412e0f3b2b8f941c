//! One document's way to its samples, read as it comes in.

use std::io::Read;
use std::sync::Arc;

use super::super::cursor::Cursor;
use super::super::frame::Frames;
use super::super::kind::{self, Shape};
use super::super::strict::Flags;
use super::super::trees::Trees;
use super::super::{DocumentKind, Receiver};
use super::element::List;
use super::replay::Skip;
use super::text::{Inside, Stop, Text};
use super::told::{Counting, Told};
use super::walk::{Halt, LONGEST_DESCRIPTION, LONGEST_SAMPLE, Walk};
use super::{Fast, headers::Header};
use crate::container::Container;
use crate::error::{Error, Problem};

/// How much of a document is kept at least, so that it can be read once more, by the strict reader.
/// Behind that it begins anew at each container.
const KEPT: usize = 2 << 20;
/// The same within one container; behind that it cannot be read once more.
const KEPT_OF_CONTAINER: usize = 16 << 20;
/// How deep documents may lie in lists of documents.
const NESTED_LISTS: usize = 3;

/// Why a document was not read to its end.
#[derive(Debug)]
pub(in crate::parse) enum Trouble {
    /// It is one for the strict reader, from its beginning.
    Odd(Told),
    /// It is damaged, and its beginning is gone: this is what is wrong.
    Damaged(Error),
}

/// Reads the document that lies ahead in `frames`, and takes it out of there.
pub(in crate::parse) fn document<R: Read>(
    fast: &mut Fast,
    trees: &Trees,
    frames: &mut Frames<'_, R>,
    receiver: &mut dyn Receiver,
) -> Result<(), Trouble> {
    let receiver = Counting { receiver, told: Told::default() };
    let mut walk = Walk {
        fast,
        trees,
        frames,
        receiver,
        at: 0,
        container: None,
        begun: None,
        plain: true,
        whole: true,
    };
    match walk.value(0) {
        Ok(()) => {
            let Walk { at, plain, .. } = walk;
            frames.take(at, plain);
            Ok(())
        }
        Err(halt) => Err(walk.trouble(&halt)),
    }
}

impl<R: Read> Walk<'_, '_, R> {
    fn value(&mut self, depth: usize) -> Result<(), Halt> {
        let shape = self.attempt(LONGEST_DESCRIPTION, |walk| {
            let text = walk.text();
            match kind::of(Cursor::quick(text.from(walk.at))) {
                Shape::Foreign if !text.ended => Err(Stop::Short),
                shape => Ok(shape),
            }
        })?;
        match shape {
            Shape::Container => self.container(None),
            Shape::Containers => self.map(depth),
            Shape::MachineSamples => {
                self.expect(b'[')?;
                self.samples_of("/", DocumentKind::MachineStats, Flags::default())
            }
            Shape::List if depth < NESTED_LISTS => {
                self.expect(b'[')?;
                while {
                    self.value(depth + 1)?;
                    self.another(b']')?
                } {
                    self.begin_anew(b'[', depth);
                }
                Ok(())
            }
            _ => Err(Halt::Odd),
        }
    }

    /// A map from cgroup path to container (v1, v2.1) or to samples (v2.0).
    fn map(&mut self, depth: usize) -> Result<(), Halt> {
        self.expect(b'{')?;
        while {
            let (path, length) =
                self.attempt(LONGEST_DESCRIPTION, |walk| path(walk.text(), walk.at))?;
            self.at += length;
            match self.peek()? {
                b'{' => self.container(Some(&path))?,
                b'[' => {
                    self.at += 1;
                    self.samples_of(&path, DocumentKind::V2_0, Flags::in_samples())?;
                }
                _ => return Err(Halt::Odd),
            }
            self.another(b'}')?
        } {
            self.begin_anew(b'{', depth);
        }
        Ok(())
    }

    /// Forgets the members of the document that lie behind: what lies ahead is a document too, once
    /// the comma is the bracket that it began with.
    fn begin_anew(&mut self, bracket: u8, depth: usize) {
        if depth == 0 && self.at > KEPT && !self.frames.is_all_there() {
            self.frames.take(self.at - 1, self.plain);
            self.frames.put(bracket);
            (self.at, self.plain) = (1, true);
            self.receiver.told = Told::default();
        }
    }

    fn samples_of(&mut self, path: &str, kind: DocumentKind, flags: Flags) -> Result<(), Halt> {
        let container = Arc::new(Container::at_path(path));
        self.receiver.container(&container, kind);
        self.container = Some(container);
        let list = List::new(&mut self.fast.memory, kind, flags);
        self.samples(list)?;
        self.container = None;
        Ok(())
    }

    fn container(&mut self, path: Option<&str>) -> Result<(), Halt> {
        let header = self.attempt(LONGEST_DESCRIPTION, |walk| {
            let text = Text { bytes: walk.frames.rest(), ended: walk.frames.ended() };
            walk.fast.headers.read(text, walk.at, path)
        })?;
        let start = self.at;
        self.at += header.length;
        if header.samples && !header.sure {
            self.ends_after_samples()?;
        }
        let text = self.frames.rest().get(start..self.at).unwrap_or_default();
        self.plain &= memchr::memchr(b'\n', text).is_none();
        let Header { container, kind, flags, samples, .. } = header;
        self.receiver.container(&container, kind);
        if samples {
            self.container = Some(container);
            let list = List::new(&mut self.fast.memory, kind, flags);
            self.samples(list)?;
            self.expect(b'}')?;
            self.container = None;
        }
        Ok(())
    }

    /// Looks whether the container ends with the samples that lie ahead, so that nothing behind
    /// them can change how they are read.
    fn ends_after_samples(&mut self) -> Result<(), Halt> {
        self.attempt(KEPT_OF_CONTAINER, |walk| {
            let text = Text { bytes: walk.frames.rest(), ended: walk.frames.ended() };
            let end = walk.fast.chosen.run(Skip { text, at: walk.at, inside: Inside::LIST })?;
            match text.bytes.get(end) {
                Some(b'}') => Ok(()),
                Some(_) => Err(Stop::Odd),
                None => Err(text.stop()),
            }
        })
    }

    /// Forgets the samples that lie behind, in a container that is too long to be kept.
    pub(super) fn forget(&mut self) {
        if self.at > KEPT_OF_CONTAINER && !self.frames.is_all_there() {
            self.frames.take(self.at, self.plain);
            self.begun = self.begun.map(|(time, end)| (time, end - self.at));
            (self.at, self.plain, self.whole) = (0, true, false);
        }
    }

    fn trouble(&mut self, halt: &Halt) -> Trouble {
        if self.whole && !matches!(halt, Halt::TooLong) {
            return Trouble::Odd(self.receiver.told);
        }
        let problem = match halt {
            Halt::TooLong => {
                Problem::TooLarge(format!("a sample of more than {LONGEST_SAMPLE} bytes"))
            }
            Halt::Odd => Problem::Json(self.damage()),
        };
        let mut place = self.frames.place(self.at);
        place.container = self.container.as_ref().map(|container| (&*container.path).into());
        // What was read is not looked at again.
        self.frames.take(self.at, self.plain);
        self.frames.lose();
        Trouble::Damaged(Error::at(place, problem))
    }

    /// What is wrong with a document whose beginning is gone.
    fn damage(&mut self) -> String {
        let mut cursor = Cursor::new(self.frames.rest());
        cursor.go_to(self.at);
        match cursor.skip() {
            Err(damage) => damage.message,
            Ok(_) => "expected another sample, or the end of the list".to_owned(),
        }
    }
}

/// The path at `at`, and the length of its text with the colon behind it.
fn path(text: Text<'_>, at: usize) -> Result<(String, usize), Stop> {
    let rest = text.from(at);
    let Some(inner) = rest.strip_prefix(b"\"") else {
        return Err(if rest.is_empty() { text.stop() } else { Stop::Odd });
    };
    let Some(length) = memchr::memchr(b'"', inner) else { return Err(text.stop()) };
    let path = inner.get(..length).unwrap_or_default();
    match (std::str::from_utf8(path), inner.get(length + 1)) {
        (_, None) => Err(text.stop()),
        (Ok(path), Some(b':')) if !path.bytes().any(|byte| byte == b'\\' || byte < 0x20) => {
            Ok((path.to_owned(), length + 3))
        }
        _ => Err(Stop::Odd),
    }
}
