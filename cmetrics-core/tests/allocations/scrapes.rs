//! Scrapes whose series are known.

use std::fmt::Write as _;

use cmetrics_core::parse::{DocumentKind, Parser, Receiver, Wanted};
use cmetrics_core::{Container, Error, MetricSet, Sample, Timestamp};

use crate::counting::counted;

/// Counts the readings of all samples, and the errors.
#[derive(Default)]
struct Readings(usize, usize);

impl Receiver for Readings {
    fn container(&mut self, _: &Container, _: DocumentKind) {}

    fn wants(&mut self, _: Timestamp) -> Wanted {
        Wanted::Whole
    }

    fn sample(&mut self, sample: &Sample, _: &[u8]) {
        self.0 += sample.readings().iter().count() + sample.interfaces().count();
    }

    fn error(&mut self, _: Error) {
        self.1 += 1;
    }
}

fn scrape(containers: usize, second: u64) -> String {
    let mut text = String::new();
    let families = [
        ("container_cpu_usage_seconds_total", "cpu=\"cpu00\","),
        ("container_last_seen", ""),
        ("container_memory_rss", ""),
        ("container_memory_usage_bytes", ""),
        ("container_network_receive_bytes_total", "interface=\"eth0\","),
    ];
    for (family, label) in families {
        for container in 0..containers {
            writeln!(
                text,
                "{family}{{{label}id=\"/docker/{container:064x}\",image=\"web:1\",\
                 name=\"web-{container}\"}} {}.5e+02 {}",
                second % 7 + 1,
                1_795_246_702_000 + 1000 * second
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn a_scrape_of_known_series_asks_for_no_memory_for_each_sample() {
    let of = |containers: usize| {
        let mut parser = Parser::new(MetricSet::all());
        let mut read = |second: u64| {
            let (text, mut found) = (scrape(containers, second), Readings::default());
            let (times, ..) = counted(|| parser.read_bytes(text.as_bytes(), &mut found));
            assert_eq!((found.0, found.1), (4 * containers, 0));
            times
        };
        read(1);
        read(2);
        read(3)
    };
    let (few, many) = (of(10), of(1000));
    assert!(many <= few && few < 20, "{few} and {many}");
}
