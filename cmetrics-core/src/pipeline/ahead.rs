//! Reading and unpacking on a thread of their own, beside parsing.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::Pipeline;
use super::gather::Outcome;
use super::input::{Told, Until};
use super::unpack::unpacked;

/// As much as is handed over at a time: it stays in the cache that cores share.
const BLOCK: usize = 1 << 18;
/// How many blocks may be waiting.
const AHEAD: usize = 4;

impl Pipeline {
    /// Reads an input into the series while another thread unpacks what follows.
    pub(super) fn gather_ahead(
        &mut self,
        machine: Option<&str>,
        input: impl Read + Send,
        tell: &mut dyn FnMut(u64),
    ) -> Outcome {
        let stored = AtomicU64::new(0);
        let count = &stored;
        // Relaxed: a number for people to see, on which nothing depends.
        let tell_count = move |bytes| count.store(bytes, Ordering::Relaxed);
        let input = Until { input, cancel: self.cancel.clone() };
        let input = Told { input, read: 0, tell: tell_count };
        beside(
            move || unpacked(input),
            |begun| {
                self.gather(machine, |parser, receiver| {
                    let mut tell = || tell(stored.load(Ordering::Relaxed));
                    Ok(parser.read(Telling { input: begun?, tell: &mut tell }, receiver))
                })
            },
        )
    }
}

/// A reader that tells that something was read.
struct Telling<'t, R> {
    input: R,
    tell: &'t mut dyn FnMut(),
}

impl<R: Read> Read for Telling<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        (self.tell)();
        Ok(length)
    }
}

/// Opens an input and reads it on a thread of its own, while `work` reads what that thread read,
/// or learns why it could not be opened. Where `work` ends early, the thread ends too.
fn beside<R: Read, T>(
    open: impl FnOnce() -> io::Result<R> + Send,
    work: impl FnOnce(io::Result<Ahead>) -> T,
) -> T {
    let (sender, full) = sync_channel(AHEAD);
    let (used, empty) = channel();
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || match open() {
            Ok(input) => {
                let _ = sender.send(Ok(Vec::new()));
                fill(input, &empty, &sender);
            }
            // Who no longer listens need not know.
            Err(failure) => drop(sender.send(Err(failure))),
        });
        let begun = full.recv().unwrap_or_else(|_| Ok(Vec::new()));
        let done = work(begun.map(|block| Ahead { full, used, block, taken: 0 }));
        match thread.join() {
            Ok(()) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Reads blocks for as long as somebody wants them, into those that came back.
fn fill(mut input: impl Read, empty: &Receiver<Vec<u8>>, full: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        let (length, failure) = fill_block(&mut input, &mut block);
        block.truncate(length);
        // An empty one would be taken for the end.
        let wanted = length == 0 || full.send(Ok(block)).is_ok();
        if let Some(failure) = failure {
            let _ = full.send(Err(failure));
        }
        if length < BLOCK || !wanted {
            return;
        }
    }
}

/// Reads until the block is full, the input ends or fails.
fn fill_block(input: &mut impl Read, block: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut length = 0;
    while let Some(room) = block.get_mut(length..).filter(|room| !room.is_empty()) {
        match input.read(room) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(failure) if failure.kind() == io::ErrorKind::Interrupted => {}
            Err(failure) => return (length, Some(failure)),
        }
    }
    (length, None)
}

/// What another thread reads.
struct Ahead {
    full: Receiver<io::Result<Vec<u8>>>,
    used: Sender<Vec<u8>>,
    block: Vec<u8>,
    taken: usize,
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.block.len() {
            // The thread hangs up at the end of the input.
            let Ok(next) = self.full.recv() else { return Ok(0) };
            let used = std::mem::replace(&mut self.block, next?);
            self.taken = 0;
            let _ = self.used.send(used);
        }
        let length = self.block.get(self.taken..).unwrap_or_default().read(buffer)?;
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives so many bytes, a few at a time, and then does something else.
    struct Bytes<F>(usize, F);

    impl<F: FnMut() -> io::Result<usize>> Read for Bytes<F> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(self.0).min(100_000);
            if length == 0 {
                return (self.1)();
            }
            for (byte, left) in buffer.iter_mut().zip((1..=self.0).rev()).take(length) {
                *byte = u8::try_from(left % 251).unwrap();
            }
            self.0 -= length;
            Ok(length)
        }
    }

    const LENGTHS: [usize; 5] = [0, 1, BLOCK, BLOCK * 9 + 1, BLOCK * 40];

    #[test]
    fn the_bytes_are_those_of_the_input() {
        for length in LENGTHS {
            let mut expected = Vec::new();
            Bytes(length, || Ok(0)).read_to_end(&mut expected).unwrap();
            let mut found = Vec::new();
            let open = || Ok(Bytes(length, || Ok(0)));
            beside(open, |input| input.unwrap().read_to_end(&mut found)).unwrap();
            assert!(found == expected, "{length}");
        }
    }

    #[test]
    fn a_failure_keeps_its_place() {
        for length in LENGTHS {
            let mut found = Vec::new();
            let open = || Ok(Bytes(length, || Err(io::Error::other("torn"))));
            let failure = beside(open, |input| input.unwrap().read_to_end(&mut found)).unwrap_err();
            assert_eq!((found.len(), &*failure.to_string()), (length, "torn"));
        }
    }

    #[test]
    fn an_input_that_cannot_be_opened_says_why() {
        let open = || Err::<io::Empty, _>(io::Error::other("no such thing"));
        let failure = beside(open, |input| input.err().unwrap());
        assert_eq!(failure.to_string(), "no such thing");
    }

    #[test]
    fn who_has_enough_need_not_read_to_the_end() {
        let mut start = [0; 10];
        let open = || Ok(io::repeat(7));
        beside(open, |input| input.unwrap().read_exact(&mut start)).unwrap();
        assert_eq!(start, [7; 10]);
    }

    #[test]
    #[should_panic(expected = "the reader")]
    fn a_panic_of_the_reader_is_passed_on() {
        let open = || Ok(Bytes(BLOCK * 9, || panic!("the reader")));
        beside(open, |input| input.unwrap().read_to_end(&mut Vec::new())).unwrap();
    }

    #[test]
    #[should_panic(expected = "who reads")]
    fn a_panic_of_who_reads_is_passed_on() {
        beside(|| Ok(io::repeat(7)), |_| panic!("who reads"));
    }
}
