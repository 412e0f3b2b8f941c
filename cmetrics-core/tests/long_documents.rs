//! Documents that are longer than what is kept of them.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use cmetrics_core::parse::{DocumentKind, Parser, Receiver, Wanted};
use cmetrics_core::{Container, Error, ErrorKind, Metric, MetricSet, Sample, Timestamp};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, which notes how much was asked for at most.
struct Noting;

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Noting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Noting = Noting;

#[derive(Default)]
struct Counting {
    samples: u64,
    cpu: u64,
    errors: Vec<Error>,
}

impl Receiver for Counting {
    fn container(&mut self, _: &Container, _: DocumentKind) {}

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, sample: &Sample, _: &[u8]) {
        self.samples += 1;
        self.cpu += sample.get(Metric::CpuUsage).unwrap_or_default();
    }

    fn never_taken(&mut self) {}

    fn faulty(&mut self, error: Error) {
        self.errors.push(error);
    }

    fn no_containers(&mut self) {}

    fn error(&mut self, error: Error) {
        self.errors.push(error);
    }
}

/// Texts one after another, made as they are read.
struct Pieces<I> {
    next: I,
    rest: Vec<u8>,
    at: usize,
}

impl<I: Iterator<Item = String>> Read for Pieces<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.rest.len() {
            self.rest = self.next.next().unwrap_or_default().into_bytes();
            self.at = 0;
        }
        let read = (&self.rest[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

fn read(pieces: impl Iterator<Item = String>) -> Counting {
    let mut counted = Counting::default();
    Parser::new(MetricSet::documented())
        .read(Pieces { next: pieces, rest: Vec::new(), at: 0 }, &mut counted);
    counted
}

fn text(piece: &str) -> impl Iterator<Item = String> {
    std::iter::once(piece.to_owned())
}

const BEGIN: &str = r#"{"/a":{"name":"/a","spec":{"has_cpu":true},"stats":["#;
const SAMPLES: u64 = 10_000;

/// Samples of 8 KB, as one would write them who logs for a day what cAdvisor says.
fn samples(separators: bool) -> impl Iterator<Item = String> {
    let filling = format!(r#""tcp_advanced":{{"zeros":[{}0]}}"#, "0,".repeat(4000));
    (0..SAMPLES).map(move |n| {
        let (hour, minute, second) = (n / 3600, n / 60 % 60, n % 60);
        let comma = if separators && n > 0 { "," } else { "" };
        format!(
            r#"{comma}{{"timestamp":"2026-11-21T{hour:02}:{minute:02}:{second:02}.5Z","cpu":{{"usage":{{"total":{n}}}}},{filling}}}"#
        )
    })
}

const SMALL: &str = r#"{"/b":{"name":"/b","spec":{"has_cpu":true},"stats":[
{"timestamp":"2026-11-21T12:00:00.5Z","cpu":{"usage":{"total":1000000000}}}]}}"#;

#[test]
fn a_document_of_any_length_is_read_in_bounded_memory() {
    let before = NOW.load(Ordering::Relaxed);
    let found = read(text(BEGIN).chain(samples(true)).chain(text("]}}")));
    assert_eq!((found.samples, found.cpu), (SAMPLES, SAMPLES * (SAMPLES - 1) / 2));
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    let most = MOST.load(Ordering::Relaxed) - before;
    assert!(most < 64 << 20, "80 MB were read with {most} bytes");

    // Nothing before the damage is lost, and nothing on the lines behind it.
    let found = read(
        text(BEGIN)
            .chain(samples(true))
            .chain(text(",{\"timestamp\":oops}]}}\n"))
            .chain(text(SMALL)),
    );
    assert_eq!(found.samples, SAMPLES + 1);
    assert_eq!(found.cpu, SAMPLES * (SAMPLES - 1) / 2 + 1_000_000_000);
    let [error] = found.errors.as_slice() else { panic!("{:?}", found.errors) };
    assert_eq!((error.kind(), error.place().line), (ErrorKind::Json, Some(1)));
    assert_eq!(error.place().container.as_deref(), Some("/a"));
    assert!(error.place().offset.unwrap() > 80_000_000, "{error}");

    // A long document of many containers can be odd anywhere.
    let container = |n: u64, odd: &str| {
        let few = samples(true).take(100).collect::<String>();
        let comma = if n > 0 { "," } else { "{" };
        format!(r#"{comma}"/c{n}":{{"name":"/c{n}","spec":{{}},"stats":[{few}]{odd}}}"#)
    };
    let odd = |n| if n % 7 == 3 { r#","spec":{"has_cpu":false}"# } else { "" };
    let found = read((0..60).map(|n| container(n, odd(n))).chain(text("}\n")).chain(text(SMALL)));
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    assert_eq!(found.samples, 60 * 100 + 1);
    assert_eq!(found.cpu, 60 * (100 * 99 / 2) + 1_000_000_000);

    // A sample without an end does not fill the memory.
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let endless = "0,".repeat(1 << 20);
    let found = read(
        text(BEGIN)
            .chain(samples(true).take(1))
            .chain(text(r#",{"timestamp":"2026-11-21T13:00:00.5Z","cpu":["#))
            .chain(std::iter::repeat_n(endless, 40))
            .chain(text("\n"))
            .chain(text(SMALL)),
    );
    assert_eq!((found.samples, found.errors.len()), (2, 1), "{:?}", found.errors);
    assert_eq!(found.errors[0].kind(), ErrorKind::TooLarge);
    assert!(found.errors[0].to_string().contains("16777216 bytes"), "{}", found.errors[0]);
    let most = MOST.load(Ordering::Relaxed) - before;
    assert!(most < 64 << 20, "80 MB were read with {most} bytes");
}
