//! What is said of rows that are wrong.

use super::slot::Fault;
use crate::error::{Problem, Shortened};

/// The longest line that is read.
pub(super) const LONGEST_LINE: usize = 16 << 20;

pub(super) const BEFORE_2263: &str = "a time before the year 2263";
pub(super) const BELOW_2_64: &str = "a number below 2^64";

/// The problem of a fault that is reported once for a document.
pub(super) fn once(fault: Fault) -> Option<Problem> {
    match fault {
        Fault::NoTime => Some(Problem::Rows(
            "rows have no times, and nothing tells when they were scraped; they are left out: \
             pass the time of the scrape (--scraped-at TIME, RFC 3339 or Unix milliseconds)",
        )),
        Fault::Repeated => Some(Problem::Rows(
            "a series comes again, without a time of its own: its first value stays. Of several \
             scrapes behind one another only the first is read; keep each in a file of its own",
        )),
        Fault::NoContainer => Some(Problem::Container {
            field: "id",
            expected: "the labels `id`, or `namespace` and `pod`, of a row of a container",
            found: "none".to_owned(),
        }),
        Fault::TooLarge | Fault::Time | Fault::NewScrape | Fault::NoRoom => None,
    }
}

pub(super) fn bad_line(text: &[u8], at: usize, expected: &'static str) -> Problem {
    let rest = text.get(at..).unwrap_or_default();
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let found = match line.get(..line.len().min(512)).map(String::from_utf8_lossy) {
        Some(found) if !found.is_empty() => format!("`{}`", Shortened(&found)),
        _ => "the end of the line".to_owned(),
    };
    Problem::Line { expected, found }
}

pub(super) fn no_containers() -> Problem {
    let looks_like = "a Prometheus exposition without metrics of containers; those are on \
                      cAdvisor's /metrics, and on the kubelet's /metrics/cadvisor";
    Problem::NotADump { looks_like: looks_like.to_owned() }
}

pub(super) fn too_long() -> Problem {
    Problem::TooLarge(format!("a line of more than {LONGEST_LINE} bytes; it is left out"))
}

pub(super) fn too_large() -> Problem {
    let why = "an exposition of so many containers or samples that it is read in parts; \
               samples that lie in two parts have the readings of the first";
    Problem::TooLarge(why.to_owned())
}
