//! A container at one instant, and its text.

use std::sync::Arc;

use cmetrics_core::Timestamp;

use crate::meter::Totals;
use crate::random::mixed;

/// A sample that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// By the machine's own clock.
    pub(crate) at: u64,
    /// The first whole reply that had it; before there was one, the first of all.
    pub(crate) reply: Option<u32>,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Made(Totals),
    /// The text behind its time: from the comma on.
    Recorded(Arc<str>),
}

/// A field of a sample that is not the same in all of them.
#[derive(Clone, Copy, Debug)]
enum Field {
    At,
    Counter(fn(&Totals) -> u64),
    /// A gauge between these two.
    Gauge(u64, u64),
}

const FIELDS: [(&str, Field); 24] = [
    ("at", Field::At),
    ("cpu", Field::Counter(|t| t.cpu_ns)),
    ("cpu_first", Field::Counter(|t| t.cpu_ns / 3)),
    ("cpu_second", Field::Counter(|t| t.cpu_ns - t.cpu_ns / 3)),
    ("cpu_user", Field::Counter(|t| t.cpu_ns - t.cpu_ns / 4)),
    ("cpu_system", Field::Counter(|t| t.cpu_ns / 4)),
    ("periods", Field::Counter(|t| t.cpu_ns / 10_000_000)),
    ("throttled_periods", Field::Counter(|t| t.cpu_ns / 70_000_000)),
    ("throttled_time", Field::Counter(|t| t.cpu_ns / 7)),
    ("rx_bytes", Field::Counter(|t| t.rx_bytes)),
    ("rx_packets", Field::Counter(|t| t.rx_bytes / 1_400)),
    ("tx_bytes", Field::Counter(|t| t.tx_bytes)),
    ("tx_packets", Field::Counter(|t| t.tx_bytes / 1_300)),
    ("read", Field::Counter(|t| t.read_bytes / 4_096 * 4_096)),
    ("write", Field::Counter(|t| t.write_bytes / 4_096 * 4_096)),
    ("disk", Field::Counter(|t| (t.read_bytes / 4_096 + t.write_bytes / 4_096) * 4_096)),
    ("reads", Field::Counter(|t| t.read_bytes / 16_384)),
    ("writes", Field::Counter(|t| t.write_bytes / 8_192)),
    ("transfers", Field::Counter(|t| t.read_bytes / 16_384 + t.write_bytes / 8_192)),
    ("faults", Field::Counter(|t| t.write_bytes / 5_000)),
    ("memory", Field::Gauge(6_000, 8_000)),
    ("working_set", Field::Gauge(5_000, 6_000)),
    ("rss", Field::Gauge(2_000, 4_000)),
    ("cache", Field::Gauge(500, 1_900)),
];

/// The text of samples: what is the same in all, and between it what is not.
#[derive(Debug)]
pub(crate) struct Template(Vec<(String, Option<Field>)>);

impl Template {
    /// From a text in which `@name@` stands for a field.
    pub(crate) fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut pieces = text.trim_end().split('@');
        while let Some(literal) = pieces.next() {
            let name = pieces.next();
            let field = FIELDS.iter().find(|(field, _)| Some(*field) == name);
            parts.push((literal.to_owned(), field.map(|(_, field)| *field)));
        }
        Self(parts)
    }

    /// Adds the text of a sample.
    pub(crate) fn write(&self, sample: &Sample, out: &mut Vec<u8>) {
        let totals = match &sample.content {
            Content::Made(totals) => totals,
            Content::Recorded(rest) => {
                out.extend(b"{\"timestamp\":\"");
                out.extend(shown(sample.at).as_bytes());
                return out.extend(rest.as_bytes());
            }
        };
        for (literal, field) in &self.0 {
            out.extend(literal.as_bytes());
            match *field {
                None => {}
                Some(Field::At) => out.extend(shown(sample.at).as_bytes()),
                Some(Field::Counter(read)) => write_number(read(totals), out),
                Some(Field::Gauge(least, most)) => {
                    let pages = least + mixed(sample.at ^ most) % (most - least);
                    write_number(pages * 4_096, out);
                }
            }
        }
    }
}

/// As cAdvisor writes times.
pub(crate) fn shown(nanos: u64) -> String {
    Timestamp::from_nanos(nanos).map_or_else(|| GO_ZERO.to_owned(), |time| time.to_string())
}

/// How Go writes a time that is not set.
pub(crate) const GO_ZERO: &str = "0001-01-01T00:00:00Z";

/// `write!` takes several times as long, and replies are mostly numbers.
fn write_number(mut number: u64, out: &mut Vec<u8>) {
    let start = out.len();
    loop {
        out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_in() {
        let template = Template::new("{\"timestamp\":\"@at@\",\"a\":@cpu@,\"b\":@rx_bytes@}\n");
        let totals = Totals { cpu_ns: 1_020, ..Totals::default() };
        let content = Content::Made(totals);
        let sample = Sample { at: 1_784_582_630_000_000_000, reply: None, content };
        let mut text = Vec::new();
        template.write(&sample, &mut text);
        let expected = "{\"timestamp\":\"2026-07-20T21:23:50Z\",\"a\":1020,\"b\":0}";
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
