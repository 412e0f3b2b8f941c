//! Inputs that mean harm take bounded memory and time, and what is readable in them is read.

use std::fmt::Write;
use std::io::Read;

use super::told::{Listener, listen, parser};
use cmetrics_core::ErrorKind;

/// Text that is made while it is read.
struct Rows<F> {
    make: F,
    next: u64,
    number: u64,
    text: Vec<u8>,
    at: usize,
}

impl<F: Fn(u64, &mut String)> Read for Rows<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.text.len() {
            if self.next == self.number {
                return Ok(0);
            }
            let mut text = String::new();
            (self.make)(self.next, &mut text);
            (self.text, self.at) = (text.into_bytes(), 0);
            self.next += 1;
        }
        let rest = &self.text[self.at..];
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.at += length;
        Ok(length)
    }
}

fn read(number: u64, make: impl Fn(u64, &mut String)) -> Listener {
    let mut listener = Listener::default();
    let rows = Rows { make, next: 0, number, text: Vec::new(), at: 0 };
    parser().read(rows, &mut listener);
    listener
}

fn readings(listener: &Listener) -> usize {
    let samples = listener.all.values().flat_map(|told| &told.samples);
    samples.map(|(_, readings)| readings.len()).sum()
}

#[test]
fn a_million_series_are_read_in_linear_time() {
    let containers = read(100_000, |row, text| {
        writeln!(text, "container_memory_rss{{id=\"/{row}\"}} {row} 1600000000000").unwrap();
    });
    assert_eq!((readings(&containers), containers.errors.len()), (100_000, 0));
    let interfaces = read(100_000, |row, text| {
        writeln!(text, "container_network_receive_bytes_total{{id=\"/\",interface=\"{row}\"}} 1")
            .unwrap();
    });
    assert_eq!((readings(&interfaces), interfaces.errors.len()), (100_000, 0));
    let times = read(100_000, |row, text| {
        writeln!(text, "container_memory_rss{{id=\"/\"}} 1 {}", 1_600_000_000_000 + row).unwrap();
    });
    assert_eq!((readings(&times), times.errors.len()), (100_000, 0));
    let others = read(1_000_000, |row, text| writeln!(text, "other_{row}{{a=\"b\"}} 1").unwrap());
    assert_eq!(others.errors.len(), 1);
}

#[test]
fn long_values_are_read_and_lines_without_an_end_are_left_out() {
    let long = "v".repeat(1 << 20);
    let read_long = read(20, |row, text| {
        writeln!(text, "container_memory_rss{{id=\"/{row}\",label=\"{long}\"}} 1").unwrap();
    });
    assert_eq!((readings(&read_long), read_long.errors.len()), (20, 0));
    let unclosed = read(40, |row, text| match row {
        0 | 39 => writeln!(text, "\ncontainer_memory_rss{{id=\"/{row}\"}} 1").unwrap(),
        1 => text.push_str("container_memory_rss{id=\""),
        _ => text.push_str(&long),
    });
    assert_eq!((readings(&unclosed), unclosed.errors.len()), (2, 1));
    assert_eq!(unclosed.errors[0].kind(), ErrorKind::TooLarge);
}

#[test]
fn more_text_than_is_held_is_read_scrape_by_scrape() {
    // 40 scrapes of 20 000 containers with three readings each.
    let listener = read(40, |scrape, text| {
        let time = 1_600_000_000_000 + scrape * 15_000;
        for metric in ["memory_rss", "memory_cache", "threads"] {
            for container in 0..20_000 {
                writeln!(text, "container_{metric}{{id=\"/{container}\"}} 1 {time}").unwrap();
            }
        }
    });
    assert!(listener.errors.is_empty(), "{:?}", listener.errors);
    assert_eq!(readings(&listener), 40 * 20_000 * 3);
    assert!(listener.all.values().all(|told| told.samples.len() == 40));
}

#[test]
fn bad_lines_without_number_are_named_in_linear_time() {
    let text = "container_memory_rss{id=\"/\"} 1\n".to_owned() + &"a{\n".repeat(100_000);
    let listener = listen(&mut parser(), text.as_bytes());
    assert_eq!((readings(&listener), listener.errors.len()), (1, 100_000));
}
