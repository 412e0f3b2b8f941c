//! Reading and unpacking on a separate thread, while the calling thread parses.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

use super::Pipeline;
use super::gather::Found;
use super::readers::{CancellableReader, CountingReader};
use super::unpack::unpacked;

/// The size of a block, in bytes: it stays in the cache that cores share.
const BLOCK: usize = 1 << 18;
/// How many blocks may be queued.
const BLOCKS_AHEAD: usize = 4;

impl Pipeline {
    /// Reads an input into the series, while another thread reads and unpacks the blocks ahead.
    pub(super) fn gather_ahead(
        &mut self,
        machine: Option<&str>,
        input: impl Read + Send,
        report: &mut dyn FnMut(u64),
    ) -> Found {
        let stored = AtomicU64::new(0);
        let count = &stored;
        // Relaxed: the number is only displayed, and no other memory depends on it.
        let store_count = move |bytes| count.store(bytes, Ordering::Relaxed);
        let input = CancellableReader { input, cancel: self.cancel.clone() };
        let input = CountingReader { input, read: 0, report: store_count };
        with_reader_thread(
            move || unpacked(input),
            |begun| {
                self.gather(machine, |parser, receiver| {
                    let mut report = || report(stored.load(Ordering::Relaxed));
                    Ok(parser
                        .read(NotifyingReader { input: begun?, report: &mut report }, receiver))
                })
            },
        )
    }
}

/// A reader that calls a function after each read.
struct NotifyingReader<'t, R> {
    input: R,
    report: &'t mut dyn FnMut(),
}

impl<R: Read> Read for NotifyingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        (self.report)();
        Ok(length)
    }
}

/// Opens an input and reads it on a separate thread. `work` gets a reader of the same bytes, or the
/// error if the input could not be opened. If `work` ends early, the thread ends, too.
fn with_reader_thread<R: Read, T>(
    open: impl FnOnce() -> io::Result<R> + Send,
    work: impl FnOnce(io::Result<BlockReader>) -> T,
) -> T {
    let (sender, full) = sync_channel(BLOCKS_AHEAD);
    let (used, empty) = channel();
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || match open() {
            Ok(input) => {
                let _ = sender.send(Ok(Vec::new()));
                fill(input, &empty, &sender);
            }
            // Nobody needs the error if the receiver is gone.
            Err(failure) => drop(sender.send(Err(failure))),
        });
        let begun = full.recv().unwrap_or_else(|_| Ok(Vec::new()));
        let done = work(begun.map(|block| BlockReader { full, used, block, position: 0 }));
        match thread.join() {
            Ok(()) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Reads blocks until the input ends or the receiver is gone. Reuses the blocks in `empty`.
fn fill(mut input: impl Read, empty: &Receiver<Vec<u8>>, full: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        let (length, failure) = fill_block(&mut input, &mut block);
        block.truncate(length);
        // `BlockReader` would take an empty block for the end.
        let has_receiver = length == 0 || full.send(Ok(block)).is_ok();
        if let Some(failure) = failure {
            let _ = full.send(Err(failure));
        }
        if length < BLOCK || !has_receiver {
            return;
        }
    }
}

/// Reads until the block is full, or until the input ends or fails. Returns the length read.
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

/// A reader of the blocks that another thread reads.
struct BlockReader {
    full: Receiver<io::Result<Vec<u8>>>,
    used: Sender<Vec<u8>>,
    block: Vec<u8>,
    position: usize,
}

impl Read for BlockReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.block.len() {
            // The thread drops its sender at the end of the input.
            let Ok(next) = self.full.recv() else { return Ok(0) };
            let used = std::mem::replace(&mut self.block, next?);
            self.position = 0;
            let _ = self.used.send(used);
        }
        let length = self.block.get(self.position..).unwrap_or_default().read(buffer)?;
        self.position += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that returns this many bytes, a few at a time, and then calls the function.
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
            with_reader_thread(open, |input| input.unwrap().read_to_end(&mut found)).unwrap();
            assert!(found == expected, "{length}");
        }
    }

    #[test]
    fn a_failure_keeps_its_place() {
        for length in LENGTHS {
            let mut found = Vec::new();
            let open = || Ok(Bytes(length, || Err(io::Error::other("torn"))));
            let failure = with_reader_thread(open, |input| input.unwrap().read_to_end(&mut found))
                .unwrap_err();
            assert_eq!((found.len(), &*failure.to_string()), (length, "torn"));
        }
    }

    #[test]
    fn an_input_that_cannot_be_opened_says_why() {
        let open = || Err::<io::Empty, _>(io::Error::other("no such thing"));
        let failure = with_reader_thread(open, |input| input.err().unwrap());
        assert_eq!(failure.to_string(), "no such thing");
    }

    #[test]
    fn work_may_end_before_the_end_of_the_input() {
        let mut start = [0; 10];
        let open = || Ok(io::repeat(7));
        with_reader_thread(open, |input| input.unwrap().read_exact(&mut start)).unwrap();
        assert_eq!(start, [7; 10]);
    }

    #[test]
    #[should_panic(expected = "the reader")]
    fn a_panic_of_the_reader_is_passed_on() {
        let open = || Ok(Bytes(BLOCK * 9, || panic!("the reader")));
        with_reader_thread(open, |input| input.unwrap().read_to_end(&mut Vec::new())).unwrap();
    }

    #[test]
    #[should_panic(expected = "the work")]
    fn a_panic_of_the_work_is_passed_on() {
        with_reader_thread(|| Ok(io::repeat(7)), |_| panic!("the work"));
    }
}
